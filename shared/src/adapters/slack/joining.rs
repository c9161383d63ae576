//! Posting to a public channel in which the app is not yet.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::access::Actor;
use super::channel::ResolvedChannel;
use super::has_code;
use crate::adapters::api::{Api, Call};
use crate::error::{Result, Retry};

/// Sends a call that posts to a channel. If Slack refuses it because the app is not in the channel, nothing was posted: the app joins
/// the channel, which it can if that is public, and the call is repeated once. A person's own token joins nothing.
///
/// # Errors
/// A failure of the call, or one of joining that can pass.
pub(super) async fn send<T: DeserializeOwned>(
    api: &Api<'_>,
    channel: &ResolvedChannel,
    call: Call<'_>,
    may_join: bool,
) -> Result<T> {
    let can_join = may_join && Actor::of(api) != Actor::Person;
    let sent = match call.clone().send().await {
        Err(refusal) if can_join && has_code(&refusal, "not_in_channel") => {
            let body = json!({ "channel": channel.id });
            // https://docs.slack.dev/reference/methods/conversations.join
            let join = api.post(&["api", "conversations.join"]).preparation().json(&body);
            match join.send::<Value>().await {
                Ok(_) => call.send().await,
                // A private channel, or no scope for it: what the caller can do is said of the first refusal.
                Err(error) if error.retry() == Retry::Never => Err(refusal),
                Err(error) => Err(error),
            }
        }
        sent => sent,
    };
    sent.map_err(|error| channel.map_error(api, error))
}
