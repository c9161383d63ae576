//! Comparison of a text that was sent with one that Asana returns. Asana changes spaces, writes some characters as entities, and
//! replaces a link to one of its own objects by the object's name: <https://developers.asana.com/docs/rich-text>

/// True if a text that Asana returns can only be the one that was sent.
pub(super) fn is_same(sent: &str, shown: &str) -> bool {
    let (sent, shown) = (words(sent), words(shown));
    if sent == shown {
        return true;
    }
    // A text of links alone would fit any other.
    let segments: Vec<&[String]> = sent.split(|word| is_link(word)).collect();
    segments.len() > 1 && segments.iter().any(|segment| !segment.is_empty()) && fits(&segments, &shown)
}

/// True if both texts have a word in common, so that one may be the other in another form.
pub(super) fn shares_a_word(sent: &str, shown: &str) -> bool {
    let shown = words(shown);
    words(sent).iter().any(|word| shown.contains(word))
}

/// True if the words have all segments in order, with at least one word in place of each link between them.
fn fits(segments: &[&[String]], words: &[String]) -> bool {
    let [first, rest @ ..] = segments else { return false };
    let Some(mut words) = words.strip_prefix(*first) else { return false };
    let Some((last, middle)) = rest.split_last() else { return words.is_empty() };
    for segment in middle {
        let Some((_, behind)) = words.split_first() else { return false };
        let found = (0..=behind.len()).find_map(|start| behind[start..].strip_prefix(*segment));
        let Some(behind) = found else { return false };
        words = behind;
    }
    words.strip_suffix(*last).is_some_and(|link| !link.is_empty())
}

fn is_link(word: &str) -> bool {
    word.contains("://")
}

/// Returns the words of a text, without entities.
fn words(text: &str) -> Vec<String> {
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")];
    let plain = entities.iter().fold(text.to_owned(), |text, (entity, plain)| text.replace(entity, plain));
    plain.split_whitespace().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_entities_and_links_may_differ() {
        let link = "See https://app.asana.com/0/1/2 and https://app.asana.com/0/1/3 today";
        for (sent, shown) in [
            ("Ready now", " Ready\n now"),
            ("Q&A: \"yes\"", "Q&amp;A: &quot;yes&quot;"),
            (link, link),
            (link, "See Ship it and Sail today"),
            ("https://app.asana.com/0/1/2 done", "Ship it done"),
        ] {
            assert!(is_same(sent, shown), "{shown}");
        }
        for (sent, shown) in [
            ("Ready now", "Ready"),
            (link, "See Ship it and today"),
            (link, "See Ship it today"),
            (link, "Look at Ship it and Sail today"),
            ("https://app.asana.com/0/1/2", "Thank you"),
        ] {
            assert!(!is_same(sent, shown), "{shown}");
        }
        assert!(shares_a_word("In review", "Under review") && !shares_a_word("In review", "Untitled section"));
    }
}
