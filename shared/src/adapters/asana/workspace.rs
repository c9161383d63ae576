//! The workspace of a call, which can be omitted if the account has only one.

use super::envelope::{MAX_LIMIT, Page};
use super::prelude::*;

/// The look-up of the account's workspaces.
const LOOKUP: &str = "workspaces";

/// Returns the given workspace, or the account's only one.
///
/// # Errors
/// [`Kind::Invalid`], which lists the workspaces if there are several.
pub(super) async fn resolve(api: &Api<'_>, workspace_id: Option<&WorkspaceId>) -> Result<Ref> {
    if let Some(workspace_id) = workspace_id {
        return workspace_id.resolve(api, "workspaceId").await;
    }
    match <[Ref; 1]>::try_from(read_all(api).await?) {
        Ok([only]) => Ok(only),
        Err(none) if none.is_empty() => Err(api.error(Kind::Invalid, "the account has no workspace")),
        Err(several) => {
            let label = |one: &Ref| format!("{} ({})", one.name.as_deref().unwrap_or_default(), one.gid);
            let list = several.iter().map(label).collect::<Vec<_>>().join(", ");
            Err(api.error(Kind::Invalid, format!("the account has several workspaces; pass workspaceId: {list}")))
        }
    }
}

/// Returns the account's workspaces, which are cached for a while.
///
/// # Errors
/// A failure of the call.
pub(super) async fn read_all(api: &Api<'_>) -> Result<Vec<Ref>> {
    let known = || api.get_lookup(LOOKUP).and_then(|known| serde_json::from_str::<Vec<Known>>(&known).ok());
    let _turn = api.lookup_turn(LOOKUP).await;
    if let Some(known) = known() {
        return Ok(known.into_iter().map(|Known { gid, name }| Ref { gid, name }).collect());
    }
    // https://developers.asana.com/reference/getworkspaces
    let call = api.get(&["api", "1.0", "workspaces"]).lookup().query("limit", MAX_LIMIT);
    let all = call.send::<Page<Ref>>().await?.data;
    if !all.is_empty() {
        let known: Vec<Known> = all.iter().cloned().map(|Ref { gid, name }| Known { gid, name }).collect();
        api.insert_lookup(LOOKUP, &json!(known).to_string());
    }
    Ok(all)
}

/// A workspace in the cache.
#[derive(Deserialize, Serialize)]
struct Known {
    gid: String,
    name: Option<String>,
}

/// Returns the workspace of a call as a target.
///
/// # Errors
/// As [`resolve`].
pub(super) async fn target(api: &Api<'_>, workspace_id: Option<&WorkspaceId>) -> Result<Target> {
    Ok(WorkspaceId::target_of(resolve(api, workspace_id).await?))
}
