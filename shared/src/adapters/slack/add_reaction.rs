//! `add_reaction`: sets an emoji under a message.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::channel::Channel;
use super::reaction::{Reaction, TO_REACT};
use crate::adapters::action::{Action, Done, Effect, Scopes};
use crate::adapters::api::Api;
use crate::error::Result;

/// Put an emoji under a Slack message, as the app. Doing it twice changes nothing.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AddReaction {
    /// The channel the message is in: its name (`general`, `#general`), its id or a link to it. Or a person, by e-mail address
    /// or id, for the app's own conversation with them.
    channel: Channel,
    /// The `ts` of the message, such as `1512085950.000216`.
    #[serde(alias = "timestamp")]
    ts: String,
    /// The emoji's name in Slack, with or without colons: `thumbsup`, `:white_check_mark:`.
    #[serde(alias = "name")]
    emoji: String,
}

impl Action for AddReaction {
    const NAME: &'static str = "add_reaction";
    const SCOPES: Scopes = TO_REACT;
    const EFFECT: Effect = Effect::Idempotent;

    fn example() -> Value {
        json!({ "channel": "project-updates", "ts": "1735689600.000100", "emoji": "tada" })
    }

    fn check(&self) -> Result<()> {
        self.reaction().check()
    }

    async fn run(&self, api: &Api<'_>) -> Result<Done> {
        // https://docs.slack.dev/reference/methods/reactions.add
        self.reaction().call(api, "reactions.add", "The reaction is set.").await
    }
}

impl AddReaction {
    fn reaction(&self) -> Reaction<'_> {
        Reaction { channel: &self.channel, ts: &self.ts, emoji: &self.emoji }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing;
    use crate::error::Kind;

    async fn react(answer: Value) -> (Result<Done>, Vec<testing::Sent>) {
        let context = json!({ "channel": "C0123456789", "ts": "1512085960.000100", "emoji": ":thumbsup:" });
        testing::run(&ADAPTER, "add_reaction", context, move |_| (200, answer.clone())).await
    }

    #[tokio::test]
    async fn once_and_again() {
        for answer in [json!({ "ok": true }), json!({ "ok": false, "error": "already_reacted" })] {
            let (done, calls) = react(answer).await;
            let done = done.unwrap();
            assert_eq!(done.data, json!({ "channel": "C0123456789", "ts": "1512085960.000100", "emoji": "thumbsup" }));
            assert_eq!(done.external_id.as_deref(), Some("1512085960.000100"));
            assert_eq!(calls[0].line, "POST /api/reactions.add");
            assert_eq!(
                calls[0].body,
                json!({ "channel": "C0123456789", "timestamp": "1512085960.000100", "name": "thumbsup" })
            );
        }
    }

    #[tokio::test]
    async fn a_refusal() {
        for (code, kind) in [("message_not_found", Kind::NotFound), ("too_many_emoji", Kind::Invalid)] {
            let (done, _) = react(json!({ "ok": false, "error": code })).await;
            assert_eq!(testing::kind(&done), kind);
        }
    }

    #[test]
    fn refuses_what_is_no_reaction() {
        for (field, bad) in
            [("emoji", ""), ("emoji", "👍"), ("emoji", "Thumbs up"), ("ts", "1"), ("channel", "two words")]
        {
            let mut context = json!({ "channel": "general", "ts": "1512085960.000100", "emoji": "thumbsup" });
            context[field] = json!(bad);
            assert_eq!(testing::refusal(&ADAPTER, "add_reaction", context).0, format!("context.{field}"), "{bad}");
        }
    }
}
