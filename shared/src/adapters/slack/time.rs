//! Slack's timestamps, `1512085950.000216`, and ISO 8601.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::Deref;

use super::link::{self, Link, LinkedMessage};

/// Tolerance for the difference between Slack's clock and ours.
const MAX_CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(1);
/// Fewest digits of seconds since 1970 of a time that anybody means: from 1973 on.
const MIN_SECONDS_DIGITS: usize = 9;
/// Numbers from this one on are milliseconds since 1970, not seconds.
const MIN_MILLIS: i64 = 100_000_000_000;

/// The `ts` of the message, for example `1512085950.000216`, or a link to it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(inline, with = "String", extend("x-form" = "a message's `ts`, or a link to it"))]
pub(super) struct Ts(Place);

/// The `ts` of the first message of a thread, or a link to a message of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(inline, with = "String", extend("x-form" = "a message's `ts`, or a link to it"))]
pub(super) struct ThreadTs(Place);

/// The place of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    ts: String,
    /// The id of the channel, if a link named the message.
    channel: Option<String>,
}

/// An instant as a Slack timestamp.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "WrittenMoment")]
#[schemars(inline, with = "WrittenMoment")]
pub(super) struct Moment(String);

/// An instant as it is written.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "must be a time with its zone, a date or a message's `ts`, for example 2026-11-23T10:00:00Z"
)]
#[schemars(inline, extend("x-empty" = "refused", "x-form" = "a time with its zone, a date in UTC, or a message's `ts`"))]
enum WrittenMoment {
    /// ISO 8601 with a zone, a date, a `ts`, seconds, or a link to a message.
    Text(String),
    /// Seconds since 1970, or milliseconds.
    Number(f64),
}

impl TryFrom<String> for Ts {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Place::parse(&text, |link| link.message.clone()).map(Self)
    }
}

impl TryFrom<String> for ThreadTs {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        // A link to a reply names the thread beside the reply.
        Place::parse(&text, |link| link.thread.clone().or_else(|| link.message.clone())).map(Self)
    }
}

impl Place {
    fn parse(text: &str, linked_ts: impl Fn(&Link) -> Option<String>) -> Result<Self, &'static str> {
        let written = || Some(Self { ts: message_ts(text)?, channel: None });
        let linked = || {
            let link = link::parse(text)?;
            Some(Self { ts: linked_ts(&link)?, channel: link.channel })
        };
        written()
            .or_else(linked)
            .filter(|place| is_ts(&place.ts))
            .ok_or("must be a message's `ts` or a link to it, for example 1512085950.000216")
    }
}

impl TryFrom<WrittenMoment> for Moment {
    type Error = &'static str;

    fn try_from(written: WrittenMoment) -> Result<Self, Self::Error> {
        const REASON: &str =
            "must be a time with its zone, a date or a message's `ts`, for example 2026-11-23T10:00:00Z";
        let text = match written {
            WrittenMoment::Text(text) => text.trim().to_owned(),
            WrittenMoment::Number(number) => format!("{number:.6}"),
        };
        if let Some(ts) = written_ts(&text).filter(|ts| seconds(ts) < MIN_MILLIS) {
            return Ok(Self(ts));
        }
        let date = || {
            // A date of jiff's may have a time behind it, which is passed over.
            let date = (text.len() == "2026-11-23".len()).then(|| text.parse::<Date>().ok())??;
            Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
        };
        let millis = || {
            let millis: i64 = text.strip_suffix(".000000").unwrap_or(&text).parse().ok()?;
            Timestamp::from_millisecond(millis).ok().filter(|_| millis >= MIN_MILLIS)
        };
        let linked = || link::parse(&text)?.message;
        match text.parse::<Timestamp>().ok().or_else(date).or_else(millis) {
            Some(instant) => Ok(Self(to_ts(instant))),
            None => linked().filter(|ts| is_ts(ts)).map(Self).ok_or(REASON),
        }
    }
}

impl Deref for Ts {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0.ts
    }
}

impl Deref for ThreadTs {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0.ts
    }
}

impl From<Ts> for String {
    fn from(message: Ts) -> Self {
        message.0.ts
    }
}

impl From<ThreadTs> for String {
    fn from(message: ThreadTs) -> Self {
        message.0.ts
    }
}

impl LinkedMessage for Ts {
    fn linked_channel(&self) -> Option<&str> {
        self.0.channel.as_deref()
    }
}

impl LinkedMessage for ThreadTs {
    fn linked_channel(&self) -> Option<&str> {
        self.0.channel.as_deref()
    }
}

impl<M: LinkedMessage> LinkedMessage for Option<M> {
    fn linked_channel(&self) -> Option<&str> {
        self.as_ref()?.linked_channel()
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

/// Returns an instant as a Slack timestamp.
fn to_ts(instant: Timestamp) -> String {
    let micros = instant.as_microsecond();
    format!("{}.{:06}", micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000))
}

/// Returns the end of a range of messages. Slack's documents disagree on the end at which the page of a range without `latest`
/// starts, so each one with `oldest` has both: <https://docs.slack.dev/reference/methods/conversations.history>
pub(super) fn end_of_range(now: Timestamp, oldest: Option<&str>, latest: Option<&str>) -> Option<String> {
    latest.map(ToOwned::to_owned).or_else(|| oldest.map(|_| to_ts(now + MAX_CLOCK_SKEW)))
}

/// Returns a `ts` that was written with fewer digits behind the point, or with none, in full. `2026` and `20261123` are no seconds.
fn written_ts(text: &str) -> Option<String> {
    let text = text.trim();
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let ts = format!("{seconds}.{fraction:0<6}");
    (!fraction.is_empty() && seconds.len() >= MIN_SECONDS_DIGITS && is_ts(&ts)).then_some(ts)
}

/// Returns the `ts` of a message as it was written: without its fraction it would be another message's.
fn message_ts(text: &str) -> Option<String> {
    text.contains('.').then(|| written_ts(text))?
}

fn seconds(ts: &str) -> i64 {
    ts.split('.').next().and_then(|seconds| seconds.parse().ok()).unwrap_or(i64::MAX)
}

fn is_ts(text: &str) -> bool {
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once('.').is_some_and(|(seconds, micros)| {
        (1..=12).contains(&seconds.len()) && micros.len() == 6 && is_digits(seconds) && is_digits(micros)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn moment(written: serde_json::Value) -> Option<String> {
        serde_json::from_value::<Moment>(written).ok().map(|moment| moment.0)
    }

    #[test]
    fn a_moment_is_a_time_in_every_usual_form() {
        for (written, ts) in [
            (json!("1512085950.000216"), "1512085950.000216"),
            (json!("1512085950.2"), "1512085950.200000"),
            (json!("1512085950"), "1512085950.000000"),
            (json!(1_512_085_950), "1512085950.000000"),
            (json!(1_512_085_950.000_216), "1512085950.000216"),
            (json!(1_512_085_950_250_i64), "1512085950.250000"),
            (json!("1512085950250"), "1512085950.250000"),
            (json!("2017-11-30"), "1512000000.000000"),
            (json!("2017-11-30T23:52:30Z"), "1512085950.000000"),
            (json!("2017-11-30T23:52:30.000216Z"), "1512085950.000216"),
            (json!("2017-12-01T00:52:30.250+01:00"), "1512085950.250000"),
            (json!("https://works.slack.com/archives/C0123456789/p1512085950000216"), "1512085950.000216"),
        ] {
            assert_eq!(moment(written.clone()).as_deref(), Some(ts), "{written}");
        }
        assert_eq!(of_ts("1512085950.000216").unwrap(), "2017-11-30T23:52:30.000216Z");
        assert_eq!(of_seconds(1_512_085_950).unwrap(), "2017-11-30T23:52:30Z");
    }

    #[test]
    fn a_message_is_named_by_its_ts_or_a_link() {
        let link = "https://works.slack.com/archives/C0123456789/p1512085960000100?thread_ts=1512085950.000216&cid=C0123456789";
        let (ts, thread_ts) = (Ts::try_from(link.to_owned()).unwrap(), ThreadTs::try_from(link.to_owned()).unwrap());
        assert_eq!((&*ts, &*thread_ts), ("1512085960.000100", "1512085950.000216"));
        let first = "https://works.slack.com/archives/C0123456789/p1512085950000216";
        assert_eq!(&*ThreadTs::try_from(first.to_owned()).unwrap(), "1512085950.000216");
        assert!(Ts::try_from("https://works.slack.com/archives/C0123456789".to_owned()).is_err());
    }

    #[test]
    fn other_texts_are_no_times() {
        assert!(Ts::try_from("1512085950".to_owned()).is_err());
        for text in
            ["", "yesterday", "2017-11-30T23:52:30", "-1.000000", "1512085950.", "1.2345678", "2026", "20261123"]
        {
            assert_eq!(moment(json!(text)), None, "{text}");
            assert!(Ts::try_from(text.to_owned()).is_err(), "{text}");
            assert_eq!(of_ts(text), None, "{text}");
        }
        assert_eq!((moment(json!(-1)), moment(json!({}))), (None, None));
    }
}
