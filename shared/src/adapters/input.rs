//! Input types that validate when they are parsed, and that carry their bounds into the schema: what a field allows stands once.
//!
//! Those of one provider, such as Slack's channel, are in its folder. A refusal says what is allowed, with an example. A text has no
//! description of its own: that of its field, or of the list with it, is published.

mod file;

pub use file::{ContentType, FileInput, FileName};

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use std::ops::Deref;

/// A text of several lines, of at most `MAX` characters. It is not blank, unless `MIN` is 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline, description = "", extend("minLength" = MIN, "maxLength" = MAX, "x-multiline" = true))]
pub struct Text<const MAX: usize, const MIN: usize = 1>(String);

/// A text of one line, without control characters, of at most `MAX` characters. It is not blank, unless `MIN` is 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline, description = "", extend("minLength" = MIN, "maxLength" = MAX))]
pub struct Line<const MAX: usize, const MIN: usize = 1>(String);

/// A provider's cursor of the next page of a list.
pub type Cursor = Line<4096>;

/// A number of items from 1 to `MAX`; `DEFAULT` if it is absent, by `#[serde(default)]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline, extend("minimum" = 1, "maximum" = MAX))]
pub struct Limit<const DEFAULT: u32, const MAX: u32>(u32);

/// An instant: ISO 8601 with a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline, extend("x-empty" = "refused", "x-form" = "a time with its zone"))]
pub struct Instant(#[schemars(with = "String")] pub Timestamp);

/// A date without a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline, extend("x-empty" = "refused", "x-form" = "a date"))]
pub struct Day(#[schemars(with = "String")] pub Date);

/// A list of 1 to `MAX` items.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline, extend("minItems" = 1, "maxItems" = MAX))]
pub struct Items<T, const MAX: usize>(Vec<T>);

/// Returns why a text is refused, if it is blank or too long.
fn text_fault(text: &str, min: usize, max: usize) -> Option<String> {
    if min > 0 && text.trim().is_empty() {
        return Some("must not be empty".to_owned());
    }
    let count = text.chars().count();
    (count > max).then(|| format!("must have at most {max} characters; it has {count}"))
}

impl<'de, const MAX: usize, const MIN: usize> Deserialize<'de> for Text<MAX, MIN> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text_fault(&text, MIN, MAX) {
            Some(reason) => Err(D::Error::custom(reason)),
            None if text.contains(|c: char| c.is_ascii_control() && !matches!(c, '\n' | '\r' | '\t')) => {
                Err(D::Error::custom("must not contain control characters other than line breaks and tabs"))
            }
            None => Ok(Self(text)),
        }
    }
}

impl<'de, const MAX: usize, const MIN: usize> Deserialize<'de> for Line<MAX, MIN> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text_fault(&text, MIN, MAX) {
            Some(reason) => Err(D::Error::custom(reason)),
            None if text.contains(char::is_control) => {
                Err(D::Error::custom("must be one line without control characters, such as line breaks"))
            }
            None => Ok(Self(text)),
        }
    }
}

impl<'de, const DEFAULT: u32, const MAX: u32> Deserialize<'de> for Limit<DEFAULT, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u32::deserialize(deserializer)? {
            limit @ 1.. if limit <= MAX => Ok(Self(limit)),
            _ => Err(D::Error::custom(format!("must be between 1 and {MAX}, for example {DEFAULT}"))),
        }
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let instant = text.trim().parse().map(Self);
        instant.map_err(|_| D::Error::custom("must be a time with its zone, for example 2026-11-23T10:00:00Z"))
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // `Date` also parses the date part of a timestamp, with a zone that would be lost.
        let date = text.parse::<Date>().ok().filter(|date| date.to_string() == text);
        date.map(Self).ok_or_else(|| D::Error::custom("must be a date, for example 2026-11-23"))
    }
}

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for Items<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let items = Vec::deserialize(deserializer)?;
        match items.len() {
            0 => Err(D::Error::custom("must not be empty")),
            count if count > MAX => Err(D::Error::custom(format!("must have at most {MAX} items; it has {count}"))),
            _ => Ok(Self(items)),
        }
    }
}

impl<const DEFAULT: u32, const MAX: u32> Default for Limit<DEFAULT, MAX> {
    fn default() -> Self {
        Self(DEFAULT)
    }
}

impl<const DEFAULT: u32, const MAX: u32> Limit<DEFAULT, MAX> {
    /// Returns the number.
    pub fn get(self) -> u32 {
        self.0
    }
}

impl<const MAX: usize, const MIN: usize> Deref for Text<MAX, MIN> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize, const MIN: usize> Deref for Line<MAX, MIN> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<T, const MAX: usize> Deref for Items<T, MAX> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn refusal<T: for<'de> Deserialize<'de>>(value: Value) -> Option<String> {
        serde_json::from_value::<T>(value).err().map(|error| error.to_string())
    }

    #[test]
    fn values_within_the_bounds_are_parsed_and_others_refused() {
        assert_eq!(refusal::<Text<3>>(json!("a\nb")), None);
        assert_eq!(refusal::<Text<3>>(json!("äöüß")).unwrap(), "must have at most 3 characters; it has 4");
        assert_eq!(refusal::<Text<3>>(json!(" \n")).unwrap(), "must not be empty");
        assert!(refusal::<Text<3>>(json!("a\0")).unwrap().contains("control characters"));
        assert!(refusal::<Line<3>>(json!("a\nb")).unwrap().contains("one line"));
        assert_eq!(refusal::<Limit<50, 100>>(json!(100)), None);
        for limit in [0, 101] {
            assert_eq!(refusal::<Limit<50, 100>>(json!(limit)).unwrap(), "must be between 1 and 100, for example 50");
        }
        assert_eq!(refusal::<Instant>(json!("2026-11-23T10:00:00+02:00")), None);
        assert!(refusal::<Instant>(json!("2026-11-23T10:00:00")).unwrap().contains("with its zone"));
        for date in ["2026-02-30", "tomorrow", "2026-11-23T10:00:00Z"] {
            assert!(refusal::<Day>(json!(date)).unwrap().contains("must be a date"), "{date}");
        }
        assert!(refusal::<Items<u8, 2>>(json!([])).is_some() && refusal::<Items<u8, 2>>(json!([1, 2, 3])).is_some());
    }
}
