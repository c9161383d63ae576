//! Asana's strangeness: what only some workspaces have.

use serde::{Deserialize, Serialize};

use super::{ErrorResponse, error};
use crate::fixtures::asana;
use crate::http::ApiRequest;

/// The ways in which Asana is strange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct AsanaStrangeness {
    /// True if the workspace is an organization: a new project needs a team (`ProjectRequest.workspace` of
    /// <https://developers.asana.com/reference/createproject>).
    pub is_organization: bool,
    /// True if [`asana::PRIVATE_PROJECT`] and [`asana::FOREIGN_TASK`] exist and the person has no access to them: 403, though all
    /// scopes are granted (<https://developers.asana.com/docs/errors>).
    pub has_private_project: bool,
    /// True if a change of a relation that is made already is refused, such as a second addition of a tag. The reference does not
    /// say what it is answered with (<https://developers.asana.com/reference/addtagfortask>).
    pub refuses_made_changes: bool,
    /// True if the date of a custom field must be an object (<https://developers.asana.com/docs/custom-fields-guide>).
    pub has_strict_dates: bool,
    /// True if the organization has a second team, [`asana::SECOND_TEAM`].
    pub has_second_team: bool,
    /// True if only apps with full permissions have access to a project's sections: no scope is documented for them
    /// (<https://developers.asana.com/reference/getsectionsforproject>).
    pub has_closed_sections: bool,
    /// True if the token is a personal one, which stores no external id (<https://developers.asana.com/docs/custom-external-data>).
    pub has_personal_token: bool,
}

impl AsanaStrangeness {
    pub(crate) const fn documented() -> Self {
        Self {
            is_organization: false,
            has_private_project: false,
            refuses_made_changes: false,
            has_strict_dates: false,
            has_second_team: false,
            has_closed_sections: false,
            has_personal_token: false,
        }
    }

    pub(crate) const fn content() -> Self {
        Self {
            is_organization: true,
            has_private_project: true,
            refuses_made_changes: true,
            has_strict_dates: true,
            ..Self::documented()
        }
    }
}

/// Rejects a gid of the private project or the foreign task.
pub(super) fn check_gid_access(strangeness: AsanaStrangeness, gid: &str) -> Result<(), ErrorResponse> {
    let is_private = strangeness.has_private_project && [asana::PRIVATE_PROJECT, asana::FOREIGN_TASK].contains(&gid);
    if is_private { Err(error(403, "Forbidden: You do not have access to this object.")) } else { Ok(()) }
}

/// Rejects a request that names the private project or the foreign task in its path, its query or its body.
pub(super) fn check_object_access(strangeness: AsanaStrangeness, request: &ApiRequest) -> Result<(), ErrorResponse> {
    if !strangeness.has_private_project {
        return Ok(());
    }
    for (private, what) in [(asana::PRIVATE_PROJECT, "project"), (asana::FOREIGN_TASK, "task")] {
        let names = |text: &str| text.split(',').any(|one| one == private);
        let body = || request.json().is_some_and(|body| body["data"].to_string().contains(&format!("\"{private}\"")));
        if request.path_param("gid") == private || request.query.iter().any(|(_, value)| names(value)) || body() {
            return Err(error(403, &format!("Forbidden: You do not have access to this {what}.")));
        }
    }
    Ok(())
}
