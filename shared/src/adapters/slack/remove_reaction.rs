//! `remove_reaction`: takes an emoji of the app's away from a message.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::reaction::{Reaction, TO_REACT};
use crate::adapters::action::{Action, Done, Effect, Scopes};
use crate::adapters::api::Api;
use crate::error::Result;

/// Take an emoji away that the app put under a Slack message. Those of other people stay.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct RemoveReaction(Reaction);

impl Action for RemoveReaction {
    const NAME: &'static str = "remove_reaction";
    const SCOPES: Scopes = TO_REACT;
    const EFFECT: Effect = Effect::Idempotent;

    fn example() -> Value {
        json!({ "channel": "project-updates", "ts": "1735689600.000100", "emoji": "eyes" })
    }

    fn check(&self) -> Result<()> {
        self.0.check()
    }

    async fn run(&self, api: &Api<'_>) -> Result<Done> {
        // https://docs.slack.dev/reference/methods/reactions.remove
        self.0.call(api, "reactions.remove", "The reaction is gone.").await
    }
}

#[cfg(test)]
mod tests {
    use crate::adapters::slack::reaction::testing;
    use crate::error::Kind;

    #[tokio::test]
    async fn once_and_again() {
        testing::once_and_again("remove_reaction", "reactions.remove", "no_reaction").await;
    }

    #[tokio::test]
    async fn a_refusal() {
        let codes = [("message_not_found", Kind::NotFound), ("thread_locked", Kind::Invalid)];
        testing::refusals("remove_reaction", codes).await;
    }

    #[test]
    fn refuses_what_is_no_reaction() {
        testing::refuses_what_is_no_reaction("remove_reaction");
    }
}
