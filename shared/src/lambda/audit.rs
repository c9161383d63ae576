//! The audit log: one line for each authorization decision. It contains no request content and no token.

use tracing_subscriber::EnvFilter;

use crate::error::{Error, Result};
use crate::validate::{MAX_ID_BYTES, check_text};

/// The target of audit lines, by which a log store separates them from other lines.
const TARGET: &str = "audit";

/// One authorization decision. The enclosing span identifies the request.
pub(super) struct Decision<'a> {
    /// The method and path of the request.
    pub(super) route: String,
    /// The token's subject; `None` without a valid token.
    pub(super) actor: Option<&'a str>,
    /// The user the caller asks to act for.
    pub(super) subject: Option<&'a str>,
}

impl Decision<'_> {
    /// Logs the decision: `allowed`, or the code of the refusal.
    pub(super) fn record<T>(self, outcome: &Result<T>) {
        let Self { route, actor, subject } = self;
        let outcome = outcome.as_ref().map_or_else(Error::code, |_| "allowed");
        // The caller chooses this text: it is logged only if it is a valid id.
        let subject = subject.filter(|subject| check_text("userId", subject, MAX_ID_BYTES).is_ok());
        tracing::info!(target: TARGET, actor, subject, route, outcome, "access decided");
    }
}

/// The log filter: the configured one, or `info` if that is invalid. The audit log always passes.
pub(super) fn filter(setting: &str) -> EnvFilter {
    let filter = EnvFilter::try_new(setting).unwrap_or_else(|_| EnvFilter::new("info"));
    #[expect(clippy::expect_used, reason = "the directive is a constant")]
    let always = "audit=info".parse().expect("a valid directive");
    filter.add_directive(always)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audit_log_stays_enabled_with_every_filter_setting() {
        for setting in ["info", "engine=debug", "off", "audit=off", "["] {
            let subscriber = tracing_subscriber::fmt().with_env_filter(filter(setting)).finish();
            tracing::subscriber::with_default(subscriber, || {
                assert!(tracing::enabled!(target: TARGET, tracing::Level::INFO), "{setting}");
            });
        }
        let off = tracing_subscriber::fmt().with_env_filter("audit=off").finish();
        tracing::subscriber::with_default(off, || {
            assert!(!tracing::enabled!(target: TARGET, tracing::Level::INFO), "the test can fail");
        });
    }
}
