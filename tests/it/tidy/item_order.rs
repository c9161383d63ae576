//! The order of items is the same in all files of actions, tables and routes.

use crate::support::{sources, text};

/// The items of `impl Action`, in their required order.
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

/// The first line of an item without indentation, visibility and `async`.
fn without_visibility(line: &str) -> &str {
    let line = line.trim_start();
    let line =
        if let Some(remainder) = line.strip_prefix("pub(") { remainder.split_once(") ").unwrap().1 } else { line };
    line.trim_start_matches("pub ").trim_start_matches("async ")
}

/// The rank of an item in an action's file: limits, types, the action, helpers, tests.
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

/// The rank of an item in a table's file: limits, rows, the item collection, its methods. Functions are free.
fn table_rank(item: &str) -> Option<usize> {
    let table = |remainder: &str| remainder.split([' ', '{', '(']).next().is_some_and(|name| name.ends_with("Items"));
    match item.split_once(' ')? {
        ("use", _) => Some(0),
        ("const", _) => Some(1),
        ("struct", name) if table(name) => Some(3),
        ("impl", name) if table(name) => Some(4),
        ("struct" | "enum" | "impl", _) => Some(2),
        _ => None,
    }
}

/// The rank of an item in a route's file: limits, its part of the API document, the route; then the methods in any order.
fn route_rank(item: &str) -> Option<usize> {
    let order = ["use ", "const ", "struct Doc;", "fn route("];
    let any = ["struct ", "enum ", "impl ", "fn "];
    let place = order.iter().position(|start| item.starts_with(start));
    place.or_else(|| any.iter().any(|start| item.starts_with(start)).then_some(order.len()))
}

/// Every item that follows an item of a higher rank.
fn misplaced<'a>(items: impl Iterator<Item = &'a str>, place: impl Fn(&str) -> Option<usize>) -> Vec<String> {
    let (mut furthest, mut found) = (0, vec![]);
    for item in items.map(without_visibility) {
        match place(item) {
            Some(at) if at < furthest => found.push(format!("`{item}` is misplaced")),
            Some(at) => furthest = at,
            None => {}
        }
    }
    found
}

/// The first lines of a file's top-level items.
fn items(source: &str) -> impl Iterator<Item = &str> {
    source.lines().filter(|line| line.starts_with(char::is_alphabetic))
}

/// The misplaced items of an action's file and of its `impl Action`.
fn action_violations(source: &str) -> Vec<String> {
    let body =
        source.split_once("\nimpl Action for ").map_or("", |(_, remainder)| remainder.split("\n}\n").next().unwrap());
    let items_of_impl = body.lines().filter(|line| line.starts_with("    ") && !line.starts_with("     "));
    let named = |item: &str| ACTION_ITEMS.iter().position(|slot| item.starts_with(slot));
    let mut found = misplaced(items(source), action_rank);
    found.extend(misplaced(items_of_impl, named));
    if body.is_empty() || !source.starts_with("//! `") {
        found.push("no `impl Action`, or no doc comment that starts with its name".to_owned());
    }
    found
}

/// The misplaced items of a table's file; other files in the folder hold schemas and rows.
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
            // Gmail's sending actions implement `Action` through `MailAction`.
            let source = text(&file).replace("\nimpl MailAction for ", "\nimpl Action for ");
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
    assert_eq!(table_violations(late), ["`const LATE: u8 = 1;` is misplaced"]);
    let late = "pub async fn route() {}\n\npub struct Doc;\n\nstruct In {}\n";
    assert_eq!(misplaced(items(late), route_rank), ["`struct Doc;` is misplaced"]);
}
