//! Asana's input types: ids, people, names and plain texts. Each validates when it is parsed.

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

/// A person: `me`, an e-mail address or a user's id (gid).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("maxLength" = 254, "x-form" = "`me`, an e-mail address or a user's gid"))]
pub(super) struct Person(String);

impl TryFrom<String> for Gid {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match is_gid(&text) {
            true => Ok(Self(text)),
            false => Err("must be a gid: only digits, for example 1200000000000021"),
        }
    }
}

impl TryFrom<String> for Person {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_email = text.split_once('@').is_some_and(|(name, domain)| !name.is_empty() && domain.contains('.'));
        let is_forbidden = |c: char| c.is_whitespace() || c.is_control();
        match text == "me" || is_gid(&text) || (is_email && text.len() <= 254 && !text.contains(is_forbidden)) {
            true => Ok(Self(text)),
            false => Err("must be `me`, an e-mail address or a user's gid, for example ann@example.com"),
        }
    }
}

impl Gid {
    /// Returns the object as a target.
    pub(super) fn target(&self, kind: TargetKind) -> Target {
        Target::new(kind, &**self)
    }
}

impl Person {
    pub(super) async fn resolve_gid(&self, _api: &Api<'_>, _field: &str) -> Result<String> {
        Ok(self.0.clone())
    }

    /// Returns the person as a target.
    pub(super) fn target(&self) -> Target {
        Target::person(&**self)
    }
}

impl Deref for Gid {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Deref for Person {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

fn is_gid(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_people_are_parsed_and_others_refused() {
        let is_gid = |text: &str| Gid::try_from(text.to_owned()).is_ok();
        let is_person = |text: &str| Person::try_from(text.to_owned()).is_ok();
        assert!(is_gid("1200") && is_person("me") && is_person("1200") && is_person("ann@example.com"));
        for bad in ["", "abc", "../7", "12 ", "１２", "external:1"] {
            assert!(!is_gid(bad), "{bad}");
        }
        for bad in ["", "Ann Smith", "ann@", "@example.com", "a b@example.com"] {
            assert!(!is_person(bad), "{bad}");
        }
    }
}
