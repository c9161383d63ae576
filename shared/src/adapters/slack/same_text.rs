//! Comparison of a text with what Slack made of it. Slack stores links in angle brackets, some characters as entities and emoji by
//! name: <https://docs.slack.dev/messaging/formatting-message-text>

/// The character that stands for emoji where texts are compared.
const EMOJI: char = '\u{FFFC}';

/// Returns true if `stored`, as Slack returns it, is the text that was sent as `sent`. Both are in Slack's markup.
///
/// An emoji equals any other, because only Slack knows all their names, unless a text has nothing else.
pub(super) fn is_same(sent: &str, stored: &str) -> bool {
    let (sent, stored) = (plain(sent), plain(stored));
    let (sent_words, stored_words) = (words(&replace_emoji(&sent)), words(&replace_emoji(&stored)));
    let has_words = sent_words.iter().any(|word| *word != String::from(EMOJI));
    if has_words { sent_words == stored_words } else { words(&sent) == words(&stored) }
}

/// Returns a text without Slack's markup: links as their label or address, entities as characters.
fn plain(markup: &str) -> String {
    let mut text = String::with_capacity(markup.len());
    let mut rest = markup;
    while let Some((before, tail)) = rest.split_once('<') {
        text.push_str(before);
        match tail.split_once('>') {
            Some((link, after)) => {
                text.push_str(link_text(link));
                rest = after;
            }
            None => {
                text.push('<');
                rest = tail;
            }
        }
    }
    text.push_str(rest);
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// Returns what a person wrote for a link: `https://example.com`, or the label in `http://example.com|example.com`.
fn link_text(link: &str) -> &str {
    let (address, label) = link.split_once('|').unwrap_or((link, ""));
    if label.is_empty() { address.strip_prefix("mailto:").unwrap_or(address) } else { label }
}

/// Returns a text with a word of its own in place of each emoji, whether it is a character or a name such as `:tada:`.
fn replace_emoji(text: &str) -> String {
    let spaced = format!(" {EMOJI} ");
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tail)) = rest.split_once(':') {
        replaced.push_str(before);
        rest = match tail.split_once(':') {
            Some((name, after)) if is_emoji_name(name) => {
                replaced.push_str(&spaced);
                after
            }
            _ => {
                replaced.push(':');
                tail
            }
        };
    }
    replaced.push_str(rest);
    replaced.replace(is_emoji, &spaced)
}

/// Returns the words of a text. Several emoji in a row are one word: one on the screen can be several characters.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = text.split_whitespace().map(ToOwned::to_owned).collect();
    words.dedup_by(|next, word| next == word && next.starts_with(EMOJI));
    words
}

/// Returns true for a text such as `tada`, `+1` or `skin-tone-2`. Digits alone are more often a time, as in `10:30:00`.
fn is_emoji_name(name: &str) -> bool {
    let is_allowed = |c: char| c.is_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '+' | '\'');
    !name.is_empty()
        && name.chars().all(is_allowed)
        && (matches!(name, "+1" | "-1" | "100" | "1234") || name.chars().any(char::is_alphabetic))
}

/// Returns true for a character that is an emoji or a part of one: <https://www.unicode.org/reports/tr51/>
fn is_emoji(c: char) -> bool {
    matches!(c,
        '\u{A9}' | '\u{AE}' | '\u{200D}' | '\u{203C}' | '\u{2049}' | '\u{20E3}' | '\u{2122}' | '\u{2139}' | '\u{24C2}'
        | '\u{2190}'..='\u{21FF}' | '\u{2300}'..='\u{23FF}' | '\u{25A0}'..='\u{27BF}' | '\u{2900}'..='\u{297F}'
        | '\u{2B00}'..='\u{2BFF}' | '\u{3030}' | '\u{303D}' | '\u{3297}' | '\u{3299}' | '\u{FE0E}' | '\u{FE0F}'
        | '\u{1F000}'..='\u{1FAFF}' | '\u{E0020}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::text::escape;

    #[test]
    fn what_slack_rewrites_is_the_same_text() {
        for (sent, stored) in [
            ("Tom & Ann < 3", "Tom &amp; Ann &lt; 3"),
            ("See https://example.com/a?b=1&c=2 now", "See <https://example.com/a?b=1&amp;c=2> now"),
            ("See example.com", "See <http://example.com|example.com>"),
            ("Ask ann@example.com", "Ask <mailto:ann@example.com|ann@example.com>"),
            ("Ask ann@example.com", "Ask <mailto:ann@example.com>"),
            ("Done 🎉👍🏽", "Done :tada::+1::skin-tone-4:"),
            ("Done ❤️!", "Done :heart:!"),
            ("Done :tada:", "Done :tada:"),
            ("One\n two ", "One\ntwo"),
            ("<@U1> &amp; :x", "&lt;@U1&gt; &amp;amp; :x"),
        ] {
            assert!(is_same(&escape(sent), stored), "{sent} as {stored}");
            assert!(is_same(&escape(sent), &escape(sent)), "{sent}");
        }
    }

    #[test]
    fn another_text_is_not_the_same() {
        for (sent, stored) in [
            ("Stand-up at 10:30:00", "Stand-up at 10:40:00"),
            ("See https://example.com/a", "See <https://example.com/b>"),
            ("Ask ann@example.com", "Ask <mailto:bob@example.com|bob@example.com>"),
            ("Done", "Done!"),
            ("🎉", ":x:"),
            ("Done", "Done :tada:"),
            ("<!channel>", "<!channel|other>"),
            ("a:b c:d", "a"),
        ] {
            assert!(!is_same(&escape(sent), stored), "{sent} is not {stored}");
        }
    }
}
