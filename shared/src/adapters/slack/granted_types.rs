//! Lists of conversations of several types. Slack refuses a whole list if the scope of one type is missing, so the others are asked for.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{page, workspace};
use crate::adapters::api::{Api, Call};
use crate::error::{Error, Kind, Result};

/// Reads a page of the conversations of some types, separated by commas: of those that were granted, if not all were. `call` has the
/// other parameters.
///
/// # Errors
/// As [`page::read`]; a missing scope if no type was granted.
pub(super) async fn read<T: DeserializeOwned>(
    api: &Api<'_>,
    call: Call<'_>,
    types: &str,
    limit: u32,
    cursor: Option<&str>,
) -> Result<(T, u32)> {
    let key = format!("granted {types}");
    let known = api.get_lookup(&key);
    let read = |types: &str| page::read(api, call.clone().query("types", types), limit, cursor);
    match read(known.as_deref().unwrap_or(types)).await {
        Err(error) if is_missing_scope(&error) && known.is_none() && types.contains(',') => {
            let granted = find(api, types).await?;
            if granted.is_empty() {
                return Err(error);
            }
            api.insert_lookup(&key, &granted);
            read(&granted).await
        }
        page => page,
    }
}

/// Returns those types of which Slack returns a list, each tried alone: the error of several names scopes in words of its own.
async fn find(api: &Api<'_>, types: &str) -> Result<String> {
    let mut granted = Vec::new();
    for one in types.split(',') {
        // https://docs.slack.dev/reference/methods/users.conversations
        let call = api.get(&["api", "users.conversations"]).query("types", one).query("limit", 1).lookup();
        let call = workspace::name_in(api, call);
        match call.send::<Value>().await {
            Ok(_) => granted.push(one),
            Err(error) if is_missing_scope(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(granted.join(","))
}

fn is_missing_scope(error: &Error) -> bool {
    error.kind() == Some(Kind::MissingScope)
}
