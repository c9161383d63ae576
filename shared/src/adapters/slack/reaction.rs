//! A reaction: an emoji, and the message it stands under.

use serde_json::{Value, json};

use super::channel::Channel;
use super::time;
use crate::adapters::action::{Done, Scopes};
use crate::adapters::api::Api;
use crate::error::{Error, Result};

const MAX_NAME: usize = 100;

/// What must have been granted to react, and to take it back.
pub(super) const TO_REACT: Scopes = &[&["reactions:write"]];

/// The emoji under a message.
pub(super) struct Reaction<'a> {
    pub(super) channel: &'a Channel,
    pub(super) ts: &'a str,
    pub(super) emoji: &'a str,
}

impl Reaction<'_> {
    /// Checks that it can name a message and an emoji.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field.
    pub(super) fn check(&self) -> Result<()> {
        self.channel.check()?;
        time::check_ts("ts", self.ts)?;
        let name = self.name();
        let fits = |c: char| (c.is_alphanumeric() && !c.is_uppercase()) || "_-+':".contains(c);
        if name.is_empty() || name.chars().count() > MAX_NAME || !name.chars().all(fits) {
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
    pub(super) async fn call(&self, api: &Api<'_>, method: &str, message: &str) -> Result<Done> {
        let place = self.channel.resolve(api).await?;
        let body = json!({ "channel": place.id, "timestamp": self.ts, "name": self.name() });
        // https://docs.slack.dev/reference/methods/reactions.add
        // https://docs.slack.dev/reference/methods/reactions.remove
        let answer: Result<Value> = api.post(&["api", method]).json(&body).send().await;
        answer.map_err(|error| place.doubt(api, error))?;
        Ok(Done {
            message: message.to_owned(),
            data: json!({ "channel": place.id, "ts": self.ts, "emoji": self.name() }),
            external_id: Some(self.ts.to_owned()),
            link: None,
        })
    }

    /// The name without the colons people write around it.
    fn name(&self) -> &str {
        let name = self.emoji.trim();
        name.strip_prefix(':').and_then(|name| name.strip_suffix(':')).unwrap_or(name)
    }
}
