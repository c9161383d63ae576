//! What callers write: ids, people, days and instants, checked before anything is called.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Deserializer};

use crate::error::{Error, Result};

/// Asana documents no limit for a name; this one only keeps out what cannot be meant.
pub(super) const MAX_NAME_BYTES: usize = 8 * 1024;
/// Nor one for longer texts.
const MAX_TEXT_BYTES: usize = 64 * 1024;
/// Ids in one list; more are a mistake.
const MAX_LIST_LEN: usize = 100;

/// Checks an id of Asana's.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub(super) fn check_gid(field: &str, text: &str) -> Result<()> {
    if is_gid(text) { Ok(()) } else { Err(Error::invalid(field, "must be a gid: digits only")) }
}

/// Checks ids that may be left out.
///
/// # Errors
/// [`Error::Invalid`] naming the first field that holds none.
pub(super) fn check_optional_gids(fields: &[(&str, &Option<String>)]) -> Result<()> {
    fields.iter().try_for_each(|(field, text)| text.as_deref().map_or(Ok(()), |text| check_gid(field, text)))
}

/// Checks a list of ids.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub(super) fn check_gid_list(field: &str, texts: &[String]) -> Result<()> {
    check_list_len(field, texts)?;
    texts.iter().try_for_each(|text| check_gid(field, text))
}

/// Checks what names a person: `me`, an e-mail address or an id.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub(super) fn check_person(field: &str, text: &str) -> Result<()> {
    let unfit = |c: char| c.is_whitespace() || c.is_control();
    let is_email = text.split_once('@').is_some_and(|(name, domain)| !name.is_empty() && domain.contains('.'));
    if text == "me" || is_gid(text) || (is_email && text.len() <= 254 && !text.contains(unfit)) {
        return Ok(());
    }
    Err(Error::invalid(field, "must be `me`, an e-mail address or a user's gid"))
}

/// Checks a list of people.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub(super) fn check_people(field: &str, texts: &[String]) -> Result<()> {
    check_list_len(field, texts)?;
    texts.iter().try_for_each(|text| check_person(field, text))
}

/// Reads a day.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub(super) fn parse_date(field: &str, text: &str) -> Result<Date> {
    // `Date` also reads the day out of a whole timestamp, in whose zone nobody knows.
    let day = text.parse::<Date>().ok().filter(|day| day.to_string() == text);
    day.ok_or_else(|| Error::invalid(field, "must be a day, such as 2026-11-23"))
}

/// Checks days that may be left out.
///
/// # Errors
/// [`Error::Invalid`] naming the first field that holds none.
pub(super) fn check_optional_dates(fields: &[(&str, &Option<String>)]) -> Result<()> {
    fields.iter().try_for_each(|(field, text)| text.as_deref().map_or(Ok(()), |text| parse_date(field, text).map(drop)))
}

/// Reads an instant.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub(super) fn parse_timestamp(field: &str, text: &str) -> Result<Timestamp> {
    text.parse().map_err(|_| Error::invalid(field, "must be a time with its zone, such as 2026-11-23T10:00:00Z"))
}

/// Checks a text of one or more lines.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub(super) fn check_text(field: &str, text: &str) -> Result<()> {
    let unfit = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if text.trim().is_empty() {
        Err(Error::invalid(field, "must not be empty"))
    } else if text.len() > MAX_TEXT_BYTES {
        Err(Error::invalid(field, format!("must be at most {MAX_TEXT_BYTES} bytes")))
    } else if text.contains(unfit) {
        Err(Error::invalid(field, "must not contain control characters"))
    } else {
        Ok(())
    }
}

/// Tells a field that was given as null, which empties it, from one that was left out.
///
/// # Errors
/// Those of the value itself.
pub(super) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

fn check_list_len(field: &str, texts: &[String]) -> Result<()> {
    match texts.len() {
        0 => Err(Error::invalid(field, "must not be empty")),
        1..=MAX_LIST_LEN => Ok(()),
        _ => Err(Error::invalid(field, format!("must be at most {MAX_LIST_LEN}"))),
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
