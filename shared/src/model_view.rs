//! Data as a model reads it: short enough, without bytes, and with words about what was left out.
//!
//! One mechanism works on the JSON of every tool, by its shape: first what a model cannot use goes, then texts are cut and lists
//! shortened until the whole fits.

mod fitting;
mod simplified;

use serde_json::Value;

use crate::wording::{agreeing, counted};
use fitting::{Limits, limited};

/// The least number of characters of a view.
pub const MIN_CHARS: usize = 500;
/// The largest number of characters of a view.
pub const MAX_CHARS: usize = 100_000;
/// The number of characters of a view without a choice.
pub const DEFAULT_CHARS: usize = 8_000;

/// The ways of shortening, from the gentlest on: each is tried with all items of the lists.
const TEXT_LIMITS: [usize; 5] = [usize::MAX, 4_000, 2_000, 1_000, 500];
/// The limits of texts in shortened lists.
const TEXT_LIMITS_OF_ITEMS: [usize; 2] = [300, 80];
/// The last ways: the limits of texts and names, of items, and of fields.
const LAST_LIMITS: [Limits; 3] = [
    Limits { text: 80, opaque: 200, items: 3, fields: 20 },
    Limits { text: 60, opaque: 100, items: 1, fields: 8 },
    Limits { text: 30, opaque: 60, items: 1, fields: 3 },
];
/// The share of a view that its first sentence can take.
const MESSAGE_SHARE: usize = 2;

/// The text and the data that a model reads.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// The message, the data as JSON, and what was left out.
    pub text: String,
    /// The same data.
    pub data: Value,
}

/// The parts that were left out of data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Cuts {
    /// Files without their bytes.
    files: usize,
    /// Texts in HTML beside the same text.
    html: usize,
    /// Texts that were cut.
    texts: usize,
    /// Lists that were shortened: the path, the items that are shown, and all.
    lists: Vec<(String, usize, usize)>,
    /// True if the cursor behind a shortened list was left out.
    cursor: bool,
    /// Fields that were left out.
    fields: usize,
    /// True if the message was cut.
    message: bool,
    /// The number of characters of data that was left out as a whole.
    everything: Option<usize>,
}

/// Returns a message and its data in at most `max_chars` characters, of which there are at least [`MIN_CHARS`].
pub fn show(message: &str, data: &Value, max_chars: usize) -> Shown {
    let max_chars = max_chars.max(MIN_CHARS);
    let mut cuts = Cuts::default();
    let data = simplified::simplified(data.clone(), &mut cuts);
    // Without data the message has all but the words about the cut.
    let room = if is_empty(&data) { max_chars - 100 } else { max_chars / MESSAGE_SHARE };
    let (message, is_cut) = fitting::cut(message, room);
    cuts.message = is_cut;
    let attempt = |limits: Limits| {
        let mut cuts = cuts.clone();
        let mut data = limited(data.clone(), limits, &mut cuts);
        if !cuts.lists.is_empty()
            && let Some(fields) = data.as_object_mut()
        {
            // It leads behind the items that are not shown.
            cuts.cursor = fields.remove("cursor").is_some();
        }
        let text = written(&message, &data, &cuts);
        (text.chars().count() <= max_chars).then_some(Shown { text, data })
    };
    let whole = TEXT_LIMITS.iter().find_map(|text| attempt(Limits { text: *text, ..Limits::NONE }));
    let of_items = || TEXT_LIMITS_OF_ITEMS.iter().find_map(|text| most_items(*text, &data, &attempt));
    let last = || LAST_LIMITS.into_iter().find_map(attempt);
    whole.or_else(of_items).or_else(last).unwrap_or_else(|| {
        let everything = Some(data.to_string().chars().count());
        let cuts = Cuts { everything, message: cuts.message, ..Cuts::default() };
        Shown { text: written(&message, &Value::Null, &cuts), data: Value::Null }
    })
}

/// Returns the view with the most items of each list that fit with texts of at most so many characters.
fn most_items(text: usize, data: &Value, attempt: &dyn Fn(Limits) -> Option<Shown>) -> Option<Shown> {
    let (mut least, mut most, mut best) = (1, fitting::longest_list(data), None);
    while least <= most {
        let items = least.midpoint(most);
        match attempt(Limits { text, items, ..Limits::NONE }) {
            Some(shown) => {
                best = Some(shown);
                least = items + 1;
            }
            None => most = items - 1,
        }
    }
    best
}

fn is_empty(data: &Value) -> bool {
    data.is_null() || data.as_object().is_some_and(serde_json::Map::is_empty)
}

/// Returns the lines of a view.
fn written(message: &str, data: &Value, cuts: &Cuts) -> String {
    let data_line = (!is_empty(data)).then(|| data.to_string());
    let words = cuts.words(data);
    let lines = [Some(message.to_owned()), data_line, (!words.is_empty()).then_some(words)];
    lines.into_iter().flatten().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

impl Cuts {
    /// Says what was left out, and how to get it.
    fn words(&self, data: &Value) -> String {
        let mut sentences = vec![];
        if self.files > 0 {
            sentences
                .push(format!("The bytes of {} are left out: the view full has them.", counted(self.files, "file")));
        }
        if self.html > 0 {
            sentences.push(format!("HTML beside the same text is left out {}.", counted(self.html, "time")));
        }
        let texts = self.texts + usize::from(self.message);
        if texts > 0 {
            let are = agreeing(texts, "is", "are");
            sentences.push(format!("{} {are} cut at \u{2026}: the view full has all.", counted(texts, "text")));
        }
        if let Some((path, shown, all)) = self.lists.first() {
            let others = match self.lists.len() - 1 {
                0 => String::new(),
                others => format!(", and {} {} shortened too", counted(others, "list"), agreeing(others, "is", "are")),
            };
            let way = match self.cursor {
                true => format!("call again with limit {shown} for the cursor of the next ones"),
                false => "the view full has all".to_owned(),
            };
            sentences.push(format!("{path} shows the first {shown} of {all}{others}: {way}."));
        } else if data["cursor"].is_string() {
            sentences.push("There are more: call again with this cursor.".to_owned());
        }
        if self.fields > 0 {
            let are = agreeing(self.fields, "is", "are");
            sentences.push(format!("{} {are} left out: the view full has all.", counted(self.fields, "field")));
        }
        if let Some(chars) = self.everything {
            sentences.push(format!(
                "The data, {} long, is left out: ask for less with a smaller limit, or for the view full.",
                counted(chars, "character")
            ));
        }
        sentences.join(" ")
    }
}

#[cfg(test)]
mod tests;
