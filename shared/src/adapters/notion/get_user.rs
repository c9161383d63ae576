//! `get_user`: reads a person or a bot.

use super::list::{self, MAX_LIMIT, Results};
use super::user::{Person, User};
use super::{NO_SCOPES, id::Id};
use crate::adapters::choices;
use crate::adapters::prelude::*;

/// Maximum number of users among which one is looked for.
const MAX_USERS: u32 = 5_000;
/// Length of the longest e-mail address or name.
const MAX_NAME_CHARS: usize = 254;

/// Read a person or a bot of the Notion workspace. A guest is found only by id.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetUser {
    /// The user: an id, an e-mail address, or a name that only one has.
    user: Line<MAX_NAME_CHARS>,
}

impl Action for GetUser {
    const META: Meta = Meta::read("get_user", NO_SCOPES).example(r#"{"user": "sam@example.com"}"#);
    type Output = User;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<User>> {
        let user = match Id::parse_bare(&self.user) {
            // https://developers.notion.com/reference/get-user
            Some(id) => User::of(&api.get(&["v1", "users", id.as_str()]).send().await?),
            None => Some(self.find(api).await?),
        };
        let user = user.ok_or_else(|| api.error(Kind::Transient, "unexpected response: a user without an id"))?;
        let id = user.id().to_owned();
        Ok(ActionOutput::new("The user was read.", user).with_id(id))
    }
}

impl GetUser {
    /// Looks for a user by address or name: Notion has no call for that.
    async fn find(&self, api: &Api<'_>) -> Result<User> {
        let wanted = self.user.trim().to_lowercase();
        let is_wanted = |user: &Value| {
            let Person { name, email, .. } = Person::of(user)?;
            [email, name].into_iter().flatten().any(|known| known.trim().to_lowercase() == wanted).then_some(())
        };
        let (mut found, mut cursor): (Vec<Value>, Option<String>) = (vec![], None);
        let (mut unread, mut limit) = (MAX_USERS, MAX_LIMIT);
        while unread > 0 {
            // https://developers.notion.com/reference/get-users
            let call = api.get(&["v1", "users"]);
            let (list, size): (Results<Value>, u32) = list::read_get(api, call, limit, cursor.as_deref()).await?;
            (unread, limit) = (if list.cursor().is_some() { unread.saturating_sub(size) } else { 0 }, size);
            cursor = list.cursor().map(str::to_owned);
            found.extend(list.results.into_iter().filter(|user| is_wanted(user).is_some()));
        }
        let mut users: Vec<User> = found.iter().filter_map(User::of).collect();
        match (users.pop(), users.is_empty()) {
            (Some(user), true) => Ok(user),
            (Some(user), false) => {
                users.push(user);
                let named: Vec<String> = users.iter().map(User::label).collect();
                let several = format!(
                    "several users have this name: {}",
                    choices::list_choices(named.iter().map(String::as_str))
                );
                Err(api.error(Kind::Invalid, format!("{several}; pass the id of one of them")))
            }
            (None, _) => Err(api.error(
                Kind::NotFound,
                "no user of the workspace has this address or name: notion_list_users lists them, without guests",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::testing::{self, SentRequest};

    const ID: &str = "1429989f-e8ac-4eff-bc8f-57f56486db54";

    fn user(id: &str, name: &str) -> Value {
        json!({ "object": "user", "id": id, "type": "person", "name": name,
            "person": { "email": format!("{id}@example.com") } })
    }

    /// Two pages of users, of whom two have one name.
    fn users(sent: &SentRequest) -> (u16, Value) {
        match (sent.line.as_str(), sent.parameter("start_cursor")) {
            ("GET /v1/users", "") => (
                200,
                json!({ "results": [user("ann", "Ann"), user("bo", "Bo")], "has_more": true, "next_cursor": "c2" }),
            ),
            ("GET /v1/users", _) => (200, json!({ "results": [user("bo2", "bo")], "has_more": false })),
            (line, _) => {
                assert_eq!(line, format!("GET /v1/users/{ID}"));
                (200, user(ID, "Cy"))
            }
        }
    }

    #[tokio::test]
    async fn finds_a_user_by_id_address_and_name() {
        for (wanted, id, reads) in [(ID, ID, 1), ("BO2@example.com", "bo2", 2), ("ann", "ann", 2)] {
            let (output, calls) = testing::run(&ADAPTER, "get_user", json!({ "user": wanted }), users).await;
            assert_eq!((output.unwrap().external_id.as_deref(), calls.len()), (Some(id), reads));
        }
    }

    #[tokio::test]
    async fn an_ambiguous_or_unknown_name_is_refused_with_its_candidates() {
        let (output, _) = testing::run(&ADAPTER, "get_user", json!({ "user": "Bo" }), users).await;
        assert_eq!(testing::error_kind(&output), Kind::Invalid);
        let message = output.unwrap_err().to_string();
        assert!(message.contains("Bo (bo), bo (bo2)") || message.contains("bo (bo2), Bo (bo)"), "{message}");
        let (output, _) = testing::run(&ADAPTER, "get_user", json!({ "user": "Dee" }), users).await;
        assert_eq!(testing::error_kind(&output), Kind::NotFound);
    }
}
