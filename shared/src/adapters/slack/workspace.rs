//! The workspace of a connection, which an app of a whole organization must name in lists.

use serde_json::{Value, json};

use crate::adapters::api::{Api, Call};

/// Adds the workspace to a read, where the app is installed in an organization: its tokens can be those of several workspaces.
/// <https://docs.slack.dev/enterprise/organization-ready-apps>
pub(super) fn name_in<'a>(api: &Api<'_>, call: Call<'a>) -> Call<'a> {
    call.query_opt("team_id", api.workspace)
}

/// Adds the workspace to the body of a call.
pub(super) fn name_in_body(api: &Api<'_>, body: &mut Value) {
    if let Some(workspace) = api.workspace {
        body["team_id"] = json!(workspace);
    }
}
