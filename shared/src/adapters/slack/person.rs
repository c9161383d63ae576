//! A person as an agent names one (an e-mail address, an id, a mention), and as Slack returns them.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::adapters::action::Scopes;
use crate::adapters::api::Api;
use crate::error::{Error, Result};

const MAX_EMAIL_BYTES: usize = 254;

/// The scopes for reading people. Without `users:read.email` Slack omits the addresses.
pub(super) const READ_USERS_SCOPES: Scopes = &[&["users:read"]];

/// The e-mail address a person has in Slack, or their id (`U0123456789`).
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct Person(String);

/// The parsed text that names a person.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum PersonRef {
    Id(String),
    Email(String),
}

/// A person in responses of `users.info`, `users.list` and `users.lookupByEmail`.
/// <https://docs.slack.dev/reference/objects/user-object>
#[derive(Deserialize)]
pub(super) struct User {
    pub(super) id: String,
    name: Option<String>,
    real_name: Option<String>,
    deleted: Option<bool>,
    is_bot: Option<bool>,
    tz: Option<String>,
    profile: Option<Profile>,
}

#[derive(Deserialize)]
struct Profile {
    real_name: Option<String>,
    display_name: Option<String>,
    email: Option<String>,
    title: Option<String>,
}

#[derive(Deserialize)]
struct UserResponse {
    user: User,
}

impl Person {
    /// Checks that the text names a person.
    ///
    /// # Errors
    /// [`Error::Invalid`] for the field.
    pub(super) fn check(&self, field: &str) -> Result<()> {
        self.parse_field(field).map(|_| ())
    }

    /// Returns the text as it was given.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Resolves the person's id; an address is looked up.
    ///
    /// # Errors
    /// No person with that address, or a failure of the look-up, which changed nothing.
    pub(super) async fn resolve_id(&self, api: &Api<'_>) -> Result<String> {
        resolve_id(api, &self.parse_field("user")?).await
    }

    /// Fetches the person from Slack.
    ///
    /// # Errors
    /// No person with that address or id, or a failure of the look-up.
    pub(super) async fn fetch(&self, api: &Api<'_>) -> Result<User> {
        match self.parse_field("user")? {
            // https://docs.slack.dev/reference/methods/users.info
            PersonRef::Id(id) => {
                Ok(api.get(&["api", "users.info"]).query("user", id).send::<UserResponse>().await?.user)
            }
            PersonRef::Email(email) => find_by_email(api, &email).await,
        }
    }

    fn parse_field(&self, field: &str) -> Result<PersonRef> {
        parse(&self.0).ok_or_else(|| {
            Error::invalid(field, "must be a person's e-mail address in Slack or an id, for example U0123456789")
        })
    }
}

/// Resolves a person's id; an address is looked up, and the answer is cached for a while.
///
/// # Errors
/// As [`Person::resolve_id`].
pub(super) async fn resolve_id(api: &Api<'_>, reference: &PersonRef) -> Result<String> {
    let email = match reference {
        PersonRef::Id(id) => return Ok(id.clone()),
        PersonRef::Email(email) => email,
    };
    let key = format!("user {}", email.to_lowercase());
    if let Some(id) = api.get_lookup(&key) {
        return Ok(id);
    }
    let id = find_by_email(api, email).await?.id;
    api.insert_lookup(&key, &id);
    Ok(id)
}

/// Finds the person with this address.
///
/// # Errors
/// No person with that address, or a failure of the look-up.
pub(super) async fn find_by_email(api: &Api<'_>, email: &str) -> Result<User> {
    // https://docs.slack.dev/reference/methods/users.lookupByEmail
    Ok(api.get(&["api", "users.lookupByEmail"]).query("email", email).send::<UserResponse>().await?.user)
}

/// Parses an id, a mention (`<@U0123456789>`) or an address (`ann@example.com`, `@ann@example.com`).
pub(super) fn parse(text: &str) -> Option<PersonRef> {
    let text = text.trim();
    let mention = text.strip_prefix("<@").and_then(|inner| inner.strip_suffix('>'));
    let text = mention.map_or(text, |inner| inner.split('|').next().unwrap_or(inner));
    let text = text.strip_prefix('@').unwrap_or(text);
    if is_user_id(text) {
        return Some(PersonRef::Id(text.to_owned()));
    }
    let (local, domain) = text.split_once('@')?;
    let is_forbidden = |c: char| c.is_whitespace() || c.is_control() || "<>,;:@\"".contains(c);
    let fits = !local.is_empty() && domain.contains('.') && text.len() <= MAX_EMAIL_BYTES;
    (fits && !local.contains(is_forbidden) && !domain.contains(is_forbidden)).then(|| PersonRef::Email(text.to_owned()))
}

fn is_user_id(text: &str) -> bool {
    let is_id_byte = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    text.len() >= 9 && text.starts_with(['U', 'W']) && text.bytes().all(is_id_byte)
}

impl User {
    /// Returns the person as output.
    pub(super) fn to_json(&self) -> Value {
        let profile_text = |field: fn(&Profile) -> &Option<String>| {
            self.profile.as_ref().and_then(|profile| field(profile).clone()).filter(|text| !text.is_empty())
        };
        json!({
            "id": self.id,
            "name": self.name,
            "realName": self.real_name.clone().or_else(|| profile_text(|profile| &profile.real_name)),
            "displayName": profile_text(|profile| &profile.display_name),
            "email": profile_text(|profile| &profile.email),
            "title": profile_text(|profile| &profile.title),
            "timeZone": self.tz,
            "bot": self.is_bot.unwrap_or_default(),
            "deactivated": self.deleted.unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_accepts_every_person_form() {
        for text in ["U0123456789", " @U0123456789", "<@U0123456789>", "<@U0123456789|ann>"] {
            assert_eq!(parse(text), Some(PersonRef::Id("U0123456789".to_owned())), "{text}");
        }
        for text in ["ann@example.com", "@ann@example.com", " ann@example.com "] {
            assert_eq!(parse(text), Some(PersonRef::Email("ann@example.com".to_owned())), "{text}");
        }
        for text in
            ["", "ann", "@ann", "C0123456789", "ann@host", "a@b.c,d@e.f", "a b@c.d", "<a@b.c>", "@@b.c", "a@b@c.d"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
