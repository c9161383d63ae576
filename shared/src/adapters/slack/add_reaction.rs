//! `add_reaction`: adds an emoji reaction to a message.

use super::reaction::{ChangedReaction, Reaction, WRITE_REACTIONS_SCOPES};
use crate::adapters::prelude::*;

/// Add an emoji reaction to a Slack message, as the app. A second call changes nothing.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct AddReaction(Reaction);

impl Action for AddReaction {
    const META: Meta = Meta::idempotent("add_reaction", WRITE_REACTIONS_SCOPES)
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

#[cfg(test)]
mod tests {
    use crate::adapters::slack::reaction::testing;
    use crate::error::Kind;

    #[tokio::test]
    async fn existing_reaction_counts_as_success() {
        testing::assert_unchanged_state_succeeds("add_reaction", "reactions.add", "already_reacted").await;
    }

    #[tokio::test]
    async fn provider_errors_map_to_their_kinds() {
        let codes = [("message_not_found", Kind::NotFound), ("too_many_emoji", Kind::Invalid)];
        testing::assert_error_kinds("add_reaction", codes).await;
    }
}
