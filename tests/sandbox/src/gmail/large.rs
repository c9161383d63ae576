//! Mails that are too long to be read as others are.

use super::mailbox::Message;
use super::seed::message_hex_id;
use super::{State, mail};
use crate::fixtures::{ALEX, KIM, gmail};

/// Number of mails of the long thread.
const MAILS: u64 = 6;
const TEXT_BYTES: usize = 1024 * 1024;
const LONG_TEXT_BYTES: usize = 6 * 1024 * 1024;

/// Adds a thread of [`MAILS`] mails of 1 MiB, and a mail of 6 MiB, to Alex's mailbox. Google returns text in base64, and that of a
/// part inline (<https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages#Message.MessagePartBody>).
pub(crate) fn add(state: &mut State, now: i64) {
    let thread = (0..MAILS).map(|turn| (0x1001 + turn, gmail::LONG_THREAD, TEXT_BYTES));
    let mails: Vec<Message> = thread
        .chain([(0x1010, gmail::LONG_MESSAGE, LONG_TEXT_BYTES)])
        .map(|(number, thread, bytes)| message(number, thread, bytes, now))
        .collect();
    let Some(mailbox) = state.mailbox_mut(ALEX) else { return };
    for mail in mails {
        mailbox.add_message(mail);
    }
}

fn message(number: u64, thread: &str, bytes: usize, now: i64) -> Message {
    let head = format!(
        "Message-ID: <{number:x}@mail.example.com>\r\nFrom: {KIM}\r\nTo: {ALEX}\r\nSubject: Minutes {number:x}\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    );
    let line = "All of the words that were said.\r\n";
    let raw = format!("{head}{}", line.repeat(bytes / line.len()));
    debug_assert!(mail::parse(raw.as_bytes()).is_some());
    Message {
        id: message_hex_id(number),
        thread_id: thread.to_owned(),
        labels: ["INBOX".to_owned()].into(),
        raw: raw.into(),
        internal_date: now - 60_000,
        history_id: 0,
    }
}
