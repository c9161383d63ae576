//! Another parser reads back what the builder writes: the same people and texts, and no additional header.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mail_parser::{Address, MessageParser, MimeHeaders as _};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::validate::check_filename;

type Person = (Option<String>, String);

/// A person as an agent may write them; the name has any characters of a line of text.
fn person() -> impl Strategy<Value = Person> {
    let name = proptest::option::of(prop_oneof![
        "[^\\p{C}\\s]([^\\p{C}]{0,30}[^\\p{C}\\s])?",
        "[a-z,;<>@\"\\\\=?]{1,20}",
        "=\\?utf-8\\?[QB]\\?[A-Za-z0-9=]{0,12}\\?="
    ]);
    (name, "[a-z0-9]{1,10}([.+_-][a-z0-9]{1,5})?@[a-z0-9]{1,10}\\.[a-z]{2,4}")
}

fn formatted((name, email): &Person) -> String {
    match name {
        Some(name) => format!("\"{}\" <{email}>", name.replace('\\', "\\\\").replace('"', "\\\"")),
        None => email.clone(),
    }
}

fn read(list: Option<&Address<'_>>) -> Vec<Person> {
    let person = |address: &mail_parser::Addr<'_>| {
        (address.name().map(str::to_owned), address.address().unwrap_or_default().to_owned())
    };
    list.into_iter().flat_map(Address::iter).map(person).collect()
}

fn emails(people: &[Person]) -> Vec<&str> {
    people.iter().map(|(_, email)| email.as_str()).collect()
}

fn rendered(context: Value) -> Vec<u8> {
    let mail: MailInput = serde_json::from_value(context).unwrap();
    mail.check().unwrap();
    mail.outgoing().rendered("01J0000000000000000000000.1", "2026-11-23T10:00:00Z".parse().unwrap())
}

proptest! {
    #[test]
    fn people_and_texts_survive_a_round_trip(
        to in proptest::collection::vec(person(), 1..5),
        cc in proptest::collection::vec(person(), 1..3),
        bcc in person(),
        reply_to in person(),
        subject in "[^\\p{C}\\s]{1,12}( [^\\p{C}\\s]{1,40}){0,20}",
        body in "[^\\p{C}]{1,200}",
    ) {
        prop_assume!(!body.trim().is_empty());
        let all = |people: &[Person]| people.iter().map(formatted).collect::<Vec<_>>();
        let raw = rendered(json!({ "to": all(&to), "cc": all(&cc).join(", "), "bcc": formatted(&bcc),
            "replyTo": formatted(&reply_to), "subject": subject, "body": body }));
        let message = MessageParser::default().parse(&raw).unwrap();
        let (to, cc, bcc, reply_to) = (to, cc, vec![bcc], vec![reply_to]);
        for (list, people) in
            [(message.to(), to), (message.cc(), cc), (message.bcc(), bcc), (message.reply_to(), reply_to)]
        {
            let list = read(list);
            prop_assert_eq!(emails(&list), emails(&people), "{}", String::from_utf8_lossy(&raw));
        }
        prop_assert_eq!(message.subject().unwrap(), subject);
        prop_assert_eq!(message.body_text(0).unwrap(), body);
    }

    #[test]
    fn files_survive_a_round_trip(
        name in "[^\\p{C}\\s/\\\\.]([^\\p{C}/\\\\]{0,40}[^\\p{C}\\s/\\\\])?",
        // The other parser decodes a text part, so that its content has to be text.
        (kind, content) in prop_oneof![
            (Just("application/pdf"), proptest::collection::vec(any::<u8>(), 1..300)),
            (Just("text/csv"), "[a-cä\\r\\n. =-]{1,200}".prop_map(String::into_bytes)),
        ],
        html in any::<bool>(),
    ) {
        prop_assume!(check_filename("filename", &name).is_ok());
        let file = json!({ "filename": name, "content": STANDARD.encode(&content), "contentType": kind });
        let mut context = json!({ "to": "a@b.co", "subject": "S", "body": "B", "attachments": [file] });
        if html {
            context["html"] = json!("<p>B</p>");
        }
        let raw = rendered(context);
        let message = MessageParser::default().parse(&raw).unwrap();
        let files: Vec<_> = message.attachments().collect();
        prop_assert_eq!(files.len(), 1);
        prop_assert_eq!(files[0].attachment_name(), Some(name.as_str()));
        prop_assert_eq!(files[0].contents(), content.as_slice(), "{}", String::from_utf8_lossy(&raw));
        prop_assert_eq!(message.body_text(0).unwrap(), "B");
    }
}
