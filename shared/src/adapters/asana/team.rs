//! A team of an organization: its output, and the one that a new project needs.

use super::directory;
use super::prelude::*;

/// The requested fields of a team.
pub(super) const FIELDS: &str = "name,description,visibility,organization.name,permalink_url";

/// Maximum number of pages of teams that are read, and of teams that a refusal lists.
const MAX_PAGES: usize = 10;
const MAX_LISTED: usize = 20;

/// A team.
// As Asana returns it; serialized, it is our output.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub(super) struct Team {
    /// The id (gid).
    #[serde(rename(serialize = "id"))]
    gid: String,
    /// The name.
    name: Option<String>,
    /// The description.
    description: Option<String>,
    /// The visibility: `secret`, `request_to_join` or `public`.
    visibility: Option<String>,
    /// The organization.
    organization: Option<Ref>,
    /// The address at which a person can open it.
    #[serde(rename(serialize = "link"))]
    permalink_url: Option<String>,
}

impl Listed for Team {
    const NOUN: &'static str = "team";
}

/// A workspace with its kind.
#[derive(Deserialize)]
struct Kind {
    is_organization: Option<bool>,
}

/// Returns the team that a new project of the workspace needs: none if it is no organization, and else its only one. Where the grant
/// does not allow to read the teams, Asana decides.
///
/// # Errors
/// [`Error::Invalid`] with the teams if there are several, or a failure of a call.
pub(super) async fn of_new_project(api: &Api<'_>, workspace: &str) -> Result<Option<String>> {
    if !is_organization(api, workspace).await? {
        return Ok(None);
    }
    // https://developers.asana.com/reference/getteamsforworkspace
    let call = api.get(&["api", "1.0", "workspaces", workspace, "teams"]).query("opt_fields", "name");
    let teams = match directory::read_pages::<Ref>(call, MAX_PAGES).await {
        Err(error) if error.is_access_refused() => return Ok(None),
        teams => teams?.0,
    };
    match teams.as_slice() {
        [] => Ok(None),
        [only] => Ok(Some(only.gid.clone())),
        several => {
            let label = |one: &Ref| format!("{} ({})", one.name.as_deref().unwrap_or_default(), one.gid);
            let list = several.iter().take(MAX_LISTED).map(label).collect::<Vec<_>>().join(", ");
            Err(Error::invalid("context.teamId", format!("is required in an organization with several teams: {list}")))
        }
    }
}

async fn is_organization(api: &Api<'_>, workspace: &str) -> Result<bool> {
    let key = format!("organization {workspace}");
    if let Some(known) = api.get_lookup(&key) {
        return Ok(known == "true");
    }
    // https://developers.asana.com/reference/getworkspace
    let call = api.get(&["api", "1.0", "workspaces", workspace]).lookup().query("opt_fields", "is_organization");
    let is_organization = match call.send::<Envelope<Kind>>().await {
        Err(error) if error.is_access_refused() => return Ok(false),
        kind => kind?.data.is_organization == Some(true),
    };
    api.insert_lookup(&key, &is_organization.to_string());
    Ok(is_organization)
}
