//! Headers and thread id that put a mail into a Gmail thread. Gmail requires all of them and a matching subject.
//! <https://developers.google.com/workspace/gmail/api/guides/threads>

use super::message::Message;

/// Maximum number of `Message-ID`s in `References`; a longer thread has its first one and its last ones: RFC 5537 section 3.4.4.
const MAX_REFERENCES: usize = 20;

/// Thread id and threading headers of a mail.
#[derive(Debug)]
pub(super) struct ThreadHeaders {
    /// Gmail's thread id.
    pub(super) thread_id: String,
    /// `Message-ID` of the message this mail replies to, without brackets, if that has one.
    pub(super) in_reply_to: Option<String>,
    /// Earlier `Message-ID`s, the one replied to last.
    pub(super) references: Vec<String>,
}

impl ThreadHeaders {
    /// Builds the headers of a reply to `message`. One without a `Message-ID` is still in its thread: RFC 5322 section 3.6.4 then has no
    /// `In-Reply-To`, and the references of the message itself.
    pub(super) fn replying_to(message: &Message) -> Option<Self> {
        let in_reply_to = message_ids(message, "Message-ID").pop().or_else(|| bare_id(message));
        let mut references = message_ids(message, "References");
        if references.is_empty() {
            references = message_ids(message, "In-Reply-To");
        }
        references.retain(|id| Some(id) != in_reply_to.as_ref());
        references.extend(in_reply_to.clone());
        Self::new(message, in_reply_to, references)
    }

    /// Reads the headers of an existing draft; `None` if it is no reply.
    pub(super) fn of_draft(draft: &Message) -> Option<Self> {
        let (in_reply_to, references) = (message_ids(draft, "In-Reply-To").pop(), message_ids(draft, "References"));
        if in_reply_to.is_none() && references.is_empty() {
            return None;
        }
        Self::new(draft, in_reply_to, references)
    }

    fn new(message: &Message, in_reply_to: Option<String>, mut references: Vec<String>) -> Option<Self> {
        let excess = references.len().saturating_sub(MAX_REFERENCES);
        if excess > 0 {
            references.drain(1..=excess);
        }
        Some(Self { thread_id: message.thread_id.clone()?, in_reply_to, references })
    }
}

/// Returns the ids in a header, without brackets. What is outside brackets is no id, such as the words of an old `In-Reply-To` (RFC 5322
/// section 4.5.4). Ids with characters not allowed between brackets are dropped.
fn message_ids(message: &Message, header: &str) -> Vec<String> {
    let is_valid =
        |id: &&str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>".contains(&byte));
    let opened = message.header(header).unwrap_or_default().split('<').skip(1);
    let ids = opened.filter_map(|text| Some(text.split_once('>')?.0));
    ids.filter(is_valid).map(ToOwned::to_owned).collect()
}

/// Returns a `Message-ID` that some mail programs write without brackets.
fn bare_id(message: &Message) -> Option<String> {
    let id = message.header("Message-ID")?.trim();
    let is_id = id.contains('@') && id.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>".contains(&byte));
    is_id.then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message(headers: &[(&str, &str)]) -> Message {
        let headers: Vec<_> = headers.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        serde_json::from_value(json!({ "id": "m1", "threadId": "t1", "payload": { "headers": headers } })).unwrap()
    }

    #[test]
    fn reply_references_the_answered_and_earlier_messages() {
        let headers = |headers| ThreadHeaders::replying_to(&message(headers)).unwrap();
        let first = headers(&[("Message-Id", "<a@x.co>")]);
        assert_eq!((first.thread_id.as_str(), first.in_reply_to.as_deref()), ("t1", Some("a@x.co")));
        assert_eq!(first.references, ["a@x.co"]);
        let later = headers(&[
            ("Message-ID", "<c@x.co>"),
            ("References", "<a@x.co>\r\n\t<b@x.co>"),
            ("In-Reply-To", "<b@x.co>"),
        ]);
        assert_eq!(later.references, ["a@x.co", "b@x.co", "c@x.co"]);
        let without = headers(&[("Message-ID", "<c@x.co>"), ("In-Reply-To", "<b@x.co>")]);
        assert_eq!(without.references, ["b@x.co", "c@x.co"]);
        assert_eq!(headers(&[("Message-ID", "a@x.co")]).in_reply_to.as_deref(), Some("a@x.co"));
        let nameless = headers(&[("References", "<a@x.co>")]);
        assert_eq!((nameless.thread_id.as_str(), nameless.in_reply_to), ("t1", None));
        assert_eq!(nameless.references, ["a@x.co"]);
        assert!(ThreadHeaders::of_draft(&message(&[("Message-ID", "<a@x.co>")])).is_none());
    }

    #[test]
    fn words_of_an_old_in_reply_to_are_no_ids() {
        let old = "Your message of Monday <a@x.co> \"Re: <hello\"";
        let headers = ThreadHeaders::replying_to(&message(&[("Message-ID", "<c@x.co>"), ("In-Reply-To", old)]));
        assert_eq!(headers.unwrap().references, ["a@x.co", "c@x.co"]);
    }

    #[test]
    fn references_are_cut_to_the_first_and_the_last_19_messages() {
        let all: Vec<String> = (0..50).map(|n| format!("<{n}@x.co>")).collect();
        let headers = ThreadHeaders::replying_to(&message(&[
            ("Message-ID", "<ä@x.co> <z@x.co>"),
            ("References", &all.join(" ")),
        ]));
        let headers = headers.unwrap();
        assert_eq!((headers.references.len(), headers.in_reply_to.as_deref()), (MAX_REFERENCES, Some("z@x.co")));
        assert_eq!((headers.references[0].as_str(), headers.references[18].as_str()), ("0@x.co", "49@x.co"));
    }
}
