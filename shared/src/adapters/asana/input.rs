//! Asana's input types: ids, names and plain texts. Each validates when it is parsed.

use std::ops::Deref;

use crate::adapters::prelude::*;

/// A sanity limit of texts: Asana documents none. Descriptions of nearly 64 KiB are known.
const MAX_TEXT: usize = 65_535;

/// A name of a task, a project, a section or a tag. Asana documents no limit; this is a sanity limit.
pub(super) type Name = Line<4096>;

/// A plain text of several lines.
pub(super) type Plain = Text<MAX_TEXT>;

/// A gid, Asana's id: only digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("pattern" = "^[0-9]{1,32}$", "x-form" = "a gid: only digits"))]
pub(super) struct Gid(String);

impl TryFrom<String> for Gid {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match is_gid(&text) {
            true => Ok(Self(text)),
            false => Err("must be a gid: only digits, for example 1200000000000021"),
        }
    }
}

impl Deref for Gid {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// True for an id of Asana: only digits.
pub(super) fn is_gid(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::person::Person;

    #[test]
    fn ids_and_people_are_parsed_and_others_refused() {
        let is_gid = |text: &str| Gid::try_from(text.to_owned()).is_ok();
        let is_person = |text: &str| serde_json::from_value::<Person>(json!(text)).is_ok();
        assert!(
            is_gid("1200")
                && is_person("me")
                && is_person("1200")
                && is_person("ann@example.com")
                && is_person("Ann Smith")
        );
        for bad in ["", "abc", "../7", "12 ", "１２", "external:1"] {
            assert!(!is_gid(bad), "{bad}");
        }
        for bad in ["", "ann@", "@example.com", "a b@example.com", "https://app.asana.com/0/42/7"] {
            assert!(!is_person(bad), "{bad}");
        }
    }
}
