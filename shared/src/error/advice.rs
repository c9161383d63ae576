//! The advice that a text adds to a fault: where the name that does not exist is known, and what to do without the object that does not exist.

use serde_json::Value;

use crate::tool::Tool;

/// The advice about objects that are not there for long, by their name.
const ADVICE: [(&str, &str); 3] = [
    (
        "Connect attempt",
        "a connect code lives ten minutes and is used once, by the user who started: start again with \
         GET /api/plugin-engine/oauth/authorize?tool=gmail, or another tool",
    ),
    ("Error", "an error is listed for 90 days by GET /api/plugin-engine/errors"),
    ("Task", "a finished task is listed for 30 days by GET /api/plugin-engine/tasks"),
];

/// Returns `; ` with the advice about an object that does not exist, or an empty text.
pub(super) fn about_absent(object: &str) -> String {
    let advice = ADVICE.iter().find(|(name, _)| *name == object);
    advice.map_or_else(String::new, |(_, advice)| format!("; {advice}"))
}

/// Returns `; did you mean a, b or c?`, or a full stop: the end of a sentence.
pub(super) fn alternatives(names: &[String]) -> String {
    match names {
        [] => ".".to_owned(),
        [one] => format!("; did you mean {one}?"),
        [others @ .., last] => format!("; did you mean {} or {last}?", others.join(", ")),
    }
}

/// Returns `; it is an action of notion`, or an empty text.
pub(super) fn about_action_of(tools: &[Tool]) -> String {
    let tools: Vec<&str> = tools.iter().map(|tool| tool.as_str()).collect();
    if tools.is_empty() { String::new() } else { format!("; it is an action of {}", tools.join(" and ")) }
}

/// True if the data of an incomplete action names a step that was done.
pub(super) fn has_done(data: &Value) -> bool {
    data["done"].as_array().is_some_and(|done| !done.is_empty())
}
