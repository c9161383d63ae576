//! Gmail's strangeness.

use serde::{Deserialize, Serialize};

/// The ways in which Gmail is strange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct GmailStrangeness {
    /// True if a draft that is stored or sent loses its `X-` headers. No page promises that Gmail keeps them
    /// (<https://developers.google.com/workspace/gmail/api/guides/drafts>), and its own composer writes the message anew.
    pub drops_unknown_headers: bool,
    /// True if HTML is kept apart from its message, as a long body can be: the part has an `attachmentId` and no data
    /// (<https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages.attachments#MessagePartBody>).
    pub keeps_html_apart: bool,
    /// True if an administrator has disabled Gmail's API for the domain: 403 `domainPolicy`, though all scopes are granted
    /// (<https://developers.google.com/workspace/gmail/api/guides/handle-errors>). A test asks for it.
    pub is_disabled_by_domain: bool,
}

impl GmailStrangeness {
    pub(crate) const fn documented() -> Self {
        Self { drops_unknown_headers: false, keeps_html_apart: false, is_disabled_by_domain: false }
    }

    pub(crate) const fn content() -> Self {
        Self { drops_unknown_headers: true, keeps_html_apart: true, is_disabled_by_domain: false }
    }
}
