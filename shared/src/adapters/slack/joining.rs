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
            let join = api.post(&["api", "conversations.join"]).json(&body).step("the app joined the channel");
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use secrecy::SecretString;

    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing::ActionHarness;
    use crate::error::Outcome;

    #[tokio::test]
    async fn a_message_that_is_refused_after_joining_says_that_the_app_joined() {
        let posts = AtomicUsize::new(0);
        let harness = ActionHarness::new(&ADAPTER, move |sent| {
            let channel = json!({ "id": "C0123456789", "name": "general", "is_private": false });
            let refusal = |code: &str| json!({ "ok": false, "error": code });
            Ok((
                200,
                match (sent.line.ends_with("chat.postMessage"), posts.load(Ordering::Relaxed)) {
                    (false, _) => json!({ "ok": true, "channel": channel }),
                    (true, 0) => {
                        posts.store(1, Ordering::Relaxed);
                        refusal("not_in_channel")
                    }
                    (true, _) => refusal("msg_too_long"),
                },
            ))
        });
        let (bot, action) = (SecretString::from("xoxb-1"), ADAPTER.action("send_message").unwrap());
        let api = Api { token: &bot, ..harness.api(action, None) };
        let error = action.run(&api, &json!({ "channel": "C0123456789", "text": "Hi" })).await.unwrap_err();
        assert_eq!(error.outcome(), Outcome::Partial);
        assert_eq!(error.data().unwrap()["done"], json!(["the app joined the channel"]));
    }
}
