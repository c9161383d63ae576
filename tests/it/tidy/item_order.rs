//! The same slots in the same order: who knows one action, one table or one route finds their way in all of them.

use crate::support::{sources, text};

/// The items of `impl Action`, in the order in which an action lives.
const ACTION_ITEMS: [&str; 12] = [
    "const NAME",
    "const ALIASES",
    "const SCOPES",
    "const EFFECT",
    "const ASK",
    "const PREPARES",
    "fn example",
    "fn check",
    "fn prepare",
    "fn run",
    "fn reconcile",
    "fn discard",
];

/// An item's line without its indentation, and without who may see it and whether it waits.
fn without_visibility(line: &str) -> &str {
    let line = line.trim_start();
    let line = if let Some(rest) = line.strip_prefix("pub(") { rest.split_once(") ").unwrap().1 } else { line };
    line.trim_start_matches("pub ").trim_start_matches("async ")
}

/// An item of an action's file: limits, the input and what the provider sends, the action, what helps it.
fn action_rank(item: &str) -> Option<usize> {
    let order: [&[&str]; 7] = [
        &["use "],
        &["const ", "static "],
        &["struct ", "enum ", "type "],
        &["impl Action for "],
        &["impl "],
        &["fn "],
        &["mod tests "],
    ];
    order.iter().position(|starts| starts.iter().any(|start| item.starts_with(start)))
}

/// An item of a table's file: limits, the rows, the table, its calls. What writes a key stands beside what needs it.
fn table_rank(item: &str) -> Option<usize> {
    let table = |rest: &str| rest.split([' ', '{', '(']).next().is_some_and(|name| name.ends_with("Items"));
    match item.split_once(' ')? {
        ("use", _) => Some(0),
        ("const", _) => Some(1),
        ("struct", name) if table(name) => Some(3),
        ("impl", name) if table(name) => Some(4),
        ("struct" | "enum" | "impl", _) => Some(2),
        _ => None,
    }
}

/// An item of a route's file: limits, its part of the API document, the methods; then one method after another.
fn route_rank(item: &str) -> Option<usize> {
    let order = ["use ", "const ", "struct Doc;", "fn route("];
    let any = ["struct ", "enum ", "impl ", "fn "];
    let place = order.iter().position(|start| item.starts_with(start));
    place.or_else(|| any.iter().any(|start| item.starts_with(start)).then_some(order.len()))
}

/// Every item that stands after one that belongs behind it.
fn misplaced<'a>(items: impl Iterator<Item = &'a str>, place: impl Fn(&str) -> Option<usize>) -> Vec<String> {
    let (mut furthest, mut found) = (0, vec![]);
    for item in items.map(without_visibility) {
        match place(item) {
            Some(at) if at < furthest => found.push(format!("`{item}` stands too late")),
            Some(at) => furthest = at,
            None => {}
        }
    }
    found
}

/// The lines that begin an item of the file itself.
fn items(source: &str) -> impl Iterator<Item = &str> {
    source.lines().filter(|line| line.starts_with(char::is_alphabetic))
}

/// What is out of order in an action's file, and in its `impl Action`.
fn action_violations(source: &str) -> Vec<String> {
    let body = source.split_once("\nimpl Action for ").map_or("", |(_, rest)| rest.split("\n}\n").next().unwrap());
    let slots = body.lines().filter(|line| line.starts_with("    ") && !line.starts_with("     "));
    let named = |item: &str| ACTION_ITEMS.iter().position(|slot| item.starts_with(slot));
    let mut found = misplaced(items(source), action_rank);
    found.extend(misplaced(slots, named));
    if body.is_empty() || !source.starts_with("//! `") {
        found.push("no action, or no word on it".to_owned());
    }
    found
}

/// What is out of order in a table's file; the others beside them are the tables' shapes, and rows.
fn table_violations(source: &str) -> Vec<String> {
    if source.contains("Items {\n") { misplaced(items(source), table_rank) } else { vec![] }
}

fn violations((file, source): &(String, String), found: impl Fn(&str) -> Vec<String>) -> Vec<String> {
    found(source).into_iter().map(|what| format!("{file}: {what}")).collect()
}

#[test]
fn actions_tables_and_routes_each_have_one_order() {
    let mut found = vec![];
    for adapter in engine::adapters::ALL {
        for action in adapter.actions {
            let file = format!("shared/src/adapters/{}/{}.rs", adapter.tool.as_str(), action.name);
            let source = text(&file);
            found.extend(violations(&(file, source), action_violations));
        }
    }
    for file in sources("shared/src/tables") {
        found.extend(violations(&file, table_violations));
    }
    for file in sources("functions").iter().filter(|(file, _)| file.ends_with("src/lib.rs")) {
        found.extend(violations(file, |source| misplaced(items(source), route_rank)));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn planted_misplaced_items_are_reported() {
    let whole = "//! `act`: acts.\n\nuse x;\n\nconst MOST: u8 = 1;\n\npub(super) struct Act {}\n\nimpl Action for Act {\n    \
                 const NAME: &str = \"act\";\n\n    fn check(&self) {}\n\n    async fn run(&self) {\n        const LATE: u8 = 1;\n    \
                 }\n}\n\nfn help() {}\n\nmod tests {}\n";
    assert_eq!(action_violations(whole), Vec::<String>::new());
    for (is, planted) in [
        ("fn help() {}\n\nmod", "fn help() {}\n\nstruct Late;\n\nmod"),
        ("use x;\n\nconst MOST: u8 = 1;", "const MOST: u8 = 1;\n\nuse x;"),
        (
            "const NAME: &str = \"act\";\n\n    fn check(&self) {}\n",
            "fn check(&self) {}\n\n    const NAME: &str = \"act\";\n",
        ),
    ] {
        let planted = whole.replacen(is, planted, 1);
        assert_eq!(action_violations(&planted).len(), 1, "{planted}");
    }
    assert_eq!(action_violations("//! `act`: acts.\n").len(), 1);
    let late = "pub struct NoteItems(Table);\n\nimpl NoteItems {\n}\n\nconst LATE: u8 = 1;\n\nfn key() {}\n";
    assert_eq!(table_violations(late), ["`const LATE: u8 = 1;` stands too late"]);
    let late = "pub async fn route() {}\n\npub struct Doc;\n\nstruct In {}\n";
    assert_eq!(misplaced(items(late), route_rank), ["`struct Doc;` stands too late"]);
}
