//! Slack's timestamps, `1512085950.000216`, and ISO 8601.

use jiff::Timestamp;

use crate::error::{Error, Result};

/// Parses an instant, ISO 8601 with a zone or a Slack timestamp, as a Slack timestamp.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub(super) fn parse_ts(field: &str, text: &str) -> Result<String> {
    let text = text.trim();
    if is_ts(text) {
        return Ok(text.to_owned());
    }
    let instant: Timestamp = text.parse().map_err(|_| {
        Error::invalid(field, "must be a time with its zone or a message's `ts`, for example 2026-11-23T10:00:00Z")
    })?;
    let micros = instant.as_microsecond();
    Ok(format!("{}.{:06}", micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000)))
}

/// Checks that a text is the `ts` of a message.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub(super) fn check_ts(field: &str, text: &str) -> Result<()> {
    if is_ts(text) {
        Ok(())
    } else {
        Err(Error::invalid(field, "must be a message's `ts`, for example 1512085950.000216"))
    }
}

/// A range of time, its ends as Slack timestamps.
pub(super) struct TimeRange {
    /// The start, if there is one.
    pub(super) oldest: Option<String>,
    /// The end, if there is one.
    pub(super) latest: Option<String>,
}

impl TimeRange {
    /// Parses the fields `oldest` and `latest`.
    ///
    /// # Errors
    /// As [`parse_ts`].
    pub(super) fn parse(oldest: Option<&str>, latest: Option<&str>) -> Result<Self> {
        let parse = |field: &str, text: Option<&str>| text.map(|text| parse_ts(field, text)).transpose();
        Ok(Self { oldest: parse("oldest", oldest)?, latest: parse("latest", latest)? })
    }
}

/// Returns the instant of a Slack timestamp.
pub(super) fn timestamp(ts: &str) -> Option<Timestamp> {
    let (seconds, micros) = ts.split_once('.').filter(|_| is_ts(ts))?;
    Timestamp::new(seconds.parse().ok()?, micros.parse::<i32>().ok()? * 1000).ok()
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
    fn parse_ts_accepts_iso_8601_and_slack_timestamps() {
        for (text, ts) in [
            ("1512085950.000216", "1512085950.000216"),
            ("2017-11-30T23:52:30Z", "1512085950.000000"),
            ("2017-11-30T23:52:30.000216Z", "1512085950.000216"),
            ("2017-12-01T00:52:30.250+01:00", "1512085950.250000"),
        ] {
            assert_eq!(parse_ts("oldest", text).unwrap(), ts, "{text}");
        }
        assert_eq!(timestamp("1512085950.000216").unwrap().to_string(), "2017-11-30T23:52:30.000216Z");
    }

    #[test]
    fn rejects_invalid_times() {
        for text in ["", "yesterday", "2017-11-30", "2017-11-30T23:52:30", "1512085950", "1512085950.2", "-1.000000"] {
            assert!(parse_ts("oldest", text).is_err(), "{text}");
            assert!(check_ts("threadTs", text).is_err(), "{text}");
            assert_eq!(timestamp(text), None, "{text}");
        }
    }
}
