//! Values of a date property: a day or a time, or a range of them.
//! <https://developers.notion.com/reference/page-property-values#date>

use jiff::civil::{Date, DateTime};
use jiff::fmt::temporal::Pieces;
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, Zoned};
use serde_json::{Value, json};
use std::sync::LazyLock;

/// The bundled database and never the machine's, so that a date has the same form on every machine.
static TIME_ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Forms of a day that name the month, or have the order of day, month and year in their dots.
const DAY_FORMS: [&str; 8] =
    ["%B %d, %Y", "%b %d, %Y", "%B %d %Y", "%b %d %Y", "%d %B %Y", "%d %b %Y", "%d.%m.%Y", "%Y/%m/%d"];

/// Days that Notion computes from the day of a query: <https://developers.notion.com/reference/filter-data-source-entries#date>
const RELATIVE_DAYS: [&str; 7] =
    ["today", "tomorrow", "yesterday", "one_week_ago", "one_week_from_now", "one_month_ago", "one_month_from_now"];

/// The forms of a date.
const FORMS: &str = "must be a day such as 2026-12-01, a time with its zone such as 2026-12-01T10:00:00Z, or {\"start\": .., \
                     \"end\": .., \"time_zone\": \"Europe/Berlin\"}";
const NO_ZONE: &str = "has a time without a zone: add it, for example {\"start\": \"2026-12-01T10:00\", \"time_zone\": \
                       \"Europe/Berlin\"}";

/// One end of a date.
#[derive(Clone, Debug, PartialEq)]
enum Point {
    Day(Date),
    /// A time with its difference from UTC.
    Instant(DateTime, Offset),
    /// A time in the zone that the date names.
    Local(DateTime),
}

/// Converts a plain value to Notion's request form.
///
/// # Errors
/// The reason for people.
pub(super) fn to_request(value: &Value) -> Result<Value, String> {
    let known = ["start", "end", "time_zone", "timeZone"];
    if value.as_object().is_some_and(|fields| !fields.keys().all(|key| known.contains(&key.as_str()))) {
        return Err(FORMS.to_owned());
    }
    let start = value.as_str().or_else(|| value["start"].as_str()).ok_or(FORMS)?;
    let named = value["time_zone"].as_str().or_else(|| value["timeZone"].as_str());
    let named = named.map(|name| find_zone(name).ok_or_else(|| unknown_zone(name))).transpose()?;
    let (start, annotated) = parse(start)?;
    let zone = named.or(annotated);
    let end = match value.get("end") {
        None | Some(Value::Null) => None,
        Some(end) => Some(parse(end.as_str().ok_or(FORMS)?)?.0),
    };
    let start = start.in_zone(zone.as_ref())?;
    let end = end.map(|end| end.in_zone(zone.as_ref())).transpose()?;
    let mut date = json!({ "start": start.text() });
    if let Some(end) = end {
        if matches!(start, Point::Day(_)) != matches!(end, Point::Day(_)) {
            return Err("must have days as both start and end, or times as both".to_owned());
        }
        if end.order() < start.order() {
            return Err(format!("its end {} is before its start {}", end.text(), start.text()));
        }
        date["end"] = json!(end.text());
    }
    // Notion takes a zone only for times without an offset.
    if let (Point::Local(_), Some(name)) = (&start, zone.as_ref().and_then(TimeZone::iana_name)) {
        date["time_zone"] = json!(name);
    }
    Ok(date)
}

/// Converts the date of a filter: a day, a time with its zone, or a day relative to that of the query.
///
/// # Errors
/// The reason for people.
pub(super) fn to_filter(value: &Value) -> Result<String, String> {
    let text = value.as_str().ok_or(FORMS)?.trim();
    if RELATIVE_DAYS.contains(&text) {
        return Ok(text.to_owned());
    }
    let (point, zone) = parse(text)?;
    match (point, zone) {
        (Point::Local(time), Some(zone)) => {
            let zoned = time.to_zoned(zone).map_err(|_| FORMS.to_owned())?;
            Ok(Point::Instant(zoned.datetime(), zoned.offset()).text())
        }
        (Point::Local(_), None) => Err("must have a zone, such as 2026-12-01T10:00:00Z".to_owned()),
        (point, _) => Ok(point.text()),
    }
}

/// Converts a date of a Notion response: its start, or start, end and time zone.
pub(super) fn to_plain(date: &Value) -> Value {
    let parts = ["start", "end", "time_zone"].map(|key| (key, &date[key]));
    match &parts[1..] {
        [(_, Value::Null), (_, Value::Null)] => date["start"].clone(),
        _ => parts
            .into_iter()
            .filter(|(_, part)| !part.is_null())
            .map(|(key, part)| (key.to_owned(), part.clone()))
            .collect(),
    }
}

/// Parses one end, with the time zone in its brackets.
fn parse(text: &str) -> Result<(Point, Option<TimeZone>), String> {
    let text = text.trim();
    let day = DAY_FORMS.iter().find_map(|form| Date::strptime(form, text).ok());
    if let Some(day) = day {
        return Ok((Point::Day(day), None));
    }
    let pieces = Pieces::parse(text).map_err(|_| FORMS.to_owned())?;
    let Some(time) = pieces.time() else { return Ok((Point::Day(pieces.date()), None)) };
    let local = pieces.date().to_datetime(time);
    if let Some(offset) = pieces.to_numeric_offset() {
        return Ok((Point::Instant(local, offset), None));
    }
    let zone = pieces.to_time_zone_with(&TIME_ZONES).map_err(|_| FORMS.to_owned())?;
    Ok((Point::Local(local), zone))
}

fn find_zone(name: &str) -> Option<TimeZone> {
    TIME_ZONES.get(name.trim()).ok().filter(|zone| !zone.is_unknown())
}

fn unknown_zone(name: &str) -> String {
    format!("time_zone \"{name}\" is none: it must be the name of an IANA time zone, such as Europe/Berlin")
}

impl Point {
    /// Returns it in the zone that the date names. A day has none.
    fn in_zone(self, zone: Option<&TimeZone>) -> Result<Self, String> {
        match (self, zone) {
            (Self::Instant(time, offset), Some(zone)) => {
                let instant = offset.to_timestamp(time).map_err(|_| FORMS.to_owned())?;
                Ok(Self::Local(Zoned::new(instant, zone.clone()).datetime()))
            }
            (Self::Local(_), None) => Err(NO_ZONE.to_owned()),
            (point, _) => Ok(point),
        }
    }

    /// Returns the form in which two ends of one date are compared.
    fn order(&self) -> Option<Timestamp> {
        let (time, offset) = match self {
            Self::Day(day) => (day.to_datetime(jiff::civil::Time::midnight()), Offset::UTC),
            Self::Local(time) => (*time, Offset::UTC),
            Self::Instant(time, offset) => (*time, *offset),
        };
        offset.to_timestamp(time).ok()
    }

    fn text(&self) -> String {
        match self {
            Self::Day(day) => day.to_string(),
            Self::Local(time) => time.to_string(),
            Self::Instant(time, offset) if offset.seconds() == 0 => format!("{time}Z"),
            Self::Instant(time, offset) => {
                let (sign, minutes) = (if offset.is_negative() { '-' } else { '+' }, offset.seconds().abs() / 60);
                format!("{time}{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_forms_become_iso_8601() {
        for (text, start) in [
            ("2026-11-23", "2026-11-23"),
            ("2026/11/23", "2026-11-23"),
            ("23.11.2026", "2026-11-23"),
            ("November 23, 2026", "2026-11-23"),
            ("23 Nov 2026", "2026-11-23"),
            ("20261123", "2026-11-23"),
            ("2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z"),
            ("2026-11-23 10:00+05:30", "2026-11-23T10:00:00+05:30"),
            ("2026-11-23T10:00-03", "2026-11-23T10:00:00-03:00"),
        ] {
            assert_eq!(to_request(&json!(text)), Ok(json!({ "start": start })), "{text}");
        }
    }

    #[test]
    fn times_of_a_zone_have_no_offset() {
        let berlin = json!({ "start": "2026-07-01T10:00:00", "time_zone": "Europe/Berlin" });
        for value in [
            json!({ "start": "2026-07-01T10:00", "timeZone": "Europe/Berlin" }),
            json!({ "start": "2026-07-01T08:00Z", "time_zone": "Europe/Berlin" }),
            json!("2026-07-01T10:00[Europe/Berlin]"),
        ] {
            assert_eq!(to_request(&value), Ok(berlin.clone()), "{value}");
        }
        let day = json!({ "start": "2026-07-01", "time_zone": "Europe/Berlin" });
        assert_eq!(to_request(&day), Ok(json!({ "start": "2026-07-01" })), "a day has no zone");
        assert_eq!(to_plain(&berlin), berlin);
    }

    #[test]
    fn refuses_invalid_dates() {
        for (value, said) in [
            (json!("soon"), "must be a day"),
            (json!("11/12/2026"), "must be a day"),
            (json!("2026-11-23T10:00:00"), "time without a zone"),
            (json!(20_261_123), "must be a day"),
            (json!({ "start": "2026-11-23", "end": "later" }), "must be a day"),
            (json!({ "start": "2026-11-23", "zone": "UTC" }), "must be a day"),
            (json!({ "end": "2026-11-23" }), "must be a day"),
            (json!({ "start": "2026-11-23", "end": "2026-11-22" }), "before its start"),
            (json!({ "start": "2026-11-23", "end": "2026-11-24T10:00Z" }), "both"),
            (json!({ "start": "2026-11-23T10:00", "time_zone": "Mars" }), "IANA"),
        ] {
            assert!(to_request(&value).unwrap_err().contains(said), "{value}");
        }
        assert_eq!(to_request(&json!({ "start": "2026-11-23", "end": null })), Ok(json!({ "start": "2026-11-23" })));
    }

    #[test]
    fn a_filter_takes_relative_days() {
        assert_eq!(to_filter(&json!("one_week_ago")).as_deref(), Ok("one_week_ago"));
        assert_eq!(to_filter(&json!("2026-07-01T10:00[Europe/Berlin]")).as_deref(), Ok("2026-07-01T10:00:00+02:00"));
        assert!(to_filter(&json!("2026-07-01T10:00")).is_err() && to_filter(&json!("soon")).is_err());
    }
}
