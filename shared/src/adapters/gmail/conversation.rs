//! What puts a mail into a conversation. Gmail wants all of it, and a subject that fits.
//! <https://developers.google.com/workspace/gmail/api/guides/threads>

use super::message::Message;

/// Most `Message-ID`s named as references: a long conversation is known by its last ones.
const MAX_REFERENCES: usize = 20;

/// The place of a mail in a conversation.
#[derive(Debug)]
pub(super) struct Conversation {
    /// Gmail's id of it.
    pub(super) thread: String,
    /// The `Message-ID` it answers, without brackets.
    pub(super) answers: String,
    /// The `Message-ID`s before it, the answered one last.
    pub(super) references: Vec<String>,
}

impl Conversation {
    /// The place of an answer to a message; none where the message has no id to answer to.
    pub(super) fn after(message: &Message) -> Option<Self> {
        let answers = ids(message, "Message-ID").pop()?;
        let mut references = ids(message, "References");
        if references.is_empty() {
            references = ids(message, "In-Reply-To");
        }
        references.retain(|id| *id != answers);
        references.push(answers.clone());
        Self::new(message, answers, references)
    }

    /// The place a draft has already; none where it answers nothing.
    pub(super) fn of(draft: &Message) -> Option<Self> {
        let answers = ids(draft, "In-Reply-To").pop()?;
        Self::new(draft, answers, ids(draft, "References"))
    }

    fn new(message: &Message, answers: String, mut references: Vec<String>) -> Option<Self> {
        references.drain(..references.len().saturating_sub(MAX_REFERENCES));
        Some(Self { thread: message.thread_id.clone()?, answers, references })
    }
}

/// The ids in a header, without brackets. What could not stand between brackets is none.
fn ids(message: &Message, header: &str) -> Vec<String> {
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
    fn an_answer_names_what_it_answers_and_what_was_before() {
        let place = |headers| Conversation::after(&message(headers)).unwrap();
        let first = place(&[("Message-Id", "<a@x.co>")]);
        assert_eq!((first.thread.as_str(), first.answers.as_str()), ("t1", "a@x.co"));
        assert_eq!(first.references, ["a@x.co"]);
        let later =
            place(&[("Message-ID", "<c@x.co>"), ("References", "<a@x.co>\r\n\t<b@x.co>"), ("In-Reply-To", "<b@x.co>")]);
        assert_eq!(later.references, ["a@x.co", "b@x.co", "c@x.co"]);
        let without = place(&[("Message-ID", "<c@x.co>"), ("In-Reply-To", "<b@x.co>")]);
        assert_eq!(without.references, ["b@x.co", "c@x.co"]);
        assert!(Conversation::after(&message(&[])).is_none());
        assert!(Conversation::of(&message(&[("Message-ID", "<a@x.co>")])).is_none());
    }

    #[test]
    fn a_long_conversation_is_known_by_its_last_messages() {
        let all: Vec<String> = (0..50).map(|n| format!("<{n}@x.co>")).collect();
        let place =
            Conversation::after(&message(&[("Message-ID", "<ä@x.co> <z@x.co>"), ("References", &all.join(" "))]));
        let place = place.unwrap();
        assert_eq!((place.references.len(), place.answers.as_str()), (MAX_REFERENCES, "z@x.co"));
        assert_eq!(place.references[18], "49@x.co");
    }
}
