//! The JSON of a body. An object has each name once: RFC 8259 section 4 leaves open which of two values counts, so that a proxy or an
//! audit could read another one than this service.

use serde_json::Value;
use serde_json::error::Category;

use crate::error::{Error, Result};
use crate::lambda::input;
use crate::validate::UniqueJson;

/// Parses a body.
///
/// # Errors
/// [`Error::MalformedJson`]; [`Error::Invalid`] naming a field that occurs twice.
pub(super) fn parse(body: &[u8]) -> Result<Value> {
    let mut from = serde_json::Deserializer::from_slice(body);
    let parsed = serde_path_to_error::deserialize::<_, UniqueJson>(&mut from);
    let UniqueJson(value) = parsed.map_err(|error| match error.inner().classify() {
        Category::Data => input::fault("body", error),
        Category::Syntax | Category::Eof | Category::Io => malformed(body, error.inner()),
    })?;
    from.end().map_err(|error| malformed(body, &error))?;
    Ok(value)
}

/// Converts a syntax error of the body. serde's text is not returned: it describes the parser, not the rule.
fn malformed(body: &[u8], error: &serde_json::Error) -> Error {
    let (line, column) = (error.line(), error.column());
    Error::MalformedJson(match error.classify() {
        _ if body.trim_ascii().is_empty() => "the body is empty".to_owned(),
        Category::Eof => format!("the JSON ends too early, at line {line}, column {column}"),
        Category::Syntax | Category::Data | Category::Io => format!("syntax error at line {line}, column {column}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn malformed_body_error_states_the_rule_and_the_position() {
        let message = |body: &[u8]| parse(body).unwrap_err().to_string();
        let rule = r#"The request body must be a JSON object, for example {"tool": "gmail"}; "#;
        assert_eq!(message(b" "), format!("{rule}the body is empty"));
        assert_eq!(message(b"{"), format!("{rule}the JSON ends too early, at line 1, column 1"));
        assert_eq!(message(b"{\"a\":1,}"), format!("{rule}syntax error at line 1, column 8"));
        assert_eq!(message(b"{} {}"), format!("{rule}syntax error at line 1, column 4"));
    }

    #[test]
    fn a_name_occurs_once_in_an_object_at_any_depth() {
        for (body, field) in [
            (r#"{"tool":"a","tool":"a"}"#, "tool"),
            (r#"{"context":{"to":"a","cc":1,"to":"b"}}"#, "context.to"),
            (r#"{"mappings":[{},{"tool":1,"to\u006fl":2}]}"#, "mappings[1].tool"),
        ] {
            let message = parse(body.as_bytes()).unwrap_err().to_string();
            assert_eq!(message, format!("{field}: must occur only once"), "{body}");
        }
        let value = json!({ "a": [null, true, -1, 18_446_744_073_709_551_615_u64, 1.5, "x"], "b": { "a": {} } });
        assert_eq!(parse(value.to_string().as_bytes()).unwrap(), value);
    }
}
