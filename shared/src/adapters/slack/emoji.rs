//! An emoji as an agent names it: Slack's name of it, or the character.

use schemars::JsonSchema;
use serde::Deserialize;

/// Slack's names: lines of a character, without variation selectors, and its name. They are those of `emoji-datasource` 16.0.0, whose
/// `short_name` is Slack's name: <https://github.com/iamcal/emoji-data>. Crates of names have GitHub's, which differ for a third of them.
const NAMES: &str = include_str!("emoji_names.txt");
const MAX_NAME_CHARS: usize = 100;
/// The character that asks for the colourful form of an emoji.
const VARIATION_SELECTOR: char = '\u{fe0f}';

/// The emoji, or its name in Slack: `👍`, `thumbsup`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("maxLength" = MAX_NAME_CHARS, "x-form" = "an emoji or its name in Slack"))]
pub(super) struct Emoji(String);

impl TryFrom<String> for Emoji {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let text = Some(text.trim()).filter(|text| text.chars().count() <= MAX_NAME_CHARS).unwrap_or_default();
        let name = text.strip_prefix(':').and_then(|name| name.strip_suffix(':')).unwrap_or(text);
        let is_allowed = |c: char| (c.is_alphanumeric() && !c.is_uppercase()) || "_-+':".contains(c);
        let is_name = name.contains(char::is_alphanumeric) && name.chars().all(is_allowed);
        // Some emoji, such as ℹ, are letters.
        let name = name_of(text).or_else(|| is_name.then(|| name.to_owned()));
        name.map(Self).ok_or("must be an emoji or its name in Slack, for example thumbsup")
    }
}

impl Emoji {
    /// Returns Slack's name.
    pub(super) fn name(&self) -> &str {
        &self.0
    }
}

/// Returns Slack's name of an emoji. That of a skin tone follows the emoji's own: `thumbsup::skin-tone-6`. Two tones of one emoji have no
/// documented name. <https://docs.slack.dev/reference/methods/reactions.add>
fn name_of(emoji: &str) -> Option<String> {
    let emoji: String = emoji.chars().filter(|c| *c != VARIATION_SELECTOR).collect();
    if let Some(name) = listed(&emoji) {
        return Some(name.to_owned());
    }
    let mut tones: Vec<u32> = emoji.chars().filter_map(skin_tone).collect();
    tones.dedup();
    let bare: String = emoji.chars().filter(|c| skin_tone(*c).is_none()).collect();
    match tones.as_slice() {
        [tone] => Some(format!("{}::skin-tone-{tone}", listed(&bare)?)),
        _ => None,
    }
}

fn listed(emoji: &str) -> Option<&'static str> {
    NAMES.lines().filter_map(|line| line.split_once(' ')).find(|(listed, _)| *listed == emoji).map(|(_, name)| name)
}

/// Returns the number of a skin tone, from 2 to 6.
fn skin_tone(c: char) -> Option<u32> {
    ('\u{1f3fb}'..='\u{1f3ff}').contains(&c).then(|| u32::from(c) - 0x1_f3fb + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Option<String> {
        Emoji::try_from(text.to_owned()).ok().map(|emoji| emoji.0)
    }

    #[test]
    fn an_emoji_is_shown_or_named() {
        for (text, expected) in [
            ("👍", "+1"),
            (" 🎉 ", "tada"),
            ("✅", "white_check_mark"),
            ("❤️", "heart"),
            ("❤", "heart"),
            ("🇳🇱", "flag-nl"),
            ("1️⃣", "one"),
            ("👍🏿", "+1::skin-tone-6"),
            ("👩🏽‍💻", "female-technologist::skin-tone-4"),
            ("🕵🏻‍♂️", "male-detective::skin-tone-2"),
            ("🏽", "skin-tone-4"),
            ("thumbsup", "thumbsup"),
            (":wave::skin-tone-3:", "wave::skin-tone-3"),
            (":eine_große:", "eine_große"),
        ] {
            assert_eq!(name(text).as_deref(), Some(expected), "{text}");
        }
        for bad in ["", ":", "Thumbs up", "👍👍", "🫱🏻‍🫲🏿", "a 👍"] {
            assert_eq!(name(bad), None, "{bad}");
        }
    }

    #[test]
    fn every_listed_emoji_has_its_name() {
        assert_eq!(NAMES.lines().count(), 1_911);
        for (emoji, listed) in NAMES.lines().map(|line| line.split_once(' ').unwrap()) {
            assert_eq!(name(emoji).as_deref(), Some(listed));
        }
    }
}
