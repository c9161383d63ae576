//! Suggestions for names that do not exist: the known name that is most like the given one.

/// Number of characters of a name that are compared.
const MAX_COMPARED: usize = 64;
/// Minimum number of characters of a name that counts as a part of another one.
const MIN_PART: usize = 4;

/// Returns the known name that is most like `text`, if one is similar. Letter case and punctuation are ignored: `thread_ts` is
/// `threadTs`.
pub(crate) fn nearest<'a>(text: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let text = simplified(text);
    let length = text.chars().count();
    let distance = |name: &'a str| {
        let name = simplified(name);
        let is_part = |part: &str, whole: &str| part.len() >= MIN_PART && whole.contains(part);
        let distance = strsim::osa_distance(&text, &name);
        let is_similar = distance <= (length / 3).max(1) && distance < length;
        (is_similar || is_part(&name, &text) || is_part(&text, &name)).then_some(distance)
    };
    let similar = known.into_iter().filter_map(|name| Some((distance(name)?, name)));
    similar.min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

/// Returns `; did you mean x?` for a similar name, or an empty text.
pub(crate) fn question<'a>(text: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(text, known).map_or_else(String::new, |name| format!("; did you mean {name}?"))
}

/// Returns `; did you mean x?` for a similar name, or a full stop: the end of a sentence.
pub(crate) fn sentence_end<'a>(text: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let question = question(text, known);
    if question.is_empty() { ".".to_owned() } else { question }
}

fn simplified(text: &str) -> String {
    text.chars().take(MAX_COMPARED).filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_similar_name_is_suggested() {
        let known = ["send_email", "send_draft", "reply", "reply_all", "fetch_emails"];
        for (text, name) in [
            ("send_mail", "send_email"),
            ("sendEmail", "send_email"),
            ("gmail_send_email", "send_email"),
            ("replyAll", "reply_all"),
            ("fetch_email", "fetch_emails"),
            ("replay", "reply"),
        ] {
            assert_eq!(nearest(text, known), Some(name), "{text}");
        }
        for text in ["", "x", "archive", "\u{0}", "delete_note"] {
            assert_eq!(nearest(text, known), None, "{text}");
        }
        assert_eq!(question("thread_ts", ["threadTs", "text"]), "; did you mean threadTs?");
    }
}
