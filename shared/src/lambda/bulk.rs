//! Bulk calls: each item is done by itself, several at a time, and has a result of its own.

use futures::StreamExt;
use futures::stream;
use serde_json::{Value, json};

use crate::error::{Error, Result};

/// Items that are done at the same time.
const CONCURRENCY: usize = 16;

/// Checks how many items a caller sent.
///
/// # Errors
/// [`Error::Invalid`] for none or too many.
pub fn check(field: &str, items: usize, most: usize) -> Result<()> {
    match items {
        0 => Err(Error::invalid(field, "must not be empty")),
        items if items > most => Err(Error::invalid(field, format!("must have at most {most} items"))),
        _ => Ok(()),
    }
}

/// Does each item; the results stand in the items' order.
pub async fn each<T, R, F>(items: Vec<T>, work: impl Fn(T) -> F) -> Vec<Result<R>>
where
    F: Future<Output = Result<R>>,
{
    stream::iter(items).map(work).buffered(CONCURRENCY).collect().await
}

/// `{"success", "count", "message", "results": [{"index", "id"} | {"index", "error", "code"}]}`. `success` says that every
/// item was done.
pub fn summary(verb: &str, results: &[Result<String>]) -> Value {
    let done = results.iter().filter(|result| result.is_ok()).count();
    let results: Vec<Value> = results
        .iter()
        .enumerate()
        .map(|(index, result)| match result {
            Ok(id) => json!({ "index": index, "id": id }),
            Err(error) => {
                if let Error::Unavailable(source) | Error::Internal(source) = error {
                    tracing::error!(index, %source, "an item of a bulk call failed");
                }
                json!({ "index": index, "error": error.to_string(), "code": error.code() })
            }
        })
        .collect();
    json!({
        "success": done == results.len(),
        "count": done,
        "message": format!("{done} of {} {verb}", results.len()),
        "results": results,
    })
}
