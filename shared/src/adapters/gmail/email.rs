//! E-mails as actions return them.

use jiff::Timestamp;

use super::calendar::Event;
use super::web_link;
use crate::adapters::prelude::*;
use crate::answer;

/// Maximum size of a listed e-mail as it is written. Only one with endless headers or attachments is longer.
const MAX_LISTED_BYTES: usize = 116 * 1024;
/// Maximum size of a header in a listed e-mail that is longer, and of a name in it.
const MAX_LISTED_HEADER_BYTES: usize = 1024;
const MAX_LISTED_NAME_BYTES: usize = 256;

/// A person in a header of an e-mail.
#[skip_serializing_none]
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct Person {
    /// The name, or the header's own text where it has no address.
    pub(super) name: Option<String>,
    /// The e-mail address.
    pub(super) email: Option<String>,
}

/// A file in an e-mail.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Attachment {
    /// The id, for `gmail_get_attachment`.
    pub(super) id: String,
    /// The file's name.
    pub(super) filename: Option<String>,
    /// The MIME type.
    pub(super) content_type: Option<String>,
    /// The size in bytes.
    pub(super) size: Option<u64>,
    /// True for a file that is shown in the e-mail itself, such as a picture; false for one that is attached to it.
    pub(super) inline: bool,
}

/// An e-mail.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Email {
    /// The id.
    pub(super) id: String,
    /// The id of its thread.
    pub(super) thread_id: Option<String>,
    /// The address at which a person can open it.
    pub(super) link: String,
    /// The sender.
    pub(super) from: Option<Person>,
    /// The recipients.
    pub(super) to: Vec<Person>,
    /// The recipients of a copy.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) cc: Vec<Person>,
    /// The recipients of a blind copy.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) bcc: Vec<Person>,
    /// The people to whom replies go, if not to the sender.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) reply_to: Vec<Person>,
    /// The subject line.
    pub(super) subject: Option<String>,
    /// The time at which Gmail received it, else the one that its sender wrote.
    #[schemars(with = "Option<String>")]
    pub(super) date: Option<Timestamp>,
    /// The beginning of the text.
    pub(super) snippet: Option<String>,
    /// The ids of its labels.
    pub(super) label_ids: Vec<String>,
    /// True if it is marked as unread.
    pub(super) unread: bool,
    /// The text. It is made of the HTML where the sender wrote no plain one; the addresses of links are then below it.
    pub(super) text: Option<String>,
    /// The HTML.
    pub(super) html: Option<String>,
    /// The events of the calendars in it, such as invitations.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) events: Vec<Event>,
    /// The attachments; absent if they were not read.
    pub(super) attachments: Option<Vec<Attachment>>,
    /// True if a part of it is too long and was cut or left out.
    pub(super) truncated: bool,
}

/// An e-mail that an action sent or whose labels it changed.
#[skip_serializing_none]
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangedEmail {
    /// The id; absent if Gmail does not allow to read it.
    pub(super) id: Option<String>,
    /// The id of its thread.
    pub(super) thread_id: Option<String>,
    /// The address at which a person can open it.
    pub(super) link: Option<String>,
    /// The ids of its labels.
    pub(super) label_ids: Vec<String>,
    /// True if it is marked as unread.
    pub(super) unread: bool,
    /// The id of the draft, for `gmail_send_draft`, if it was written as a draft.
    pub(super) draft_id: Option<String>,
    /// The people named in the original without an address. They were left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) left_out: Vec<String>,
}

impl Listed for Email {
    const NOUN: &'static str = "email";
}

impl Email {
    /// Returns the e-mail as an item of a list: without its texts and attachments, and with short headers, if it is too long.
    pub(super) fn listed(self) -> Self {
        let is_short = |email: &Self| answer::written_len(email) <= MAX_LISTED_BYTES;
        if is_short(&self) {
            return self;
        }
        let bodiless = self.without_body();
        if is_short(&bodiless) { bodiless } else { bodiless.with_short_headers() }
    }

    /// Returns the e-mail without its texts and attachments, which are too long.
    pub(super) fn without_body(self) -> Self {
        Self { text: None, html: None, events: vec![], attachments: None, truncated: true, ..self }
    }

    fn with_short_headers(mut self) -> Self {
        for people in [&mut self.to, &mut self.cc, &mut self.bcc, &mut self.reply_to] {
            cut_people(people);
        }
        if let Some(sender) = &mut self.from {
            sender.cut_name();
        }
        for text in [&mut self.subject, &mut self.snippet].into_iter().flatten() {
            *text = answer::cut_text(text, MAX_LISTED_HEADER_BYTES).0;
        }
        self
    }

    /// Returns the output of an action that read the e-mail.
    pub(super) fn into_output(self) -> ActionOutput<Self> {
        let (id, link) = (self.id.clone(), self.link.clone());
        ActionOutput::new("The e-mail was read.", self).with_id(id).with_link(Some(link))
    }
}

impl Person {
    fn cut_name(&mut self) {
        if let Some(name) = &mut self.name {
            *name = answer::cut_text(name, MAX_LISTED_NAME_BYTES).0;
        }
    }
}

impl ChangedEmail {
    /// Returns the output of an action that sent or changed the e-mail.
    pub(super) fn into_output(self, message: &str) -> ActionOutput<Self> {
        let external_id = self.id.clone();
        let link = external_id.as_deref().map(web_link);
        ActionOutput { message: message.to_owned(), data: self, external_id, link }
    }
}

/// Leaves the first people of a header, as many as are short.
fn cut_people(people: &mut Vec<Person>) {
    people.iter_mut().for_each(Person::cut_name);
    let mut length = 0;
    let short = people.iter().take_while(|person| {
        length += answer::written_len(person);
        length <= MAX_LISTED_HEADER_BYTES
    });
    let count = short.count();
    people.truncate(count);
}
