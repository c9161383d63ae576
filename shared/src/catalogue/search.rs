//! Search in the catalogue: words ranked by BM25 over names and descriptions.

use bm25::{Document, SearchEngineBuilder, Tokenizer};
use rust_stemmers::{Algorithm, Stemmer};

use super::Entry;

/// Largest number of results.
const MAX_RESULTS: usize = 20;

/// Splits a text into the stems of its words, so that `sending mails` finds `send` and `mail`.
#[derive(Default)]
struct Stems;

impl Tokenizer for Stems {
    fn tokenize(&self, text: &str) -> Vec<String> {
        let stemmer = Stemmer::create(Algorithm::English);
        let words = text.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(|word| stemmer.stem(&word.to_lowercase()).into_owned()).collect()
    }
}

/// Returns the entries that have words of the query, the best first.
pub(super) fn ranked(entries: Vec<Entry>, query: &str) -> Vec<Entry> {
    // A name says more than a sentence that mentions it.
    let text = |entry: &Entry| {
        let names = [&[entry.action], entry.aliases].concat().join(" ").replace('_', " ");
        let name = format!("{} {names}", entry.tool);
        format!("{name} {name} {}", entry.description)
    };
    let documents = entries.iter().enumerate().map(|(at, entry)| Document::new(at, text(entry))).collect::<Vec<_>>();
    let engine = SearchEngineBuilder::<usize, u32, Stems>::with_tokenizer_and_documents(Stems, documents).build();
    let found = engine.search(query, MAX_RESULTS);
    found.into_iter().filter_map(|result| entries.get(result.document.id).cloned()).collect()
}
