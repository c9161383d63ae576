//! The call that hands a mail to Gmail.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use serde_json::{Value, json};

use super::attachment::{self, MAX_MAIL_BYTES};
use super::mime;
use super::outgoing_mail::OutgoingMail;
use super::remarks::Remarks;
use crate::adapters::api::{Api, Call};
use crate::adapters::content::Content;
use crate::error::{Error, Kind, Result};

/// Maximum size of a mail in a request with JSON. Gmail says 5 MB of a simple upload, and refuses longer JSON with 413.
/// <https://developers.google.com/workspace/gmail/api/guides/uploads>
const MAX_RAW_BYTES: u64 = 3 * 1024 * 1024;

/// Returns the call with a mail. `path` is below the mailbox; `resource` makes the request's resource of the message resource.
///
/// A short mail without files is in the resource, as `raw`. Another is uploaded beside it, and its files are read while it is sent: its `raw`
/// would be coded in base64 twice.
///
/// # Errors
/// [`Kind::Invalid`] if the mail is too long.
pub(super) async fn call<'a>(
    api: &'a Api<'_>,
    method: Method,
    path: &[&str],
    mail: &OutgoingMail,
    resource: fn(Value) -> Value,
) -> Result<Call<'a>> {
    if let Some(reason) = attachment::size_fault(mail) {
        return Err(api.error(Kind::Invalid, format!("the attachments are too long: they {reason}")));
    }
    let mut message = json!({});
    if let Some(thread) = &mail.thread {
        message["threadId"] = json!(thread.thread_id);
    }
    let mailbox = ["gmail", "v1", "users", "me"];
    let whole = mail.write_to(Content::new(), api);
    if mail.files.is_empty() && whole.length() <= MAX_RAW_BYTES {
        message["raw"] = json!(
            URL_SAFE_NO_PAD.encode(whole.open().await?.collect(MAX_RAW_BYTES as usize).await.map_err(Error::internal)?)
        );
        let call = api.call(method, &[&mailbox, path].concat());
        if mail.remarks == Remarks::default() {
            return Ok(call.json(&resource(message)));
        }
        // A dry run shows the description, which names who was left out.
        let content = Content::new().described(json!({ "mail": mail.described() })).text(resource(message).to_string());
        return Ok(call.content("application/json", content));
    }
    if whole.length() > MAX_MAIL_BYTES {
        let reason = format!("the e-mail has {} bytes; Gmail takes at most {MAX_MAIL_BYTES}", whole.length());
        return Err(api.error(Kind::Invalid, reason));
    }
    let boundary = format!("upload_{}", mime::message_token(&api.effect_key));
    let description = json!({ "metadata": resource(message.clone()), "mail": mail.described() });
    let metadata = Content::new().described(description).text(format!(
        "--{boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{}\r\n\
         --{boundary}\r\nContent-Type: message/rfc822\r\n\r\n",
        resource(message)
    ));
    let content = mail.write_to(metadata, api).text(format!("\r\n--{boundary}--\r\n"));
    let call = api.call(method, &[&["upload"], &mailbox[..], path].concat()).query("uploadType", "multipart");
    Ok(call.content(format!("multipart/related; boundary={boundary}"), content))
}
