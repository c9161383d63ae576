//! Doc comments start with a noun phrase or a verb, not with a question word.

use super::{MAX_LISTED, RUST_FOLDERS};
use crate::support::sources;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// Words that may not start a doc comment.
const QUESTION_WORDS: [&str; 7] = ["What", "Whether", "Who", "Whom", "Whose", "How", "Where"];
/// Doc comments that start with such a word, per thousand, must stay below this.
const MAX_PER_MILLE: usize = 30;

/// The first line of a doc comment, with its line number.
struct DocComment {
    line: usize,
    text: String,
}

/// The text of a `doc` attribute, from the group in brackets.
fn doc_text(group: &Group) -> Option<String> {
    if group.delimiter() != Delimiter::Bracket {
        return None;
    }
    let attribute: syn::MetaNameValue = syn::parse2(group.stream()).ok()?;
    match attribute.value {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) if attribute.path.is_ident("doc") => {
            Some(text.value())
        }
        _ => None,
    }
}

/// Collects the doc comments of a token stream. The lexer turns each line `/// text` into the attribute `#[doc = "text"]`;
/// consecutive attributes of one kind (inner or outer) are one comment.
fn collect_doc_comments(tokens: TokenStream, found: &mut Vec<DocComment>) {
    let mut attribute = String::new();
    let mut previous = String::new();
    for token in tokens {
        match token {
            TokenTree::Punct(punct) if matches!(punct.as_char(), '#' | '!') => attribute.push(punct.as_char()),
            TokenTree::Group(group) => match doc_text(&group).filter(|_| attribute.starts_with('#')) {
                Some(text) => {
                    if previous != attribute {
                        found.push(DocComment { line: group.span().start().line, text: text.trim().to_owned() });
                    }
                    previous = std::mem::take(&mut attribute);
                }
                None => {
                    collect_doc_comments(group.stream(), found);
                    (attribute, previous) = Default::default();
                }
            },
            TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {
                (attribute, previous) = Default::default();
            }
        }
    }
}

/// The doc comments of a source.
fn doc_comments(file: &str, source: &str) -> Vec<DocComment> {
    let tokens: TokenStream = source.parse().unwrap_or_else(|error| panic!("{file}: {error}"));
    let mut found = vec![];
    collect_doc_comments(tokens, &mut found);
    found
}

/// True if a comment starts with a question word.
fn is_question(comment: &DocComment) -> bool {
    let first = comment.text.split(|character: char| !character.is_alphabetic()).next().unwrap_or_default();
    QUESTION_WORDS.contains(&first)
}

/// The number of doc comments in the sources, and those that start with a question word, as `file:line: text`.
fn count(sources: impl IntoIterator<Item = (String, String)>) -> (usize, Vec<String>) {
    let (mut total, mut questions) = (0, vec![]);
    for (file, source) in sources {
        let comments = doc_comments(&file, &source);
        total += comments.len();
        let found = comments.iter().filter(|comment| is_question(comment));
        questions.extend(found.map(|comment| format!("{file}:{}: {}", comment.line, comment.text)));
    }
    (total, questions)
}

/// True if too many of the doc comments start with a question word.
fn exceeds_limit(total: usize, questions: usize) -> bool {
    questions * 1000 >= total * MAX_PER_MILLE
}

#[test]
#[expect(clippy::print_stdout, reason = "the figure is the result")]
fn doc_comments_do_not_start_with_a_question_word() {
    let (total, questions) = count(RUST_FOLDERS.into_iter().flat_map(sources));
    let share = questions.len() as f64 / total as f64 * 100.0;
    let figure = format!("{} of {total} doc comments start with a question word ({share:.1} %)", questions.len());
    println!("{figure}");
    let listed = &questions[..questions.len().min(MAX_LISTED)];
    assert!(!exceeds_limit(total, questions.len()), "{figure}, 3 % are too many:\n{}", listed.join("\n"));
}

#[test]
fn planted_doc_comments_are_counted() {
    let source = "//! What this file is.\n//! How it continues.\n\n/// A noun.\n/// Whether this line counts: no.\nstruct S {\n    \
                  /// Whose it is.\n    #[serde(default)]\n    /// Who wrote it: the same block after an attribute.\n    a: u8,\n}\n\
                  // What is no doc comment.\n/// Whatever is another word.\nfn f() {}\nproptest! {\n    /// How often.\n    fn g() {}\n}\n";
    let (total, questions) = count([("a.rs".to_owned(), source.to_owned())]);
    let expected = [
        "a.rs:1: What this file is.",
        "a.rs:7: Whose it is.",
        "a.rs:9: Who wrote it: the same block after an attribute.",
    ];
    assert_eq!(questions[..3], expected);
    assert_eq!((total, questions[3].as_str()), (6, "a.rs:16: How often."));
    assert!(exceeds_limit(100, 3) && !exceeds_limit(100, 2) && !exceeds_limit(1000, 29));
}
