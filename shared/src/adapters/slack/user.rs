//! A user of the workspace, a person or a bot: as Slack returns them, and as an output.

use std::collections::BTreeSet;

use crate::adapters::prelude::*;

/// Maximum number of people whose names are looked up for one output.
const MAX_LEARNED_NAMES: usize = 10;

/// The scopes for reading people. Without `users:read.email` Slack omits the addresses.
pub(super) const READ_USERS_SCOPES: Scopes = &[&["users:read"]];

/// A user as Slack returns them. <https://docs.slack.dev/reference/objects/user-object>
#[derive(Deserialize)]
pub(super) struct UserObject {
    id: String,
    name: Option<String>,
    real_name: Option<String>,
    deleted: Option<bool>,
    is_bot: Option<bool>,
    tz: Option<String>,
    profile: Option<Profile>,
}

#[derive(Default, Deserialize)]
struct Profile {
    real_name: Option<String>,
    display_name: Option<String>,
    email: Option<String>,
    title: Option<String>,
}

#[derive(Deserialize)]
struct UserResponse {
    user: UserObject,
}

/// What is decided by: the response is taken only as documented.
#[derive(Deserialize)]
struct IdResponse {
    user: UserId,
}

#[derive(Deserialize)]
struct UserId {
    id: String,
    #[serde(default)]
    real_name: Value,
    #[serde(default)]
    profile: Value,
}

/// A user as output.
#[skip_serializing_none]
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    /// The id.
    pub(super) id: String,
    /// The name that Slack shows.
    name: Option<String>,
    /// The e-mail address.
    email: Option<String>,
    /// The full name.
    real_name: Option<String>,
    /// The user name.
    username: Option<String>,
    /// The job title.
    title: Option<String>,
    /// The time zone, such as `Europe/Amsterdam`.
    time_zone: Option<String>,
    /// True for a bot.
    bot: bool,
    /// True for a user who was deactivated.
    deactivated: bool,
}

impl Listed for User {
    const NOUN: &'static str = "user";
}

impl UserObject {
    /// Returns the user as output, and remembers the name for a while.
    pub(super) fn into_output(self, api: &Api<'_>) -> User {
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        let Profile { real_name, display_name, email, title } = self.profile.unwrap_or_default();
        let (username, real_name) = (filled(self.name), filled(self.real_name).or(filled(real_name)));
        let name = filled(display_name).or_else(|| real_name.clone()).or_else(|| username.clone());
        if let Some(name) = &name {
            api.insert_lookup(&name_key(&self.id), name);
        }
        User {
            id: self.id,
            name,
            email: filled(email),
            real_name,
            username,
            title: filled(title),
            time_zone: filled(self.tz),
            bot: self.is_bot.unwrap_or_default(),
            deactivated: self.deleted.unwrap_or_default(),
        }
    }
}

impl User {
    /// Returns the output of an action that read this user.
    pub(super) fn into_found(self) -> ActionOutput<Self> {
        ActionOutput::new("The person was found.", self)
    }
}

/// Fetches a user by id.
///
/// # Errors
/// No such user, or a failure of the look-up.
pub(super) async fn fetch(api: &Api<'_>, id: &str) -> Result<User> {
    // https://docs.slack.dev/reference/methods/users.info
    let response: UserResponse = api.get(&["api", "users.info"]).query("user", id).send().await?;
    Ok(response.user.into_output(api))
}

/// Finds the user with this address.
///
/// # Errors
/// No user with that address, or a failure of the look-up.
pub(super) async fn find_by_email(api: &Api<'_>, email: &str) -> Result<User> {
    // https://docs.slack.dev/reference/methods/users.lookupByEmail
    let response: UserResponse = api.get(&["api", "users.lookupByEmail"]).query("email", email).send().await?;
    Ok(response.user.into_output(api))
}

/// Returns the id of the user with this address, which is cached for a while.
///
/// # Errors
/// As [`find_by_email`].
pub(super) async fn id_of_email(api: &Api<'_>, email: &str) -> Result<String> {
    let key = format!("user {}", email.to_lowercase());
    if let Some(id) = api.get_lookup(&key) {
        return Ok(id);
    }
    // https://docs.slack.dev/reference/methods/users.lookupByEmail
    let IdResponse { user } = api.get(&["api", "users.lookupByEmail"]).exact().query("email", email).send().await?;
    api.insert_lookup(&key, &user.id);
    let names = [&user.profile["display_name"], &user.real_name, &user.profile["real_name"]];
    if let Some(name) = names.into_iter().filter_map(Value::as_str).find(|name| !name.is_empty()) {
        api.insert_lookup(&name_key(&user.id), name);
    }
    Ok(user.id)
}

/// Reads the names of people, as far as they are unknown and few. Without the right to them the ids remain.
pub(super) async fn learn_names<'a>(api: &Api<'_>, ids: impl Iterator<Item = &'a str>) {
    let unknown: BTreeSet<&str> = ids.filter(|id| cached_name(api, id).is_none()).collect();
    for id in unknown.into_iter().take(MAX_LEARNED_NAMES) {
        if fetch(api, id).await.is_err_and(|error| error.kind() != Some(Kind::NotFound)) {
            break;
        }
    }
}

/// Returns the name of a user, if it was read a while ago.
pub(super) fn cached_name(api: &Api<'_>, id: &str) -> Option<String> {
    api.get_lookup(&name_key(id))
}

fn name_key(id: &str) -> String {
    format!("name {id}")
}
