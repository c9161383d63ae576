//! The order of items is the same in all files of actions, tables and routes.

use crate::reading::rust;
use crate::support::{sources, text};
use syn::{File, ImplItem, Item, ItemImpl};

/// The items of `impl Action`, in their required order: that of the trait.
fn action_items() -> Vec<String> {
    let file = "shared/src/adapters/action.rs";
    let code = rust::parse(file, &text(file));
    let found = code.items.iter().find_map(|item| match item {
        Item::Trait(item) if item.ident == "Action" => Some(item),
        _ => None,
    });
    let names = found.expect("the trait").items.iter().filter_map(|item| match item {
        syn::TraitItem::Const(item) => Some(item.ident.to_string()),
        syn::TraitItem::Type(item) => Some(item.ident.to_string()),
        syn::TraitItem::Fn(item) => Some(item.sig.ident.to_string()),
        _ => None,
    });
    names.collect()
}

/// True for `impl Action`. Gmail's sending actions implement `Action` through `MailAction`.
fn is_action(block: &ItemImpl) -> bool {
    let named = |path: &syn::Path| ["Action", "MailAction"].iter().any(|name| path.is_ident(name));
    block.trait_.as_ref().is_some_and(|(_, path, _)| named(path))
}

/// The rank of an item in an action's file: limits, types, the action, helpers, tests.
fn action_rank(item: &Item) -> Option<usize> {
    match item {
        Item::Use(_) => Some(0),
        Item::Const(_) | Item::Static(_) => Some(1),
        Item::Struct(_) | Item::Enum(_) | Item::Type(_) => Some(2),
        Item::Impl(block) if is_action(block) => Some(3),
        Item::Impl(_) => Some(4),
        Item::Fn(_) => Some(5),
        Item::Mod(module) if module.ident == "tests" => Some(6),
        _ => None,
    }
}

/// The rank of an item in a table's file: limits, rows, the item collection, its methods. Functions are free.
fn table_rank(item: &Item) -> Option<usize> {
    let (kind, name) = rust::kind_and_name(item)?;
    match kind {
        "use" => Some(0),
        "const" => Some(1),
        "struct" if is_table(&name) => Some(3),
        "impl" if is_table(&name) => Some(4),
        "struct" | "enum" | "impl" => Some(2),
        _ => None,
    }
}

/// True for the name of an item collection.
fn is_table(name: &str) -> bool {
    name.ends_with("Items")
}

/// The rank of an item in a route's file: limits, its part of the API document, the route; then the methods in any order.
fn route_rank(item: &Item) -> Option<usize> {
    let (kind, name) = rust::kind_and_name(item)?;
    match (kind, name.as_str()) {
        ("use", _) => Some(0),
        ("const", _) => Some(1),
        ("struct", "Doc") => Some(2),
        ("fn", "route") => Some(3),
        ("struct" | "enum" | "impl" | "fn", _) => Some(4),
        _ => None,
    }
}

fn action_item_name(item: &ImplItem) -> String {
    match item {
        ImplItem::Const(item) => item.ident.to_string(),
        ImplItem::Type(item) => item.ident.to_string(),
        ImplItem::Fn(item) => item.sig.ident.to_string(),
        _ => String::new(),
    }
}

/// Every item that follows an item of a higher rank.
fn misplaced(items: impl IntoIterator<Item = (Option<usize>, String)>) -> Vec<String> {
    let (mut furthest, mut found) = (0, vec![]);
    for (rank, name) in items {
        match rank {
            Some(rank) if rank < furthest => found.push(format!("`{name}` is misplaced")),
            Some(rank) => furthest = rank,
            None => {}
        }
    }
    found
}

/// The misplaced items of a file.
fn misplaced_items(code: &File, rank: impl Fn(&Item) -> Option<usize>) -> Vec<String> {
    let name = |item| rust::kind_and_name(item).map(|(kind, name)| format!("{kind} {name}")).unwrap_or_default();
    misplaced(code.items.iter().map(|item| (rank(item), name(item))))
}

/// The misplaced items of an action's file and of its `impl Action`.
fn action_violations(source: &str, code: &File, order: &[String]) -> Vec<String> {
    let mut found = misplaced_items(code, action_rank);
    let action = code.items.iter().find_map(|item| match item {
        Item::Impl(block) if is_action(block) => Some(block),
        _ => None,
    });
    let names = action.iter().flat_map(|block| &block.items).map(action_item_name);
    found.extend(misplaced(names.map(|name| (order.iter().position(|item| *item == name), name))));
    if action.is_none() || !source.starts_with("//! `") {
        found.push("no `impl Action`, or no doc comment that starts with its name".to_owned());
    }
    found
}

/// The misplaced items of a table's file; other files in the folder hold schemas and rows.
fn table_violations(code: &File) -> Vec<String> {
    let has_table =
        code.items.iter().filter_map(rust::kind_and_name).any(|(kind, name)| kind == "impl" && is_table(&name));
    if has_table { misplaced_items(code, table_rank) } else { vec![] }
}

#[test]
fn actions_tables_and_routes_each_have_one_order() {
    let mut found = vec![];
    let mut add =
        |file: &str, violations: Vec<String>| found.extend(violations.iter().map(|it| format!("{file}: {it}")));
    let order = action_items();
    for adapter in engine::adapters::ALL {
        for action in adapter.actions {
            let file = format!("shared/src/adapters/{}/{}.rs", adapter.tool.as_str(), action.name);
            let source = text(&file);
            add(&file, action_violations(&source, &rust::parse(&file, &source), &order));
        }
    }
    for (file, source) in sources("shared/src/tables") {
        add(&file, table_violations(&rust::parse(&file, &source)));
    }
    for (file, source) in sources("functions").iter().filter(|(file, _)| file.ends_with("src/lib.rs")) {
        add(file, misplaced_items(&rust::parse(file, source), route_rank));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn planted_misplaced_items_are_reported() {
    let order = action_items();
    let violations = |source: &str| action_violations(source, &rust::parse("a.rs", source), &order);
    let whole = "//! `act`: acts.\n\nuse x;\n\nconst MOST: u8 = 1;\n\npub(super) struct Act {}\n\nimpl Action for Act {\n    \
                 const META: &str = \"act\";\n    type Output = u8;\n\n    fn check(&self) {}\n\n    async fn run(&self) {\n        const LATE: u8 = 1;\n    \
                 }\n}\n\nfn help() {}\n\nmod tests {}\n";
    assert_eq!(violations(whole), Vec::<String>::new());
    for (is, planted, reported) in [
        ("fn help() {}\n\nmod", "fn help() {}\n\nstruct Late;\n\nmod", "struct Late"),
        ("use x;\n\nconst MOST: u8 = 1;", "const MOST: u8 = 1;\n\nuse x;", "use "),
        ("type Output = u8;\n\n    fn check(&self) {}\n", "fn check(&self) {}\n\n    type Output = u8;\n", "Output"),
        ("\n    async fn run", "\n    async fn discard(&self) {}\n\n    async fn run", "run"),
    ] {
        let planted = whole.replacen(is, planted, 1);
        assert_eq!(violations(&planted), [format!("`{reported}` is misplaced")], "{planted}");
    }
    assert_eq!(violations("//! `act`: acts.\n").len(), 1);
    let late = "pub struct NoteItems(Table);\n\nimpl NoteItems {\n}\n\nconst LATE: u8 = 1;\n\nfn key() {}\n";
    assert_eq!(table_violations(&rust::parse("a.rs", late)), ["`const LATE` is misplaced"]);
    let late = "pub async fn route() {}\n\npub struct Doc;\n\nstruct In {}\n";
    assert_eq!(misplaced_items(&rust::parse("a.rs", late), route_rank), ["`struct Doc` is misplaced"]);
}
