//! Slack's timestamps, `1512085950.000216`, and ISO 8601.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::Deref;

/// The `ts` of the message, for example `1512085950.000216`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("pattern" = r"^[0-9]{1,12}\.[0-9]{6}$", "x-form" = "a message's `ts`"))]
pub(super) struct Ts(String);

/// An instant as a Slack timestamp.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("x-empty" = "refused", "x-form" = "a time with its zone, or a message's `ts`"))]
pub(super) struct Moment(String);

impl TryFrom<String> for Ts {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if is_ts(&text) { Ok(Self(text)) } else { Err("must be a message's `ts`, for example 1512085950.000216") }
    }
}

impl TryFrom<String> for Moment {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let text = text.trim();
        if is_ts(text) {
            return Ok(Self(text.to_owned()));
        }
        let instant: Timestamp = text
            .parse()
            .map_err(|_| "must be a time with its zone or a message's `ts`, for example 2026-11-23T10:00:00Z")?;
        let micros = instant.as_microsecond();
        Ok(Self(format!("{}.{:06}", micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000))))
    }
}

impl Deref for Ts {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Deref for Moment {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// Returns the instant of a Slack timestamp, as ISO 8601.
pub(super) fn of_ts(ts: &str) -> Option<String> {
    let (seconds, micros) = ts.split_once('.').filter(|_| is_ts(ts))?;
    let instant = Timestamp::new(seconds.parse().ok()?, micros.parse::<i32>().ok()? * 1000).ok()?;
    Some(instant.to_string())
}

/// Returns the instant of seconds since 1970, as ISO 8601.
pub(super) fn of_seconds(seconds: i64) -> Option<String> {
    Some(Timestamp::from_second(seconds).ok()?.to_string())
}

fn is_ts(text: &str) -> bool {
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once('.').is_some_and(|(seconds, micros)| {
        (1..=12).contains(&seconds.len()) && micros.len() == 6 && is_digits(seconds) && is_digits(micros)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_iso_8601_or_a_slack_timestamp() {
        for (text, ts) in [
            ("1512085950.000216", "1512085950.000216"),
            ("2017-11-30T23:52:30Z", "1512085950.000000"),
            ("2017-11-30T23:52:30.000216Z", "1512085950.000216"),
            ("2017-12-01T00:52:30.250+01:00", "1512085950.250000"),
        ] {
            assert_eq!(&*Moment::try_from(text.to_owned()).unwrap(), ts, "{text}");
        }
        assert_eq!(of_ts("1512085950.000216").unwrap(), "2017-11-30T23:52:30.000216Z");
        assert_eq!(of_seconds(1_512_085_950).unwrap(), "2017-11-30T23:52:30Z");
    }

    #[test]
    fn other_texts_are_no_times() {
        for text in ["", "yesterday", "2017-11-30", "2017-11-30T23:52:30", "1512085950", "1512085950.2", "-1.000000"] {
            assert!(Moment::try_from(text.to_owned()).is_err(), "{text}");
            assert!(Ts::try_from(text.to_owned()).is_err(), "{text}");
            assert_eq!(of_ts(text), None, "{text}");
        }
    }
}
