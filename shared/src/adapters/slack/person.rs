//! A person as an agent names one (an e-mail address, an id, a mention, a name, a link), and as an output names one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::user::{self, User};
use super::{link, user_name};
use crate::adapters::action::Target;
use crate::adapters::api::Api;
use crate::error::Result;

const MAX_EMAIL_BYTES: usize = 254;
/// Maximum length of a text that names a person. The mark of a mention is no part of the address.
const MAX_CHARS: usize = 256;

/// A person: the e-mail address in Slack, the id or the name, for example `sam@example.com` or `@Sam Lee`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("maxLength" = MAX_CHARS, "x-form" = "a person's e-mail address in Slack, an id or `@` and a name"))]
pub(super) enum Person {
    /// An id.
    Id(String),
    /// An e-mail address.
    Email(String),
    /// A name, which only one person must have.
    Name(String),
}

/// The e-mail address in the person's Slack profile.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("maxLength" = MAX_CHARS, "x-form" = "one e-mail address"))]
pub(super) struct Email(String);

/// A person in an output.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct PersonRef {
    /// The id.
    pub(super) id: String,
    /// The name, if it is known.
    pub(super) name: Option<String>,
    /// The e-mail address, if it is known.
    pub(super) email: Option<String>,
}

impl TryFrom<String> for Person {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        parse(&text).ok_or("must be a person's e-mail address in Slack, an id or a name, for example @Ann Lee")
    }
}

impl TryFrom<String> for Email {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match parse(&text) {
            Some(Person::Email(email)) => Ok(Self(email)),
            _ => Err("must be one e-mail address, for example ann@example.com"),
        }
    }
}

/// Parses an id, a mention (`<@U0123456789>`), a link to a profile, an address (`ann@example.com`, `@ann@example.com`) or a name with its
/// mark (`@Ann Lee`).
pub(super) fn parse(text: &str) -> Option<Person> {
    let text = Some(text).filter(|text| text.chars().count() <= MAX_CHARS)?.trim();
    let mention = text.strip_prefix("<@").and_then(|inner| inner.strip_suffix('>'));
    let linked = link::parse(text).and_then(|link| link.person);
    let text = mention.map_or(text, |inner| inner.split('|').next().unwrap_or(inner));
    let (text, is_marked) = text.strip_prefix('@').map_or((text, false), |text| (text, true));
    let unmarked = linked.as_deref().unwrap_or(text);
    if link::is_id(unmarked, &['U', 'W']) {
        return Some(Person::Id(unmarked.to_owned()));
    }
    if is_marked && !text.contains('@') {
        return parse_name(text);
    }
    let (local, domain) = text.split_once('@')?;
    let is_forbidden = |c: char| c.is_whitespace() || c.is_control() || "<>,;:@\"".contains(c);
    let fits = !local.is_empty() && domain.contains('.') && text.len() <= MAX_EMAIL_BYTES;
    (fits && !local.contains(is_forbidden) && !domain.contains(is_forbidden)).then(|| Person::Email(text.to_owned()))
}

fn parse_name(text: &str) -> Option<Person> {
    let is_forbidden = |c: char| c.is_control() || "<>".contains(c);
    let name = Some(text.trim()).filter(|name| !name.is_empty() && !name.contains(is_forbidden))?;
    Some(Person::Name(name.to_owned()))
}

impl Person {
    /// Returns the id, the address or the name.
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Id(text) | Self::Email(text) | Self::Name(text) => text,
        }
    }

    /// Resolves the person's id; an address or a name is looked up, and the answer is cached for a while.
    ///
    /// # Errors
    /// No person with that address, or a failure of the look-up, which changed nothing.
    pub(super) async fn resolve_id(&self, api: &Api<'_>) -> Result<String> {
        match self {
            Self::Id(id) => Ok(id.clone()),
            Self::Email(email) => user::id_of_email(api, email).await,
            Self::Name(name) => user_name::find(api, name).await,
        }
    }

    /// Resolves the person as an output names them.
    ///
    /// # Errors
    /// As [`Person::resolve_id`].
    pub(super) async fn resolve(&self, api: &Api<'_>) -> Result<PersonRef> {
        let person = PersonRef::of(api, self.resolve_id(api).await?);
        let email = matches!(self, Self::Email(_)).then(|| self.as_str().to_owned());
        Ok(PersonRef { email, ..person })
    }

    /// Fetches the person from Slack.
    ///
    /// # Errors
    /// No person with that address or id, or a failure of the look-up.
    pub(super) async fn fetch(&self, api: &Api<'_>) -> Result<User> {
        match self {
            Self::Id(id) => user::fetch(api, id).await,
            Self::Email(email) => user::find_by_email(api, email).await,
            Self::Name(name) => user::fetch(api, &user_name::find(api, name).await?).await,
        }
    }
}

impl Email {
    /// Finds the person with this address.
    ///
    /// # Errors
    /// No person with that address, or a failure of the look-up.
    pub(super) async fn fetch(&self, api: &Api<'_>) -> Result<User> {
        user::find_by_email(api, &self.0).await
    }
}

impl PersonRef {
    /// Returns a person of whom the id is known, with the name if it was read a while ago.
    pub(super) fn of(api: &Api<'_>, id: String) -> Self {
        Self { name: user::cached_name(api, &id), id, email: None }
    }

    /// Returns the person as a target.
    pub(super) fn into_target(self) -> Target {
        Target::person(self.id).named(self.name.or(self.email))
    }
}

/// Resolves people, in their order.
///
/// # Errors
/// As [`Person::resolve_id`].
pub(super) async fn resolve_all(api: &Api<'_>, people: &[Person]) -> Result<Vec<PersonRef>> {
    let mut resolved = Vec::with_capacity(people.len());
    for person in people {
        resolved.push(person.resolve(api).await?);
    }
    Ok(resolved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_accepts_every_person_form() {
        for text in ["U0123456789", " @U0123456789", "<@U0123456789>", "<@U0123456789|ann>"] {
            assert_eq!(parse(text), Some(Person::Id("U0123456789".to_owned())), "{text}");
        }
        for text in ["ann@example.com", "@ann@example.com", " ann@example.com "] {
            assert_eq!(parse(text), Some(Person::Email("ann@example.com".to_owned())), "{text}");
        }
        for text in ["@ann", "@ ann "] {
            assert_eq!(parse(text), Some(Person::Name("ann".to_owned())), "{text}");
        }
        for text in ["", "ann", "@", "C0123456789", "ann@host", "a@b.c,d@e.f", "a b@c.d", "<a@b.c>", "@@b.c", "a@b@c.d"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
