//! A MIME part of a message: a text, a file, an attached message, or several of them.
//! <https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages#Message.MessagePart>

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::DecodePaddingMode::Indifferent;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use mail_parser::MimeHeaders as _;
use mail_parser::decoders::charsets::map::charset_decoder;
use serde::{Deserialize, Deserializer};
use std::string::FromUtf8Error;

use super::email::Attachment;
use super::shown_pictures::ShownPictures;
use super::{data_stream, header, html_text};
use crate::adapters::api::{Api, Call};
use crate::adapters::content::Source;
use crate::error::{Kind, Result};
use crate::validate::{UNKNOWN_CONTENT_TYPE, check_content_type, clean_filename};

/// Google sends padding; the decoder accepts both forms.
pub(super) const BASE64URL: GeneralPurpose =
    GeneralPurpose::new(&URL_SAFE, GeneralPurposeConfig::new().with_decode_padding_mode(Indifferent));

/// The parameters of a type that say how a text is read. The others are of the mail that had the file, such as its boundary.
const TEXT_PARAMETERS: [&str; 3] = ["charset", "method", "component"];

/// A MIME part of a message; the payload is the outermost one.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Part {
    part_id: String,
    mime_type: String,
    #[serde(deserialize_with = "decoded")]
    filename: String,
    headers: Vec<Header>,
    body: PartBody,
    parts: Vec<Part>,
}

#[derive(Default, Deserialize)]
#[serde(default, from = "ReceivedHeader")]
struct Header {
    name: String,
    value: String,
}

/// A header as Gmail sends it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ReceivedHeader {
    name: String,
    value: String,
}

impl From<ReceivedHeader> for Header {
    /// Decodes a text. Addresses are decoded after they are parsed: a name can have a comma.
    fn from(ReceivedHeader { name, value }: ReceivedHeader) -> Self {
        let value = if name.eq_ignore_ascii_case("Subject") { header::decoded(&value) } else { value };
        Self { name, value }
    }
}

fn decoded<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<String, D::Error> {
    Ok(header::decoded(&String::deserialize(deserializer)?))
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct PartBody {
    attachment_id: Option<String>,
    size: Option<u64>,
    data: Option<String>,
}

impl Part {
    /// The part's id, which is stable; Gmail's `attachmentId` changes with every read.
    pub(super) fn id(&self) -> &str {
        // The only part of a single-part message has no id.
        if self.part_id.is_empty() { "0" } else { &self.part_id }
    }

    /// The file's name; an attached message and a body stored separately can have none.
    pub(super) fn filename(&self) -> Option<&str> {
        Some(self.filename.as_str()).filter(|name| !name.is_empty())
    }

    /// The file's name: as Gmail read it, else as the part's own headers have it, in the forms of RFC 2231 and RFC 2047.
    fn any_filename(&self) -> Option<String> {
        let headers = || {
            let names = ["Content-Type", "Content-Disposition"].into_iter();
            names.filter_map(|name| Some((name, self.header(name)?))).collect::<Vec<_>>()
        };
        let of_headers = || header::with_parsed(&headers(), |mail| mail.attachment_name().map(header::decoded));
        self.filename().map(ToOwned::to_owned).or_else(of_headers)
    }

    /// Returns a name under which the file can be stored: its own, or one by its type.
    pub(super) fn stored_name(&self) -> String {
        let own = self.any_filename().and_then(|name| clean_filename(&name));
        own.unwrap_or_else(|| match self.mime_type.to_ascii_lowercase().as_str() {
            "message/rfc822" => format!("{}.eml", self.attached_subject().unwrap_or_else(|| "message".to_owned())),
            "text/calendar" | "application/ics" => "invite.ics".to_owned(),
            "text/html" => "message.html".to_owned(),
            "text/plain" => "message.txt".to_owned(),
            _ => "attachment".to_owned(),
        })
    }

    /// MIME type, for example `application/pdf`.
    pub(super) fn content_type(&self) -> Option<&str> {
        Some(self.mime_type.as_str()).filter(|kind| !kind.is_empty())
    }

    /// Returns the MIME type of the file, with the parameters of a text.
    pub(super) fn file_type(&self) -> String {
        let essence = self.mime_type.to_ascii_lowercase();
        if essence.contains(';') || check_content_type("contentType", &essence).is_err() {
            return UNKNOWN_CONTENT_TYPE.to_owned();
        }
        let declared = self.header("Content-Type").filter(|_| essence.starts_with("text/")).unwrap_or_default();
        let parameters = declared.split(';').skip(1).filter_map(|parameter| text_parameter(parameter.trim()));
        parameters.fold(essence, |kind, parameter| format!("{kind}; {parameter}"))
    }

    /// Size in bytes, decoded; 0 if Gmail does not say it.
    pub(super) fn size(&self) -> u64 {
        self.body.size.unwrap_or_default()
    }

    /// The id by which the HTML refers to the file, if it is an inline picture.
    pub(super) fn content_id(&self) -> Option<&str> {
        let is_valid = |id: &&str| id.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>".contains(&byte));
        self.header("Content-ID").map(|id| id.trim().trim_matches(['<', '>'])).filter(is_valid)
    }

    /// Returns the part's content. One that is not in the message is read when the source is opened, if Gmail said its size; otherwise now.
    pub(super) async fn source(&self, api: &Api<'_>, message: &str) -> Result<Source> {
        match (&self.body.data, &self.body.attachment_id) {
            (None, Some(id)) if self.size() > 0 => {
                attachment(api, message, id).into_source(self.size(), data_stream::decode)
            }
            _ => self.bytes(api, message).await.map(Source::bytes),
        }
    }

    /// Returns the part's bytes, read from Gmail if the message does not contain them.
    pub(super) async fn bytes(&self, api: &Api<'_>, message: &str) -> Result<Vec<u8>> {
        let data = match (&self.body.data, &self.body.attachment_id) {
            (Some(data), _) => Some(data.clone()),
            (None, Some(id)) => attachment(api, message, id).reserve_memory().send::<PartBody>().await?.data,
            (None, None) => None,
        };
        let invalid = || api.error(Kind::Transient, "returned an attachment without content");
        match data {
            Some(data) => BASE64URL.decode(data).map_err(|_| invalid()),
            None if self.size() == 0 && !self.is_attached_mail() => Ok(vec![]),
            None => Err(invalid()),
        }
    }

    /// Reads the content into the part, as if Gmail had returned it with the message.
    pub(super) async fn read_content(&mut self, api: &Api<'_>, message: &str) -> Result<()> {
        self.body.data = Some(BASE64URL.encode(self.bytes(api, message).await?));
        self.body.attachment_id = None;
        Ok(())
    }

    /// Reads a text into the part, as if Gmail had returned it with the message. One that no response can have, or that was deleted with
    /// its message, stays a file.
    pub(super) async fn read_text(&mut self, api: &Api<'_>, message: &str) -> Result<()> {
        let Some(id) = &self.body.attachment_id else { return Ok(()) };
        match attachment(api, message, id).send::<PartBody>().await {
            Ok(PartBody { data: Some(data), .. }) => (self.body.data, self.body.attachment_id) = (Some(data), None),
            Err(error) if !matches!(error.kind(), Some(Kind::ResponseTooLarge | Kind::NotFound)) => return Err(error),
            Ok(_) | Err(_) => {}
        }
        Ok(())
    }

    /// True if a text of the message is stored separately, and was not read.
    pub(super) fn has_unread_text(&self) -> bool {
        let is_own = self.is_text() && self.filename.is_empty() && self.body.attachment_id.is_some();
        is_own || (!self.is_attached() && self.parts.iter().any(Self::has_unread_text))
    }

    /// Returns the texts of the message that Gmail stores separately.
    pub(super) fn long_texts(&mut self) -> Vec<&mut Self> {
        if self.is_text() && self.filename.is_empty() && self.body.attachment_id.is_some() {
            return vec![self];
        }
        if self.is_attached() {
            return vec![];
        }
        self.parts.iter_mut().flat_map(Self::long_texts).collect()
    }

    /// Returns a header's value; `None` if it is empty.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        header.map(|header| header.value.as_str()).filter(|value| !value.is_empty())
    }

    /// Returns the part as an attachment of a list. `shown` are the pictures in the HTML of its message.
    pub(super) fn to_attachment(&self, shown: &ShownPictures<'_>) -> Attachment {
        Attachment {
            id: self.id().to_owned(),
            filename: self.any_filename(),
            content_type: self.content_type().map(ToOwned::to_owned),
            size: self.body.size,
            inline: self.is_inline() || self.content_id().is_some_and(|id| shown.has(id)),
        }
    }

    /// True if the sender asked for the file to be shown in the message.
    fn is_inline(&self) -> bool {
        let disposition = self.header("Content-Disposition").and_then(|value| value.split(';').next());
        disposition.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("inline"))
    }

    /// True for a file, an attached message, a calendar, and a text that is stored separately.
    pub(super) fn is_attached(&self) -> bool {
        let is_leaf = self.parts.is_empty() && !self.mime_type.is_empty() && !self.mime_type.starts_with("multipart/");
        let is_other = is_leaf && (!self.mime_type.starts_with("text/") || self.is("text/calendar"));
        let is_file = !self.filename.is_empty() && !self.mime_type.starts_with("multipart/");
        is_file || is_other || self.body.attachment_id.is_some() || self.is_attached_mail()
    }

    /// Returns the parts with content of their own, in order. An attached message is one part: its texts do not belong to this
    /// message.
    pub(super) fn leaf_parts(&self) -> Vec<&Self> {
        if self.parts.is_empty() || self.is_attached() {
            return vec![self];
        }
        self.parts.iter().flat_map(Self::leaf_parts).collect()
    }

    /// Decodes a text. Gmail has converted it to UTF-8, even if the part's own header names another character set; no page says so of a
    /// text that it stores separately.
    fn decode_text(&self, bytes: Vec<u8>) -> String {
        // ISO 2022 is written in 7 bits, with escapes.
        let bytes = if bytes.contains(&0x1b) {
            Err(bytes)
        } else {
            String::from_utf8(bytes).map_err(FromUtf8Error::into_bytes)
        };
        bytes.unwrap_or_else(|bytes| {
            let content_type = self.header("Content-Type").unwrap_or_default();
            let charset = content_type.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
            let charset =
                charset.filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset")).map(|(_, value)| value);
            let decoder = charset.last().and_then(|value| charset_decoder(value.trim().trim_matches('"').as_bytes()));
            let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            decoder.map_or_else(|| lossy(&bytes), |decode| decode(&bytes))
        })
    }

    /// Returns the body of a MIME type; a message can have it in several parts.
    pub(super) fn body_text(&self, mime_type: &str) -> Option<String> {
        let leaves = self.leaf_parts().into_iter();
        let pieces: Vec<String> = leaves
            .filter(|part| !part.is_attached() && part.is(mime_type))
            .filter_map(|part| Some(part.decode_text(BASE64URL.decode(part.body.data.as_deref()?).ok()?)))
            .collect();
        (!pieces.is_empty()).then(|| pieces.join("\n"))
    }

    /// Returns the calendars that Gmail returned with the message.
    pub(super) fn calendars(&self) -> Vec<String> {
        let of_calendar = |part: &&Self| part.is("text/calendar") || part.is("application/ics");
        let calendars = self.leaf_parts().into_iter().filter(of_calendar);
        calendars
            .filter_map(|part| Some(part.decode_text(BASE64URL.decode(part.body.data.as_deref()?).ok()?)))
            .collect()
    }

    /// Returns the text of the body for people: the plain one, and that of HTML which has no plain form beside it.
    pub(super) fn readable_text(&self) -> Option<String> {
        let mut pieces = vec![];
        self.add_readable(&mut pieces);
        (!pieces.is_empty()).then(|| pieces.join("\n"))
    }

    fn add_readable(&self, pieces: &mut Vec<String>) {
        if self.is_attached() {
            return;
        }
        let plain = || self.body_text("text/plain");
        let html = || self.body_text("text/html").map(|html| html_text::of(&html));
        if self.is("multipart/alternative") {
            // Some senders have a plain form without a word.
            let has_words = |text: &String| !text.trim().is_empty();
            let worded = plain().filter(has_words).or_else(|| html().filter(has_words));
            pieces.extend(worded.or_else(plain).or_else(html));
        } else if self.parts.is_empty() {
            pieces.extend(plain().or_else(html));
        } else {
            self.parts.iter().for_each(|part| part.add_readable(pieces));
        }
    }

    fn is(&self, mime_type: &str) -> bool {
        self.mime_type.eq_ignore_ascii_case(mime_type)
    }

    fn is_text(&self) -> bool {
        self.is("text/plain") || self.is("text/html")
    }

    fn is_attached_mail(&self) -> bool {
        self.is("message/rfc822")
    }

    /// Returns the subject of an attached message, as the beginning of a file's name.
    fn attached_subject(&self) -> Option<String> {
        let subject = clean_filename(self.parts.first()?.header("Subject")?)?;
        Some(subject.trim_matches(['.', ' ']).to_owned())
    }
}

fn attachment<'a>(api: &'a Api<'_>, message: &str, id: &str) -> Call<'a> {
    // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages.attachments/get
    api.get(&["gmail", "v1", "users", "me", "messages", message, "attachments", id])
}

/// Returns a parameter of a text's type, if its value is a plain word.
fn text_parameter(parameter: &str) -> Option<String> {
    let (name, value) = parameter.split_once('=')?;
    let (name, value) = (name.trim().to_ascii_lowercase(), value.trim().trim_matches('"'));
    let is_word = !value.is_empty()
        && value.len() <= 60
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.:+".contains(&b));
    (TEXT_PARAMETERS.contains(&name.as_str()) && is_word).then(|| {
        // A colon is no character of a token.
        if value.contains(':') { format!("{name}=\"{value}\"") } else { format!("{name}={value}") }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn part(value: Value) -> Part {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_file_without_a_name_gets_one_by_its_type() {
        let inner = json!([{ "mimeType": "text/plain", "headers": [{ "name": "subject", "value": " Fwd: a/b\r\n" }] }]);
        for (value, name) in [
            (json!({ "mimeType": "message/rfc822", "parts": inner }), "Fwd: a_b.eml"),
            (json!({ "mimeType": "message/rfc822" }), "message.eml"),
            (json!({ "mimeType": "text/calendar" }), "invite.ics"),
            (json!({ "mimeType": "text/html" }), "message.html"),
            (json!({ "mimeType": "image/png" }), "attachment"),
            (json!({ "filename": "../gr\u{f6}\u{df}e\n.pdf" }), ".._gr\u{f6}\u{df}e.pdf"),
            (json!({ "filename": "..", "mimeType": "text/plain" }), "message.txt"),
        ] {
            assert_eq!(part(value).stored_name(), name);
        }
    }

    #[test]
    fn the_type_of_a_text_has_the_parameters_that_say_how_it_is_read() {
        let kind = |mime_type: &str, header: &str| {
            let headers = json!([{ "name": "Content-Type", "value": header }]);
            part(json!({ "mimeType": mime_type, "headers": headers })).file_type()
        };
        let calendar = "text/calendar; name=\"a.ics\"; Method=REQUEST; charset=\"UTF-8\"";
        assert_eq!(kind("text/calendar", calendar), "text/calendar; method=REQUEST; charset=UTF-8");
        assert_eq!(kind("text/csv", "text/csv; charset=\"a\r\nb\""), "text/csv");
        assert_eq!(kind("Application/PDF", "application/pdf; name=x"), "application/pdf");
        assert_eq!(kind("", ""), "application/octet-stream");
    }

    #[test]
    fn calendars_and_pictures_without_a_name_are_attached_and_other_forms_of_the_text_are_not() {
        for (kind, is_attached) in [
            ("text/calendar", true),
            ("image/png", true),
            ("text/plain", false),
            ("text/x-amp-html", false),
            ("", false),
        ] {
            assert_eq!(
                part(json!({ "mimeType": kind, "body": { "data": "AAEC" } })).is_attached(),
                is_attached,
                "{kind}"
            );
        }
    }
}
