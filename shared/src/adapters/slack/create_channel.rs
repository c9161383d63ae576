//! `create_channel`: makes a channel.

use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::channel::Page;
use super::conversation::{Conversation, Told};
use super::{TO_LIST, page};
use crate::adapters::action::{Action, Ask, Done, Effect, Scopes, Verdict};
use crate::adapters::api::Api;
use crate::error::{Error, Kind, Result};

const MAX_NAME: usize = 80;
/// Channels asked for at once, and pages read before giving up.
const PAGE: u32 = 500;
const MAX_PAGES: usize = 10;
/// How much older than its time the channel may be, whichever clock is wrong.
const EARLIEST: SignedDuration = SignedDuration::from_mins(10);

/// Create a channel in the Slack workspace. The app becomes its first member; invite people with `invite_to_channel`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateChannel {
    /// Its name: at most 80 characters, lower case, without spaces or punctuation other than `-` and `_`. No other channel
    /// may have it, archived ones included.
    name: String,
    /// Whether only its members can see it; everybody in the workspace can when left out.
    #[serde(default)]
    private: bool,
}

/// Who calls, as `auth.test` tells.
#[derive(Deserialize)]
struct Caller {
    user_id: String,
}

impl Action for CreateChannel {
    const NAME: &'static str = "create_channel";
    /// The first for public channels, the second for private ones.
    const SCOPES: Scopes = &[&["channels:manage", "groups:write"]];
    const EFFECT: Effect = Effect::Create;
    const ASK: Option<Ask> = Some(Ask { by: "its name, creator and age", scopes: TO_LIST });

    fn example() -> Value {
        json!({ "name": "launch-week" })
    }

    fn check(&self) -> Result<()> {
        let name = self.name();
        let fits = |c: char| (c.is_alphanumeric() && !c.is_uppercase()) || c == '-' || c == '_';
        if name.is_empty() || name.chars().count() > MAX_NAME || !name.chars().all(fits) {
            let reason = "must be 1 to 80 lower-case letters, digits, - and _, without spaces";
            return Err(Error::invalid("name", reason));
        }
        Ok(())
    }

    async fn run(&self, api: &Api<'_>) -> Result<Done> {
        let body = json!({ "name": self.name(), "is_private": self.private });
        // https://docs.slack.dev/reference/methods/conversations.create
        let made: Told = api.post(&["api", "conversations.create"]).json(&body).send().await?;
        Ok(done(&made.channel))
    }

    async fn reconcile(&self, api: &Api<'_>) -> Result<Verdict> {
        let Some(channel) = self.find(api).await? else { return Ok(Verdict::Absent) };
        // https://docs.slack.dev/reference/methods/auth.test
        let caller: Caller = api.post(&["api", "auth.test"]).reading().send().await?;
        let ours = channel.creator.as_deref() == Some(caller.user_id.as_str());
        let new = channel.created.is_some_and(|created| created >= (api.planned - EARLIEST).as_second());
        match (ours && new, api.previous == Some(channel.id.as_str())) {
            (true, false) => Ok(Verdict::Done(done(&channel))),
            // Somebody else has the name, or the app since long ago: asked once more, Slack will say that it is taken.
            _ => Ok(Verdict::Absent),
        }
    }
}

impl CreateChannel {
    fn name(&self) -> &str {
        let name = self.name.trim();
        name.strip_prefix('#').unwrap_or(name)
    }

    /// The channel of this name among the app's own: whoever makes one is a member of it.
    async fn find(&self, api: &Api<'_>) -> Result<Option<Conversation>> {
        let types = if self.private { "private_channel" } else { "public_channel" };
        let mut cursor: Option<String> = None;
        for _ in 0..MAX_PAGES {
            // https://docs.slack.dev/reference/methods/users.conversations
            let call = api
                .get(&["api", "users.conversations"])
                .query("types", types)
                .query("limit", PAGE)
                .maybe("cursor", cursor.as_deref());
            let list: Page = call.send().await?;
            if let Some(found) = list.channels.into_iter().find(|channel| channel.is_called(self.name())) {
                return Ok(Some(found));
            }
            cursor = page::next(list.response_metadata);
            if cursor.is_none() {
                return Ok(None);
            }
        }
        Err(api.error(Kind::Transient, "the app is in too many channels to find one among them"))
    }
}

fn done(channel: &Conversation) -> Done {
    Done {
        message: "The channel was created.".to_owned(),
        data: json!({ "channel": channel.show() }),
        external_id: Some(channel.id.clone()),
        link: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing::{self, Outcome, Sent, Step};

    #[tokio::test]
    async fn creates_one() {
        let (done, calls) = testing::run(&ADAPTER, "create_channel", json!({ "name": "#launch-week" }), |_| {
            let channel = json!({ "id": "C1", "name": "launch-week", "created": 1_512_085_950, "creator": "U1", "is_member": true });
            (200, json!({ "ok": true, "channel": channel }))
        })
        .await;
        let done = done.unwrap();
        assert_eq!(
            done.data,
            json!({ "channel": { "id": "C1", "name": "launch-week", "type": "public", "user": null, "archived": false,
                "member": true, "members": null, "topic": null, "purpose": null, "createdAt": "2017-11-30T23:52:30Z" } })
        );
        assert_eq!(done.external_id.as_deref(), Some("C1"));
        assert_eq!(calls[0].line, "POST /api/conversations.create");
        assert_eq!(calls[0].body, json!({ "name": "launch-week", "is_private": false }));
    }

    #[tokio::test]
    async fn a_name_that_is_taken_and_an_answer_that_is_lost() {
        let context = json!({ "name": "launch-week", "private": true });
        for (status, body, kind) in [
            (200, json!({ "ok": false, "error": "name_taken" }), Kind::Invalid),
            (200, json!({ "ok": false, "error": "invalid_name_specials" }), Kind::Invalid),
            (500, Value::Null, Kind::Ambiguous),
        ] {
            let answer = move |_: &Sent| (status, body.clone());
            let (done, _) = testing::run(&ADAPTER, "create_channel", context.clone(), answer).await;
            assert_eq!(testing::kind(&done), kind);
        }
    }

    #[tokio::test]
    async fn a_lost_one_is_known_by_its_name_and_creator() {
        let ask = async |name: &'static str, creator: &'static str, created: i64| {
            let answer = move |sent: &Sent| {
                let channel = json!({ "id": "C1", "name": name, "creator": creator, "created": created });
                let me = sent.line.ends_with("auth.test");
                let list = json!({ "ok": true, "channels": [channel], "response_metadata": { "next_cursor": "" } });
                Ok((200, if me { json!({ "ok": true, "user_id": "U0BOT" }) } else { list }))
            };
            let asked = ("create_channel", None);
            testing::step(&ADAPTER, asked, Step::Reconcile, json!({ "name": "launch-week" }), answer).await
        };
        // The test's time is 1795428000.
        let (found, calls) = ask("launch-week", "U0BOT", 1_795_427_990).await;
        assert!(
            matches!(found.unwrap(), Outcome::Verdict(Verdict::Done(done)) if done.external_id.as_deref() == Some("C1"))
        );
        assert_eq!(
            (calls[0].line.as_str(), calls[0].parameter("types")),
            ("GET /api/users.conversations", "public_channel")
        );
        assert_eq!(calls[1].line, "POST /api/auth.test");
        for (name, creator, created) in [
            ("another", "U0BOT", 1_795_427_990),
            ("launch-week", "U0ANN", 1_795_427_990),
            ("launch-week", "U0BOT", 1_795_000_000),
        ] {
            assert_eq!(ask(name, creator, created).await.0.unwrap(), Outcome::Verdict(Verdict::Absent));
        }
    }

    #[test]
    fn refuses_what_is_no_name() {
        for bad in ["", "#", "Launch", "launch week", "launch.week", &"x".repeat(81)] {
            assert_eq!(testing::refusal(&ADAPTER, "create_channel", json!({ "name": bad })).0, "context.name", "{bad}");
        }
    }
}
