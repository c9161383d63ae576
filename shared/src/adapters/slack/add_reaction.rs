//! `add_reaction`: sets an emoji under a message.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::reaction::{Reaction, TO_REACT};
use crate::adapters::action::{Action, Done, Effect, Scopes};
use crate::adapters::api::Api;
use crate::error::Result;

/// Put an emoji under a Slack message, as the app. Doing it twice changes nothing.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct AddReaction(Reaction);

impl Action for AddReaction {
    const NAME: &'static str = "add_reaction";
    const SCOPES: Scopes = TO_REACT;
    const EFFECT: Effect = Effect::Idempotent;

    fn example() -> Value {
        json!({ "channel": "project-updates", "ts": "1735689600.000100", "emoji": "tada" })
    }

    fn check(&self) -> Result<()> {
        self.0.check()
    }

    async fn run(&self, api: &Api<'_>) -> Result<Done> {
        // https://docs.slack.dev/reference/methods/reactions.add
        self.0.call(api, "reactions.add", "The reaction is set.").await
    }
}

#[cfg(test)]
mod tests {
    use crate::adapters::slack::reaction::testing;
    use crate::error::Kind;

    #[tokio::test]
    async fn once_and_again() {
        testing::once_and_again("add_reaction", "reactions.add", "already_reacted").await;
    }

    #[tokio::test]
    async fn a_refusal() {
        let codes = [("message_not_found", Kind::NotFound), ("too_many_emoji", Kind::Invalid)];
        testing::refusals("add_reaction", codes).await;
    }

    #[test]
    fn refuses_what_is_no_reaction() {
        testing::refuses_what_is_no_reaction("add_reaction");
    }
}
