//! Seed data of the mailboxes.

use mail_parser::DateTime;
use serde_json::json;

use super::mailbox::{Draft, Label, Mailbox, Message};
use crate::fixtures::{ALEX, KIM, SAM, gmail};

/// An attachment of a seed message.
struct Attachment {
    name: &'static str,
    content: &'static str,
}

/// A seed message.
struct SeedMessage {
    thread: u64,
    hours_ago: i64,
    from: &'static str,
    to: &'static str,
    subject: &'static str,
    text: &'static str,
    labels: &'static [&'static str],
    attachment: Option<Attachment>,
    /// True if `text` is HTML, without a plain form beside it.
    is_html: bool,
}

const ALEX_FROM: &str = "Alex Rivera <alex@example.com>";
const SAM_FROM: &str = "Sam Okafor <sam@example.com>";
const KIM_FROM: &str = "Kim Larsen <kim@example.com>";
const BILLING_FROM: &str = "Northwind Billing <billing@northwind.example>";
const ZOE_FROM: &str = "=?utf-8?q?Zo=C3=AB_M=C3=BCller?= <zoe@example.org>";
const DINNER: &str = "=?utf-8?q?Caf=C3=A9_am_Freitag_=E2=98=95?=";

const fn seed_message(
    thread: u64,
    hours_ago: i64,
    from: &'static str,
    to: &'static str,
    subject: &'static str,
    text: &'static str,
) -> SeedMessage {
    SeedMessage { thread, hours_ago, from, to, subject, text, labels: &["INBOX"], attachment: None, is_html: false }
}

/// Message ids count up from 1 in this order; `fixtures::gmail` has constants for some.
const ALEX_MAIL: [SeedMessage; 14] = [
    seed_message(
        1,
        70,
        SAM_FROM,
        ALEX_FROM,
        "Launch plan",
        "Hi Alex,\r\n\r\nhere is a first plan for the launch. Could you check the dates?\r\n\r\nSam",
    ),
    SeedMessage {
        labels: &["SENT"],
        ..seed_message(
            1,
            66,
            ALEX_FROM,
            SAM_FROM,
            "Re: Launch plan",
            "The dates work. We still need a page for the press.",
        )
    },
    SeedMessage {
        labels: &["INBOX", "STARRED"],
        ..seed_message(1, 50, KIM_FROM, ALEX_FROM, "Re: Launch plan", "I can write the press page by Thursday.")
    },
    SeedMessage {
        labels: &["INBOX", "UNREAD"],
        ..seed_message(1, 5, SAM_FROM, ALEX_FROM, "Re: Launch plan", "Thursday is fine. Who tells the customers?")
    },
    SeedMessage {
        labels: &["INBOX", "UNREAD"],
        ..seed_message(1, 2, KIM_FROM, ALEX_FROM, "Re: Launch plan", "I will, once the page is up.")
    },
    SeedMessage {
        labels: &["INBOX", "Label_1"],
        attachment: Some(Attachment {
            name: "invoice-0423.txt",
            content: "Invoice 0423\r\nHosting, October\r\nTotal: 120.00 EUR\r\n",
        }),
        ..seed_message(
            6,
            48,
            BILLING_FROM,
            ALEX_FROM,
            "Invoice 0423",
            "Dear customer,\r\n\r\nyour invoice is attached.\r\n",
        )
    },
    SeedMessage {
        labels: &["SENT"],
        ..seed_message(
            6,
            40,
            ALEX_FROM,
            BILLING_FROM,
            "Re: Invoice 0423",
            "Our VAT number is missing on it. Could you add it?",
        )
    },
    seed_message(6, 30, BILLING_FROM, ALEX_FROM, "Re: Invoice 0423", "A corrected invoice is on its way."),
    SeedMessage {
        labels: &["INBOX", "UNREAD"],
        is_html: true,
        ..seed_message(
            6,
            20,
            BILLING_FROM,
            ALEX_FROM,
            "Re: Invoice 0423",
            "<style>p { color: #333 }</style><p>The corrected invoice is in <b>your account</b> now.</p>",
        )
    },
    seed_message(10, 26, ZOE_FROM, ALEX_FROM, DINNER, "Kommst du am Freitag mit ins Caf\u{e9}?"),
    SeedMessage { labels: &["SENT"], ..seed_message(10, 25, ALEX_FROM, ZOE_FROM, DINNER, "Gern! Um acht?") },
    SeedMessage {
        labels: &["INBOX", "UNREAD", "STARRED"],
        ..seed_message(10, 1, ZOE_FROM, ALEX_FROM, DINNER, "Acht passt. Bis dann!")
    },
    SeedMessage {
        labels: &["DRAFT"],
        ..seed_message(13, 3, ALEX_FROM, KIM_FROM, "Page for the press", "How far is the page for the press?")
    },
    SeedMessage {
        labels: &["TRASH"],
        ..seed_message(14, 90, BILLING_FROM, ALEX_FROM, "Our new prices", "Hosting gets cheaper from January on.")
    },
];

const SAM_MAIL: [SeedMessage; 2] = [
    SeedMessage {
        labels: &["SENT"],
        ..seed_message(
            0x101,
            70,
            SAM_FROM,
            ALEX_FROM,
            "Launch plan",
            "Hi Alex,\r\n\r\nhere is a first plan for the launch. Could you check the dates?\r\n\r\nSam",
        )
    },
    SeedMessage {
        labels: &["INBOX", "UNREAD"],
        ..seed_message(
            0x101,
            66,
            ALEX_FROM,
            SAM_FROM,
            "Re: Launch plan",
            "The dates work. We still need a page for the press.",
        )
    },
];

/// Each message is a thread of its own.
const KIM_MAIL: [SeedMessage; 2] = [
    SeedMessage {
        labels: &["INBOX", "UNREAD"],
        ..seed_message(0x20f, 28, BILLING_FROM, KIM_FROM, "Your order", "The posters are on their way.")
    },
    SeedMessage {
        labels: &["SENT"],
        ..seed_message(0x210, 27, KIM_FROM, BILLING_FROM, "Posters", "Please send them to the office.")
    },
];

/// Returns the message id of 16 hex digits for a number.
pub(crate) fn message_hex_id(number: u64) -> String {
    format!("{:016x}", 0x18f0_0000_0000_0000 + number)
}

/// Builds the seed mailboxes; `now` is in unix milliseconds.
pub(crate) fn mailboxes(now: i64) -> Vec<Mailbox> {
    let mut alex = Mailbox {
        address: ALEX.to_owned(),
        name: "Alex Rivera".to_owned(),
        messages: messages(&ALEX_MAIL, 1, now),
        drafts: vec![Draft { id: gmail::DRAFT.to_owned(), message_id: gmail::DRAFT_MESSAGE.to_owned(), created: 0 }],
        labels: vec![Label {
            id: "Label_1".to_owned(),
            name: "Receipts".to_owned(),
            options: json!({"labelListVisibility": "labelShow", "messageListVisibility": "show"}),
        }],
        history_id: 9_000,
    };
    let sam = Mailbox {
        address: SAM.to_owned(),
        name: "Sam Okafor".to_owned(),
        messages: messages(&SAM_MAIL, 0x101, now),
        drafts: Vec::new(),
        labels: Vec::new(),
        history_id: 9_000,
    };
    let kim = Mailbox {
        address: KIM.to_owned(),
        name: "Kim Larsen".to_owned(),
        messages: messages(&KIM_MAIL, 0x20f, now),
        drafts: Vec::new(),
        labels: Vec::new(),
        history_id: 9_000,
    };
    // The list above is ordered by thread, a mailbox by date.
    alex.messages.sort_by_key(|message| message.internal_date);
    vec![alex, sam, kim]
}

fn messages(seeds: &[SeedMessage], first: u64, now: i64) -> Vec<Message> {
    let file = |(index, seed): (usize, &SeedMessage)| {
        let number = first + index as u64;
        let at = now - seed.hours_ago * 3_600_000;
        Message {
            id: message_hex_id(number),
            thread_id: message_hex_id(seed.thread),
            labels: seed.labels.iter().map(|label| (*label).to_owned()).collect(),
            raw: rfc822_message(seed, index, at).into(),
            internal_date: at,
            history_id: 8_000 + number,
        }
    };
    seeds.iter().enumerate().map(file).collect()
}

/// Builds a `Message-ID` from the thread and the position in it, so that a mail has the same one in every mailbox.
fn message_id(thread: u64, turn: usize) -> String {
    format!("<{:x}.{turn}@mail.example.com>", thread & 0xff)
}

fn rfc822_message(seed: &SeedMessage, index: usize, at: i64) -> String {
    let first = usize::try_from(seed.thread & 0xff).unwrap_or(1) - 1;
    let turn = index - first.min(index);
    let mut head = format!(
        "Message-ID: {}\r\nDate: {}\r\nFrom: {}\r\nTo: {}\r\nSubject: {}\r\nMIME-Version: 1.0\r\n",
        message_id(seed.thread, turn),
        DateTime::from_timestamp(at.div_euclid(1_000)).to_rfc822(),
        seed.from,
        seed.to,
        seed.subject,
    );
    if turn > 0 {
        let parent = message_id(seed.thread, turn - 1);
        head.push_str(&format!("In-Reply-To: {parent}\r\nReferences: {} {parent}\r\n", message_id(seed.thread, 0)));
    }
    let kind = if seed.is_html { "html" } else { "plain" };
    let text = format!("Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n");
    match &seed.attachment {
        None => format!("{head}{text}{}\r\n", seed.text),
        Some(Attachment { name, content }) => format!(
            "{head}Content-Type: multipart/mixed; boundary=\"part\"\r\n\r\n--part\r\n{text}{}\r\n--part\r\n\
             Content-Type: text/plain; name=\"{name}\"\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\r\n\
             {content}\r\n--part--\r\n",
            seed.text
        ),
    }
}
