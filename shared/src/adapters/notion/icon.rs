//! A page's icon: an emoji, or a picture on the web.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::text;

/// Size of the longest emoji with all its joiners.
const MAX_EMOJI_BYTES: usize = 48;
/// Length of a web address: <https://developers.notion.com/reference/request-limits>
const MAX_URL_BYTES: usize = 2000;

/// An icon of an input.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(
    inline,
    with = "String",
    extend("minLength" = 1, "maxLength" = MAX_URL_BYTES, "x-form" = "one emoji or the https address of a picture")
)]
pub(super) struct Icon(String);

impl TryFrom<String> for Icon {
    type Error = &'static str;

    fn try_from(icon: String) -> Result<Self, Self::Error> {
        match is_external_url(&icon) || is_emoji(&icon) {
            true => Ok(Self(icon)),
            false => Err("must be one emoji, for example 🚀, or the https address of a picture"),
        }
    }
}

impl Icon {
    /// Converts to Notion's request form.
    pub(super) fn to_request(&self) -> Value {
        if is_external_url(&self.0) {
            return json!({ "type": "external", "external": { "url": self.0 } });
        }
        json!({ "type": "emoji", "emoji": self.0 })
    }
}

/// Converts an icon of a Notion response to an emoji, an address or a name, if there is one.
pub(super) fn to_plain(icon: &Value) -> Option<String> {
    let places = ["/emoji", "/external/url", "/file/url", "/custom_emoji/name", "/icon/name"];
    places.iter().find_map(|place| text(icon.pointer(place)?))
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
            assert_eq!(Icon::try_from(icon.to_owned()).unwrap().to_request(), request);
            assert_eq!(to_plain(&request).as_deref(), Some(icon));
        }
        let named = json!({ "type": "icon", "icon": { "name": "pizza" } });
        assert_eq!((to_plain(&named).as_deref(), to_plain(&Value::Null)), (Some("pizza"), None));
        for icon in ["", "rocket", "é", "http://a.example/b.png", "🚀 go", "javascript:alert(1)"] {
            assert!(Icon::try_from(icon.to_owned()).is_err(), "{icon}");
        }
    }
}
