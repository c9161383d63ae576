//! Days with an offset change: Berlin 2027-03-28 02:00 to 03:00 and 2026-10-25 03:00 to 02:00, New York 2026-03-08
//! and 2026-11-01, Lord Howe (half an hour) 2026-10-04 02:00 to 02:30 and 2026-04-05 02:00 to 01:30, Cairo and Havana
//! at midnight. Past days where a government may still change its rules.

use super::*;

const BERLIN: &str = "Europe/Berlin";
const LORD_HOWE: &str = "Australia/Lord_Howe";

#[test]
fn time_in_a_dst_gap_runs_once_right_after_the_gap() {
    let times = |expression, zone, first| local_times(&cron(expression, zone), first, 4);
    assert_eq!(
        times("30 2 * * *", BERLIN, "2027-03-27T02:30:00+01:00"),
        ["03-27T02:30+01:00", "03-28T03:00+02:00", "03-29T02:30+02:00", "03-30T02:30+02:00"]
    );
    // Several times in the gap and the one after it are one occurrence.
    assert_eq!(
        times("0,30 2,3 * * *", BERLIN, "2027-03-27T03:30:00+01:00"),
        ["03-27T03:30+01:00", "03-28T03:00+02:00", "03-28T03:30+02:00", "03-29T02:00+02:00"]
    );
    assert_eq!(
        times("30 2 * * SUN", "America/New_York", "2026-03-01T02:30:00-05:00"),
        ["03-01T02:30-05:00", "03-08T03:00-04:00", "03-15T02:30-04:00", "03-22T02:30-04:00"]
    );
    assert_eq!(
        times("15 2 * * *", LORD_HOWE, "2026-10-03T02:15:00+10:30"),
        ["10-03T02:15+10:30", "10-04T02:30+11:00", "10-05T02:15+11:00", "10-06T02:15+11:00"]
    );
    assert_eq!(
        times("30 0 * * *", "Africa/Cairo", "2026-04-23T00:30:00+02:00"),
        ["04-23T00:30+02:00", "04-24T01:00+03:00", "04-25T00:30+03:00", "04-26T00:30+03:00"]
    );
}

#[test]
fn time_that_occurs_twice_runs_at_the_first_only() {
    let times = |expression, zone, first| local_times(&cron(expression, zone), first, 4);
    assert_eq!(
        times("30 2 * * *", BERLIN, "2026-10-24T02:30:00+02:00"),
        ["10-24T02:30+02:00", "10-25T02:30+02:00", "10-26T02:30+01:00", "10-27T02:30+01:00"]
    );
    assert_eq!(
        times("0,30 2,14 * * *", BERLIN, "2026-10-24T14:30:00+02:00"),
        ["10-24T14:30+02:00", "10-25T02:00+02:00", "10-25T02:30+02:00", "10-25T14:00+01:00"]
    );
    assert_eq!(
        times("30 1 * * *", "America/New_York", "2026-10-31T01:30:00-04:00"),
        ["10-31T01:30-04:00", "11-01T01:30-04:00", "11-02T01:30-05:00", "11-03T01:30-05:00"]
    );
    assert_eq!(
        times("45 1 * * *", LORD_HOWE, "2026-04-04T01:45:00+11:00"),
        ["04-04T01:45+11:00", "04-05T01:45+11:00", "04-06T01:45+10:30", "04-07T01:45+10:30"]
    );
    assert_eq!(
        times("30 0 * * *", "America/Havana", "2025-11-01T00:30:00-04:00"),
        ["11-01T00:30-04:00", "11-02T00:30-04:00", "11-03T00:30-05:00", "11-04T00:30-05:00"]
    );
}

#[test]
fn next_is_correct_from_within_a_repeated_hour() {
    let series = cron("15,45 2 * * *", BERLIN).series_from(instant("2026-10-01T00:00:00Z")).unwrap();
    let next = |after: &str| series.next(1, instant(after)).unwrap().at;
    assert_eq!(next("2026-10-25T02:20:00+02:00"), instant("2026-10-25T02:45:00+02:00"));
    // The second 02:20: both times of the day have run.
    assert_eq!(next("2026-10-25T02:20:00+01:00"), instant("2026-10-26T02:15:00+01:00"));
}

#[test]
fn wildcard_expressions_run_by_elapsed_time() {
    let times = |expression, zone, first| local_times(&cron(expression, zone), first, 5);
    assert_eq!(
        times("0 * * * *", BERLIN, "2027-03-28T00:00:00+01:00"),
        ["03-28T00:00+01:00", "03-28T01:00+01:00", "03-28T03:00+02:00", "03-28T04:00+02:00", "03-28T05:00+02:00"]
    );
    assert_eq!(
        times("30 * * * *", BERLIN, "2026-10-25T00:30:00+02:00"),
        ["10-25T00:30+02:00", "10-25T01:30+02:00", "10-25T02:30+02:00", "10-25T02:30+01:00", "10-25T03:30+01:00"]
    );
    assert_eq!(
        times("*/20 * * * *", LORD_HOWE, "2026-04-05T01:20:00+11:00"),
        ["04-05T01:20+11:00", "04-05T01:40+11:00", "04-05T01:40+10:30", "04-05T02:00+10:30", "04-05T02:20+10:30"]
    );
    assert_eq!(
        times("*/20 * * * *", LORD_HOWE, "2026-10-04T01:20:00+10:30"),
        ["10-04T01:20+10:30", "10-04T01:40+10:30", "10-04T02:40+11:00", "10-04T03:00+11:00", "10-04T03:20+11:00"]
    );
    // A wildcard minute is sufficient.
    assert_eq!(
        times("*/30 2 * * *", BERLIN, "2026-10-25T02:00:00+02:00"),
        ["10-25T02:00+02:00", "10-25T02:30+02:00", "10-25T02:00+01:00", "10-25T02:30+01:00", "10-26T02:00+01:00"]
    );
    assert_eq!(
        times("*/30 2 * * *", BERLIN, "2027-03-27T02:00:00+01:00"),
        ["03-27T02:00+01:00", "03-27T02:30+01:00", "03-29T02:00+02:00", "03-29T02:30+02:00", "03-30T02:00+02:00"]
    );
    // Berlin changes at 01:00 UTC: the change itself matches.
    let quarters = occurrences(&cron("*/15 * * * *", BERLIN), "2026-10-24T22:00:00Z", 101);
    assert!(quarters.windows(2).all(|pair| pair[1].duration_since(pair[0]) == SignedDuration::from_mins(15)));
    assert_eq!(quarters[100], instant("2026-10-26T00:00:00+01:00"), "a day of 25 hours");
}

#[test]
fn day_intervals_preserve_the_local_time() {
    let times = |first, most| local_times(&every("P1D", BERLIN), first, most);
    assert_eq!(
        times("2027-03-27T02:30:00+01:00", 4),
        ["03-27T02:30+01:00", "03-28T03:00+02:00", "03-29T02:30+02:00", "03-30T02:30+02:00"]
    );
    assert_eq!(
        times("2026-10-24T02:30:00+02:00", 4),
        ["10-24T02:30+02:00", "10-25T02:30+02:00", "10-26T02:30+01:00", "10-27T02:30+01:00"]
    );
    // A series may start on the second 02:30 of the day.
    assert_eq!(times("2026-10-25T02:30:00+01:00", 2), ["10-25T02:30+01:00", "10-26T02:30+01:00"]);
    // A day and twelve hours: days in local time, then hours of elapsed time.
    assert_eq!(
        super::local_times(&every("P1DT12H", BERLIN), "2027-03-26T12:00:00+01:00", 3),
        ["03-26T12:00+01:00", "03-28T00:00+01:00", "03-29T12:00+02:00"]
    );
}

#[test]
fn hour_intervals_are_elapsed_time() {
    for (first, last) in
        [("2027-03-28T00:00:00+01:00", "03-29T01:00+02:00"), ("2026-10-25T00:00:00+02:00", "10-25T23:00+01:00")]
    {
        let hourly = every("PT1H", BERLIN);
        let all = occurrences(&hourly, first, 25);
        assert!(all.windows(2).all(|pair| pair[1].duration_since(pair[0]) == SignedDuration::from_hours(1)));
        assert_eq!(local_times(&hourly, first, 25)[24], last);
    }
    // 24 hours are not a day.
    assert_eq!(
        local_times(&every("PT24H", BERLIN), "2026-10-24T12:00:00+02:00", 2),
        ["10-24T12:00+02:00", "10-25T11:00+01:00"]
    );
}

#[test]
fn zones_without_dst_have_one_offset() {
    for (zone, offset) in [("UTC", "+00:00"), ("Asia/Kolkata", "+05:30"), ("America/Phoenix", "-07:00")] {
        for first in ["2027-03-27", "2026-10-24"] {
            let first = format!("{first}T02:30:00{offset}");
            let times = local_times(&cron("30 2 * * *", zone), &first, 4);
            assert!(times.iter().all(|at| at.ends_with(&format!("T02:30{offset}"))), "{zone}: {times:?}");
        }
    }
}

#[test]
fn zone_names_are_case_insensitive_and_come_from_the_bundled_database() {
    assert_eq!(cron("0 9 * * *", "europe/berlin").zone().unwrap().iana_name(), Some("Europe/Berlin"));
    assert_eq!(every("P1D", "Asia/Calcutta").zone().unwrap().iana_name(), Some("Asia/Calcutta"));
    // Names that exist only in a machine's zone directory.
    for name in ["posix/Europe/Berlin", "right/Europe/Berlin", "localtime", "../etc/localtime"] {
        assert!(cron("0 9 * * *", name).zone().is_err(), "{name}");
    }
}
