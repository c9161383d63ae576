//! `add_reaction` and `remove_reaction`: an emoji beside a message.

use super::access::Use;
use super::channel::{Channel, ChannelRef};
use super::time::Ts;
use crate::adapters::prelude::*;

const MAX_NAME_CHARS: usize = 100;
const WRITE_REACTIONS_SCOPES: Scopes = &[&["reactions:write"]];

/// Add an emoji reaction to a Slack message, as the app. A second call changes nothing.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct AddReaction(Reaction);

/// Remove an emoji reaction that the app added to a Slack message. Reactions of other people remain.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct RemoveReaction(Reaction);

/// The context of both actions.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
struct Reaction {
    channel: Channel,
    #[serde(alias = "timestamp")]
    #[schemars(extend("x-aliases" = ["timestamp"]))]
    ts: Ts,
    #[serde(alias = "name")]
    #[schemars(extend("x-aliases" = ["name"]))]
    emoji: Emoji,
}

/// The emoji's name in Slack: `thumbsup`, `:white_check_mark:`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("maxLength" = MAX_NAME_CHARS, "x-form" = "an emoji's name in Slack"))]
struct Emoji(String);

/// A reaction that was added or removed, as output.
#[derive(Serialize, JsonSchema)]
pub(super) struct ChangedReaction {
    /// The `ts` of the message.
    ts: String,
    /// The channel.
    channel: ChannelRef,
    /// The emoji's name.
    emoji: String,
}

impl Action for AddReaction {
    const META: Meta = Meta::idempotent("add_reaction", WRITE_REACTIONS_SCOPES)
        .core()
        .example(r#"{"channel": "project-updates", "ts": "1735689600.000100", "emoji": "tada"}"#);
    type Output = ChangedReaction;

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        self.0.targets(api).await
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<ChangedReaction>> {
        // https://docs.slack.dev/reference/methods/reactions.add
        self.0.call_method(api, "reactions.add", "The reaction was added.").await
    }
}

impl Action for RemoveReaction {
    const META: Meta = Meta::idempotent("remove_reaction", WRITE_REACTIONS_SCOPES)
        .overwrites("the app's reaction")
        .example(r#"{"channel": "project-updates", "ts": "1735689600.000100", "emoji": "eyes"}"#);
    type Output = ChangedReaction;

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        self.0.targets(api).await
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<ChangedReaction>> {
        // https://docs.slack.dev/reference/methods/reactions.remove
        self.0.call_method(api, "reactions.remove", "The reaction was removed.").await
    }
}

impl TryFrom<String> for Emoji {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let name = text.trim();
        let name = name.strip_prefix(':').and_then(|name| name.strip_suffix(':')).unwrap_or(name);
        let is_allowed = |c: char| (c.is_alphanumeric() && !c.is_uppercase()) || "_-+':".contains(c);
        let fits = text.chars().count() <= MAX_NAME_CHARS && name.contains(char::is_alphanumeric);
        match fits && name.chars().all(is_allowed) {
            true => Ok(Self(name.to_owned())),
            false => Err("must be an emoji's name in Slack, for example thumbsup, not the emoji itself"),
        }
    }
}

impl Reaction {
    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        self.channel.targets(api, Use::Read, Some(&self.ts)).await
    }

    /// Calls the method that adds or removes the reaction.
    async fn call_method(&self, api: &Api<'_>, method: &str, message: &str) -> Result<ActionOutput<ChangedReaction>> {
        let channel = self.channel.resolve(api, Use::Read).await?;
        let body = json!({ "channel": channel.id, "timestamp": self.ts, "name": self.emoji.0 });
        let response: Result<Value> = api.post(&["api", method]).json(&body).send().await;
        response.map_err(|error| channel.map_error(api, error))?;
        let (ts, emoji) = (self.ts.to_string(), self.emoji.0.clone());
        Ok(ActionOutput::new(message, ChangedReaction { ts, channel: channel.into_ref(), emoji }).with_id(&*self.ts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing::{self, SentRequest};

    async fn react(intent: &str, response: Value) -> (Result<ActionOutput>, Vec<SentRequest>) {
        let context = json!({ "channel": "C0123456789", "ts": "1512085960.000100", "emoji": ":thumbsup:" });
        testing::run(&ADAPTER, intent, context, move |_| (200, response.clone())).await
    }

    #[tokio::test]
    async fn the_requested_state_counts_as_success_whether_it_is_new_or_not() {
        for (intent, method, already) in
            [("add_reaction", "add", "already_reacted"), ("remove_reaction", "remove", "no_reaction")]
        {
            for response in [json!({ "ok": true }), json!({ "ok": false, "error": already })] {
                let (output, calls) = react(intent, response).await;
                let output = output.unwrap();
                assert_eq!(
                    output.data,
                    json!({ "channel": { "id": "C0123456789" }, "ts": "1512085960.000100", "emoji": "thumbsup" })
                );
                assert_eq!(output.external_id.as_deref(), Some("1512085960.000100"));
                assert_eq!(calls[0].line, format!("POST /api/reactions.{method}"));
                assert_eq!(
                    calls[0].body,
                    json!({ "channel": "C0123456789", "timestamp": "1512085960.000100", "name": "thumbsup" })
                );
            }
        }
    }

    #[tokio::test]
    async fn provider_errors_map_to_their_kinds() {
        for (intent, code, kind) in [
            ("add_reaction", "message_not_found", Kind::NotFound),
            ("add_reaction", "too_many_emoji", Kind::Invalid),
            ("remove_reaction", "thread_locked", Kind::Invalid),
        ] {
            let (output, _) = react(intent, json!({ "ok": false, "error": code })).await;
            assert_eq!(testing::error_kind(&output), kind, "{code}");
        }
    }

    #[test]
    fn an_emoji_is_named_and_not_shown() {
        for bad in ["", ":", "👍", "Thumbs up"] {
            assert!(Emoji::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
