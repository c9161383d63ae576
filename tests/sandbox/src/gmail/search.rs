//! Gmail's search syntax, as far as API clients use it (<https://support.google.com/mail/answer/7190>): words, quotes, `-` and
//! the operators below. All conditions must match.

use mail_parser::{Addr, Address, Message as Mail};

use super::mail;
use super::mailbox::{Mailbox, Message};

/// A parsed `q`.
pub(crate) struct Query {
    conditions: Vec<Condition>,
}

/// A term, or its negation by `-`.
struct Condition {
    term: Term,
    negated: bool,
}

enum Term {
    Label(String),
    Read,
    Anywhere,
    From(String),
    To(String),
    Subject(String),
    MessageId(String),
    HasAttachment,
    /// Unix milliseconds.
    After(i64),
    /// Unix milliseconds.
    Before(i64),
    Word(String),
}

impl Query {
    /// Parses `q`; `newer_than:` is relative to `now` (unix milliseconds).
    pub(crate) fn parse(q: &str, mailbox: &Mailbox, now: i64) -> Self {
        let conditions = split_words(q)
            .into_iter()
            .map(|word| match word.strip_prefix('-') {
                Some(rest) if !rest.is_empty() => Condition { term: parse_term(rest, mailbox, now), negated: true },
                _ => Condition { term: parse_term(&word, mailbox, now), negated: false },
            })
            .collect();
        Self { conditions }
    }

    /// True if the query names a location that lists exclude by default.
    pub(crate) fn includes_location(&self, label: &str) -> bool {
        self.conditions.iter().any(|condition| match &condition.term {
            Term::Label(named) => !condition.negated && named == label,
            Term::Anywhere => !condition.negated,
            _ => false,
        })
    }

    pub(crate) fn matches(&self, message: &Message) -> bool {
        let Some(parsed) = mail::parse(&message.raw) else { return false };
        self.conditions.iter().all(|condition| condition.term.matches(message, &parsed) != condition.negated)
    }
}

impl Term {
    fn matches(&self, message: &Message, parsed: &Mail<'_>) -> bool {
        match self {
            Self::Label(label) => message.has_label(label),
            Self::Read => !message.has_label("UNREAD"),
            Self::Anywhere => true,
            Self::From(who) => address_contains(parsed.from(), who),
            Self::To(who) => {
                [parsed.to(), parsed.cc(), parsed.bcc()].into_iter().any(|field| address_contains(field, who))
            }
            Self::Subject(text) => contains(parsed.subject().unwrap_or(""), text),
            Self::MessageId(id) => mail::ids(parsed, "Message-ID").contains(id),
            Self::HasAttachment => parsed.attachment_count() > 0,
            Self::After(millis) => message.internal_date >= *millis,
            Self::Before(millis) => message.internal_date < *millis,
            Self::Word(word) => contains_word(parsed, word),
        }
    }
}

fn contains_word(parsed: &Mail<'_>, word: &str) -> bool {
    contains(parsed.subject().unwrap_or(""), word)
        || parsed.body_text(0).is_some_and(|text| contains(&text, word))
        || [parsed.from(), parsed.to(), parsed.cc()].into_iter().any(|field| address_contains(field, word))
}

fn address_contains(field: Option<&Address<'_>>, who: &str) -> bool {
    let found = |part: Option<&str>| part.is_some_and(|text| contains(text, who));
    let hit = |one: &Addr<'_>| found(one.name.as_deref()) || found(one.address.as_deref());
    field.into_iter().flat_map(Address::iter).any(hit)
}

fn contains(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(&part.to_lowercase())
}

/// Splits at spaces outside quotes and removes the quotes.
fn split_words(q: &str) -> Vec<String> {
    let (mut all, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for letter in q.chars() {
        match letter {
            '"' => quoted = !quoted,
            space if space.is_whitespace() && !quoted => all.push(std::mem::take(&mut word)),
            other => word.push(other),
        }
    }
    all.push(word);
    all.retain(|word| !word.is_empty());
    all
}

fn parse_term(word: &str, mailbox: &Mailbox, now: i64) -> Term {
    let Some((operator, value)) = word.split_once(':') else { return Term::Word(word.to_owned()) };
    let value = value.trim_matches(['(', ')']).to_owned();
    let time = |unit: Option<i64>, newer: bool| match unit {
        Some(at) if newer => Term::After(at),
        Some(at) => Term::Before(at),
        None => Term::Word(word.to_owned()),
    };
    match operator.to_ascii_lowercase().as_str() {
        "is" if value.eq_ignore_ascii_case("read") => Term::Read,
        "is" => Term::Label(value.to_uppercase()),
        "in" if value.eq_ignore_ascii_case("anywhere") => Term::Anywhere,
        "in" | "label" => Term::Label(label_id(&value, mailbox)),
        "from" => Term::From(value),
        "to" | "cc" | "bcc" => Term::To(value),
        "subject" => Term::Subject(value),
        "rfc822msgid" => Term::MessageId(value.trim_matches(['<', '>']).to_owned()),
        "has" if value.eq_ignore_ascii_case("attachment") => Term::HasAttachment,
        "newer_than" => time(parse_relative_time(&value, now), true),
        "older_than" => time(parse_relative_time(&value, now), false),
        "after" | "newer" => time(parse_date(&value), true),
        "before" | "older" => time(parse_date(&value), false),
        _ => Term::Word(word.to_owned()),
    }
}

/// Resolves the name of a system label or of a user's label to the label's id.
fn label_id(name: &str, mailbox: &Mailbox) -> String {
    let own = mailbox.labels.iter().find(|label| label.name.eq_ignore_ascii_case(name));
    match (own, name.to_ascii_lowercase().as_str()) {
        (Some(own), _) => own.id.clone(),
        (None, "drafts") => "DRAFT".to_owned(),
        (None, _) => name.to_uppercase(),
    }
}

/// Parses `2d`, `3m` (months) or `1y` to the time that long before `now`.
fn parse_relative_time(value: &str, now: i64) -> Option<i64> {
    let (number, unit) = value.split_at_checked(value.len().checked_sub(1)?)?;
    let days = match unit {
        "d" => 1,
        "m" => 30,
        "y" => 365,
        _ => return None,
    };
    Some(now - number.parse::<i64>().ok()?.checked_mul(days * 86_400_000)?)
}

/// Parses `2026/11/22` (midnight UTC) or unix seconds to unix milliseconds.
fn parse_date(value: &str) -> Option<i64> {
    if let Ok(seconds) = value.parse::<i64>() {
        return seconds.checked_mul(1_000);
    }
    let date: jiff::civil::Date = value.replace('/', "-").parse().ok()?;
    Some(date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond())
}
