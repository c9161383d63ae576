//! The form of one e-mail address: whether it is one, and how it is sent.

use std::borrow::Cow;

/// Longest address. It fits into one line of a mail (RFC 5322 section 2.1.1). RFC 5321 allows 254 bytes; some systems that write `Reply-To`
/// know no such limit.
const MAX_ADDRESS_BYTES: usize = 900;
/// Characters that end an address or a part of one.
const DELIMITERS: &str = "<>(),;:\"\\[]@";

/// True for what can be written as an address. Whether its mailbox exists, and whether its mail system takes it, its carrier knows.
pub(super) fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    text.len() <= MAX_ADDRESS_BYTES
        && !text.contains(char::is_control)
        && (is_quoted(local) || is_plain(local))
        && (is_literal(domain) || domain.split('.').all(is_label))
}

/// Returns an address as mail systems take it: the domain in ASCII (RFC 5891), and a local part in quotes that is no dot-atom (RFC 5322
/// section 3.4.1), as some carriers give them. A local part beyond ASCII stays as it is (RFC 6532).
pub(super) fn to_wire(email: &str) -> String {
    let Some((local, domain)) = email.rsplit_once('@') else { return email.to_owned() };
    let is_atom = |atom: &str| !atom.is_empty() && atom.bytes().all(is_atom_byte);
    let local: Cow<'_, str> = match is_quoted(local) || local.split('.').all(is_atom) {
        true => local.into(),
        false => format!("\"{local}\"").into(),
    };
    let domain = match domain.is_ascii() {
        true => domain.into(),
        false => idna::domain_to_ascii(domain).map_or(Cow::Borrowed(domain), Cow::Owned),
    };
    format!("{local}@{domain}")
}

/// Returns a local part in quotes.
pub(super) fn quoted(local: &str) -> String {
    format!("\"{}\"", local.replace('\\', "\\\\").replace('"', "\\\""))
}

fn is_atom_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte) || !byte.is_ascii()
}

fn is_plain(text: &str) -> bool {
    !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || DELIMITERS.contains(c))
}

/// True for a label of a domain, in letters of any script. Some systems have `_` in theirs.
fn is_label(text: &str) -> bool {
    let is_mark = |c: char| c.is_ascii() && !c.is_ascii_alphanumeric() && !"-_".contains(c);
    !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || is_mark(c))
}

fn is_literal(domain: &str) -> bool {
    let inner = domain.strip_prefix('[').and_then(|domain| domain.strip_suffix(']'));
    inner.is_some_and(|inner| {
        !inner.is_empty() && inner.bytes().all(|b| b.is_ascii_alphanumeric() || b".:-".contains(&b))
    })
}

/// True for a local part in quotes, in which quotes and backslashes are escaped.
fn is_quoted(local: &str) -> bool {
    let inner = local.strip_prefix('"').and_then(|local| local.strip_suffix('"'));
    let Some(inner) = inner.filter(|inner| !inner.is_empty()) else { return false };
    let mut characters = inner.chars();
    while let Some(c) = characters.next() {
        if c == '"' || c == '\\' && characters.next().is_none() {
            return false;
        }
    }
    true
}

/// Returns the name and the domain of the mailbox of an address in lower case, as Gmail delivers it.
pub(super) fn mailbox_of(address: &str) -> (String, &str) {
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    let name = local.split('+').next().filter(|name| !name.is_empty()).unwrap_or(local);
    match domain {
        "gmail.com" | "googlemail.com" => (name.replace('.', ""), "gmail.com"),
        _ => (name.to_owned(), domain),
    }
}
