//! The link to a message, at which a person opens it.

use serde::Deserialize;

use super::channel::ResolvedChannel;
use crate::adapters::api::Api;
use crate::error::Result;

#[derive(Deserialize)]
struct Response {
    permalink: Option<String>,
}

/// Reads the link to a message. It needs no scope.
///
/// # Errors
/// No such message, or a failure of the call.
pub(super) async fn read(api: &Api<'_>, channel: &ResolvedChannel, ts: &str) -> Result<Option<String>> {
    // https://docs.slack.dev/reference/methods/chat.getPermalink
    let call = api.get(&["api", "chat.getPermalink"]).query("channel", &channel.id).query("message_ts", ts);
    let response: Response = call.send().await.map_err(|error| channel.map_error(api, error))?;
    Ok(response.permalink)
}
