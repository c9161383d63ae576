//! Responses with a surprise: a field of another form than the provider documents, or a null where it documents none, costs that field
//! and not the result.

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

/// Largest number of values that are left out of one response: one of each item of the longest page. Each costs a parse.
const MAX_SURPRISES: usize = 500;
/// Names of the fields that say whether there is more, at the four providers. Without one, a part would pass for the whole.
pub(in crate::adapters) const CURSORS: [&str; 7] =
    ["has_more", "nextPageToken", "next_cursor", "next_page", "offset", "response_metadata", "pagination"];

/// Parses a response. A value that does not fit its field is left out; a required field that is then missing leaves out the value that
/// requires it, such as an item of a list. Returns `None` if the response as a whole does not fit, or its cursor does not, and how many
/// values were left out.
pub(super) fn parse<T: DeserializeOwned>(mut body: Value) -> Option<(T, usize)> {
    for surprises in 0..=MAX_SURPRISES {
        match serde_path_to_error::deserialize::<_, T>(&body) {
            Ok(parsed) => return Some((parsed, surprises)),
            Err(error) => leave_out(&mut body, error.path())?,
        }
    }
    None
}

/// Removes the value at a path; `None` if that is the whole.
fn leave_out(body: &mut Value, path: &Path) -> Option<()> {
    let segments: Vec<&Segment> =
        path.iter().take_while(|segment| matches!(segment, Segment::Seq { .. } | Segment::Map { .. })).collect();
    let (last, parents) = segments.split_last()?;
    let parent = parents.iter().try_fold(body, |value, segment| match segment {
        Segment::Seq { index } => value.get_mut(*index),
        Segment::Map { key } => value.get_mut(key),
        Segment::Enum { .. } | Segment::Unknown => None,
    })?;
    match (last, parent) {
        (Segment::Seq { index }, Value::Array(items)) if *index < items.len() => {
            items.remove(*index);
            Some(())
        }
        (Segment::Map { key }, _) if CURSORS.contains(&key.as_str()) => None,
        (Segment::Map { key }, Value::Object(fields)) => fields.remove(key).map(drop),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Record {
        id: String,
        name: Option<String>,
        owner: Option<Owner>,
        #[serde(default)]
        parts: Vec<Owner>,
    }

    #[derive(Debug, Deserialize)]
    struct Listed {
        #[expect(dead_code, reason = "it is only parsed")]
        next_cursor: Option<String>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Owner {
        id: String,
    }

    fn parsed(body: Value) -> Option<(Record, usize)> {
        parse(body)
    }

    #[test]
    fn a_surprise_costs_its_field_or_its_item() {
        let plain = Record { id: "1".to_owned(), name: None, owner: None, parts: vec![] };
        for body in [
            json!({ "id": "1", "name": 5 }),
            json!({ "id": "1", "name": { "text": "a" } }),
            json!({ "id": "1", "owner": "ann" }),
            json!({ "id": "1", "owner": { "id": null } }),
            json!({ "id": "1", "owner": {} }),
            json!({ "id": "1", "parts": null }),
            json!({ "id": "1", "parts": [{}] }),
        ] {
            assert_eq!(parsed(body.clone()).unwrap().0, plain, "{body}");
        }
        let (record, surprises) = parsed(json!({ "id": "1", "parts": [{ "id": 1 }, { "id": "2" }] })).unwrap();
        assert_eq!((record.parts, surprises), (vec![Owner { id: "2".to_owned() }], 2));
    }

    #[test]
    fn a_response_without_what_it_is_about_is_refused() {
        for body in [json!({}), json!({ "id": null }), json!({ "id": 7 }), json!(null), json!("text")] {
            assert_eq!(parsed(body.clone()), None, "{body}");
        }
        for cursor in [json!(7), json!({}), json!(["p2"])] {
            let page = json!({ "id": "1", "next_cursor": cursor });
            assert!(parse::<Listed>(page.clone()).is_none(), "a part would pass for the whole: {page}");
        }
        assert!(parse::<Listed>(json!({ "id": "1", "next_cursor": null })).is_some());
        let many: Value = (0..=MAX_SURPRISES).map(|_| json!({})).collect();
        assert_eq!(parsed(json!({ "id": "1", "parts": many })), None);
    }
}
