//! Validation of input: ids, people, dates and times, checked before any call.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Deserializer};

use crate::error::{Error, Result};

/// A sanity limit: Asana documents none for names.
pub(super) const MAX_NAME_BYTES: usize = 8 * 1024;
/// A sanity limit: Asana documents none for texts.
const MAX_TEXT_BYTES: usize = 64 * 1024;
/// Maximum number of ids in one list.
const MAX_LIST_LEN: usize = 100;

/// Checks a gid, Asana's id.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub(super) fn check_gid(field: &str, text: &str) -> Result<()> {
    if is_gid(text) {
        Ok(())
    } else {
        Err(Error::invalid(field, "must be a gid: only digits, for example 1200000000000021"))
    }
}

/// Checks optional gids.
///
/// # Errors
/// [`Error::Invalid`] naming the first invalid field.
pub(super) fn check_optional_gids(fields: &[(&str, &Option<String>)]) -> Result<()> {
    fields.iter().try_for_each(|(field, text)| text.as_deref().map_or(Ok(()), |text| check_gid(field, text)))
}

/// Checks a list of gids.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub(super) fn check_gid_list(field: &str, texts: &[String]) -> Result<()> {
    check_list_len(field, texts)?;
    texts.iter().try_for_each(|text| check_gid(field, text))
}

/// Checks a person: `me`, an e-mail address or a gid.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub(super) fn check_person(field: &str, text: &str) -> Result<()> {
    let is_forbidden = |c: char| c.is_whitespace() || c.is_control();
    let is_email = text.split_once('@').is_some_and(|(name, domain)| !name.is_empty() && domain.contains('.'));
    if text == "me" || is_gid(text) || (is_email && text.len() <= 254 && !text.contains(is_forbidden)) {
        return Ok(());
    }
    Err(Error::invalid(field, "must be `me`, an e-mail address or a user's gid, for example ann@example.com"))
}

/// Checks a list of people.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub(super) fn check_people(field: &str, texts: &[String]) -> Result<()> {
    check_list_len(field, texts)?;
    texts.iter().try_for_each(|text| check_person(field, text))
}

/// Parses a date.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub(super) fn parse_date(field: &str, text: &str) -> Result<Date> {
    // `Date` also parses the date part of a timestamp, whose zone would be lost.
    let date = text.parse::<Date>().ok().filter(|date| date.to_string() == text);
    date.ok_or_else(|| Error::invalid(field, "must be a date, for example 2026-11-23"))
}

/// Checks optional dates.
///
/// # Errors
/// [`Error::Invalid`] naming the first invalid field.
pub(super) fn check_optional_dates(fields: &[(&str, &Option<String>)]) -> Result<()> {
    fields.iter().try_for_each(|(field, text)| text.as_deref().map_or(Ok(()), |text| parse_date(field, text).map(drop)))
}

/// Parses a time.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub(super) fn parse_timestamp(field: &str, text: &str) -> Result<Timestamp> {
    text.parse().map_err(|_| Error::invalid(field, "must be a time with its zone, for example 2026-11-23T10:00:00Z"))
}

/// Checks a text of one or more lines.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub(super) fn check_text(field: &str, text: &str) -> Result<()> {
    let is_forbidden = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if text.trim().is_empty() {
        Err(Error::invalid(field, "must not be empty"))
    } else if text.len() > MAX_TEXT_BYTES {
        Err(Error::invalid(field, format!("must be at most {MAX_TEXT_BYTES} bytes")))
    } else if text.contains(is_forbidden) {
        Err(Error::invalid(field, "must not contain control characters"))
    } else {
        Ok(())
    }
}

/// Deserializes a field for which null, which clears it, differs from absence.
///
/// # Errors
/// Those of the value itself.
pub(super) fn double_option<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Checks the number of values in a list.
fn check_list_len(field: &str, texts: &[String]) -> Result<()> {
    match texts.len() {
        0 => Err(Error::invalid(field, "must not be empty")),
        1..=MAX_LIST_LEN => Ok(()),
        _ => Err(Error::invalid(field, format!("must have at most {MAX_LIST_LEN} values"))),
    }
}

fn is_gid(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_accept_valid_and_reject_invalid_values() {
        assert!(
            check_gid("f", "1200").is_ok()
                && check_person("f", "me").is_ok()
                && check_person("f", "ann@example.com").is_ok()
        );
        assert!(check_text("f", "One\n\ttwo").is_ok());
        for bad in ["", "abc", "../7", "12 ", "１２"] {
            assert!(check_gid("f", bad).is_err(), "{bad}");
        }
        for bad in ["", "Ann Smith", "ann@", "@example.com", "a b@example.com"] {
            assert!(check_person("f", bad).is_err(), "{bad}");
        }
        for bad in ["", " \n", "a\0b"] {
            assert!(check_text("f", bad).is_err(), "{bad}");
        }
        assert!(check_gid_list("f", &[]).is_err());
        assert!(check_people("f", &vec!["me".to_owned(); MAX_LIST_LEN + 1]).is_err());
    }
}
