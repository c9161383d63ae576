//! A list of addresses, as `mail_parser` reads it: RFC 5322 section 3.4, with its groups, comments and encoded words.
//!
//! Nobody is lost: where quotes or brackets are not closed, or the parser returns fewer addresses than are written, each part between
//! separators is read by itself. What cannot be read is returned as it is.

use mail_parser::parsers::MessageStream;
use mail_parser::{Addr, Address, HeaderValue};

use super::address_form::{is_address, quoted};

/// One entry of a list of addresses.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// A person with an address.
    Mailbox {
        /// The display name, or a comment.
        name: Option<String>,
        /// The address as it was written.
        email: String,
    },
    /// A text that is no address.
    Unreadable(String),
    /// A group without members, such as `undisclosed-recipients`.
    EmptyGroup(String),
}

/// Reads a list, in its order.
pub(super) fn read(text: &str) -> Vec<Entry> {
    let line = one_line(text);
    let written = Written::count(&line);
    if written.is_closed {
        let entries = parse(&line);
        let found: usize = entries.iter().map(Entry::at_signs).sum();
        if found >= written.at_signs && written.has_all(&line, &entries) {
            return entries;
        }
    }
    let parts = line.split([',', ';']).flat_map(|part| part.split_inclusive('>'));
    parts.map(str::trim).filter(|part| !part.is_empty()).map(part).collect()
}

/// Counts and letters of a line that is written.
#[derive(Default)]
struct Written {
    /// True if quotes, comments and angle brackets are closed, and no list is within brackets.
    is_closed: bool,
    /// The number of `@` outside routes.
    at_signs: usize,
    /// The characters of names and addresses: without comments, quotes and spaces.
    letters: String,
}

impl Written {
    fn count(line: &str) -> Self {
        let (mut quotes, mut escaped, mut comments, mut bracket) = (false, false, 0_usize, None::<char>);
        let (mut is_closed, mut at_signs, mut opens, mut letters) = (true, 0, false, String::new());
        for c in line.chars() {
            if std::mem::take(&mut opens) {
                bracket = Some(c);
            }
            // Names and comments have them too, and are returned.
            at_signs += usize::from(c == '@' && bracket != Some('@'));
            match c {
                _ if escaped => escaped = false,
                '\\' if quotes || comments > 0 => escaped = true,
                '"' if comments == 0 => quotes = !quotes,
                _ if quotes => {}
                '(' => comments += 1,
                ')' => comments = comments.saturating_sub(1),
                _ if comments > 0 => {}
                '<' => (is_closed, opens) = (is_closed && bracket.is_none(), true),
                '>' => (is_closed, bracket) = (is_closed && bracket.is_some(), None),
                // A route of RFC 821 begins with `@` and has commas.
                ',' | ';' if bracket.is_some_and(|first| first != '@') => is_closed = false,
                _ => {}
            }
            if comments == 0 && is_letter(c) {
                letters.push(c);
            }
        }
        Self { is_closed: is_closed && !quotes && comments == 0 && bracket.is_none() && !opens, at_signs, letters }
    }

    /// True if each address is in the line as one piece, in this order: the parser joins what is around a bracket. One pass, because a
    /// stranger decides on the number.
    fn has_all(&self, line: &str, entries: &[Entry]) -> bool {
        let (mut letters, mut quoted) = (self.letters.as_str(), line);
        entries.iter().all(|entry| {
            let (rest, address): (&mut &str, String) = match entry {
                Entry::Mailbox { email, .. } if email.starts_with('"') => (&mut quoted, email.clone()),
                Entry::Mailbox { email: text, .. } | Entry::Unreadable(text) if text.contains('@') => {
                    (&mut letters, text.chars().filter(|c| is_letter(*c)).collect())
                }
                _ => return true,
            };
            let Some(at) = rest.find(&address) else { return false };
            *rest = &rest[at + address.len()..];
            true
        })
    }
}

fn is_letter(c: char) -> bool {
    !c.is_whitespace() && !"\"()".contains(c)
}

impl Entry {
    fn at_signs(&self) -> usize {
        let count = |text: &str| text.matches('@').count();
        match self {
            Self::Mailbox { name, email } => count(email) + name.as_deref().map_or(0, count),
            Self::Unreadable(text) | Self::EmptyGroup(text) => count(text),
        }
    }

    fn of(addr: &Addr<'_>) -> Option<Self> {
        let name = addr.name().map(one_line).filter(|name| !name.is_empty());
        let Some(email) = addr.address().map(bare) else { return name.map(Self::Unreadable) };
        let (name, email) = match (name, email.strip_prefix('@')) {
            (name, Some(route)) if route.contains(':') => {
                (name, route.rsplit(':').next().unwrap_or_default().to_owned())
            }
            // The parser takes a quoted local part for a name.
            (Some(local), Some(_)) => (None, quoted(&local) + email),
            (name, _) => (name, without_obsolete_spaces(email)),
        };
        Some(match (is_address(&email), name) {
            (true, name) => Self::Mailbox { name, email },
            (false, Some(name)) => Self::Unreadable(format!("{name} <{email}>")),
            (false, None) => Self::Unreadable(email),
        })
    }
}

fn parse(line: &str) -> Vec<Entry> {
    let line = format!("{line}\r\n");
    let HeaderValue::Address(address) = MessageStream::new(line.as_bytes()).parse_address() else { return vec![] };
    match address {
        Address::List(list) => list.iter().filter_map(Entry::of).collect(),
        Address::Group(groups) => groups
            .iter()
            .flat_map(|group| match group.name.as_deref().filter(|_| group.addresses.is_empty()) {
                Some(name) => vec![Entry::EmptyGroup(one_line(name))],
                None => group.addresses.iter().filter_map(Entry::of).collect(),
            })
            .collect(),
    }
}

/// Reads a part of a list of which the quotes or brackets are not closed.
fn part(text: &str) -> Entry {
    let is_mark = |c: char| c.is_whitespace() || "\"<>()".contains(c);
    let (name, email) = text.rsplit_once('<').unwrap_or(("", text));
    let email = bare(email.split('>').next().unwrap_or_default().trim_matches(is_mark));
    let name = name.trim_matches(is_mark);
    match is_address(email) {
        true => Entry::Mailbox { name: (!name.is_empty()).then(|| name.to_owned()), email: email.to_owned() },
        false => Entry::Unreadable(text.to_owned()),
    }
}

/// Returns an address without what mail programs write around it: apostrophes, or the scheme of a link.
fn bare(email: &str) -> &str {
    let email = email.trim();
    let is_link = email.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("mailto:"));
    let email = if is_link { &email[7..] } else { email };
    email.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).unwrap_or(email)
}

/// Returns an address without spaces beside its dots and its `@`, which RFC 5322 section 4.4 allows.
fn without_obsolete_spaces(email: &str) -> String {
    let trimmed = |text: &str, mark: &str| text.split(mark).map(str::trim).collect::<Vec<_>>().join(mark);
    if email.contains('"') { email.to_owned() } else { trimmed(&trimmed(email, "."), "@") }
}

fn one_line(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    line.trim().to_owned()
}
