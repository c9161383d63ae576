//! A reaction: an emoji and its message.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::channel::Channel;
use super::time;
use crate::adapters::action::{ActionOutput, Scopes};
use crate::adapters::api::Api;
use crate::error::{Error, Result};

const MAX_NAME_CHARS: usize = 100;

/// The scopes for adding and removing reactions.
pub(super) const WRITE_REACTIONS_SCOPES: Scopes = &[&["reactions:write"]];

/// The context of `add_reaction` and `remove_reaction`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct Reaction {
    /// The channel of the message: its name (`general`, `#general`), its id or a link to it. Or the connected
    /// person, by e-mail address or id, for the app's direct conversation with them.
    channel: Channel,
    /// The `ts` of the message, such as `1512085950.000216`.
    #[serde(alias = "timestamp")]
    #[schemars(extend("x-aliases" = ["timestamp"]))]
    ts: String,
    /// The emoji's name in Slack, with or without colons: `thumbsup`, `:white_check_mark:`.
    #[serde(alias = "name")]
    #[schemars(extend("x-aliases" = ["name"]))]
    emoji: String,
}

impl Reaction {
    /// Checks the channel, the `ts` and the emoji's name.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field.
    pub(super) fn check(&self) -> Result<()> {
        self.channel.check()?;
        time::check_ts("ts", &self.ts)?;
        let name = self.name();
        let is_allowed = |c: char| (c.is_alphanumeric() && !c.is_uppercase()) || "_-+':".contains(c);
        if name.is_empty() || name.chars().count() > MAX_NAME_CHARS || !name.chars().all(is_allowed) {
            return Err(Error::invalid(
                "emoji",
                "must be an emoji's name in Slack, for example thumbsup, not the emoji itself",
            ));
        }
        Ok(())
    }

    /// Calls the method that adds or removes the reaction.
    ///
    /// # Errors
    /// A failure of the provider.
    pub(super) async fn call_method(&self, api: &Api<'_>, method: &str, message: &str) -> Result<ActionOutput> {
        let channel = self.channel.resolve(api).await?;
        let body = json!({ "channel": channel.id, "timestamp": self.ts, "name": self.name() });
        // https://docs.slack.dev/reference/methods/reactions.add
        // https://docs.slack.dev/reference/methods/reactions.remove
        let response: Result<Value> = api.post(&["api", method]).json(&body).send().await;
        response.map_err(|error| channel.map_error(api, error))?;
        Ok(ActionOutput {
            message: message.to_owned(),
            data: json!({ "channel": channel.id, "ts": self.ts, "emoji": self.name() }),
            external_id: Some(self.ts.clone()),
            link: None,
        })
    }

    /// Returns the name without surrounding colons.
    fn name(&self) -> &str {
        let name = self.emoji.trim();
        name.strip_prefix(':').and_then(|name| name.strip_suffix(':')).unwrap_or(name)
    }
}

/// The common tests of both actions.
#[cfg(test)]
pub(super) mod testing {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing::{self, SentRequest};
    use crate::error::Kind;

    async fn react(intent: &str, response: Value) -> (Result<ActionOutput>, Vec<SentRequest>) {
        let context = json!({ "channel": "C0123456789", "ts": "1512085960.000100", "emoji": ":thumbsup:" });
        testing::run(&ADAPTER, intent, context, move |_| (200, response.clone())).await
    }

    /// Asserts the request, and that the code for an unchanged state counts as success.
    pub(in super::super) async fn assert_unchanged_state_succeeds(intent: &str, method: &str, already: &str) {
        for response in [json!({ "ok": true }), json!({ "ok": false, "error": already })] {
            let (output, calls) = react(intent, response).await;
            let output = output.unwrap();
            assert_eq!(
                output.data,
                json!({ "channel": "C0123456789", "ts": "1512085960.000100", "emoji": "thumbsup" })
            );
            assert_eq!(output.external_id.as_deref(), Some("1512085960.000100"));
            assert_eq!(calls[0].line, format!("POST /api/{method}"));
            assert_eq!(
                calls[0].body,
                json!({ "channel": "C0123456789", "timestamp": "1512085960.000100", "name": "thumbsup" })
            );
        }
    }

    /// Asserts the error kinds of codes of Slack's.
    pub(in super::super) async fn assert_error_kinds<const N: usize>(intent: &str, codes: [(&str, Kind); N]) {
        for (code, kind) in codes {
            let (output, _) = react(intent, json!({ "ok": false, "error": code })).await;
            assert_eq!(testing::error_kind(&output), kind, "{code}");
        }
    }

    /// Asserts that an invalid message or emoji is rejected, naming the field.
    pub(in super::super) fn assert_invalid_reactions_rejected(intent: &str) {
        for (field, bad) in
            [("emoji", ""), ("emoji", "👍"), ("emoji", "Thumbs up"), ("ts", "1"), ("channel", "two words")]
        {
            let mut context = json!({ "channel": "general", "ts": "1512085960.000100", "emoji": "thumbsup" });
            context[field] = json!(bad);
            assert_eq!(testing::refusal(&ADAPTER, intent, context).0, format!("context.{field}"), "{bad}");
        }
    }
}
