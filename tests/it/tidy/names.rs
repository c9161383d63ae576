//! Names of items use the field's terms: a list of words that may name no item, checked in every Rust file.

use super::{MAX_LISTED, RUST_FOLDERS};
use crate::reading::rust;
use crate::support::sources;
use proc_macro2::Ident;
use syn::visit::{self, Visit};

/// Words that may name no item, with the terms to use instead.
const PRIVATE_WORDS: &[(&[&str], &str)] = &[
    (&["told", "tell", "tells", "telling"], "retry_after, status, report"),
    (&["rest", "rests", "resting", "rested"], "open (circuit breaker), terminal (task)"),
    (&["gatekeeper"], "cooldowns"),
    (&["standing", "stands", "stood"], "guards, status"),
    (&["came"], "outcome, result"),
    (&["conduct"], "failure_policy"),
    (&["tend", "tends", "tended"], "maintain"),
    (&["park", "parks", "parked"], "start_connect, store"),
    (&["rehearse", "rehearses", "rehearsed", "rehearsal", "rehearsing"], "prewarm, dry_run, deploy_test"),
    (&["keep", "keeps", "kept", "keeping"], "store, insert, RETENTION"),
    (&["want", "wants", "wanted"], "reserve, expected, requested"),
    (&["mend", "mends", "mended"], "repair, shim"),
    (&["look", "looks", "looked", "looking"], "poll, check, read"),
    (&["ask", "asks", "asked", "asking"], "reconcile, request, query"),
    (&["settle", "settles", "settled", "settling"], "reconcile, RECONCILE_GRACE"),
    (&["judge", "judges", "judged"], "check, update_health"),
    (&["noted"], "recorded, logged"),
    (&["begin", "begins", "began", "begun"], "start, started"),
    (&["nobody", "somebody", "whoever", "whom", "whose"], "user, agent, provider, operator"),
];

/// Names that contain such a word as part of an established term, with the reason.
const ALLOWED_NAMES: &[(&str, &str)] = &[
    ("keep_alive", "the term of HTTP and hyper"),
    ("begins_with", "the function of DynamoDB's expressions"),
    ("look_up", "the verb to `lookup`"),
    ("looked_up", "the verb to `lookup`"),
];

/// The words of an item's name, in lower case: split at underscores and in camel case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut previous = '_';
    for character in name.chars() {
        if character == '_' || (character.is_uppercase() && !previous.is_uppercase()) {
            words.push(String::new());
        }
        if character != '_' {
            words.last_mut().unwrap().extend(character.to_lowercase());
        }
        previous = character;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The private word in a name and the terms to use instead.
fn private_word(name: &str) -> Option<(&'static str, &'static str)> {
    if ALLOWED_NAMES.iter().any(|(allowed, _)| name.contains(allowed)) {
        return None;
    }
    let words = words(name);
    let listed = PRIVATE_WORDS.iter().flat_map(|(listed, terms)| listed.iter().map(move |word| (*word, *terms)));
    listed.into_iter().find(|(word, _)| words.iter().any(|found| found == word))
}

/// Collects the items of a file whose names contain a private word.
#[derive(Default)]
struct NameVisitor {
    violations: Vec<String>,
    file: String,
}

impl NameVisitor {
    fn check(&mut self, name: &Ident) {
        self.check_at(&name.to_string(), name.span().start().line);
    }

    fn check_at(&mut self, name: &str, line: usize) {
        if let Some((word, terms)) = private_word(name) {
            self.violations.push(format!("{}:{line}: {name} contains `{word}`; use for example {terms}", self.file));
        }
    }
}

impl<'ast> Visit<'ast> for NameVisitor {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        use syn::Item;
        let name = match item {
            Item::Const(item) => Some(&item.ident),
            Item::Enum(item) => Some(&item.ident),
            Item::Fn(item) => Some(&item.sig.ident),
            Item::Macro(item) => item.ident.as_ref(),
            Item::Mod(item) => Some(&item.ident),
            Item::Static(item) => Some(&item.ident),
            Item::Struct(item) => Some(&item.ident),
            Item::Trait(item) => Some(&item.ident),
            Item::Type(item) => Some(&item.ident),
            Item::Union(item) => Some(&item.ident),
            _ => None,
        };
        if let Some(name) = name {
            self.check(name);
        }
        visit::visit_item(self, item);
    }

    fn visit_impl_item(&mut self, item: &'ast syn::ImplItem) {
        use syn::ImplItem;
        match item {
            ImplItem::Const(item) => self.check(&item.ident),
            ImplItem::Fn(item) => self.check(&item.sig.ident),
            ImplItem::Type(item) => self.check(&item.ident),
            _ => {}
        }
        visit::visit_impl_item(self, item);
    }

    fn visit_trait_item(&mut self, item: &'ast syn::TraitItem) {
        use syn::TraitItem;
        match item {
            TraitItem::Const(item) => self.check(&item.ident),
            TraitItem::Fn(item) => self.check(&item.sig.ident),
            TraitItem::Type(item) => self.check(&item.ident),
            _ => {}
        }
        visit::visit_trait_item(self, item);
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        if let Some(name) = &field.ident {
            self.check(name);
        }
        visit::visit_field(self, field);
    }

    fn visit_variant(&mut self, variant: &'ast syn::Variant) {
        self.check(&variant.ident);
        visit::visit_variant(self, variant);
    }

    fn visit_macro(&mut self, invocation: &'ast syn::Macro) {
        for function in rust::functions_in(invocation.tokens.clone()) {
            self.check_at(&function.name, function.line);
        }
    }
}

/// The items of a source whose names contain a private word, as `file:line: name ...`.
fn name_violations(file: &str, source: &str) -> Vec<String> {
    let parsed = rust::parse(file, source);
    let mut visitor = NameVisitor { file: file.to_owned(), ..NameVisitor::default() };
    visitor.visit_file(&parsed);
    visitor.violations
}

#[test]
fn no_item_has_a_private_word_in_its_name() {
    let files = RUST_FOLDERS.into_iter().flat_map(sources);
    let found: Vec<String> = files.flat_map(|(file, source)| name_violations(&file, &source)).collect();
    let listed = &found[..found.len().min(MAX_LISTED)];
    assert!(found.is_empty(), "{} names contain a private word:\n{}", found.len(), listed.join("\n"));
}

#[test]
fn planted_names_are_reported() {
    let source = "mod resting {}\nconst KEPT: u8 = 1;\nstruct S { told: u8 }\nenum Came { AskedAgain }\n\
                  impl S {\n    fn look_at(&self) {}\n}\ntrait T {\n    fn settle(&self);\n}\n\
                  proptest! {\n    fn a_judge_can_say_no() {}\n}\n#[test]\nfn nobody_is_told() {}\n";
    let lines: Vec<String> = name_violations("a.rs", source);
    let places: Vec<&str> = lines.iter().map(|line| line.split(" contains").next().unwrap()).collect();
    let expected = [
        "a.rs:1: resting",
        "a.rs:2: KEPT",
        "a.rs:3: told",
        "a.rs:4: Came",
        "a.rs:4: AskedAgain",
        "a.rs:6: look_at",
        "a.rs:9: settle",
        "a.rs:12: a_judge_can_say_no",
        "a.rs:15: nobody_is_told",
    ];
    assert_eq!(places, expected);
    let allowed = "fn restart() {}\nfn keep_alive() {}\nfn look_up_user() {}\nstruct Task;\nfn tendency(told: u8) {}\n";
    assert_eq!(name_violations("a.rs", allowed), Vec::<String>::new());
}
