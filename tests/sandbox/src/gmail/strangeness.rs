//! Gmail's strangeness.

use serde::{Deserialize, Serialize};

/// The ways in which Gmail is strange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct GmailStrangeness {
    /// True if a draft that is stored or sent loses its `X-` headers. No page promises that Gmail keeps them
    /// (<https://developers.google.com/workspace/gmail/api/guides/drafts>), and its own composer writes the message anew.
    pub drops_unknown_headers: bool,
}

impl GmailStrangeness {
    pub(crate) const fn documented() -> Self {
        Self { drops_unknown_headers: false }
    }

    pub(crate) const fn content() -> Self {
        Self { drops_unknown_headers: true }
    }
}
