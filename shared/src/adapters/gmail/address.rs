//! E-mail addresses in the forms people write: `ann@example.com`, `Ann <ann@example.com>`, or several separated by commas or semicolons,
//! and whatever else RFC 5322 allows: groups, comments, quoted parts.

use mail_builder::headers::address::Address;
use schemars::JsonSchema;
use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::ops::Deref;

use super::address_form;
use super::address_list::{self, Entry};
use super::email::Person;
use crate::adapters::target::Target;

/// Maximum number of recipients. It is far below Gmail's limit of 500: an agent does not write a mail to more people on purpose.
pub(super) const MAX_RECIPIENTS: usize = 50;

/// Longest text with addresses. It has room for as many as are allowed, each with a name.
const MAX_TEXT_BYTES: usize = 64 * 1024;

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

/// The addresses in one text, separated by commas or semicolons.
struct Addresses(Vec<Mailbox>);

impl Mailbox {
    /// Returns the mailbox of an address that Gmail knows.
    pub(super) fn named(name: Option<&str>, email: &str) -> Self {
        Self { name: name.map(ToOwned::to_owned), email: email.to_owned() }
    }

    /// The display name, if there is one.
    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The address as it was written.
    pub(super) fn email(&self) -> &str {
        &self.email
    }

    /// Returns the address as it is sent, in lower case, for comparisons.
    pub(super) fn lower_case_address(&self) -> String {
        address_form::to_wire(&self.email).to_lowercase()
    }

    /// True if this is the mailbox's address; letter case is ignored.
    pub(super) fn has_address(&self, email: &str) -> bool {
        self.lower_case_address() == address_form::to_wire(email).to_lowercase()
    }

    /// True if mail to this address arrives where mail to another one of Gmail does: what follows a `+` counts for nothing, and at
    /// gmail.com dots do not either.
    ///
    /// <https://support.google.com/mail/answer/22370>, <https://support.google.com/mail/answer/7436150>
    pub(super) fn has_mailbox(&self, email: &str) -> bool {
        address_form::mailbox_of(&self.lower_case_address())
            == address_form::mailbox_of(&address_form::to_wire(email).to_lowercase())
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
        if text.len() > MAX_TEXT_BYTES {
            return Err(format!("must have at most {MAX_RECIPIENTS} addresses"));
        }
        let (mut parsed, mut wrong) = (vec![], vec![]);
        for entry in address_list::read(text) {
            match entry {
                Entry::Mailbox { name, email } => parsed.push(Mailbox { name, email }),
                Entry::Unreadable(part) => wrong.push(format!("'{}'", part.chars().take(80).collect::<String>())),
                Entry::EmptyGroup(_) => {}
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

/// Returns the people of a received message's header. A part that cannot be read as an address is a name without one.
pub(super) fn people(value: &str) -> Vec<Person> {
    let person = |entry| match entry {
        Entry::Mailbox { name, email } => Person { name, email: Some(email) },
        Entry::Unreadable(text) | Entry::EmptyGroup(text) => Person { name: Some(text), email: None },
    };
    address_list::read(value).into_iter().map(person).collect()
}

/// Returns the addresses of a received message's header. [`unreadable`] has the parts that are none.
pub(super) fn parse_header(value: &str) -> Vec<Mailbox> {
    let mailbox = |entry| match entry {
        Entry::Mailbox { name, email } => Some(Mailbox { name, email }),
        Entry::Unreadable(_) | Entry::EmptyGroup(_) => None,
    };
    address_list::read(value).into_iter().filter_map(mailbox).collect()
}

/// Returns the parts of a received message's header that name somebody and are no address.
pub(super) fn unreadable(value: &str) -> Vec<String> {
    let text = |entry| match entry {
        Entry::Unreadable(text) => Some(text),
        Entry::Mailbox { .. } | Entry::EmptyGroup(_) => None,
    };
    address_list::read(value).into_iter().filter_map(text).collect()
}

/// Returns the addresses as a header value.
pub(super) fn to_header(mailboxes: &[Mailbox]) -> Address<'_> {
    let address =
        |mailbox: &'_ Mailbox| Address::new_address(mailbox.name.clone(), address_form::to_wire(&mailbox.email));
    Address::new_list(mailboxes.iter().map(address).collect())
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
        // As Outlook, web pages and careless people write them.
        let odd = "'a@b.co'; 'Ann' <ann@b.co>; MAILTO:j@b.co; k@b.co <mailto:k@b.co>; Cy <c@b.co> Di <d@b.co>";
        let emails: Vec<String> = parse(json!(odd)).unwrap().iter().map(|one| one.email.clone()).collect();
        assert_eq!(emails, ["a@b.co", "ann@b.co", "j@b.co", "k@b.co", "c@b.co", "d@b.co"]);
    }

    #[test]
    fn refuses_invalid_addresses() {
        let bad = [
            "ann",
            "ann@",
            "@b.co",
            "a b@b.co",
            "a@b..co",
            "a@b.co c@d.co",
            "a@@b.co",
            "Ann <ann>",
            "Ann <x <a b>",
            "<p>x</p>a@b.co",
            "Joe \"c d\"@b.co",
            "a@b'.co",
        ];
        for text in bad {
            assert!(parse(json!(text)).unwrap_err().contains("must be an e-mail address such as"), "{text}");
            assert!(Mailbox::try_from(text.to_owned()).is_err(), "{text}");
        }
        for text in ["a@b.co\r\nBcc: x@y.co", "Ann\n <a@b.co>", "a@b.co\0"] {
            assert!(parse(json!(text)).unwrap_err().contains("control"), "{text}");
        }
        for none in [json!(" , "), json!(" ; "), json!("undisclosed-recipients:;"), json!([]), json!([" "])] {
            assert!(parse(none.clone()).unwrap_err().contains("must have an e-mail address"), "{none}");
        }
        assert_eq!(
            parse(json!("ann, a@b.co, bob")).unwrap_err(),
            "must be an e-mail address such as ann@example.com, not 'ann', 'bob'"
        );
        assert!(Mailbox::try_from("a@b.co, b@b.co".to_owned()).is_err());
    }

    #[test]
    fn whatever_rfc_5322_allows_and_mailers_write_is_an_address() {
        for (text, expected) in [
            ("a@b.co; c@d.co;", vec![mailbox(None, "a@b.co"), mailbox(None, "c@d.co")]),
            (
                "Team: a@b.co, C <c@d.co>;, x@y.zz",
                vec![mailbox(None, "a@b.co"), mailbox(Some("C"), "c@d.co"), mailbox(None, "x@y.zz")],
            ),
            ("a@b.co (Ann)", vec![mailbox(Some("Ann"), "a@b.co")]),
            ("\"john doe\"@x.co, b@b.co", vec![mailbox(None, "\"john doe\"@x.co"), mailbox(None, "b@b.co")]),
            ("<@a.co,@b.co:ann@c.co>", vec![mailbox(None, "ann@c.co")]),
            ("ann@b.co <ann@b.co>", vec![mailbox(Some("ann@b.co"), "ann@b.co")]),
            ("a..b.@docomo.ne.jp", vec![mailbox(None, "a..b.@docomo.ne.jp")]),
            ("ann@localhost", vec![mailbox(None, "ann@localhost")]),
            ("J\u{fc}r <j\u{fc}r@b\u{fc}cher.de>", vec![mailbox(Some("J\u{fc}r"), "j\u{fc}r@b\u{fc}cher.de")]),
            ("=?utf-8?Q?J=C3=BCr?= <j@b.co>", vec![mailbox(Some("J\u{fc}r"), "j@b.co")]),
            ("\"Ann <a@b.co>, Bob <b@b.co>", vec![mailbox(Some("Ann"), "a@b.co"), mailbox(Some("Bob"), "b@b.co")]),
            ("Ann <a@b.co, b@b.co", vec![mailbox(Some("Ann"), "a@b.co"), mailbox(None, "b@b.co")]),
            ("a@[127.0.0.1]", vec![mailbox(None, "a@[127.0.0.1]")]),
        ] {
            assert_eq!(parse_header(text), expected, "{text}");
            assert_eq!(parse(json!(text)).unwrap()[..], expected, "{text}");
            assert_eq!(unreadable(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn an_address_is_sent_as_mail_systems_take_it() {
        for (email, sent) in [
            ("a@b.co", "a@b.co"),
            ("a@b\u{fc}cher.de", "a@xn--bcher-kva.de"),
            ("j\u{fc}r@b\u{fc}cher.de", "j\u{fc}r@xn--bcher-kva.de"),
            ("a..b.@docomo.ne.jp", "\"a..b.\"@docomo.ne.jp"),
            ("\"john doe\"@x.co", "\"john doe\"@x.co"),
            ("a@[127.0.0.1]", "a@[127.0.0.1]"),
        ] {
            assert_eq!(address_form::to_wire(email), sent, "{email}");
        }
        assert!(mailbox(None, "a@B\u{fc}cher.de").has_address("A@xn--bcher-kva.de"));
        for (one, other, is_same) in [
            ("ann+news@b.co", "Ann@b.co", true),
            ("a.nn+x@gmail.com", "ann@googlemail.com", true),
            ("a.nn@b.co", "ann@b.co", false),
            ("ann+x@c.co", "ann@b.co", false),
            ("+x@b.co", "+y@b.co", false),
        ] {
            assert_eq!(mailbox(None, one).has_mailbox(other), is_same, "{one} {other}");
        }
    }

    #[test]
    fn who_has_no_address_is_named() {
        let header = "Ann <ann@b.co>, nobody, undisclosed-recipients:;, \"A\nB\" <ab@b.co>, Bob <bob>";
        assert_eq!(parse_header(header), [mailbox(Some("Ann"), "ann@b.co"), mailbox(Some("A B"), "ab@b.co")]);
        assert_eq!(unreadable(header), ["nobody", "Bob <bob>"]);
        assert!(parse_header("").is_empty() && unreadable("undisclosed-recipients:;").is_empty());
        let shown = people("Ann <ann@b.co>, undisclosed-recipients:;");
        assert_eq!(json!(shown), json!([{ "name": "Ann", "email": "ann@b.co" }, { "name": "undisclosed-recipients" }]));
        let read = parse_header(header);
        assert!(read[0].has_address("ANN@b.co"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn any_text_gives_valid_addresses_or_an_error(text in prop_oneof!["(?s).{0,80}", "[a-b@.,;:<>\"\\\\() \r\n\u{e9}=?]{0,40}"]) {
            for mailbox in parse(json!(text)).map(|all| all.to_vec()).unwrap_or_default() {
                prop_assert!(address_form::is_address(&mailbox.email), "{mailbox:?}");
                prop_assert!(!address_form::to_wire(&mailbox.email).contains(char::is_control), "{mailbox:?}");
                prop_assert!(!mailbox.name.unwrap_or_default().contains(char::is_control));
            }
        }

        #[test]
        fn every_person_is_found_or_named_between_odd_characters(
            emails in proptest::collection::vec("[a-z]{1,8}@[a-z]{1,8}\\.[a-z]{2,3}", 1..6),
            noise in proptest::collection::vec("[a-z\"<>() :=?\u{e9}]{0,12}", 6),
        ) {
            let parts = emails.iter().zip(&noise).map(|(email, noise)| format!("{noise} <{email}>"));
            let header = parts.collect::<Vec<_>>().join(", ");
            let read = people(&header);
            for email in &emails {
                let is_named = |person: &Person| {
                    [&person.name, &person.email].into_iter().flatten().any(|text| text.contains(email.as_str()))
                };
                prop_assert!(read.iter().any(is_named), "{header}: {read:?}");
            }
        }
    }
}
