//! E-mail addresses in the forms people write: `ann@example.com`, `Ann <ann@example.com>`, or several separated by commas.

use mail_builder::headers::address::Address;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::error::{Checks, Error, Result};

/// Longest local part and longest path: RFC 5321 section 4.5.3.1.
const MAX_LOCAL_PART_BYTES: usize = 64;
const MAX_ADDRESS_BYTES: usize = 254;

/// One value or a list of values, as agents give recipients.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "must be a string or a list of strings, for example [\"ann@example.com\"]")]
#[schemars(extend("x-form" = "a text or a list of texts with e-mail addresses"))]
pub(super) enum OneOrMany {
    /// A single value; for e-mail addresses it may hold several, separated by commas.
    One(String),
    /// A list.
    Many(Vec<String>),
}

/// One address with an optional display name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mailbox {
    name: Option<String>,
    email: String,
}

impl OneOrMany {
    /// Returns the values as a list.
    fn as_slice(&self) -> &[String] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

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
}

/// Parses the addresses of a required field; at least one.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub(super) fn parse_required(field: &str, input: &OneOrMany) -> Result<Vec<Mailbox>> {
    let (mut checks, mut all) = (Checks::default(), vec![]);
    for (at, text) in input.as_slice().iter().enumerate() {
        let place = if matches!(input, OneOrMany::One(_)) { field.to_owned() } else { format!("{field}[{at}]") };
        let parts = split_list(text).into_iter().filter(|part| !part.trim().is_empty());
        all.extend(parts.filter_map(|part| checks.pass(parse_one(&place, part))));
    }
    let all = checks.finish(|| Some(all))?;
    if all.is_empty() {
        Err(Error::invalid(field, "must contain at least one e-mail address, for example ann@example.com"))
    } else {
        Ok(all)
    }
}

/// Parses the addresses of an optional field.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub(super) fn parse_optional(field: &str, input: Option<&OneOrMany>) -> Result<Vec<Mailbox>> {
    input.map_or_else(|| Ok(Vec::new()), |input| parse_required(field, input))
}

/// Parses the addresses of a received message's header. Invalid addresses and unreadable names are skipped, because the agent
/// cannot correct the sender's mail program.
pub(super) fn parse_header(value: &str) -> Vec<Mailbox> {
    let line: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let without_name = |part: &str| parse_mailbox(part.rsplit_once('<')?.1.trim_end_matches('>').trim());
    split_list(&line).into_iter().filter_map(|part| parse_mailbox(part.trim()).or_else(|| without_name(part))).collect()
}

/// Parses one address.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub(super) fn parse_one(field: &str, text: &str) -> Result<Mailbox> {
    // A line break here would start another header.
    if text.chars().any(char::is_control) {
        return Err(Error::invalid(field, "must not contain control characters"));
    }
    parse_mailbox(text.trim()).ok_or_else(|| {
        let excerpt: String = text.trim().chars().take(80).collect();
        Error::invalid(field, format!("'{excerpt}' is not an e-mail address such as ann@example.com"))
    })
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
    use super::*;
    use proptest::prelude::*;

    fn mailbox(name: Option<&str>, email: &str) -> Mailbox {
        Mailbox { name: name.map(ToOwned::to_owned), email: email.to_owned() }
    }

    #[test]
    fn parses_names_quotes_and_lists() {
        let input = OneOrMany::One(r#"a@b.co, Ann <ann@b.co> , "Doe, \"J\"" <j@b.co>,<x+y@b.co>,"#.to_owned());
        let expected = [
            mailbox(None, "a@b.co"),
            mailbox(Some("Ann"), "ann@b.co"),
            mailbox(Some("Doe, \"J\""), "j@b.co"),
            mailbox(None, "x+y@b.co"),
        ];
        assert_eq!(parse_required("to", &input).unwrap(), expected);
        let list = OneOrMany::Many(vec!["a@b.co".to_owned(), "b@b.co,c@b.co".to_owned()]);
        assert_eq!(parse_required("to", &list).unwrap().len(), 3);
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
            assert!(parse_one("to", text).is_err(), "{text}");
        }
        for text in ["a@b.co\r\nBcc: x@y.co", "Ann\n <a@b.co>", "a@b.co\0"] {
            assert!(parse_one("to", text).unwrap_err().to_string().contains("control"), "{text}");
        }
        assert!(parse_required("to", &OneOrMany::One(" , ".to_owned())).is_err());
        assert!(parse_required("to", &OneOrMany::Many(vec![])).is_err());
    }

    #[test]
    fn received_header_skips_invalid_addresses() {
        let read = parse_header(
            "Ann <ann@b.co>, nobody, Ed \"the\" Ed <ed@b.co>, undisclosed-recipients:;, \"A\nB\" <ab@b.co>",
        );
        assert_eq!(read, [mailbox(Some("Ann"), "ann@b.co"), mailbox(None, "ed@b.co"), mailbox(Some("A B"), "ab@b.co")]);
        assert!(parse_header("").is_empty());
        assert!(read[0].has_address("ANN@b.co") && read[0].is_in(&read) && !read[0].is_in(&read[1..]));
    }

    proptest! {
        #[test]
        fn any_text_gives_valid_addresses_or_an_error(text in prop_oneof!["(?s).{0,80}", "[a-b@.,<>\"\\\\ \r\né]{0,40}"]) {
            for mailbox in parse_required("to", &OneOrMany::One(text.clone())).unwrap_or_default() {
                prop_assert!(text.contains(&mailbox.email) && mailbox.email.bytes().all(|byte| byte.is_ascii_graphic()));
                prop_assert!(!mailbox.email.contains(['<', '>', '"', ',', ';', '(', ')']), "{mailbox:?}");
                prop_assert!(!mailbox.name.unwrap_or_default().contains(char::is_control));
            }
        }
    }
}
