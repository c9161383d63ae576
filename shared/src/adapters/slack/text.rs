//! The text of a message.

use crate::error::{Error, Result};

/// Slack cuts longer texts short without saying so: <https://docs.slack.dev/reference/methods/chat.postMessage>
const MAX_CHARACTERS: usize = 40_000;

/// Checks a message's text.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub(super) fn check(text: &str) -> Result<()> {
    if text.trim().is_empty() {
        return Err(Error::invalid("text", "must not be empty"));
    }
    if escape(text).chars().count() > MAX_CHARACTERS {
        return Err(Error::invalid("text", format!("must be at most {MAX_CHARACTERS} characters")));
    }
    Ok(())
}

/// The text with Slack's three control characters made harmless: `<!channel>` written by a model must not ring in every
/// pocket. `*bold*`, `_italic_` and bare links stay what they are.
///
/// <https://docs.slack.dev/messaging/formatting-message-text#escaping>
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_and_entities_are_harmless() {
        assert_eq!(escape("a & b < c > d"), "a &amp; b &lt; c &gt; d");
        assert_eq!(escape("<!channel> &amp; *bold*"), "&lt;!channel&gt; &amp;amp; *bold*");
    }

    #[test]
    fn the_limit_counts_what_is_sent() {
        assert!(check(&"ä".repeat(MAX_CHARACTERS)).is_ok());
        assert!(check(&"&".repeat(MAX_CHARACTERS / 5 + 1)).is_err());
        assert!(check(" \n").is_err());
    }
}
