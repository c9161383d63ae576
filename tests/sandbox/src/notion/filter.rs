//! Filters and sorts of a query (<https://developers.notion.com/reference/filter-data-source-entries>).

use std::cmp::Ordering;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};
use serde_json::Value;

use super::model::Page;
use super::property_schemas::is_named;
use super::{ErrorResponse, text, validation_error};
use crate::clock::Clock;

/// True if the page matches the filter. Unknown conditions are rejected, so that no test relies on a filter without effect.
pub(crate) fn matches(page: &Page, filter: &Value, today: Date) -> Result<bool, ErrorResponse> {
    if let Some(all) = filter["and"].as_array() {
        return all.iter().try_fold(true, |result, one| Ok(result & matches(page, one, today)?));
    }
    if let Some(any) = filter["or"].as_array() {
        return any.iter().try_fold(false, |result, one| Ok(result | matches(page, one, today)?));
    }
    if let Some(which) = filter["timestamp"].as_str() {
        let at = match which {
            "created_time" => &page.created,
            "last_edited_time" => &page.edited,
            _ => return Err(validation_error("body.filter.timestamp should be created_time or last_edited_time.")),
        };
        return compare_date(Some(at), &filter[which], today);
    }
    let name = filter["property"]
        .as_str()
        .ok_or_else(|| validation_error("body.filter should name a property or a timestamp."))?;
    let property = page.properties.iter().find(|(key, value)| is_named(key, value, name)).map(|(_, value)| value);
    let property =
        property.ok_or_else(|| validation_error(&format!("Could not find property with name or id: {name}")))?;
    matches_property(property, filter, today)
}

fn matches_property(property: &Value, filter: &Value, today: Date) -> Result<bool, ErrorResponse> {
    let kind = property["type"].as_str().unwrap_or("");
    super::reject_unknown_fields(filter, &["property", "type", kind])?;
    let condition = filter.get(kind).filter(|condition| condition.is_object());
    let condition =
        condition.ok_or_else(|| validation_error(&format!("database property {kind} does not match filter")))?;
    let value = &property[kind];
    match kind {
        "title" | "rich_text" => compare_text(&text::plain_text(value), condition),
        "url" | "email" | "phone_number" => compare_text(value.as_str().unwrap_or(""), condition),
        "select" | "status" => compare_option(value["name"].as_str().unwrap_or(""), condition),
        "checkbox" => compare_flag(value.as_bool().unwrap_or(false), condition),
        "number" => compare_number(value.as_f64(), condition),
        "date" => compare_date(value["start"].as_str(), condition, today),
        "files" => compare_list(&strings_at(value, "name"), condition),
        "multi_select" => compare_list(&strings_at(value, "name"), condition),
        "people" | "relation" => compare_list(&strings_at(value, "id"), condition),
        _ => Err(validation_error(&format!("The sandbox cannot filter by {kind}."))),
    }
}

fn strings_at<'a>(list: &'a Value, part: &str) -> Vec<&'a str> {
    list.as_array().into_iter().flatten().filter_map(|one| one[part].as_str()).collect()
}

/// A condition, for example `{"equals": "Done"}`.
struct Condition<'a> {
    name: &'a str,
    expected: &'a Value,
}

/// Returns an object's only condition.
fn single_condition(condition: &Value) -> Result<Condition<'_>, ErrorResponse> {
    let mut entries = condition.as_object().into_iter().flatten();
    match (entries.next(), entries.next()) {
        (Some((name, expected)), None) => Ok(Condition { name, expected }),
        _ => Err(validation_error("body.filter should hold exactly one condition.")),
    }
}

fn unknown_condition(name: &str) -> ErrorResponse {
    validation_error(&format!("The sandbox does not know the condition {name}."))
}

fn compare_text(text: &str, condition: &Value) -> Result<bool, ErrorResponse> {
    let Condition { name, expected } = single_condition(condition)?;
    let expected = expected.as_str().unwrap_or("");
    let (lower, lower_expected) = (text.to_lowercase(), expected.to_lowercase());
    Ok(match name {
        "equals" => text == expected,
        "does_not_equal" => text != expected,
        "contains" => lower.contains(&lower_expected),
        "does_not_contain" => !lower.contains(&lower_expected),
        "starts_with" => lower.starts_with(&lower_expected),
        "ends_with" => lower.ends_with(&lower_expected),
        "is_empty" => text.is_empty(),
        "is_not_empty" => !text.is_empty(),
        _ => return Err(unknown_condition(name)),
    })
}

/// An option is compared as a whole, also with a list of options
/// (<https://developers.notion.com/changelog>, 17 April 2026). One that does not exist equals none.
fn compare_option(option: &str, condition: &Value) -> Result<bool, ErrorResponse> {
    let Condition { name, expected } = single_condition(condition)?;
    let is_one = || *expected == option || expected.as_array().is_some_and(|all| all.iter().any(|one| *one == option));
    Ok(match name {
        "equals" => is_one(),
        "does_not_equal" => !is_one(),
        "is_empty" => option.is_empty(),
        "is_not_empty" => !option.is_empty(),
        _ => return Err(validation_error(&format!("body.filter: {name} is no condition of this type."))),
    })
}

fn compare_flag(flag: bool, condition: &Value) -> Result<bool, ErrorResponse> {
    let Condition { name, expected } = single_condition(condition)?;
    match name {
        "equals" => Ok(Some(flag) == expected.as_bool()),
        "does_not_equal" => Ok(Some(flag) != expected.as_bool()),
        _ => Err(unknown_condition(name)),
    }
}

fn compare_number(number: Option<f64>, condition: &Value) -> Result<bool, ErrorResponse> {
    let Condition { name, expected } = single_condition(condition)?;
    let order = number.zip(expected.as_f64()).and_then(|(number, expected)| number.partial_cmp(&expected));
    Ok(match name {
        "equals" => order == Some(Ordering::Equal),
        "does_not_equal" => order != Some(Ordering::Equal),
        "greater_than" => order == Some(Ordering::Greater),
        "less_than" => order == Some(Ordering::Less),
        "greater_than_or_equal_to" => order.is_some_and(Ordering::is_ge),
        "less_than_or_equal_to" => order.is_some_and(Ordering::is_le),
        "is_empty" => number.is_none(),
        "is_not_empty" => number.is_some(),
        _ => return Err(unknown_condition(name)),
    })
}

/// Parses a timestamp, or a date as its midnight in UTC, to unix milliseconds.
fn parse_instant(text: &str) -> Option<i64> {
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Some(at.as_millisecond());
    }
    let date: jiff::civil::Date = text.parse().ok()?;
    Some(date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond())
}

/// The day of a relative value (<https://developers.notion.com/reference/filter-data-source-entries#date>).
fn relative_day(text: &str, today: Date) -> Option<Date> {
    let span = match text {
        "today" => 0.days(),
        "tomorrow" => 1.day(),
        "yesterday" => -1.day(),
        "one_week_ago" => -1.week(),
        "one_week_from_now" => 1.week(),
        "one_month_ago" => -1.month(),
        "one_month_from_now" => 1.month(),
        _ => return None,
    };
    today.checked_add(span).ok()
}

/// The first and the last day of a period around today.
fn period(name: &str, today: Date) -> Option<(Date, Date)> {
    let to = |span: Span| today.checked_add(span).ok();
    let monday = today.checked_sub(i64::from(today.weekday().to_monday_zero_offset()).days()).ok()?;
    Some(match name {
        "this_week" => (monday, monday.checked_add(6.days()).ok()?),
        "past_week" => (to(-1.week())?, today),
        "past_month" => (to(-1.month())?, today),
        "past_year" => (to(-1.year())?, today),
        "next_week" => (today, to(1.week())?),
        "next_month" => (today, to(1.month())?),
        "next_year" => (today, to(1.year())?),
        _ => return None,
    })
}

/// Returns the day of the sandbox's clock in UTC.
pub(crate) fn today(clock: &Clock) -> Date {
    let now = jiff::Timestamp::from_millisecond(clock.millis()).unwrap_or_default();
    TimeZone::UTC.to_datetime(now).date()
}

/// Rejects groups within groups within groups (<https://developers.notion.com/reference/filter-data-source-entries>).
pub(crate) fn check_depth(filter: &Value) -> Result<(), ErrorResponse> {
    fn depth(filter: &Value) -> usize {
        let parts = ["and", "or"].iter().filter_map(|key| filter[*key].as_array());
        parts.flatten().map(|part| 1 + depth(part)).max().unwrap_or(0)
    }
    if depth(filter) > 2 { Err(validation_error("body.filter is nested deeper than two levels.")) } else { Ok(()) }
}

fn compare_date(value: Option<&str>, condition: &Value, today: Date) -> Result<bool, ErrorResponse> {
    let Condition { name, expected } = single_condition(condition)?;
    let at = value.and_then(parse_instant);
    if let Some((first, last)) = period(name, today) {
        if *expected != serde_json::json!({}) {
            return Err(validation_error(&format!("body.filter.{name} should be an empty object.")));
        }
        let day = at.and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
        let day = day.map(|at| TimeZone::UTC.to_datetime(at).date());
        return Ok(day.is_some_and(|day| first <= day && day <= last));
    }
    let text = expected.as_str().unwrap_or_default();
    let relative = relative_day(text, today).map(|day| day.to_string());
    let expected = parse_instant(relative.as_deref().unwrap_or(text));
    if expected.is_none() && !name.starts_with("is_") {
        return Err(validation_error(&format!("body.filter.{name} should be a valid ISO 8601 date string.")));
    }
    let order = at.zip(expected).map(|(at, expected)| at.cmp(&expected));
    Ok(match name {
        "equals" => order == Some(Ordering::Equal),
        "after" => order == Some(Ordering::Greater),
        "before" => order == Some(Ordering::Less),
        "on_or_after" => order.is_some_and(Ordering::is_ge),
        "on_or_before" => order.is_some_and(Ordering::is_le),
        "is_empty" => value.is_none(),
        "is_not_empty" => value.is_some(),
        _ => return Err(unknown_condition(name)),
    })
}

fn compare_list(names: &[&str], condition: &Value) -> Result<bool, ErrorResponse> {
    let Condition { name, expected } = single_condition(condition)?;
    let has = expected.as_str().is_some_and(|expected| names.contains(&expected));
    Ok(match name {
        "contains" => has,
        "does_not_contain" => !has,
        "is_empty" => names.is_empty(),
        "is_not_empty" => !names.is_empty(),
        _ => return Err(unknown_condition(name)),
    })
}

/// Sorts pages by the first sort in which they differ.
pub(crate) fn sort_pages(pages: &mut [Page], sorts: &Value) -> Result<(), ErrorResponse> {
    let sorts = sorts.as_array().cloned().unwrap_or_default();
    for one in &sorts {
        super::reject_unknown_fields(one, &["property", "timestamp", "direction"])?;
        if !["ascending", "descending"].contains(&one["direction"].as_str().unwrap_or("")) {
            return Err(validation_error("body.sorts.direction should be ascending or descending."));
        }
        if let Some(name) = one["property"].as_str()
            && pages.first().is_some_and(|page| !page.properties.contains_key(name))
        {
            return Err(validation_error(&format!("Could not find sort property with name or id: {name}")));
        }
    }
    pages.sort_by(|a, b| {
        let orders = sorts.iter().map(|one| {
            let order = sort_key(a, one).partial_cmp(&sort_key(b, one)).unwrap_or(Ordering::Equal);
            if one["direction"] == "descending" { order.reverse() } else { order }
        });
        orders.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    });
    Ok(())
}

fn sort_key(page: &Page, sort: &Value) -> (Option<f64>, String) {
    match sort["timestamp"].as_str() {
        Some("created_time") => return (None, page.created.clone()),
        Some(_) => return (None, page.edited.clone()),
        None => {}
    }
    let property = sort["property"].as_str().and_then(|name| page.properties.get(name)).cloned().unwrap_or_default();
    let kind = property["type"].as_str().unwrap_or("").to_owned();
    let value = &property[&kind];
    match kind.as_str() {
        "title" | "rich_text" => (None, text::plain_text(value)),
        "select" | "status" => (None, value["name"].as_str().unwrap_or("").to_owned()),
        "date" => (None, value["start"].as_str().unwrap_or("").to_owned()),
        "number" => (value.as_f64(), String::new()),
        _ => (None, value.to_string()),
    }
}
