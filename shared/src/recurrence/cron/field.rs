//! The five fields of a cron expression, and what is wrong with one, in words.

/// A field of a cron expression.
#[derive(Debug)]
pub(super) struct Field {
    /// The name for people.
    name: &'static str,
    /// The least and the largest number.
    range: (u64, u64),
    /// The names that stand for numbers.
    names: &'static [&'static str],
    /// A right field.
    example: &'static str,
}

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// The fields in their order.
pub(super) const FIELDS: [Field; 5] = [
    Field { name: "minute", range: (0, 59), names: &[], example: "*/15" },
    Field { name: "hour", range: (0, 23), names: &[], example: "9-17" },
    Field { name: "day of month", range: (1, 31), names: &[], example: "1,15" },
    Field { name: "month", range: (1, 12), names: &MONTHS, example: "JAN-MAR" },
    Field { name: "day of week", range: (0, 7), names: &WEEKDAYS, example: "MON-FRI" },
];

/// Returns what is wrong with the number of fields.
pub(super) fn wrong_count(count: usize, text: &str) -> String {
    let why = match count {
        _ if text.trim_start().starts_with('@') => "; a short form such as @daily is not supported".to_owned(),
        6 | 7 => format!(", without seconds and without a year; it has {count}"),
        _ => format!("; it has {count}"),
    };
    format!("must have five fields: minute, hour, day of month, month, day of week{why}; for example 0 9 * * MON-FRI")
}

impl Field {
    /// Returns a feature of other dialects that the field uses. The library's `L` (the last day, the last Friday of a month) never
    /// matches in December, and its `W` (the nearest weekday) is not that of other dialects at the ends of a month.
    pub(super) fn unsupported(&self, text: &str) -> Option<String> {
        let is_day = self.name.starts_with("day");
        let why = if is_day && text.contains('L') {
            "'L' is not supported; `every: P1M` from a 31st runs on the last day of each month"
        } else if is_day && text.contains(|char: char| char.is_ascii_digit()) && text.ends_with('W') {
            "'W' is not supported; write the days, for example 15"
        } else if text.contains('?') {
            "'?' is not supported; write *"
        } else {
            return None;
        };
        Some(format!("{} '{text}': {why}", self.name))
    }

    /// Returns what is wrong with a field that the library refused.
    pub(super) fn explain(&self, text: &str) -> String {
        let why = text.split(',').find_map(|item| self.wrong_item(item));
        let why = why.unwrap_or_else(|| "is no list of numbers, names, ranges and steps".to_owned());
        format!("{} '{text}': {why}, for example {}", self.name, self.example)
    }

    fn wrong_item(&self, item: &str) -> Option<String> {
        let (range, step) = item.split_once('/').map_or((item, None), |(range, step)| (range, Some(step)));
        let most = self.range.1;
        if let Some(step) = step.filter(|step| !step.parse().is_ok_and(|step: u64| (1..=most).contains(&step))) {
            return Some(format!("the step '{step}' must be a whole number from 1 to {most}"));
        }
        if range == "*" {
            return None;
        }
        let (range, nth) = range.split_once('#').map_or((range, None), |(day, nth)| (day, Some(nth)));
        if nth.is_some_and(|nth| !matches!(nth.parse(), Ok(1..=5_u64))) {
            return Some("the number after # must be from 1 to 5".to_owned());
        }
        let ends: Vec<&str> = range.splitn(2, '-').collect();
        if let Some(why) = ends.iter().find_map(|end| self.wrong_value(end)) {
            return Some(why);
        }
        match ends.as_slice() {
            [first, last] if self.number(first) > self.number(last) => {
                Some(format!("the range {range} goes backwards; write two items, each in ascending order"))
            }
            _ => None,
        }
    }

    fn wrong_value(&self, text: &str) -> Option<String> {
        let (least, most) = self.range;
        let names = match self.names {
            [] => String::new(),
            [first, .., last] => format!(" or a name from {first} to {last}"),
            [one] => format!(" or {one}"),
        };
        match self.number(text) {
            Some(number) if (least..=most).contains(&number) => None,
            Some(number) => Some(format!("{number} must be from {least} to {most}")),
            None if text.is_empty() => Some("an item is empty; write items with one comma between them".to_owned()),
            None => Some(format!("'{text}' must be a number from {least} to {most}{names}")),
        }
    }

    fn number(&self, text: &str) -> Option<u64> {
        let named = self.names.iter().position(|name| name.eq_ignore_ascii_case(text));
        // The first month is 1, the first weekday 0.
        let named = named.and_then(|at| u64::try_from(at).ok()).map(|at| at + self.range.0);
        named.or_else(|| text.parse().ok())
    }
}
