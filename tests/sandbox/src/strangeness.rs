//! Behaviour of the real providers that a simple fake would not have. Each field names its source.

use serde::{Deserialize, Serialize};

pub use crate::asana::AsanaStrangeness;
pub use crate::gmail::GmailStrangeness;
pub use crate::notion::NotionStrangeness;
pub use crate::slack::{OldestPage, SlackLimits, SlackStrangeness};

/// The lag of lists in seconds by default. Each lag is below 30 s, after which a caller may take a list for complete.
pub const LIST_LAG_SECONDS: i64 = 8;

/// The ways in which the sandbox is as strange as the providers. A reset keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Strangeness {
    /// The seconds until a new object appears in lists, searches and histories; reads by id have it at once. Notion says so of
    /// its search (<https://developers.notion.com/reference/search-optimizations-and-limitations>), Asana of its task search
    /// (<https://developers.asana.com/reference/searchtasksforworkspace>); none of the providers promises more for other lists.
    pub list_lag_seconds: i64,
    /// Asana's strangeness.
    pub asana: AsanaStrangeness,
    /// Gmail's strangeness.
    pub gmail: GmailStrangeness,
    /// Notion's strangeness.
    pub notion: NotionStrangeness,
    /// Slack's strangeness.
    pub slack: SlackStrangeness,
}

impl Strangeness {
    /// The providers as their reference pages show them: complete lists, unchanged texts, no limits.
    pub const fn documented() -> Self {
        Self {
            list_lag_seconds: 0,
            asana: AsanaStrangeness::documented(),
            gmail: GmailStrangeness::documented(),
            notion: NotionStrangeness::documented(),
            slack: SlackStrangeness::documented(),
        }
    }

    /// All strangeness of content and all lags, with the limits of an app that is internal to its workspace.
    pub const fn content() -> Self {
        Self {
            list_lag_seconds: LIST_LAG_SECONDS,
            asana: AsanaStrangeness::content(),
            gmail: GmailStrangeness::content(),
            notion: NotionStrangeness::content(),
            slack: SlackStrangeness::content(),
        }
    }

    /// Everything, with the limits of an app that is distributed outside Slack's Marketplace.
    pub const fn strict() -> Self {
        let content = Self::content();
        Self { slack: SlackStrangeness { limits: SlackLimits::OutsideMarketplace, ..content.slack }, ..content }
    }
}

impl Default for Strangeness {
    fn default() -> Self {
        Self::documented()
    }
}
