//! Suggestions for names that do not exist: the known name that is meant or most like the given one, and the place that a field
//! belongs to.

mod homes;
mod synonyms;

use homes::{BESIDE_CONTEXT, HINTS, HOMES};
use synonyms::SYNONYMS;

/// Number of characters of a name that are compared.
const MAX_COMPARED: usize = 64;
/// Minimum number of characters of a name that counts as a part of another one.
const MIN_PART: usize = 4;

/// Returns the known name that `text` stands for: the same in another spelling, a synonym, or else the most similar one. Letter case
/// and punctuation are ignored: `thread_ts` is `threadTs`.
pub(crate) fn nearest<'a>(text: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let known: Vec<&str> = known.into_iter().collect();
    meant(text, &known).or_else(|| similar(text, &known))
}

/// Returns up to `most` known names that `text` can stand for: the one that is meant, then the most similar ones.
pub(crate) fn nearest_names<'a>(text: &str, known: &[&'a str], most: usize) -> Vec<&'a str> {
    let mut names: Vec<&str> = meant(text, known).into_iter().collect();
    let mut similar: Vec<_> = known.iter().filter_map(|name| Some((distance(text, name)?, *name))).collect();
    similar.sort_unstable();
    names.extend(similar.into_iter().map(|(_, name)| name));
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(*name));
    names.truncate(most);
    names
}

/// Returns the known name that `text` writes in another spelling, or the first of its synonyms that is known.
fn meant<'a>(text: &str, known: &[&'a str]) -> Option<&'a str> {
    let text = simplified(text);
    let same = known.iter().find(|name| !text.is_empty() && simplified(name) == text).copied();
    let synonyms = SYNONYMS.iter().filter(|(synonym, _)| *synonym == text).flat_map(|(_, names)| names.iter());
    same.or_else(|| synonyms.filter_map(|name| known.iter().find(|known| *known == name).copied()).next())
}

fn similar<'a>(text: &str, known: &[&'a str]) -> Option<&'a str> {
    let similar = known.iter().filter_map(|name| Some((distance(text, name)?, *name)));
    similar.min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

/// Returns the number of edits between two names; `None` if they are not similar.
fn distance(text: &str, name: &str) -> Option<usize> {
    let (text, name) = (simplified(text), simplified(name));
    let length = text.chars().count();
    let is_part = |part: &str, whole: &str| part.len() >= MIN_PART && whole.contains(part);
    let distance = strsim::osa_distance(&text, &name);
    let is_similar = distance <= (length / 3).max(1) && distance < length;
    (is_similar || is_part(&name, &text) || is_part(&text, &name)).then_some(distance)
}

/// True if two names differ in letter case and punctuation only.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    simplified(one) == simplified(other)
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

/// The start of the reason that refuses a field which the caller has made up.
pub(crate) const UNKNOWN_FIELD: &str = "unknown field";

/// Returns the reason why an object of a request has no such field: the field that was meant, or the place it belongs to.
pub(crate) fn unknown_field(name: &str, known: &[&str]) -> String {
    let question = meant(name, known).map(|meant| format!("; did you mean {meant}?"));
    let home = || home(name);
    let in_context = || {
        let example = "{\"context\": {\"to\": \"ann@example.com\"}}";
        known.contains(&"context").then(|| format!("; a field of the action belongs to context, for example {example}"))
    };
    let similar = || similar(name, known).map(|similar| format!("; did you mean {similar}?"));
    reason(question.or_else(home).or_else(similar).or_else(in_context), known)
}

/// Returns the reason why a context has no such field: the field that was meant, or that it belongs beside the context.
pub(crate) fn unknown_context_field(name: &str, known: &[&str]) -> String {
    let beside = BESIDE_CONTEXT.iter().find(|field| is_same(name, field));
    let beside = || beside.map(|field| format!("; {field} belongs to the request itself, beside context"));
    let question = meant(name, known).map(|meant| format!("; did you mean {meant}?"));
    let similar = || similar(name, known).map(|similar| format!("; did you mean {similar}?"));
    reason(question.or_else(beside).or_else(similar), known)
}

fn reason(hint: Option<String>, known: &[&str]) -> String {
    let known = match known {
        [] => "no field is known".to_owned(),
        known => format!("known fields are {}", known.join(", ")),
    };
    format!("{UNKNOWN_FIELD}{}; {known}", hint.unwrap_or_default())
}

/// Returns the place of a field that only one or two routes have, or what serves in the place of one that none has.
fn home(name: &str) -> Option<String> {
    let hint = HINTS.iter().find(|(known, _)| *known == simplified(name));
    let home = HOMES.iter().find(|(path, _)| is_same(name, path.rsplit('.').next().unwrap_or_default()));
    let home = home.map(|(path, route)| format!("; {path} belongs to {route}"));
    hint.map(|(_, hint)| format!("; {hint}")).or(home)
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
            ("search-emails", "fetch_emails"),
        ] {
            assert_eq!(nearest(text, known), Some(name), "{text}");
        }
        for text in ["", "x", "archive", "\u{0}", "delete_note"] {
            assert_eq!(nearest(text, known), None, "{text}");
        }
        assert_eq!(question("thread_ts", ["threadTs", "text"]), "; did you mean threadTs?");
    }

    #[test]
    fn a_synonym_is_written_simplified_and_is_no_other_spelling_of_its_name() {
        for (synonym, names) in SYNONYMS {
            assert_eq!(simplified(synonym), *synonym);
            assert!(names.iter().all(|name| !is_same(synonym, name)), "{synonym}");
        }
    }

    #[test]
    fn an_unknown_field_says_where_it_belongs() {
        let known = ["agentId", "intent", "context"];
        for (name, hint) in [
            ("agent_id", "; did you mean agentId?"),
            ("action", "; did you mean intent?"),
            ("dry_run", "; dryRun belongs to POST /api/plugin-engine"),
            ("cron", "; recurrence.cron belongs to POST /api/plugin-engine/tasks/schedule"),
            ("intnt", "; did you mean intent?"),
            (
                "subject",
                "; a field of the action belongs to context, for example {\"context\": {\"to\": \"ann@example.com\"}}",
            ),
        ] {
            let reason = unknown_field(name, &known);
            assert_eq!(reason, format!("unknown field{hint}; known fields are agentId, intent, context"));
        }
        assert_eq!(unknown_field("x", &[]), "unknown field; no field is known");
        let beside = "unknown field; saveAs belongs to the request itself, beside context; known fields are to";
        assert_eq!(unknown_context_field("save_as", &["to"]), beside);
    }
}
