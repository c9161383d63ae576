//! The audit log: one line for each decision on who may do what. No content of a request, and no token, is in it.

use tracing_subscriber::EnvFilter;

use crate::error::{Error, Result};
use crate::validate::{MAX_ID_BYTES, check_text};

/// The lines' target, by which a log store tells them from the others.
const TARGET: &str = "audit";

/// One decision on the request whose span it is made in.
pub(super) struct Decision<'a> {
    /// Route and method.
    pub(super) route: String,
    /// The token's subject, if there was a good one.
    pub(super) actor: Option<&'a str>,
    /// The user it wants to act for.
    pub(super) subject: Option<&'a str>,
}

impl Decision<'_> {
    /// Writes it down: `allowed`, or the code of the refusal.
    pub(super) fn record<T>(self, outcome: &Result<T>) {
        let Self { route: action, actor, subject } = self;
        let outcome = outcome.as_ref().map_or_else(Error::code, |_| "allowed");
        // A caller may name anything; only what can be an id is one.
        let subject = subject.filter(|subject| check_text("userId", subject, MAX_ID_BYTES).is_ok());
        tracing::info!(target: TARGET, actor, subject, action, outcome, "decided");
    }
}

/// The log filter: as set, `info` where that cannot be read, and always the audit log.
pub(super) fn filter(set: &str) -> EnvFilter {
    let filter = EnvFilter::try_new(set).unwrap_or_else(|_| EnvFilter::new("info"));
    #[expect(clippy::expect_used, reason = "a fixed text is a directive or never was")]
    let always = "audit=info".parse().expect("a directive");
    filter.add_directive(always)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audit_log_stays_enabled_with_every_filter_setting() {
        for set in ["info", "engine=debug", "off", "audit=off", "["] {
            let subscriber = tracing_subscriber::fmt().with_env_filter(filter(set)).finish();
            tracing::subscriber::with_default(subscriber, || {
                assert!(tracing::enabled!(target: TARGET, tracing::Level::INFO), "{set}");
            });
        }
        let off = tracing_subscriber::fmt().with_env_filter("audit=off").finish();
        tracing::subscriber::with_default(off, || {
            assert!(!tracing::enabled!(target: TARGET, tracing::Level::INFO), "the test can fail");
        });
    }
}
