//! `remove_reaction`: removes the app's emoji reaction from a message.

use super::reaction::{Reaction, WRITE_REACTIONS_SCOPES};
use crate::adapters::prelude::*;

/// Remove an emoji reaction that the app added to a Slack message. Reactions of other people are kept.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct RemoveReaction(Reaction);

impl Action for RemoveReaction {
    const META: Meta = Meta::idempotent("remove_reaction", WRITE_REACTIONS_SCOPES)
        .example(r#"{"channel": "project-updates", "ts": "1735689600.000100", "emoji": "eyes"}"#);
    type Output = Value;

    fn check(&self) -> Result<()> {
        self.0.check()
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        // https://docs.slack.dev/reference/methods/reactions.remove
        self.0.call_method(api, "reactions.remove", "The reaction was removed.").await
    }
}

#[cfg(test)]
mod tests {
    use crate::adapters::slack::reaction::testing;
    use crate::error::Kind;

    #[tokio::test]
    async fn absent_reaction_counts_as_success() {
        testing::assert_unchanged_state_succeeds("remove_reaction", "reactions.remove", "no_reaction").await;
    }

    #[tokio::test]
    async fn provider_errors_map_to_their_kinds() {
        let codes = [("message_not_found", Kind::NotFound), ("thread_locked", Kind::Invalid)];
        testing::assert_error_kinds("remove_reaction", codes).await;
    }

    #[test]
    fn rejects_invalid_reactions() {
        testing::assert_invalid_reactions_rejected("remove_reaction");
    }
}
