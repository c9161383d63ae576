//! Tests of a recurrence's format, its rejections and its end. Daylight saving time is in `dst.rs`, properties are in
//! `properties.rs`.

mod dst;
mod properties;

use serde_json::{Value, json};

use super::*;

pub(super) fn instant(text: &str) -> Timestamp {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

pub(super) fn recurrence(value: Value) -> Recurrence {
    serde_json::from_value(value).unwrap()
}

pub(super) fn cron(expression: &str, zone: &str) -> Recurrence {
    recurrence(json!({ "cron": expression, "timezone": zone }))
}

pub(super) fn every(span: &str, zone: &str) -> Recurrence {
    recurrence(json!({ "every": span, "timezone": zone }))
}

/// The first `max` occurrences, each computed from the one before.
pub(super) fn occurrences(recurrence: &Recurrence, first: &str, max: usize) -> Vec<Timestamp> {
    let first = instant(first);
    let series = recurrence.series_from(first).unwrap();
    let mut all = vec![first];
    while all.len() < max {
        let done = u32::try_from(all.len()).unwrap();
        let Some(next) = series.next(done, all[all.len() - 1]) else { break };
        assert_eq!(next.number, done + 1);
        all.push(next.at);
    }
    all
}

/// The same in the local time of the recurrence's zone, as `03-28T02:30+01:00`.
pub(super) fn local_times(recurrence: &Recurrence, first: &str, max: usize) -> Vec<String> {
    let zone = recurrence.zone().unwrap();
    let format = |at: Timestamp| at.to_zoned(zone.clone()).strftime("%m-%dT%H:%M%:z").to_string();
    occurrences(recurrence, first, max).into_iter().map(format).collect()
}

fn rejection(value: Value) -> (String, String) {
    match recurrence(value.clone()).series_from(instant("2026-11-23T09:00:00Z")) {
        Err(Error::Invalid { field, reason }) => (field, reason),
        other => panic!("{value}: {other:?}"),
    }
}

#[test]
fn recurrence_round_trips_and_omits_defaults() {
    for text in [
        r#"{"cron":"0 9 * * MON-FRI","timezone":"Europe/Berlin"}"#,
        r#"{"every":"P1D"}"#,
        r#"{"every":"PT15M","timezone":"UTC","until":"2027-01-01T00:00:00Z","count":3,"misfire":"skip"}"#,
    ] {
        let read: Recurrence = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
    }
    let explicit = recurrence(json!({ "every": "P1D", "misfire": "run_once", "count": null }));
    assert_eq!(serde_json::to_string(&explicit).unwrap(), r#"{"every":"P1D"}"#);
}

#[test]
fn unknown_fields_and_wrong_types_are_rejected() {
    for invalid in [
        json!({ "every": "P1D", "rrule": "FREQ=DAILY" }),
        json!({ "every": 60 }),
        json!({ "every": "P1D", "until": "2027-01-01" }),
        json!({ "every": "P1D", "count": -1 }),
        json!({ "every": "P1D", "misfire": "runOnce" }),
    ] {
        assert!(serde_json::from_value::<Recurrence>(invalid.clone()).is_err(), "{invalid}");
    }
}

#[test]
fn schema_describes_every_field() {
    let schema = schemars::schema_for!(Recurrence).to_value();
    assert_eq!(schema["additionalProperties"], false);
    let fields = schema["properties"].as_object().unwrap();
    let names: Vec<&str> = fields.keys().map(String::as_str).collect();
    assert_eq!(names, ["count", "cron", "every", "misfire", "timezone", "until"]);
    for (name, field) in fields {
        assert!(field["description"].is_string(), "{name}: {field}");
    }
    assert_eq!(fields["until"]["format"], "date-time");
}

#[test]
fn rejection_names_the_field_and_the_reason() {
    let until = "2026-11-23T08:59:59Z";
    for (value, field, reason) in [
        (json!({}), "recurrence", "must have cron or every"),
        (json!({ "every": "P1D", "timezone": "Europe/Berln" }), "recurrence.timezone", "did you mean Europe/Berlin?"),
        (json!({ "cron": "0 9 * * *", "every": "P1D" }), "recurrence", "only one of cron and every"),
        (json!({ "every": "P1D", "timezone": "Europe/Atlantis" }), "recurrence.timezone", "IANA"),
        (json!({ "every": "P1D", "timezone": "+02:00" }), "recurrence.timezone", "IANA"),
        (json!({ "every": "P1D", "timezone": "Etc/Unknown" }), "recurrence.timezone", "IANA"),
        (json!({ "every": "P1D", "timezone": "" }), "recurrence.timezone", "IANA"),
        (json!({ "every": "P1D", "count": 0 }), "recurrence.count", "between 1 and 10000"),
        (json!({ "every": "P1D", "count": 10_001 }), "recurrence.count", "between 1 and 10000"),
        (json!({ "every": "P1D", "until": until }), "recurrence.until", "before the first"),
        (json!({ "every": "1 day" }), "recurrence.every", "ISO 8601"),
        (json!({ "every": "" }), "recurrence.every", "ISO 8601"),
        (json!({ "every": "PT59S" }), "recurrence.every", "at least one minute"),
        (json!({ "every": "PT0S" }), "recurrence.every", "at least one minute"),
        (json!({ "every": "P0D" }), "recurrence.every", "at least one minute"),
        (json!({ "every": "-P1D" }), "recurrence.every", "at least one minute"),
        (json!({ "every": "PT90.5S" }), "recurrence.every", "whole seconds"),
        (json!({ "every": "P9000Y" }), "recurrence.every", "must be shorter"),
        (
            json!({ "cron": "0 9 * FOO *" }),
            "recurrence.cron",
            "month 'FOO': 'FOO' must be a number from 1 to 12 or a name from JAN",
        ),
        (
            json!({ "cron": "0 9 * * FRI-MON" }),
            "recurrence.cron",
            "day of week 'FRI-MON': the range FRI-MON goes backwards",
        ),
        (
            json!({ "cron": "H 9 * * *" }),
            "recurrence.cron",
            "minute 'H': 'H' must be a number from 0 to 59, for example */15",
        ),
    ] {
        let (actual_field, text) = rejection(value.clone());
        assert_eq!(actual_field, field, "{value}: {text}");
        assert!(text.contains(reason) && !text.contains('\n'), "{value}: {text}");
    }
}

#[test]
fn rejection_of_a_cron_expression_names_the_field_and_a_right_one() {
    for (value, field, reason) in [
        (json!({ "cron": "@daily" }), "recurrence.cron", "a short form such as @daily is not supported"),
        (json!({ "cron": "0 0 9 * * *" }), "recurrence.cron", "without seconds and without a year; it has 6"),
        (json!({ "cron": "" }), "recurrence.cron", "five fields"),
        (json!({ "cron": "0 9 * *" }), "recurrence.cron", "five fields"),
        (json!({ "cron": "0 0 9 * * *" }), "recurrence.cron", "five fields"),
        (json!({ "cron": "0 9 * * * Europe/Berlin" }), "recurrence.cron", "five fields"),
        (json!({ "cron": "@daily" }), "recurrence.cron", "five fields"),
        (json!({ "cron": "61 9 * * *" }), "recurrence.cron", "minute '61': 61 must be from 0 to 59, for example */15"),
        (json!({ "cron": "*/0 9 * * *" }), "recurrence.cron", "minute '*/0': the step '0' must be a whole number"),
        (json!({ "cron": "*/90 9 * * *" }), "recurrence.cron", "the step '90' must be a whole number from 1 to 59"),
        (json!({ "cron": "0,,30 9 * * *" }), "recurrence.cron", "an item is empty"),
        (json!({ "cron": "0 9 * * MON#6" }), "recurrence.cron", "the number after # must be from 1 to 5"),
        (json!({ "cron": "0 9 ? * MON" }), "recurrence.cron", "day of month '?': '?' is not supported; write *"),
        (json!({ "cron": "0 9 15W * *" }), "recurrence.cron", "'W' is not supported; write the days, for example 15"),
        (json!({ "cron": "0 9 L * *" }), "recurrence.cron", "'L' is not supported"),
        (json!({ "cron": "0 9 * * 5L" }), "recurrence.cron", "'L' is not supported"),
        (json!({ "cron": "é 9 * * *" }), "recurrence.cron", "minute 'é': 'é' must be a number"),
        (json!({ "cron": "0 9 30 2 *" }), "recurrence.cron", "must match a time"),
        (json!({ "cron": "0 9 31 4,6,9,11 *" }), "recurrence.cron", "must match a time"),
        (json!({ "cron": format!("{} * * * *", "1,".repeat(200) + "1") }), "recurrence.cron", "at most 256 bytes"),
    ] {
        let (actual_field, text) = rejection(value.clone());
        assert_eq!(actual_field, field, "{value}: {text}");
        assert!(text.contains(reason) && !text.contains('\n'), "{value}: {text}");
    }
}

#[test]
fn cron_without_execute_at_starts_at_its_next_match() {
    let now = instant("2026-11-23T09:00:00Z");
    assert_eq!(cron("0 9 * * *", "UTC").first_after(now).unwrap(), instant("2026-11-24T09:00:00Z"));
    assert_eq!(cron("0 9 * JUL mon", "Asia/Kolkata").first_after(now).unwrap(), instant("2027-07-05T03:30:00Z"));
    assert!(
        matches!(every("P1D", "UTC").first_after(now), Err(Error::Fields(faults)) if faults[0].field == "executeAt")
    );
    assert!(matches!(cron("0 9 30 2 *", "UTC").first_after(now), Err(Error::Invalid { .. })));
    let leap = |now| cron("0 9 29 2 *", "Europe/Berlin").first_after(instant(now)).unwrap();
    assert_eq!(leap("2026-11-23T09:00:00Z"), instant("2028-02-29T08:00:00Z"));
    assert_eq!(leap("2096-02-29T08:00:00Z"), instant("2104-02-29T08:00:00Z"));
    assert_eq!(leap("2099-12-31T23:59:59Z"), instant("2104-02-29T08:00:00Z"));
}

#[test]
fn execute_at_is_the_first_occurrence_even_if_cron_does_not_match() {
    let times = local_times(&cron("0 9 * * MON", "UTC"), "2026-11-25T13:07:00Z", 3);
    assert_eq!(times, ["11-25T13:07+00:00", "11-30T09:00+00:00", "12-07T09:00+00:00"]);
    let series = cron("0 9 * * MON", "UTC").series_from(instant("2026-11-25T13:07:00Z")).unwrap();
    let early = series.next(0, instant("2026-11-01T00:00:00Z")).unwrap();
    assert_eq!(early, Occurrence { at: instant("2026-11-25T13:07:00Z"), number: 1 });
}

#[test]
fn fields_follow_cron_semantics() {
    let from = "2026-11-23T09:00:00Z";
    for (expression, expected) in [
        ("0 9 * * MON", ["11-30T09:00", "12-07T09:00"]),
        ("0 9 * * 0", ["11-29T09:00", "12-06T09:00"]),
        ("0 9 * * 7", ["11-29T09:00", "12-06T09:00"]),
        ("*/20 8-10 * * *", ["11-23T09:20", "11-23T09:40"]),
        ("5,10-12/2 * * * *", ["11-23T09:05", "11-23T09:10"]),
        ("0 0 1 JAN,jul *", ["01-01T00:00", "07-01T00:00"]),
        ("0 9 * * MON#1", ["12-07T09:00", "01-04T09:00"]),
        // Either day suffices if both are restricted.
        ("0 9 25 * FRI", ["11-25T09:00", "11-27T09:00"]),
        ("59 23 31 12 *", ["12-31T23:59", "12-31T23:59"]),
    ] {
        let times = local_times(&cron(expression, "UTC"), from, 3);
        assert_eq!(times[1..], expected.map(|at| format!("{at}+00:00")), "{expression}");
    }
}

#[test]
fn months_and_leap_years_count_from_the_first_occurrence() {
    let monthly = local_times(&every("P1M", "Europe/Berlin"), "2027-01-31T08:00:00Z", 5);
    let expected =
        ["01-31T09:00+01:00", "02-28T09:00+01:00", "03-31T09:00+02:00", "04-30T09:00+02:00", "05-31T09:00+02:00"];
    assert_eq!(monthly, expected);
    let days =
        |all: Vec<Timestamp>| -> Vec<String> { all.iter().map(|at| at.strftime("%Y-%m-%d").to_string()).collect() };
    let yearly = days(occurrences(&every("P1Y", "UTC"), "2028-02-29T12:00:00Z", 6));
    assert_eq!(yearly, ["2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29", "2033-02-28"]);
    let leap = days(occurrences(&cron("0 12 29 2 *", "UTC"), "2028-02-29T12:00:00Z", 3));
    assert_eq!(leap, ["2028-02-29", "2032-02-29", "2036-02-29"]);
    let month_ends = days(occurrences(&cron("0 0 31 * *", "UTC"), "2026-10-31T00:00:00Z", 4));
    assert_eq!(month_ends, ["2026-10-31", "2026-12-31", "2027-01-31", "2027-03-31"]);
    let weekly = days(occurrences(&every("P1W", "UTC"), "2026-12-25T00:00:00Z", 3));
    assert_eq!(weekly, ["2026-12-25", "2027-01-01", "2027-01-08"]);
}

#[test]
fn intervals_do_not_drift_after_late_runs() {
    let series = every("PT15M", "UTC").series_from(instant("2026-11-23T09:00:00Z")).unwrap();
    let next = |after: &str| series.next(1, instant(after)).unwrap().at;
    assert_eq!(next("2026-11-23T09:00:00Z"), instant("2026-11-23T09:15:00Z"));
    assert_eq!(next("2026-11-23T09:07:31.5Z"), instant("2026-11-23T09:15:00Z"));
    assert_eq!(next("2026-11-23T09:15:00Z"), instant("2026-11-23T09:30:00Z"));
    // A week of outage is one occurrence.
    assert_eq!(next("2026-11-30T09:01:00Z"), instant("2026-11-30T09:15:00Z"));
}

#[test]
fn until_is_inclusive_and_count_includes_the_first_occurrence() {
    let first = "2026-11-23T09:00:00Z";
    let ends = |fields: Value| {
        let mut value = json!({ "cron": "0 9 * * *" });
        value.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        occurrences(&recurrence(value), first, 100).len()
    };
    assert_eq!(ends(json!({ "until": "2026-11-25T09:00:00Z" })), 3);
    assert_eq!(ends(json!({ "until": "2026-11-25T10:00:00+02:00" })), 2);
    assert_eq!(ends(json!({ "until": first })), 1);
    assert_eq!(ends(json!({ "count": 4 })), 4);
    assert_eq!(ends(json!({ "count": 1 })), 1);
    assert_eq!(ends(json!({ "count": 4, "until": "2026-11-24T23:59:59Z" })), 2);
}

#[test]
fn times_passed_during_an_outage_do_not_consume_the_count() {
    let series =
        recurrence(json!({ "every": "P1D", "count": 3 })).series_from(instant("2026-11-02T09:00:00Z")).unwrap();
    let after_an_outage = series.next(1, instant("2026-11-20T12:00:00Z"));
    assert_eq!(after_an_outage, Some(Occurrence { at: instant("2026-11-21T09:00:00Z"), number: 2 }));
    assert!(series.next(2, instant("2026-11-21T09:00:00Z")).is_some());
    assert_eq!(series.next(3, instant("2026-11-22T09:00:00Z")), None);
    assert_eq!(series.next(u32::MAX, instant("2026-11-22T09:00:00Z")), None);
}

#[test]
fn occurrence_misfires_after_60_seconds_or_when_the_next_is_due() {
    let daily = cron("0 9 * * *", "UTC").series_from(instant("2026-11-23T09:00:00Z")).unwrap();
    let planned = instant("2026-11-24T09:00:00Z");
    assert!(!daily.is_misfire(planned, instant("2026-11-24T08:59:59Z")));
    assert!(!daily.is_misfire(planned, instant("2026-11-24T09:01:00Z")));
    assert!(daily.is_misfire(planned, instant("2026-11-24T09:01:00.001Z")));
    // The next match is ten seconds after the first occurrence.
    let close = cron("* * * * *", "UTC").series_from(instant("2026-11-23T09:00:50Z")).unwrap();
    assert!(!close.is_misfire(instant("2026-11-23T09:00:50Z"), instant("2026-11-23T09:00:59Z")));
    assert!(close.is_misfire(instant("2026-11-23T09:00:50Z"), instant("2026-11-23T09:01:00Z")));
}

#[test]
fn series_ends_at_the_maximum_timestamp() {
    for recurrence in [every("P1D", "UTC"), every("PT1H", "UTC"), cron("0 9 * * *", "UTC"), cron("*/5 * * * *", "UTC")]
    {
        let series = recurrence.series_from(instant("2026-11-23T09:00:00Z")).unwrap();
        assert_eq!(series.next(1, Timestamp::MAX), None);
    }
}
