//! Slack's strangeness.

use serde::{Deserialize, Serialize};

/// The ways in which Slack is strange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SlackStrangeness {
    /// True if a text is read otherwise than it was sent: URLs in angle brackets, e-mail addresses as `mailto:` links, and `&`,
    /// `<` and `>` as entities (<https://docs.slack.dev/messaging/formatting-message-text>).
    pub rewrites_texts: bool,
    /// True if the messages of apps have the further fields of real ones: `blocks`, `attachments` of links, `bot_profile`
    /// (<https://docs.slack.dev/reference/events/message/bot_message>), and fields of the metadata beside `event_type` and
    /// `event_payload` (`entities` of <https://docs.slack.dev/messaging/work-objects>).
    pub completes_app_messages: bool,
    /// True if another app posts to [`ALERTS`](crate::fixtures::slack::ALERTS), without any `text`.
    pub has_alerts: bool,
    /// True if the app is installed in an organization: lists need `team_id`
    /// (<https://docs.slack.dev/enterprise/organization-ready-apps>).
    pub is_organization: bool,
    /// The page of a history with `oldest` and without `latest`.
    pub oldest_page: OldestPage,
    /// The limits of the app.
    pub limits: SlackLimits,
    /// True if the address of a file redirects: to another host with the bytes, and without the right to the file to the page for
    /// signing in (<https://github.com/openclaw/openclaw/issues/63523>,
    /// <https://github.com/OpenRouterLabs/spawn/pull/2316>).
    pub redirects_downloads: bool,
}

/// The messages on the first page of a history with `oldest` and without `latest`. The page of `conversations.history` does not
/// say which; that of its predecessor (<https://api.slack.com/methods/channels.history>) said those closest to `oldest`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OldestPage {
    /// The newest messages of all.
    Newest,
    /// The messages closest to `oldest`; the cursor leads to newer ones.
    ClosestToOldest,
}

/// The limits of an app (<https://docs.slack.dev/apis/web-api/rate-limits>).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SlackLimits {
    /// No limits.
    None,
    /// Those of an app that is internal to its workspace.
    Internal,
    /// Those of a distributed app outside the Marketplace: 15 items of a history, and one call a minute
    /// (<https://docs.slack.dev/reference/methods/conversations.history>).
    OutsideMarketplace,
}

impl SlackStrangeness {
    pub(crate) const fn documented() -> Self {
        Self {
            rewrites_texts: false,
            completes_app_messages: false,
            has_alerts: false,
            is_organization: false,
            oldest_page: OldestPage::Newest,
            limits: SlackLimits::None,
            redirects_downloads: false,
        }
    }

    pub(crate) const fn content() -> Self {
        Self {
            rewrites_texts: true,
            completes_app_messages: true,
            has_alerts: true,
            is_organization: false,
            oldest_page: OldestPage::ClosestToOldest,
            limits: SlackLimits::Internal,
            redirects_downloads: true,
        }
    }

    /// Returns the maximum number of messages on a page of a history.
    pub(super) fn max_history_items(self) -> usize {
        match self.limits {
            SlackLimits::None | SlackLimits::Internal => 999,
            SlackLimits::OutsideMarketplace => 15,
        }
    }
}
