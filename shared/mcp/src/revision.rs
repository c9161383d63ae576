//! The revisions of the protocol that the endpoint speaks.
//!
//! Source: <https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning>.

use std::fmt;

/// Revision of the protocol, from the oldest to the newest.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Revision {
    /// 2025-06-18: opened by `initialize`.
    V2025_06_18,
    /// 2025-11-25: opened by `initialize`.
    V2025_11_25,
    /// 2026-07-28: stateless, with the version and the capabilities in each request.
    V2026_07_28,
}

impl Revision {
    /// Every revision, the newest first.
    pub const ALL: [Self; 3] = [Self::V2026_07_28, Self::V2025_11_25, Self::V2025_06_18];
    /// The revision that `initialize` agrees on with a client of an unknown one.
    pub(crate) const NEWEST_LEGACY: Self = Self::V2025_11_25;

    /// The date that names the revision on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V2025_06_18 => "2025-06-18",
            Self::V2025_11_25 => "2025-11-25",
            Self::V2026_07_28 => "2026-07-28",
        }
    }

    /// Returns the revision with that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|revision| revision.as_str() == name)
    }

    /// True for a revision that is opened by `initialize`.
    pub fn is_legacy(self) -> bool {
        self < Self::V2026_07_28
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
