//! Values of a date property: a day or an instant, or a range of them.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

/// Converts a plain value to Notion's request form; an error for an invalid date.
pub(super) fn to_request(value: &Value) -> Result<Value, ()> {
    let start = value.as_str().or_else(|| value["start"].as_str()).filter(|text| is_date(text)).ok_or(())?;
    let mut date = json!({ "start": start });
    let is_known_key = |key: &String| ["start", "end"].contains(&key.as_str());
    if value.as_object().is_some_and(|fields| !fields.keys().all(is_known_key)) {
        return Err(());
    }
    match value.get("end") {
        None | Some(Value::Null) => {}
        Some(end) => date["end"] = json!(end.as_str().filter(|text| is_date(text)).ok_or(())?),
    }
    Ok(date)
}

/// Converts a date of a Notion response: its start, or start and end.
pub(super) fn to_plain(date: &Value) -> Value {
    match &date["end"] {
        Value::Null => date["start"].clone(),
        end => json!({ "start": date["start"], "end": end }),
    }
}

/// True for a day, or a time with a known zone.
pub(super) fn is_date(text: &str) -> bool {
    // `Date` also parses the day of a whole timestamp, whose zone is unknown then.
    text.parse::<Date>().is_ok_and(|day| day.to_string() == text) || text.parse::<Timestamp>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_invalid_dates() {
        for value in [
            json!("23.11.2026"),
            json!("2026-11-23T10:00:00"),
            json!(20_261_123),
            json!({ "start": "2026-11-23", "end": "later" }),
            json!({ "start": "2026-11-23", "zone": "UTC" }),
            json!({ "end": "2026-11-23" }),
        ] {
            assert_eq!(to_request(&value), Err(()), "{value}");
        }
        assert_eq!(to_request(&json!({ "start": "2026-11-23", "end": null })), Ok(json!({ "start": "2026-11-23" })));
    }
}
