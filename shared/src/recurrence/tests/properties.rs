//! Properties of any recurrence, and cron expressions against a reference: every minute of days with an offset change.

use jiff::ToSpan;
use jiff::civil::{DateTime, date};
use proptest::prelude::*;
use std::collections::BTreeSet;

use super::*;

const ZONES: [&str; 8] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "America/Havana",
    "Africa/Casablanca",
    "Asia/Kathmandu",
];

/// A cron field: its text and its numbers.
#[derive(Clone, Debug)]
struct Field(String, BTreeSet<i8>);

fn field(low: i8, high: i8) -> impl Strategy<Value = Field> {
    let set = |numbers: Vec<i8>| numbers.into_iter().collect::<BTreeSet<i8>>();
    let list = move |mut numbers: Vec<i8>| {
        numbers.dedup();
        let text: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        Field(text.join(","), set(numbers))
    };
    let range = move |(a, b, step): (i8, i8, i8)| {
        let (from, to) = (a.min(b), a.max(b));
        Field(format!("{from}-{to}/{step}"), (from..=to).step_by(usize::from(step.unsigned_abs())).collect())
    };
    prop_oneof![
        Just(Field("*".to_owned(), (low..=high).collect())),
        (2..=high.min(40)).prop_map(move |step| Field(
            format!("*/{step}"),
            (low..=high).step_by(usize::from(step.unsigned_abs())).collect()
        )),
        proptest::collection::vec(low..=high, 1..4).prop_map(list),
        (low..=high, low..=high, 1..6_i8).prop_map(range),
    ]
}

fn any_recurrence() -> impl Strategy<Value = Recurrence> {
    let rule = prop_oneof![
        (field(0, 59), field(0, 23), field(1, 28), field(0, 6)).prop_map(|(minute, hour, day, weekday)| {
            json!({ "cron": format!("{} {} {} * {}", minute.0, hour.0, day.0, weekday.0) })
        }),
        proptest::sample::select(vec!["PT1M", "PT15M", "PT1H", "PT7H", "P1D", "P1DT2H", "P1W", "P10D", "P1M", "P1Y"])
            .prop_map(|span| json!({ "every": span })),
    ];
    (rule, proptest::sample::select(&ZONES[..]), proptest::option::of(1..30_u32)).prop_map(|(mut rule, zone, count)| {
        rule["timezone"] = json!(zone);
        rule["count"] = json!(count);
        recurrence(rule)
    })
}

/// Every instant of the three days from `day` at which a cron expression runs, by testing each minute.
fn expected_instants(zone: &TimeZone, day: DateTime, fields: &[Field; 3], is_wildcard: bool) -> BTreeSet<Timestamp> {
    let [minutes, hours, weekdays] = fields;
    let matches = |local: DateTime| {
        minutes.1.contains(&local.minute())
            && hours.1.contains(&local.hour())
            && weekdays.1.contains(&local.weekday().to_sunday_zero_offset())
    };
    let (start, end) = (zone.to_timestamp(day).unwrap(), zone.to_timestamp(day + 3.days()).unwrap());
    let minute = SignedDuration::from_mins(1);
    if is_wildcard {
        let all = std::iter::successors(Some(start), |at| Some(*at + minute)).take_while(|at| *at < end);
        return all.filter(|at| matches(zone.to_datetime(*at))).collect();
    }
    // A local minute that does not exist is moved to the next one that does.
    let exists = |local: DateTime| zone.to_datetime(zone.to_timestamp(local).unwrap()) == local;
    let moved = |local: DateTime| {
        let mut locals = std::iter::successors(Some(local), |local| Some(*local + minute));
        zone.to_timestamp(locals.find(|local| exists(*local)).unwrap()).unwrap()
    };
    let all =
        std::iter::successors(Some(day), |local| Some(*local + minute)).take_while(|local| *local < day + 3.days());
    all.filter(|local| matches(*local)).map(moved).filter(|at| *at >= start && *at < end).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn series_is_increasing_bounded_and_the_same_from_any_start(
        mut recurrence in any_recurrence(),
        until in proptest::option::of(0..10_000_000_i64),
        first in 1_700_000_000_000..2_000_000_000_000_i64,
        into in 0.0..1.0,
    ) {
        let first = Timestamp::from_millisecond(first).unwrap();
        recurrence.until = until.map(|seconds| first + SignedDuration::from_secs(seconds));
        let series = recurrence.series_from(first).unwrap();
        let all = occurrences(&recurrence, &first.to_string(), 40);
        prop_assert!(all.windows(2).all(|pair| pair[0] < pair[1]), "{all:?}");
        prop_assert!(recurrence.until.is_none_or(|until| all.iter().all(|at| *at <= until)));
        prop_assert!(recurrence.count.is_none_or(|count| all.len() <= usize::try_from(count).unwrap()));

        let last = all[all.len() - 1];
        let after = first + last.duration_since(first).mul_f64(into) - SignedDuration::from_millis(1);
        let expected = all.iter().find(|at| **at > after).copied();
        let next = series.next(0, after);
        prop_assert_eq!(next.map(|next| next.at), expected, "after {}", after);
        prop_assert_eq!(serde_json::from_value::<Recurrence>(json!(recurrence)).unwrap(), recurrence);
    }

    #[test]
    fn cron_matches_a_reference_that_tests_every_minute(
        fields in [field(0, 59), field(0, 23), field(0, 6)],
        zone in proptest::sample::select(&ZONES[..]),
        change in 0..12_usize,
        seconds in 0..86_400_i64,
    ) {
        let named = super::super::zone::find(zone).unwrap();
        let changes = named.following(instant("2026-01-01T00:00:00Z")).nth(change);
        let around = changes.map_or(date(2026, 12, 30), |change| named.to_datetime(change.timestamp()).date());
        let day = around.yesterday().unwrap().to_datetime(jiff::civil::Time::midnight());
        let [minute, hour, weekday] = &fields;
        let star = minute.0.starts_with('*') || hour.0.starts_with('*');
        let expected = expected_instants(&named, day, &fields, star);

        let cron = Cron::parse(&format!("{} {} * * {}", minute.0, hour.0, weekday.0)).unwrap();
        let end = named.to_timestamp(day + 3.days()).unwrap();
        let from = |start: Timestamp| {
            let next = |at: &Timestamp| cron.after(&named, *at);
            let all = std::iter::successors(cron.after(&named, start), next);
            all.take_while(|at| *at < end).collect::<BTreeSet<Timestamp>>()
        };
        let start = named.to_timestamp(day).unwrap() - SignedDuration::from_nanos(1);
        prop_assert_eq!(&from(start), &expected);
        let later = start + SignedDuration::from_secs(seconds) + SignedDuration::from_hours(20);
        prop_assert_eq!(from(later), expected.into_iter().filter(|at| *at > later).collect::<BTreeSet<_>>());
    }

    #[test]
    fn any_text_is_a_recurrence_or_rejected(
        cron in proptest::option::of(prop_oneof!["(?s).{0,40}", "[0-9*/,#LW? -]{1,12}( [0-9*/,#LWA-Z?-]{1,8}){4}"]),
        every in proptest::option::of(prop_oneof!["(?s).{0,30}", "-?P[0-9]{0,6}[YMWD]?T?[0-9]{0,20}[HMS]?"]),
        timezone in proptest::option::of(prop_oneof!["(?s).{0,20}", "(Europe/Berlin|utc|../etc/passwd|/etc/localtime)"]),
        count in proptest::option::of(any::<u32>()),
        first in -62_000_000_000_000..250_000_000_000_000_i64,
    ) {
        let value = json!({ "cron": cron, "every": every, "timezone": timezone, "count": count });
        let recurrence: Recurrence = serde_json::from_value(value).unwrap();
        let first = Timestamp::from_millisecond(first).unwrap();
        let rejected = |error: Error| matches!(error.code(), "INVALID_FIELD" | "MISSING_FIELDS");
        prop_assert!(recurrence.first_after(first).map_or_else(rejected, |next| next > first));
        match recurrence.series_from(first) {
            Ok(series) => prop_assert!(series.next(1, first).is_none_or(|next| next.at > first && next.number == 2)),
            Err(error) => prop_assert!(rejected(error)),
        }
    }
}

proptest! {
    #[test]
    fn a_refused_field_is_answered_with_a_right_one(at in 0_usize..5, text in "[0-9A-Z*,/#?-]{1,8}") {
        let expression = |text: &str| {
            let mut fields = ["*"; 5];
            fields[at] = text;
            json!({ "cron": fields.join(" ") })
        };
        let check = |text: &str| serde_json::from_value::<Recurrence>(expression(text)).unwrap().check();
        if let Err(error) = check(&text) {
            let message = error.to_string();
            let example = message.split("for example ").nth(1);
            let is_feature = message.contains("is not supported");
            prop_assert!(is_feature || example.is_some_and(|example| check(example).is_ok()), "{text}: {message}");
        }
    }
}
