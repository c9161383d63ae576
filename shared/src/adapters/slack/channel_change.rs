//! The change of a channel: the common part of the actions that change one.

use super::access::Use;
use super::channel::{ChannelRef, ResolvedChannel, SharedChannel};
use super::text::escape;
use crate::adapters::prelude::*;

/// The scopes for changing channels: the first is for public ones, the second for private ones.
/// <https://docs.slack.dev/reference/methods/conversations.rename> <https://docs.slack.dev/reference/methods/conversations.archive>
/// <https://docs.slack.dev/reference/methods/conversations.leave>
pub(super) const MANAGE_CHANNELS_SCOPES: Scopes = &[&["channels:manage", "groups:write"]];
/// The same for topic and purpose.
/// <https://docs.slack.dev/reference/methods/conversations.setTopic> <https://docs.slack.dev/reference/methods/conversations.setPurpose>
pub(super) const DESCRIBE_CHANNELS_SCOPES: Scopes =
    &[&["channels:manage", "groups:write", "channels:write.topic", "groups:write.topic"]];

/// A topic or a purpose. Slack refuses a longer one (`too_long`).
pub(super) type Description = Text<250>;

/// A channel that an action changed, as output.
#[skip_serializing_none]
#[derive(Serialize, JsonSchema)]
pub(super) struct ChangedChannel {
    /// The channel.
    pub(super) channel: ChannelRef,
    /// The topic that was set.
    pub(super) topic: Option<String>,
    /// The purpose that was set.
    pub(super) purpose: Option<String>,
}

impl ChangedChannel {
    /// Returns a channel of which neither the topic nor the purpose was set.
    pub(super) fn new(channel: ChannelRef) -> Self {
        Self { channel, topic: None, purpose: None }
    }

    /// Returns the output of an action on this channel.
    pub(super) fn into_output(self, message: &str) -> ActionOutput<Self> {
        let id = self.channel.id.clone();
        ActionOutput::new(message, self).with_id(id)
    }
}

/// Checks that a text is set or removed.
///
/// # Errors
/// [`Error::Missing`] or [`Error::Invalid`] naming the field.
pub(super) fn check_description(field: &str, text: Option<&Description>, clear: bool) -> Result<()> {
    match (text, clear) {
        (None, false) => Err(Error::Missing(vec![format!("{field} or clear")])),
        (Some(_), true) => Err(Error::invalid("clear", format!("cannot be true beside a {field}"))),
        _ => Ok(()),
    }
}

/// Sets the topic or the purpose of a channel, or removes it, and returns the channel. A second call sets the same.
///
/// # Errors
/// As [`Channel::resolve`](super::channel::Channel::resolve), and those of the call.
pub(super) async fn describe(
    api: &Api<'_>,
    channel: &SharedChannel,
    method: &str,
    argument: &str,
    text: Option<&Description>,
) -> Result<ChannelRef> {
    let channel = channel.resolve(api, Use::Change).await?;
    let mut body = json!({ "channel": channel.id });
    // As in messages, so that it mentions nobody.
    body[argument] = json!(escape(text.map_or("", |text| text)));
    send(api, &channel, method, &body).await?;
    Ok(channel.into_ref())
}

/// Sends a call that changes a channel.
///
/// # Errors
/// Those of the call.
pub(super) async fn send(api: &Api<'_>, channel: &ResolvedChannel, method: &str, body: &Value) -> Result<()> {
    let changed: Result<Value> = api.post(&["api", method]).json(body).send().await;
    changed.map(drop).map_err(|error| channel.map_error(api, error))
}

/// The common tests of the actions that change channels.
#[cfg(test)]
pub(super) mod testing {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing::{self, SentRequest};

    /// Runs an action on a channel by its id, with one answer to all calls.
    pub(in super::super) async fn change(
        intent: &str,
        fields: Value,
        response: Value,
    ) -> (Result<ActionOutput>, Vec<SentRequest>) {
        let mut context = json!({ "channel": "C0123456789" });
        context.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        testing::run(&ADAPTER, intent, context, move |_| (200, response.clone())).await
    }

    /// Asserts the error kinds of codes of Slack's.
    pub(in super::super) async fn assert_error_kinds(intent: &str, fields: Value, codes: &[(&str, Kind)]) {
        for (code, kind) in codes {
            let (output, _) = change(intent, fields.clone(), json!({ "ok": false, "error": code })).await;
            assert_eq!(testing::error_kind(&output), *kind, "{code}");
        }
    }
}
