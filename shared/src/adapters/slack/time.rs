//! Slack's timestamps, `1512085950.000216`, and ISO 8601.

use jiff::Timestamp;

use crate::error::{Error, Result};

/// Reads an instant a person wrote, ISO 8601 with a zone or a Slack timestamp, as a Slack timestamp.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub(super) fn parse_ts(field: &str, text: &str) -> Result<String> {
    let text = text.trim();
    if is_ts(text) {
        return Ok(text.to_owned());
    }
    let instant: Timestamp = text.parse().map_err(|_| {
        Error::invalid(field, "must be a time with its zone (2026-11-23T10:00:00Z) or a Slack timestamp")
    })?;
    let micros = instant.as_microsecond();
    Ok(format!("{}.{:06}", micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000)))
}

/// Checks that a text is the timestamp of a message.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub(super) fn check_ts(field: &str, text: &str) -> Result<()> {
    if is_ts(text) { Ok(()) } else { Err(Error::invalid(field, "must be a message's `ts`, such as 1512085950.000216")) }
}

/// Reads the two ends of a stretch of time, `oldest` and `latest`.
///
/// # Errors
/// As [`read`].
pub(super) fn parse_range(oldest: Option<&str>, latest: Option<&str>) -> Result<(Option<String>, Option<String>)> {
    let bound = |field: &str, text: Option<&str>| text.map(|text| parse_ts(field, text)).transpose();
    Ok((bound("oldest", oldest)?, bound("latest", latest)?))
}

/// The instant of a Slack timestamp.
pub(super) fn timestamp(ts: &str) -> Option<Timestamp> {
    let (seconds, micros) = ts.split_once('.').filter(|_| is_ts(ts))?;
    Timestamp::new(seconds.parse().ok()?, micros.parse::<i32>().ok()? * 1000).ok()
}

fn is_ts(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once('.').is_some_and(|(seconds, micros)| {
        (1..=12).contains(&seconds.len()) && micros.len() == 6 && digits(seconds) && digits(micros)
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
