//! The caller's step after an error, and the built-in text about it for the person.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Error, Kind, Outcome};
use crate::tool::Tool;

/// The resolution of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ErrorAction {
    /// A person must connect the tool, or connect it again.
    Connect,
    /// The caller must change the request: the message says what was refused.
    Fix,
    /// The same request succeeds later, or its repetition is safe.
    Retry,
    /// A person must look: whether it happened, or at what only a person or the deployment's owner can change.
    #[serde(rename = "look")]
    Inspect,
}

/// The built-in texts for the person, for each action and outcome. A failure policy replaces them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FallbackTexts {
    /// For `connect`.
    pub connect: String,
    /// For `fix`. A result adds the reason.
    pub fix: String,
    /// For `retry`.
    pub retry: String,
    /// For `look` where nothing happened, and for a code that the service does not have.
    #[serde(rename = "look")]
    pub inspect: String,
    /// For `look` where the outcome is `unknown`.
    pub unknown: String,
    /// For `retry` where the outcome is `unknown`: a repetition leaves the same state.
    #[serde(rename = "unknownRetry")]
    pub unknown_retry: String,
    /// For every action where the outcome is `partial`. A result adds what resolves it.
    pub partial: String,
}

impl FallbackTexts {
    /// Returns the texts of a tool.
    pub fn of(tool: Tool) -> Self {
        let name = tool.name();
        Self {
            connect: format!("{name} is not connected for this. Please connect it, and then ask again."),
            fix: format!("{name} did not do this, because the request has a mistake. Please correct it and ask again."),
            retry: format!("{name} could not do this right now. Please try again later."),
            inspect: format!("{name} could not do this. Please look at the reason before it is tried again."),
            unknown: format!("It is not certain whether {name} did this. Please look there before it is tried again."),
            unknown_retry: format!("It is not certain whether {name} did this. It can safely be tried again."),
            partial: format!("{name} did only a part of this."),
        }
    }

    /// Returns the text after an error of this action and outcome. `reason` is the error's message.
    #[must_use]
    pub fn text(self, action: ErrorAction, outcome: Outcome, reason: &str) -> String {
        match (outcome, action) {
            (Outcome::Unknown, ErrorAction::Retry) => self.unknown_retry,
            (Outcome::Unknown, _) => self.unknown,
            (Outcome::Partial, ErrorAction::Connect) => {
                format!("{} Please connect it, and then ask again for the rest.", self.partial)
            }
            (Outcome::Partial, ErrorAction::Fix) => {
                format!("{} Please correct the request and ask again for the rest. The reason: {reason}", self.partial)
            }
            (Outcome::Partial, ErrorAction::Retry) => {
                format!("{} Please try again later: nothing is done twice.", self.partial)
            }
            (Outcome::Partial, ErrorAction::Inspect) => {
                format!("{} Please look at the reason before the rest is tried again.", self.partial)
            }
            (Outcome::None | Outcome::Done, ErrorAction::Connect) => self.connect,
            (Outcome::None | Outcome::Done, ErrorAction::Fix) => format!("{} The reason: {reason}", self.fix),
            (Outcome::None | Outcome::Done, ErrorAction::Retry) => self.retry,
            (Outcome::None | Outcome::Done, ErrorAction::Inspect) => self.inspect,
        }
    }
}

impl ErrorAction {
    /// Returns the action of a stable code; `None` for a code that this service does not have. A test compares the codes with the
    /// pages of `docs/errors`.
    pub fn of_code(code: &str) -> Option<Self> {
        Some(match code {
            "MISSING_SCOPE" | "NOT_CONNECTED" | "REAUTH_REQUIRED" => Self::Connect,
            "AMBIGUOUS_ACCOUNT"
            | "CONFLICT"
            | "FILE_EXPIRED"
            | "FILE_IN_USE"
            | "FILE_NOT_FOUND"
            | "FILE_NOT_UPLOADED"
            | "FORBIDDEN"
            | "IDEMPOTENCY_KEY_REUSED"
            | "INVALID_FIELD"
            | "LIMIT_REACHED"
            | "MALFORMED_JSON"
            | "METHOD_NOT_ALLOWED"
            | "MISSING_FIELDS"
            | "NOT_FOUND"
            | "PROVIDER_FORBIDDEN"
            | "PROVIDER_NOT_FOUND"
            | "PROVIDER_REJECTED"
            | "PROVIDER_RESPONSE_TOO_LARGE"
            | "TOO_LARGE"
            | "UNAUTHORIZED"
            | "UNKNOWN_ACCOUNT"
            | "UNKNOWN_INTENT"
            | "UNKNOWN_NAME"
            | "UNKNOWN_TOOL"
            | "USER_MISMATCH" => Self::Fix,
            "ABORTED_NO_EFFECT"
            | "ATTEMPTS_EXHAUSTED"
            | "AUTHENTICATION_ERROR"
            | "CIRCUIT_BREAKER_OPEN"
            | "IDEMPOTENCY_IN_PROGRESS"
            | "PROVIDER_CONFLICT"
            | "PROVIDER_RATE_LIMITED"
            | "PROVIDER_UNAVAILABLE"
            | "RATE_LIMITED"
            | "RESPONSE_LOST"
            | "UNAVAILABLE" => Self::Retry,
            "DELEGATION_ENDED"
            | "INTERNAL_ERROR"
            | "MISFIRED"
            | "NOT_CONFIGURED"
            | "OUTCOME_UNKNOWN"
            | "PROVIDER_PLAN_LIMIT" => Self::Inspect,
            _ => return None,
        })
    }

    /// Returns the action of a stable code with this outcome. A person must look at an effect that may have happened, unless its
    /// repetition leaves the same state.
    pub fn of(code: &str, outcome: Outcome) -> Option<Self> {
        let action = Self::of_code(code)?;
        let is_repeatable = code == Kind::Repeatable.code();
        Some(if outcome == Outcome::Unknown && !is_repeatable { Self::Inspect } else { action })
    }
}

impl Error {
    /// The resolution of the error.
    pub fn action(&self) -> ErrorAction {
        ErrorAction::of(self.code(), self.outcome()).unwrap_or(ErrorAction::Inspect)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;
    use std::collections::BTreeSet;
    use std::time::Duration;

    use super::*;
    use crate::error::{FileFault, ProviderError, Retry, TokenFault};

    const WAIT: Duration = Duration::from_secs(3);
    const KINDS: [Kind; 13] = [
        Kind::AuthExpired,
        Kind::AuthRevoked,
        Kind::MissingScope,
        Kind::Forbidden,
        Kind::NotFound,
        Kind::Invalid,
        Kind::Conflict,
        Kind::ResponseTooLarge,
        Kind::PlanLimit,
        Kind::RateLimited,
        Kind::Transient,
        Kind::Repeatable,
        Kind::Ambiguous,
    ];

    fn provider_error(kind: Kind) -> Error {
        let (tool, message) = (Tool::new("slack"), "no".to_owned());
        ProviderError { tool, kind, message, retry_after: Some(WAIT) }.into()
    }

    /// An error of every code, and of every kind after a part of its work.
    fn all_errors() -> Vec<Error> {
        let (tool, name) = (Tool::new("slack"), || "x".to_owned());
        let mut all = vec![
            Error::MalformedJson(name()),
            Error::Missing(vec![name()]),
            Error::invalid("context.to", "no"),
            Error::UnknownTool(Tool::parse("x").unwrap_err()),
            Error::UnknownIntent { tool, intent: name(), known: name(), other_tools: vec![] },
            Error::UnknownName { name: name(), nearest: vec![] },
            Error::TooLarge { what: "body", limit: 1 },
            Error::Unauthenticated(TokenFault::Expired),
            Error::Forbidden("no".into()),
            Error::UserMismatch,
            Error::NotFound("Task"),
            FileFault::NotFound { field: "fileId".to_owned() }.into(),
            FileFault::NotUploaded { field: "context.file".to_owned() }.into(),
            FileFault::InUse { tasks: vec![name()] }.into(),
            FileFault::Busy { tasks: vec![name()], cancelled: 0 }.into(),
            FileFault::Expired.into(),
            Error::MethodNotAllowed { allowed: "GET" },
            Error::Conflict(name()),
            Error::CapReached { things: "agents", max: 1 },
            Error::LimitReached { max: 1, things: "intents a minute", retry_after: WAIT },
            Error::NotConnected { tool },
            Error::AmbiguousAccount { tool, accounts: vec![] },
            Error::UnknownAccount { tool, name: name(), accounts: vec![] },
            Error::ReauthRequired { tool },
            Error::MissingScope { tool, needed: name() },
            Error::CircuitBreakerOpen { tool, open_until: Timestamp::MAX, retry_after: WAIT },
            Error::Cooldown { tool, retry_after: WAIT, tickets: crate::pace::Tickets::new() },
            Error::Misfired,
            Error::DelegationEnded,
            Error::AttemptsExhausted,
            Error::AbortedNoEffect { tool },
            Error::IdempotencyKeyReused,
            Error::IdempotencyInProgress { retry_after: WAIT },
            Error::NotConfigured(name()),
            Error::unavailable("down"),
            Error::internal("defect"),
        ];
        all.extend(KINDS.map(provider_error));
        for outcome in [Outcome::None, Outcome::Partial, Outcome::Unknown] {
            let incomplete =
                |kind| Error::Incomplete { error: Box::new(provider_error(kind)), outcome, data: json!({}) };
            all.extend(KINDS.map(incomplete));
        }
        all
    }

    #[test]
    fn every_code_has_a_page_and_an_action() {
        let codes: BTreeSet<String> = all_errors().iter().map(|error| error.code().to_owned()).collect();
        let pages = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/errors")).unwrap();
        let pages = pages.map(|page| page.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned());
        assert_eq!(codes, pages.filter(|page| page != "README").collect());
        let without: Vec<&String> = codes.iter().filter(|code| ErrorAction::of_code(code).is_none()).collect();
        assert!(without.is_empty(), "no action: {without:?}");
        assert_eq!(ErrorAction::of_code("AN_AGENTS_OWN_CODE"), None);
    }

    #[test]
    fn action_outcome_wait_and_link_agree_for_every_error() {
        for error in all_errors() {
            let detail = error.detail(Some("https://app/connect".to_owned()));
            let action = detail.action;
            assert_eq!(detail.connect_url.is_some(), action == ErrorAction::Connect, "{detail:?}");
            assert!(detail.retry_after_ms.is_none() || action == ErrorAction::Retry, "{detail:?}");
            let is_repeatable = detail.code == "RESPONSE_LOST";
            if detail.outcome == Outcome::Unknown {
                let expected = if is_repeatable { ErrorAction::Retry } else { ErrorAction::Inspect };
                assert_eq!(action, expected, "{detail:?}");
            } else {
                // The engine's own retries follow the same rule.
                assert!(!matches!(error.retry(), Retry::After(_)) || action == ErrorAction::Retry, "{detail:?}");
                assert_eq!(error.tool_to_connect().is_some(), action == ErrorAction::Connect, "{detail:?}");
            }
            assert_eq!(ErrorAction::of(error.code(), error.outcome()), Some(action), "{detail:?}");
        }
    }

    #[test]
    fn only_a_retry_says_later() {
        let text = |action, outcome| FallbackTexts::of(Tool::new("slack")).text(action, outcome, "no channel 'x'");
        let (none, unknown) = (Outcome::None, Outcome::Unknown);
        let all = [
            (text(ErrorAction::Retry, none), "later"),
            (text(ErrorAction::Connect, none), "connect it"),
            (text(ErrorAction::Fix, none), "correct it and ask again. The reason: no channel 'x'"),
            (text(ErrorAction::Inspect, none), "look at the reason"),
            (text(ErrorAction::Inspect, unknown), "not certain whether Slack did this"),
        ];
        for (at, (text, part)) in all.iter().enumerate() {
            assert!(text.contains(part) && text.contains("Slack"), "{text}");
            assert_eq!(text.contains("later"), at == 0, "{text}");
        }
    }

    #[test]
    fn no_text_denies_what_was_done_or_may_have_been_done() {
        let denials = ["did not", "could not", "not connected"];
        for error in all_errors().iter().filter(|error| error.outcome() != Outcome::None) {
            let text = FallbackTexts::of(Tool::new("slack")).text(error.action(), error.outcome(), "why");
            let part = if error.outcome() == Outcome::Partial { "did only a part" } else { "not certain whether" };
            assert!(text.contains(part) && !denials.iter().any(|denial| text.contains(denial)), "{error:?}: {text}");
        }
        assert_eq!(Outcome::of_code("OUTCOME_UNKNOWN"), Outcome::Unknown);
        assert_eq!(Outcome::of_code("AN_AGENTS_OWN_CODE"), Outcome::None);
    }
}
