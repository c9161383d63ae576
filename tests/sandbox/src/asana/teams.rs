//! Teams (<https://developers.asana.com/reference/teams>): those of an organization.

use serde_json::{Value, json};

use super::fields::{list_response, reject_unknown_parameters};
use super::seed::workspace;
use super::{access, check_workspace};
use crate::fixtures::asana;
use crate::http::{ApiRequest, HandlerResult};
use crate::state::SandboxState;

/// Builds the record of a team in short.
pub(crate) fn team_ref(gid: &str) -> Value {
    let name = if gid == asana::TEAM { "Sandbox team" } else { "Field team" };
    json!({"gid": gid, "resource_type": "team", "name": name})
}

/// Returns the ids of the teams.
pub(crate) fn gids(state: &SandboxState) -> &'static [&'static str] {
    match state.strangeness.asana {
        strangeness if !strangeness.is_organization => &[],
        strangeness if strangeness.has_second_team => &[asana::TEAM, asana::SECOND_TEAM],
        _ => &[asana::TEAM],
    }
}

/// `GET /workspaces/{w}/teams`.
pub(crate) fn list(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    access(state, request, "teams:read")?;
    reject_unknown_parameters(request, &["limit", "offset"])?;
    check_workspace(request.path_param("workspace"))?;
    let full = |gid: &&str| {
        let mut team = team_ref(gid);
        team["description"] = json!("");
        team["visibility"] = json!("public");
        team["organization"] = workspace();
        team["permalink_url"] = json!(format!("https://app.asana.com/0/team/{gid}/overview"));
        team
    };
    let teams: Vec<Value> = gids(state).iter().map(full).collect();
    list_response(request, &state.base_url, &format!("/workspaces/{}/teams", asana::WORKSPACE), &teams)
}
