//! The workspace a call is about, when there is only one to mean.

use serde::{Deserialize, Serialize};

use super::envelope::{MAX_LIMIT, Page};
use crate::adapters::api::Api;
use crate::error::{Kind, Result};

/// A workspace as Asana tells it, and as it is told on.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all(serialize = "camelCase"))]
pub(super) struct Workspace {
    #[serde(rename(serialize = "id"))]
    gid: String,
    name: Option<String>,
    is_organization: Option<bool>,
}

/// The workspace given, or the only one there is.
///
/// # Errors
/// [`Kind::Invalid`] with their names when there are several.
pub(super) async fn resolve(api: &Api<'_>, given: Option<&str>) -> Result<String> {
    if let Some(given) = given {
        return Ok(given.to_owned());
    }
    // https://developers.asana.com/reference/getworkspaces
    let call = api.get(&["api", "1.0", "workspaces"]).query("limit", MAX_LIMIT);
    match call.send::<Page<Workspace>>().await?.data.as_slice() {
        [] => Err(api.error(Kind::Invalid, "the account is in no workspace")),
        [only] => Ok(only.gid.clone()),
        several => {
            let named = |one: &Workspace| format!("{} ({})", one.name.as_deref().unwrap_or_default(), one.gid);
            let list = several.iter().map(named).collect::<Vec<_>>().join(", ");
            Err(api.error(Kind::Invalid, format!("several workspaces, give workspaceId: {list}")))
        }
    }
}
