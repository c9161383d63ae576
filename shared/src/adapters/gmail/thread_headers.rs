//! What puts a mail into a conversation. Gmail wants all of it, and a subject that fits.
//! <https://developers.google.com/workspace/gmail/api/guides/threads>

use super::message::Message;

/// Most `Message-ID`s named as references: a long conversation is known by its last ones.
const MAX_REFERENCES: usize = 20;

/// The place of a mail in a conversation.
#[derive(Debug)]
pub(super) struct ThreadHeaders {
    /// Gmail's id of it.
    pub(super) thread_id: String,
    /// The `Message-ID` it answers, without brackets.
    pub(super) in_reply_to: String,
    /// The `Message-ID`s before it, the answered one last.
    pub(super) references: Vec<String>,
}

impl ThreadHeaders {
    /// The place of an answer to a message; none where the message has no id to answer to.
    pub(super) fn replying_to(message: &Message) -> Option<Self> {
        let answers = message_ids(message, "Message-ID").pop()?;
        let mut references = message_ids(message, "References");
        if references.is_empty() {
            references = message_ids(message, "In-Reply-To");
        }
        references.retain(|id| *id != answers);
        references.push(answers.clone());
        Self::new(message, answers, references)
    }

    /// The place a draft has already; none where it answers nothing.
    pub(super) fn of_draft(draft: &Message) -> Option<Self> {
        let answers = message_ids(draft, "In-Reply-To").pop()?;
        Self::new(draft, answers, message_ids(draft, "References"))
    }

    fn new(message: &Message, answers: String, mut references: Vec<String>) -> Option<Self> {
        references.drain(..references.len().saturating_sub(MAX_REFERENCES));
        Some(Self { thread_id: message.thread_id.clone()?, in_reply_to: answers, references })
    }
}

/// The ids in a header, without brackets. What could not stand between brackets is none.
fn message_ids(message: &Message, header: &str) -> Vec<String> {
    let plain = |id: &&str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>".contains(&byte));
    let words = message.header(header).unwrap_or_default().split(['<', '>', ' ', '\t', '\r', '\n']);
    words.filter(plain).map(ToOwned::to_owned).collect()
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
        let place = |headers| ThreadHeaders::replying_to(&message(headers)).unwrap();
        let first = place(&[("Message-Id", "<a@x.co>")]);
        assert_eq!((first.thread_id.as_str(), first.in_reply_to.as_str()), ("t1", "a@x.co"));
        assert_eq!(first.references, ["a@x.co"]);
        let later =
            place(&[("Message-ID", "<c@x.co>"), ("References", "<a@x.co>\r\n\t<b@x.co>"), ("In-Reply-To", "<b@x.co>")]);
        assert_eq!(later.references, ["a@x.co", "b@x.co", "c@x.co"]);
        let without = place(&[("Message-ID", "<c@x.co>"), ("In-Reply-To", "<b@x.co>")]);
        assert_eq!(without.references, ["b@x.co", "c@x.co"]);
        assert!(ThreadHeaders::replying_to(&message(&[])).is_none());
        assert!(ThreadHeaders::of_draft(&message(&[("Message-ID", "<a@x.co>")])).is_none());
    }

    #[test]
    fn references_are_cut_to_the_last_20_messages() {
        let all: Vec<String> = (0..50).map(|n| format!("<{n}@x.co>")).collect();
        let place = ThreadHeaders::replying_to(&message(&[
            ("Message-ID", "<ä@x.co> <z@x.co>"),
            ("References", &all.join(" ")),
        ]));
        let place = place.unwrap();
        assert_eq!((place.references.len(), place.in_reply_to.as_str()), (MAX_REFERENCES, "z@x.co"));
        assert_eq!(place.references[18], "49@x.co");
    }
}
