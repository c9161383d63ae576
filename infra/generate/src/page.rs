//! The tables of pages.

use crate::error_page::ErrorPage;
use crate::function::{Callers, Function, Route};

/// The routes, for the API guide.
pub(crate) fn routes(functions: &[Function]) -> String {
    let mut routes: Vec<&Route> = functions.iter().flat_map(|function| &function.routes).collect();
    routes.sort_by(|a, b| a.path.cmp(&b.path));
    let rows: String = routes.into_iter().map(row).collect();
    format!("| Path | Methods | Callers | Use |\n|---|---|---|---|\n{rows}")
}

fn row(route: &Route) -> String {
    let code = |words: Vec<&str>| words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" ");
    let callers = match route.callers {
        Callers::Anyone => "anyone",
        Callers::User => "user",
        Callers::UserOrService => "user, service",
    };
    let paths = code(route.paths().collect());
    let methods = code(route.methods.iter().map(String::as_str).collect());
    format!("| {paths} | {methods} | {callers} | {} |\n", route.about)
}

/// The error codes, for the page above their own pages.
pub(crate) fn errors(pages: &[ErrorPage]) -> String {
    let row = |ErrorPage { code, place, outcome, action, meaning, .. }: &ErrorPage| {
        format!("| [`{code}`]({code}.md) | {place} | `{outcome}` | `{action}` | {meaning} |\n")
    };
    let rows: String = pages.iter().map(row).collect();
    format!("| Code | Where | Outcome | Action | Meaning |\n|---|---|---|---|---|\n{rows}")
}
