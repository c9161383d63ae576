//! Calendars in e-mails, such as invitations: what a reader has to know of their events.
//! <https://datatracker.ietf.org/doc/html/rfc5545>

use jiff::civil::{Date, DateTime};
use jiff::fmt::strtime;

use super::email::Person;
use crate::adapters::prelude::*;
use crate::answer;

/// Most events that are read of one calendar, and most bytes of it and of a text in it.
pub(super) const MAX_EVENTS: usize = 10;
const MAX_BYTES: usize = 256 * 1024;
const MAX_TEXT_BYTES: usize = 1024;
/// Most components within each other; an alarm in an event in a calendar is three.
const MAX_DEPTH: usize = 8;

/// An event of a calendar in an e-mail.
#[skip_serializing_none]
#[derive(Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event {
    /// The purpose: `REQUEST` invites or changes, `CANCEL` calls off, `REPLY` answers.
    method: Option<String>,
    /// The title.
    summary: Option<String>,
    /// The time at which it starts, or a date.
    start: Option<String>,
    /// The time at which it ends, or a date.
    end: Option<String>,
    /// The time zone of times without one, as the sender names it.
    time_zone: Option<String>,
    /// The place.
    location: Option<String>,
    /// The person who invites.
    organizer: Option<Person>,
}

/// A line of a calendar: the name of a property, its parameters and its value.
struct Line<'a> {
    name: String,
    parameters: &'a str,
    value: &'a str,
}

/// Reads the events of a calendar. What cannot be read is left out.
pub(super) fn events(calendar: &str) -> Vec<Event> {
    let (calendar, _) = answer::cut_text(calendar, MAX_BYTES);
    // A line that starts with a space goes on with the previous one.
    let unfolded = calendar.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "");
    let (mut method, mut events, mut inside) = (None, Vec::<Event>::new(), Vec::<String>::new());
    for line in unfolded.lines().filter_map(Line::parse) {
        let in_event = matches!(inside.as_slice(), [_, kind] if kind == "VEVENT");
        match line.name.as_str() {
            "BEGIN" if inside.len() == MAX_DEPTH => break,
            "BEGIN" => {
                inside.push(line.value.trim().to_ascii_uppercase());
                if matches!(inside.as_slice(), [_, kind] if kind == "VEVENT") {
                    if events.len() == MAX_EVENTS {
                        break;
                    }
                    events.push(Event::default());
                }
            }
            "END" => drop(inside.pop()),
            "METHOD" if inside.len() == 1 => method = Some(line.text().to_ascii_uppercase()),
            _ if in_event => {
                if let Some(event) = events.last_mut() {
                    event.set(&line);
                }
            }
            _ => {}
        }
    }
    events.iter_mut().for_each(|event| event.method.clone_from(&method));
    events
}

impl Event {
    fn set(&mut self, line: &Line<'_>) {
        match line.name.as_str() {
            "SUMMARY" => self.summary = Some(line.text()),
            "LOCATION" => self.location = Some(line.text()),
            "DTSTART" => self.start = self.time(line),
            "DTEND" => self.end = self.time(line),
            "ORGANIZER" => {
                let is_address = line.value.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("mailto:"));
                let email = is_address.then(|| line.value[7..].trim().to_owned());
                self.organizer = Some(Person { name: line.parameter("CN"), email });
            }
            _ => {}
        }
    }

    /// Returns a time with its offset, a date, or a time without an offset, of which the zone is not known.
    fn time(&mut self, line: &Line<'_>) -> Option<String> {
        let value = line.value.trim();
        if let Ok(date) = strtime::parse("%Y%m%d", value).and_then(|parsed| parsed.to_date()) {
            return Some(Date::to_string(&date));
        }
        let (local, is_utc) = value.strip_suffix('Z').map_or((value, false), |local| (local, true));
        let time: DateTime = strtime::parse("%Y%m%dT%H%M%S", local).and_then(|parsed| parsed.to_datetime()).ok()?;
        if is_utc {
            return Some(format!("{time}Z"));
        }
        let zone = line.parameter("TZID");
        if let Some(zoned) = zone.as_deref().and_then(|zone| time.in_tz(zone).ok()) {
            return Some(zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string());
        }
        self.time_zone = zone.or(self.time_zone.take());
        Some(time.to_string())
    }
}

impl<'a> Line<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let mut is_quoted = false;
        let colon = line.char_indices().find(|(_, c)| {
            is_quoted ^= *c == '"';
            *c == ':' && !is_quoted
        });
        let (head, value) = (line.get(..colon?.0)?, line.get(colon?.0 + 1..)?);
        let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
        Some(Self { name: name.trim().to_ascii_uppercase(), parameters, value })
    }

    /// Returns the value as a text, without its escapes.
    fn text(&self) -> String {
        let (mut text, mut is_escaped) = (String::with_capacity(self.value.len()), false);
        for c in self.value.chars() {
            match (std::mem::take(&mut is_escaped), c) {
                (false, '\\') => is_escaped = true,
                (true, 'n' | 'N') => text.push('\n'),
                (_, c) => text.push(c),
            }
        }
        answer::cut_text(text.trim(), MAX_TEXT_BYTES).0
    }

    fn parameter(&self, name: &str) -> Option<String> {
        let mut is_quoted = false;
        let parameters = self.parameters.split(|c| {
            is_quoted ^= c == '"';
            c == ';' && !is_quoted
        });
        let mut pairs = parameters.filter_map(|parameter| parameter.split_once('='));
        let (_, value) = pairs.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(answer::cut_text(value.trim_matches('"'), MAX_TEXT_BYTES).0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(event: &str) -> Value {
        let calendar = format!(
            "BEGIN:VCALENDAR\r\nMETHOD:request\r\nBEGIN:VTIMEZONE\r\nDTSTART:19700101T000000\r\nEND:VTIMEZONE\r\n\
             BEGIN:VEVENT\r\n{event}\r\nBEGIN:VALARM\r\nSUMMARY:No\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        );
        json!(events(&calendar))
    }

    #[test]
    fn an_invitation_is_read() {
        let event = "SUMMARY;LANGUAGE=en:Minutes\\, and mo\r\n re\r\nDTSTART;TZID=Europe/Berlin:20261201T090000\r\n\
                     DTEND:20261201T090000Z\r\nORGANIZER;CN=\"Lee: Ann\":MAILTO:ann@b.co\r\nLOCATION:Room\\n1";
        assert_eq!(
            read(event),
            json!([{ "method": "REQUEST", "summary": "Minutes, and more", "start": "2026-12-01T09:00:00+01:00",
                "end": "2026-12-01T09:00:00Z", "location": "Room\n1",
                "organizer": { "name": "Lee: Ann", "email": "ann@b.co" } }])
        );
    }

    #[test]
    fn dates_unknown_zones_and_broken_lines_are_read_as_far_as_they_go() {
        let event =
            "DTSTART;VALUE=DATE:20261201\r\nDTEND;TZID=W. Europe Standard Time:20261201T090000\r\nX\r\n:\r\nSUMMARY";
        assert_eq!(
            read(event),
            json!([{ "method": "REQUEST", "start": "2026-12-01", "end": "2026-12-01T09:00:00",
                "timeZone": "W. Europe Standard Time" }])
        );
        assert_eq!(read("DTSTART:tomorrow\r\nORGANIZER:x"), json!([{ "method": "REQUEST", "organizer": {} }]));
        assert!(events("").is_empty() && events("END:VEVENT\nSUMMARY:A").is_empty());
        assert_eq!(events(&"BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VEVENT\nEND:VCALENDAR\n".repeat(50)).len(), MAX_EVENTS);
    }
}
