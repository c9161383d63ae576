//! The end of an act: the provider's ledger against the engine's own words.

use sandbox::Effect;
use serde_json::Value;

use crate::failure::{Failure, Result};

/// The expected entry of the ledger, and the expected answer of the engine.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim<'a> {
    /// The provider's name.
    pub(super) provider: &'a str,
    /// The text by which the messages of the act are recognised.
    pub(super) text: &'a str,
    /// The number of messages that the provider must have seen.
    pub(super) messages: usize,
    /// The number of attempts of which the engine must speak.
    pub(super) attempts: u64,
}

/// The kinds of effects that are a message.
const MESSAGE_KINDS: [&str; 2] = ["message_sent", "message_posted"];

/// Compares the claim with the ledger and with the engine's task, and returns the sentence for both.
///
/// # Errors
/// If one of them differs.
pub(super) fn check(claim: &Claim<'_>, ledger: &[Effect], task: &Value) -> Result<String> {
    let Claim { provider, messages, attempts, .. } = *claim;
    let seen = messages_of(ledger, claim.text).len();
    if seen != messages {
        return Err(Failure::new(format!(
            "expected that {provider} saw {}, got {}",
            count(messages, "message"),
            count(seen, "message")
        )));
    }
    if task["status"] != "completed" || task["attempts"] != attempts {
        let expected = format!("expected a task that completed after {}", count(attempts, "attempt"));
        return Err(Failure::new(format!("{expected}, got {task}")));
    }
    let [messages, attempts] = [count(messages, "message"), count(attempts, "attempt")];
    Ok(format!("{provider} saw {messages}; the engine says completed after {attempts}"))
}

/// Returns the messages with this text.
pub(super) fn messages_of<'a>(ledger: &'a [Effect], text: &str) -> Vec<&'a Effect> {
    let messages = ledger.iter().filter(|effect| MESSAGE_KINDS.contains(&effect.kind.as_str()));
    messages.filter(|effect| effect.request.to_string().contains(text)).collect()
}

/// Returns a number with its noun: `1 message`, `2 messages`.
pub(super) fn count(number: impl TryInto<u64>, noun: &str) -> String {
    match number.try_into().unwrap_or(u64::MAX) {
        1 => format!("1 {noun}"),
        number => format!("{number} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn effect(kind: &str, subject: &str) -> Effect {
        let [provider, account, at] = ["gmail", "alex@example.com", "2026-11-27T10:00:00.000Z"].map(str::to_owned);
        let (kind, id, by) = (kind.to_owned(), "m1".to_owned(), account.clone());
        Effect { seq: 1, provider, kind, id, account, by, at, request: json!({ "subject": subject }) }
    }

    #[test]
    fn a_wrong_ledger_or_task_fails_the_act() {
        let claim = Claim { provider: "Gmail", text: "act 1", messages: 1, attempts: 1 };
        let task = json!({ "status": "completed", "attempts": 1 });
        let once = [effect("message_sent", "act 1"), effect("message_sent", "act 2"), effect("draft_created", "act 1")];
        let verdict =
            |ledger: &[Effect], task: &Value| check(&claim, ledger, task).map_err(|failure| failure.to_string());
        assert_eq!(verdict(&once, &task).unwrap(), "Gmail saw 1 message; the engine says completed after 1 attempt");

        let twice = [effect("message_sent", "act 1"), effect("message_sent", "act 1")];
        assert_eq!(verdict(&twice, &task).unwrap_err(), "expected that Gmail saw 1 message, got 2 messages");
        assert_eq!(verdict(&[], &task).unwrap_err(), "expected that Gmail saw 1 message, got 0 messages");
        for wrong in [json!({ "status": "processing", "attempts": 1 }), json!({ "status": "completed", "attempts": 2 })]
        {
            assert!(
                verdict(&once, &wrong).unwrap_err().starts_with("expected a task that completed after 1 attempt, got")
            );
        }
    }
}
