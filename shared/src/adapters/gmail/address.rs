//! E-mail addresses in the forms people write: `ann@example.com`, `Ann <ann@example.com>`, or several separated by commas.

use mail_builder::headers::address::Address;
use schemars::JsonSchema;
use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::ops::Deref;

use super::email::Person;
use crate::adapters::target::Target;

/// Maximum number of recipients. It is far below Gmail's limit of 500: an agent does not write a mail to more people on purpose.
pub(super) const MAX_RECIPIENTS: usize = 50;
/// Longest local part and longest path: RFC 5321 section 4.5.3.1.
const MAX_LOCAL_PART_BYTES: usize = 64;
const MAX_ADDRESS_BYTES: usize = 254;

/// One address with an optional display name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("x-form" = "an e-mail address"))]
pub(super) struct Mailbox {
    name: Option<String>,
    email: String,
}

/// The addresses of a field: a text with one or several, or a list of such texts.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(inline, with = "OneOrMany", extend("x-form" = "a text or a list of texts with e-mail addresses"))]
pub(super) struct Recipients(Vec<Mailbox>);

/// The form of [`Recipients`] in the schema.
#[derive(JsonSchema)]
#[schemars(inline, untagged)]
#[expect(dead_code, reason = "the schema is made of it")]
enum OneOrMany {
    One(String),
    Many(#[schemars(length(min = 1, max = MAX_RECIPIENTS))] Vec<String>),
}

/// The addresses in one text, separated by commas.
struct Addresses(Vec<Mailbox>);

impl Mailbox {
    /// Returns the address in lower case, for comparisons.
    pub(super) fn lower_case_address(&self) -> String {
        self.email.to_lowercase()
    }

    /// True if this is the mailbox's address; letter case is ignored.
    pub(super) fn has_address(&self, email: &str) -> bool {
        self.email.eq_ignore_ascii_case(email)
    }

    /// True if one of `others` has the same address.
    pub(super) fn is_in(&self, others: &[Self]) -> bool {
        others.iter().any(|other| other.has_address(&self.email))
    }

    /// Returns the mailbox for a person to read.
    pub(super) fn described(&self) -> String {
        match &self.name {
            Some(name) => format!("{name} <{}>", self.email),
            None => self.email.clone(),
        }
    }

    /// Returns the mailbox as a person to whom an action writes.
    pub(super) fn to_target(&self) -> Target {
        Target::person(&self.email).named(self.name.as_deref())
    }
}

impl TryFrom<String> for Mailbox {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let Addresses(mut all) = Addresses::parse(&text)?;
        all.pop()
            .filter(|_| all.is_empty())
            .ok_or_else(|| "must be one e-mail address, for example ann@example.com".to_owned())
    }
}

impl Addresses {
    /// Parses the addresses of one text. A reason names every part that is no address.
    fn parse(text: &str) -> Result<Self, String> {
        // A line break here would start another header.
        if text.chars().any(char::is_control) {
            return Err("must not contain control characters".to_owned());
        }
        let (mut parsed, mut wrong) = (vec![], vec![]);
        for part in split_list(text).into_iter().map(str::trim).filter(|part| !part.is_empty()) {
            match parse_mailbox(part) {
                Some(mailbox) => parsed.push(mailbox),
                None => wrong.push(format!("'{}'", part.chars().take(80).collect::<String>())),
            }
        }
        match (parsed.is_empty(), wrong.is_empty()) {
            (_, false) => Err(format!("must be an e-mail address such as ann@example.com, not {}", wrong.join(", "))),
            (true, true) => Err("must have an e-mail address, for example ann@example.com".to_owned()),
            (false, true) => Ok(Self(parsed)),
        }
    }
}

impl<'de> Deserialize<'de> for Addresses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Recipients {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RecipientsVisitor).map(Self)
    }
}

struct RecipientsVisitor;

impl<'de> Visitor<'de> for RecipientsVisitor {
    type Value = Vec<Mailbox>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a list of texts with e-mail addresses, for example [\"ann@example.com\"]")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Addresses::parse(text).map(|Addresses(all)| all).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut all = vec![];
        while let Some(Addresses(more)) = list.next_element()? {
            all.extend(more);
        }
        match all.is_empty() {
            true => Err(A::Error::custom("must have an e-mail address, for example [\"ann@example.com\"]")),
            false => Ok(all),
        }
    }
}

impl Deref for Recipients {
    type Target = [Mailbox];

    fn deref(&self) -> &[Mailbox] {
        &self.0
    }
}

/// Returns the addresses of an optional field.
pub(super) fn of(field: Option<&Recipients>) -> Vec<Mailbox> {
    field.map(|field| field.to_vec()).unwrap_or_default()
}

/// Returns the people of a received message's header, as it has them. A part that cannot be read as an address is a name without one.
pub(super) fn people(value: &str) -> Vec<Person> {
    let person = |part: &str| match parse_header_part(part) {
        Some(Mailbox { name, email }) => Person { name, email: Some(email) },
        None => Person { name: Some(part.to_owned()), email: None },
    };
    let line = one_line(value);
    split_list(&line).into_iter().map(str::trim).filter(|part| !part.is_empty()).map(person).collect()
}

/// Parses the addresses of a received message's header. Invalid addresses and unreadable names are skipped, because the agent
/// cannot correct the sender's mail program.
pub(super) fn parse_header(value: &str) -> Vec<Mailbox> {
    split_list(&one_line(value)).into_iter().filter_map(|part| parse_header_part(part.trim())).collect()
}

fn parse_header_part(part: &str) -> Option<Mailbox> {
    let without_name = || parse_mailbox(part.rsplit_once('<')?.1.trim_end_matches('>').trim());
    parse_mailbox(part).or_else(without_name)
}

fn one_line(value: &str) -> String {
    value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Returns the addresses as a header value.
pub(super) fn to_header(mailboxes: &[Mailbox]) -> Address<'_> {
    let address = |mailbox: &'_ Mailbox| Address::new_address(mailbox.name.clone(), mailbox.email.clone());
    Address::new_list(mailboxes.iter().map(address).collect())
}

/// Splits at commas outside quotes and angle brackets.
fn split_list(text: &str) -> Vec<&str> {
    let (mut quoted, mut escaped, mut bracketed) = (false, false, false);
    text.split(move |c| {
        let ends = c == ',' && !quoted && !bracketed;
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '<' if !quoted => bracketed = true,
            '>' if !quoted => bracketed = false,
            _ => {}
        }
        ends
    })
    .collect()
}

fn parse_mailbox(text: &str) -> Option<Mailbox> {
    let Some((name, email)) = text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) else {
        return is_address(text).then(|| Mailbox { name: None, email: text.to_owned() });
    };
    let name = parse_display_name(name.trim())?;
    is_address(email).then(|| Mailbox { name: (!name.is_empty()).then_some(name), email: email.to_owned() })
}

fn parse_display_name(text: &str) -> Option<String> {
    let Some(quoted) = text.strip_prefix('"') else {
        return (!text.contains(['<', '>', '"'])).then(|| text.to_owned());
    };
    let mut name = String::new();
    let mut characters = quoted.strip_suffix('"')?.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => name.push(characters.next()?),
            '"' => return None,
            c => name.push(c),
        }
    }
    Some(name)
}

/// Checks conservatively: accepts only the plain ASCII form that all mail systems support. An internationalised domain must be
/// given as `xn--`.
fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let local_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte);
    text.len() <= MAX_ADDRESS_BYTES
        && local.len() <= MAX_LOCAL_PART_BYTES
        && local.bytes().all(local_byte)
        && local.split('.').all(|atom| !atom.is_empty())
        && domain.contains('.')
        && domain.split('.').all(is_domain_label)
}

fn is_domain_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn parse(value: Value) -> Result<Recipients, String> {
        serde_json::from_value(value).map_err(|error| error.to_string())
    }

    fn mailbox(name: Option<&str>, email: &str) -> Mailbox {
        Mailbox { name: name.map(ToOwned::to_owned), email: email.to_owned() }
    }

    #[test]
    fn parses_names_quotes_and_lists() {
        let text = r#"a@b.co, Ann <ann@b.co> , "Doe, \"J\"" <j@b.co>,<x+y@b.co>,"#;
        let expected = [
            mailbox(None, "a@b.co"),
            mailbox(Some("Ann"), "ann@b.co"),
            mailbox(Some("Doe, \"J\""), "j@b.co"),
            mailbox(None, "x+y@b.co"),
        ];
        assert_eq!(parse(json!(text)).unwrap()[..], expected);
        assert_eq!(parse(json!(["a@b.co", "b@b.co,c@b.co"])).unwrap().len(), 3);
    }

    #[test]
    fn refuses_invalid_addresses() {
        let long = format!("{}@b.co", "a".repeat(65));
        let bad = [
            "ann",
            "ann@",
            "@b.co",
            "ann@localhost",
            "a b@b.co",
            "a@b..co",
            ".a@b.co",
            "a..b@b.co",
            "a@-b.co",
            "a@b.co>",
            "<a@b.co",
            "Ann <a@b.co",
            "Ann <x <a@b.co>",
            "\"Ann <a@b.co>",
            "a@b.co; c@b.co",
            "ä@b.co",
            "a@b_c.co",
            "a@@b.co",
            &long,
        ];
        for text in bad {
            assert!(parse(json!(text)).unwrap_err().contains("must be an e-mail address such as"), "{text}");
            assert!(Mailbox::try_from(text.to_owned()).is_err(), "{text}");
        }
        for text in ["a@b.co\r\nBcc: x@y.co", "Ann\n <a@b.co>", "a@b.co\0"] {
            assert!(parse(json!(text)).unwrap_err().contains("control"), "{text}");
        }
        for none in [json!(" , "), json!([]), json!([" "])] {
            assert!(parse(none.clone()).unwrap_err().contains("must have an e-mail address"), "{none}");
        }
        assert_eq!(
            parse(json!("ann, a@b.co, bob")).unwrap_err(),
            "must be an e-mail address such as ann@example.com, not 'ann', 'bob'"
        );
        assert!(Mailbox::try_from("a@b.co, b@b.co".to_owned()).is_err());
    }

    #[test]
    fn received_header_skips_invalid_addresses() {
        let read = parse_header(
            "Ann <ann@b.co>, nobody, Ed \"the\" Ed <ed@b.co>, undisclosed-recipients:;, \"A\nB\" <ab@b.co>",
        );
        assert_eq!(read, [mailbox(Some("Ann"), "ann@b.co"), mailbox(None, "ed@b.co"), mailbox(Some("A B"), "ab@b.co")]);
        assert!(parse_header("").is_empty());
        let shown = people("Ann <ann@b.co>, undisclosed-recipients:;");
        assert_eq!(
            json!(shown),
            json!([{ "name": "Ann", "email": "ann@b.co" }, { "name": "undisclosed-recipients:;" }])
        );
        assert!(read[0].has_address("ANN@b.co") && read[0].is_in(&read) && !read[0].is_in(&read[1..]));
    }

    proptest! {
        #[test]
        fn any_text_gives_valid_addresses_or_an_error(text in prop_oneof!["(?s).{0,80}", "[a-b@.,<>\"\\\\ \r\né]{0,40}"]) {
            for mailbox in parse(json!(text)).map(|all| all.to_vec()).unwrap_or_default() {
                prop_assert!(text.contains(&mailbox.email) && mailbox.email.bytes().all(|byte| byte.is_ascii_graphic()));
                prop_assert!(!mailbox.email.contains(['<', '>', '"', ',', ';', '(', ')']), "{mailbox:?}");
                prop_assert!(!mailbox.name.unwrap_or_default().contains(char::is_control));
            }
        }
    }
}
