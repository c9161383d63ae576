//! A page's icon: an emoji, or a picture on the web.

use serde_json::{Value, json};
use url::Url;

use crate::error::{Error, Result};

/// Size of the longest emoji with all its joiners.
const MAX_EMOJI_BYTES: usize = 48;
/// Length of a web address: <https://developers.notion.com/reference/request-limits>
const MAX_URL_BYTES: usize = 2000;

/// Checks an icon from an agent.
///
/// # Errors
/// [`Error::Invalid`] for the field `icon`.
pub(super) fn check(icon: &str) -> Result<()> {
    if is_external_url(icon) || is_emoji(icon) {
        return Ok(());
    }
    Err(Error::invalid("icon", "must be one emoji, for example 🚀, or the https address of a picture"))
}

/// Converts to Notion's request form.
pub(super) fn to_request(icon: &str) -> Value {
    if is_external_url(icon) {
        return json!({ "type": "external", "external": { "url": icon } });
    }
    json!({ "type": "emoji", "emoji": icon })
}

/// Converts an icon of a Notion response to an emoji, an address or a name; null if there is none.
pub(super) fn to_plain(icon: &Value) -> Value {
    let texts = ["/emoji", "/external/url", "/file/url", "/custom_emoji/name", "/icon/name"];
    texts.iter().find_map(|text| icon.pointer(text)).cloned().unwrap_or_default()
}

fn is_external_url(icon: &str) -> bool {
    icon.len() <= MAX_URL_BYTES && Url::parse(icon).is_ok_and(|url| url.scheme() == "https")
}

/// True for anything that is no word. The set of emoji changes every year, so it is not checked.
fn is_emoji(icon: &str) -> bool {
    // Some letter-like symbols, such as ℹ, are emoji; the alphabets have lower code points.
    let is_word_character =
        |char: char| (char < '\u{2000}' && char.is_alphabetic()) || char.is_whitespace() || char.is_control();
    !icon.is_empty() && icon.len() <= MAX_EMOJI_BYTES && !icon.is_ascii() && !icon.contains(is_word_character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_emoji_and_https_urls() {
        for (icon, request) in [
            ("🚀", json!({ "type": "emoji", "emoji": "🚀" })),
            ("1️⃣", json!({ "type": "emoji", "emoji": "1️⃣" })),
            (
                "https://a.example/b.png",
                json!({ "type": "external", "external": { "url": "https://a.example/b.png" } }),
            ),
        ] {
            check(icon).unwrap();
            assert_eq!(to_request(icon), request);
            assert_eq!(to_plain(&request), icon);
        }
        assert_eq!(to_plain(&json!({ "type": "icon", "icon": { "name": "pizza" } })), "pizza");
        assert_eq!(to_plain(&Value::Null), Value::Null);
        for icon in ["", "rocket", "é", "http://a.example/b.png", "🚀 go", "javascript:alert(1)"] {
            assert!(check(icon).is_err(), "{icon}");
        }
    }
}
