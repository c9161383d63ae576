//! The audit log: one line for each authorization decision. It contains no request content and no token.

use tracing::Level;
use tracing_subscriber::filter::Targets;

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
///
/// The setting is a list of targets with levels, as `info,engine=debug`. It cannot select by span or field: the filter that can
/// is built on regular expressions, which every function would link.
pub(super) fn filter(setting: &str) -> Targets {
    // A bracket would start a span, and the parser takes it for a part of a target that no line has.
    let plain = Some(setting).filter(|setting| !setting.contains(['[', ']', '{', '}']));
    let filter = plain.and_then(|setting| setting.parse().ok());
    filter.unwrap_or_else(|| Targets::new().with_default(Level::INFO)).with_target(TARGET, Level::INFO)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing_subscriber::layer::SubscriberExt as _;

    #[test]
    fn filter_selects_levels_by_target_and_is_info_for_an_invalid_setting() {
        let shown = |setting: &str, target: &str, level: Level| filter(setting).would_enable(target, &level);
        assert!(shown("info,engine=debug", "engine::attempt", Level::DEBUG));
        assert!(!shown("info,engine=debug", "hyper", Level::DEBUG) && shown("info,engine=debug", "hyper", Level::INFO));
        assert!(!shown("engine=debug", "hyper", Level::ERROR) && !shown("off", "engine", Level::ERROR));
        for invalid in ["[", "engine[span]=debug", "engine=loud"] {
            assert!(shown(invalid, "hyper", Level::INFO) && !shown(invalid, "engine", Level::DEBUG), "{invalid}");
        }
    }

    #[test]
    fn audit_log_stays_enabled_with_every_filter_setting() {
        for setting in ["info", "engine=debug", "off", "audit=off", "["] {
            tracing::subscriber::with_default(tracing_subscriber::registry().with(filter(setting)), || {
                assert!(tracing::enabled!(target: TARGET, tracing::Level::INFO), "{setting}");
            });
        }
        let off = tracing_subscriber::registry().with("audit=off".parse::<Targets>().unwrap());
        tracing::subscriber::with_default(off, || {
            assert!(!tracing::enabled!(target: TARGET, tracing::Level::INFO), "the test can fail");
        });
    }
}
