//! The link to a message, at which a person opens it.

use serde::Deserialize;
use url::Url;

use super::channel::ResolvedChannel;
use crate::adapters::api::Api;
use crate::error::Result;

#[derive(Deserialize)]
struct Response {
    permalink: Option<String>,
}

/// Returns the link to a message where the workspace's address is known: no call is needed. `thread` is the `ts` of the first message of
/// its thread. <https://docs.slack.dev/reference/methods/chat.getPermalink>
pub(super) fn of(api: &Api<'_>, channel: &str, ts: &str, thread: Option<&str>) -> Option<String> {
    let mut link = Url::parse(api.site?).ok()?;
    link.path_segments_mut().ok()?.pop_if_empty().extend(["archives", channel, &format!("p{}", ts.replace('.', ""))]);
    if let Some(thread) = thread.filter(|thread| *thread != ts) {
        link.query_pairs_mut().append_pair("thread_ts", thread).append_pair("cid", channel);
    }
    Some(link.into())
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
