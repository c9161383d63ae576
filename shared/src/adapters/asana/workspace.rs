//! The workspace of a call, which can be omitted if the account has only one.

use serde::{Deserialize, Serialize};

use super::envelope::{MAX_LIMIT, Page};
use crate::adapters::api::Api;
use crate::error::{Kind, Result};

/// A workspace as Asana returns it; serialized, it is our output.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all(serialize = "camelCase"))]
pub(super) struct Workspace {
    #[serde(rename(serialize = "id"))]
    gid: String,
    name: Option<String>,
    is_organization: Option<bool>,
}

/// Returns the given workspace, or the account's only one.
///
/// # Errors
/// [`Kind::Invalid`], which lists the workspaces if there are several.
pub(super) async fn resolve(api: &Api<'_>, workspace_id: Option<&str>) -> Result<String> {
    if let Some(workspace_id) = workspace_id {
        return Ok(workspace_id.to_owned());
    }
    // https://developers.asana.com/reference/getworkspaces
    let call = api.get(&["api", "1.0", "workspaces"]).query("limit", MAX_LIMIT);
    match call.send::<Page<Workspace>>().await?.data.as_slice() {
        [] => Err(api.error(Kind::Invalid, "the account has no workspace")),
        [only] => Ok(only.gid.clone()),
        several => {
            let label = |workspace: &Workspace| {
                format!("{} ({})", workspace.name.as_deref().unwrap_or_default(), workspace.gid)
            };
            let list = several.iter().map(label).collect::<Vec<_>>().join(", ");
            Err(api.error(Kind::Invalid, format!("the account has several workspaces; pass workspaceId: {list}")))
        }
    }
}
