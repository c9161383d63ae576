//! The workspace of a call, which can be omitted if the account has only one.

use super::envelope::{MAX_LIMIT, Page};
use super::prelude::*;

/// Returns the given workspace, or the account's only one.
///
/// # Errors
/// [`Kind::Invalid`], which lists the workspaces if there are several.
pub(super) async fn resolve(api: &Api<'_>, workspace_id: Option<&Gid>) -> Result<Ref> {
    if let Some(workspace_id) = workspace_id {
        return Ok(Ref { gid: workspace_id.to_string(), name: None });
    }
    // https://developers.asana.com/reference/getworkspaces
    let call = api.get(&["api", "1.0", "workspaces"]).exact().query("limit", MAX_LIMIT);
    match <[Ref; 1]>::try_from(call.send::<Page<Ref>>().await?.data) {
        Ok([only]) => Ok(only),
        Err(none) if none.is_empty() => Err(api.error(Kind::Invalid, "the account has no workspace")),
        Err(several) => {
            let label = |one: &Ref| format!("{} ({})", one.name.as_deref().unwrap_or_default(), one.gid);
            let list = several.iter().map(label).collect::<Vec<_>>().join(", ");
            Err(api.error(Kind::Invalid, format!("the account has several workspaces; pass workspaceId: {list}")))
        }
    }
}

/// Returns the workspace of a call as a target.
///
/// # Errors
/// As [`resolve`].
pub(super) async fn target(api: &Api<'_>, workspace_id: Option<&Gid>) -> Result<Target> {
    let workspace = resolve(api, workspace_id).await?;
    Ok(Target::new(TargetKind::Workspace, workspace.gid).named(workspace.name))
}
