//! A reaction: an emoji, and the message it stands under.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::channel::Channel;
use super::time;
use crate::adapters::action::{ActionOutput, Scopes};
use crate::adapters::api::Api;
use crate::error::{Error, Result};

const MAX_NAME_CHARS: usize = 100;

/// What must have been granted to react, and to take it back.
pub(super) const WRITE_REACTIONS: Scopes = &[&["reactions:write"]];

/// The emoji under a message, as an agent writes it; the common body of `add_reaction` and `remove_reaction`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct Reaction {
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

impl Reaction {
    /// Checks that it can name a message and an emoji.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field.
    pub(super) fn check(&self) -> Result<()> {
        self.channel.check()?;
        time::check_ts("ts", &self.ts)?;
        let name = self.name();
        let fits = |c: char| (c.is_alphanumeric() && !c.is_uppercase()) || "_-+':".contains(c);
        if name.is_empty() || name.chars().count() > MAX_NAME_CHARS || !name.chars().all(fits) {
            return Err(Error::invalid(
                "emoji",
                "must be an emoji's name in Slack, such as thumbsup, not the emoji itself",
            ));
        }
        Ok(())
    }

    /// Calls the method that sets it or takes it away.
    ///
    /// # Errors
    /// A failure of the provider.
    pub(super) async fn call_method(&self, api: &Api<'_>, method: &str, message: &str) -> Result<ActionOutput> {
        let place = self.channel.resolve(api).await?;
        let body = json!({ "channel": place.id, "timestamp": self.ts, "name": self.name() });
        // https://docs.slack.dev/reference/methods/reactions.add
        // https://docs.slack.dev/reference/methods/reactions.remove
        let answer: Result<Value> = api.post(&["api", method]).json(&body).send().await;
        answer.map_err(|error| place.map_error(api, error))?;
        Ok(ActionOutput {
            message: message.to_owned(),
            data: json!({ "channel": place.id, "ts": self.ts, "emoji": self.name() }),
            external_id: Some(self.ts.clone()),
            link: None,
        })
    }

    /// The name without the colons people write around it.
    fn name(&self) -> &str {
        let name = self.emoji.trim();
        name.strip_prefix(':').and_then(|name| name.strip_suffix(':')).unwrap_or(name)
    }
}

/// What the tests of both actions share.
#[cfg(test)]
pub(super) mod testing {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing::{self, SentRequest};
    use crate::error::Kind;

    async fn react(intent: &str, answer: Value) -> (Result<ActionOutput>, Vec<SentRequest>) {
        let context = json!({ "channel": "C0123456789", "ts": "1512085960.000100", "emoji": ":thumbsup:" });
        testing::run(&ADAPTER, intent, context, move |_| (200, answer.clone())).await
    }

    /// Asserts what is sent to the method, and that the code for "it is so already" is a yes.
    pub(in super::super) async fn assert_unchanged_state_succeeds(intent: &str, method: &str, already: &str) {
        for answer in [json!({ "ok": true }), json!({ "ok": false, "error": already })] {
            let (done, calls) = react(intent, answer).await;
            let done = done.unwrap();
            assert_eq!(done.data, json!({ "channel": "C0123456789", "ts": "1512085960.000100", "emoji": "thumbsup" }));
            assert_eq!(done.external_id.as_deref(), Some("1512085960.000100"));
            assert_eq!(calls[0].line, format!("POST /api/{method}"));
            assert_eq!(
                calls[0].body,
                json!({ "channel": "C0123456789", "timestamp": "1512085960.000100", "name": "thumbsup" })
            );
        }
    }

    /// Asserts what codes of Slack's mean.
    pub(in super::super) async fn assert_error_kinds<const N: usize>(intent: &str, codes: [(&str, Kind); N]) {
        for (code, kind) in codes {
            let (done, _) = react(intent, json!({ "ok": false, "error": code })).await;
            assert_eq!(testing::error_kind(&done), kind, "{code}");
        }
    }

    /// Asserts that what names no message or no emoji is refused by its field.
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
