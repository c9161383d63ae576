//! The look-up of a person by their name, among the people of the workspace.

use serde::Deserialize;
use serde_json::Value;

use super::page::{self, ResponseMetadata};
use super::workspace;
use crate::adapters::api::Api;
use crate::adapters::choices::list_choices;
use crate::error::{Kind, Result};

/// People per page, Slack's advice, and maximum number of pages to read: `users.list` allows about 20 calls a minute.
const PAGE_LIMIT: u32 = 200;
const MAX_PAGES: usize = 10;

#[derive(Deserialize)]
struct UserPage {
    members: Vec<Member>,
    response_metadata: Option<ResponseMetadata>,
}

/// What is decided by: an id, the names, and whether the person is still there.
#[derive(Deserialize)]
struct Member {
    id: String,
    #[serde(default)]
    deleted: bool,
    #[serde(default)]
    name: Value,
    #[serde(default)]
    real_name: Value,
    #[serde(default)]
    profile: Value,
}

/// Finds the id of the only active person with a name: the shown one, the full one or the user name, in any case. The answer is cached
/// for a while.
///
/// # Errors
/// No person or several people of that name: the error lists those of the same or a longer name. Or a failure of the look-up.
pub(super) async fn find(api: &Api<'_>, name: &str) -> Result<String> {
    let name = name.to_lowercase();
    let key = format!("user name {name}");
    if let Some(id) = api.get_lookup(&key) {
        return Ok(id);
    }
    let (mut found, mut similar) = (Vec::new(), Vec::new());
    let (mut cursor, mut limit) = (None, PAGE_LIMIT);
    for page_number in 0.. {
        if page_number == MAX_PAGES {
            // Another person can have the name too.
            return Err(
                api.error(Kind::Invalid, "too many people to search them all: pass the e-mail address or the id")
            );
        }
        // https://docs.slack.dev/reference/methods/users.list
        let call = workspace::name_in(api, api.get(&["api", "users.list"]).exact());
        let (page, size): (UserPage, u32) = page::read(api, call, limit, cursor.as_deref()).await?;
        limit = size;
        for member in page.members.into_iter().filter(|member| !member.deleted) {
            match member.has_name(&name) {
                true => found.push(member),
                false if member.has_name_with(&name) => similar.push(member),
                false => {}
            }
        }
        cursor = page::next_cursor(page.response_metadata);
        if cursor.is_none() {
            break;
        }
    }
    let list = |people: &[Member]| {
        list_choices(people.iter().map(Member::described).collect::<Vec<_>>().iter().map(String::as_str))
    };
    match (found.as_slice(), similar.as_slice()) {
        ([member], _) => {
            api.insert_lookup(&key, &member.id);
            Ok(member.id.clone())
        }
        ([], []) => {
            Err(api
                .error(Kind::NotFound, format!("no person '{name}'; list_users returns the people of the workspace")))
        }
        ([], similar) => {
            Err(api.error(Kind::NotFound, format!("no person '{name}'; similar names have {}", list(similar))))
        }
        (several, _) => {
            let text = format!("more than one person is called '{name}'; pass the id: {}", list(several));
            Err(api.error(Kind::Invalid, text))
        }
    }
}

impl Member {
    /// True for a person with this name, in lower case.
    fn has_name(&self, name: &str) -> bool {
        self.names().any(|other| other.to_lowercase() == name)
    }

    /// True for a person with a name that contains this one, in lower case.
    fn has_name_with(&self, name: &str) -> bool {
        self.names().any(|other| other.to_lowercase().contains(name))
    }

    /// Returns the id and the full name.
    fn described(&self) -> String {
        let full = [&self.real_name, &self.profile["real_name"]].into_iter().filter_map(Value::as_str);
        match full.chain(self.names()).find(|name| !name.is_empty()) {
            Some(name) => format!("{} ({name})", self.id),
            None => self.id.clone(),
        }
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        let names = [&self.name, &self.real_name, &self.profile["display_name"], &self.profile["real_name"]];
        names.into_iter().filter_map(Value::as_str)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing::{self, SentRequest};

    async fn send(to: &str) -> (Result<Value>, Vec<SentRequest>) {
        let context = json!({ "channel": to, "text": "Hi" });
        let (output, calls) = testing::run(&ADAPTER, "send_message", context, |sent| {
            let reply = match (sent.line.as_str(), sent.parameter("cursor")) {
                ("GET /api/users.list", "") => json!({ "members": [
                    { "id": "U0ANN00001", "name": "ann.lee", "real_name": "Ann Lee", "profile": { "display_name": "annie" } },
                    { "id": "U0OLD00001", "name": "sam", "real_name": "Sam Old", "deleted": true },
                    { "id": "U0SAM00001", "real_name": "Sam" },
                ], "response_metadata": { "next_cursor": "p2" } }),
                ("GET /api/users.list", _) => json!({ "members": [
                    { "id": "U0ANN00002", "name": "ann", "real_name": "Ann Lee" },
                ], "response_metadata": { "next_cursor": "" } }),
                ("POST /api/conversations.open", _) => json!({ "channel": { "id": "D1" } }),
                _ => json!({ "channel": "D1", "ts": "1512085950.000216" }),
            };
            let mut reply = reply;
            reply["ok"] = json!(true);
            (200, reply)
        })
        .await;
        (output.map(|output| output.data), calls)
    }

    #[tokio::test]
    async fn the_only_active_person_of_a_name_is_written_to() {
        for (name, id) in [("@Annie", "U0ANN00001"), ("@ann.lee", "U0ANN00001"), ("@SAM", "U0SAM00001")] {
            let (data, calls) = send(name).await;
            assert!(data.is_ok(), "{name}: {data:?}");
            assert_eq!(calls[2].body, json!({ "users": id }), "{name}");
        }
    }

    #[tokio::test]
    async fn a_name_of_no_one_or_of_several_is_refused() {
        let (several, calls) = send("@Ann Lee").await;
        assert!(several.unwrap_err().to_string().contains("U0ANN00001 (Ann Lee), U0ANN00002 (Ann Lee)"));
        assert_eq!(calls.len(), 2, "both pages were read, and nothing was sent");
        let (nobody, _) = send("@nobody").await;
        assert_eq!(nobody.unwrap_err().kind(), Some(Kind::NotFound));
        let (part, _) = send("@Lee").await;
        assert!(
            part.unwrap_err().to_string().contains("similar names have U0ANN00001 (Ann Lee), U0ANN00002 (Ann Lee)")
        );
    }
}
