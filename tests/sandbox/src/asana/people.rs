//! Users (<https://developers.asana.com/reference/users>).

use serde_json::{Value, json};

use super::fields::{list_response, reject_unknown_parameters, select_fields};
use super::seed::{PEOPLE, Person, user, workspace};
use super::{ErrorResponse, access, bad_request, check_workspace, not_found};
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::state::SandboxState;

/// Builds a user's full record.
pub(crate) fn user_record(person: &Person) -> Value {
    let mut full = user(person);
    full["email"] = json!(person.email);
    full["photo"] = Value::Null;
    full["workspaces"] = json!([workspace()]);
    full
}

/// `GET /users` and `GET /workspaces/{w}/users`.
pub(crate) fn list(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    access(state, request, "users:read")?;
    reject_unknown_parameters(request, &["workspace", "team", "limit", "offset"])?;
    check_workspace(request.query("workspace").unwrap_or(request.path_param("workspace")))?;
    list_response(request, &state.base_url, "/users", &PEOPLE.each_ref().map(user_record))
}

/// `GET /users/me` and `GET /users/{gid}`.
pub(crate) fn get(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let caller = access(state, request, "users:read")?;
    reject_unknown_parameters(request, &["workspace"])?;
    let key = request.path_param("gid");
    let named = |one: &Person| one.gid == key || one.email.eq_ignore_ascii_case(key);
    let found = if key == "me" { Some(caller) } else { PEOPLE.into_iter().find(named) };
    let found = found.ok_or_else(|| not_found("user"))?;
    Ok(ApiResponse::json(200, json!({"data": select_fields(request, &user_record(&found))})))
}

/// `GET /users/{gid}/user_task_list`: the list of My Tasks. Its gid is the person's with a 9 before it.
pub(crate) fn task_list(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let caller = access(state, request, "tasks:read")?;
    reject_unknown_parameters(request, &["workspace"])?;
    check_workspace(request.query("workspace").ok_or_else(|| bad_request("workspace: Missing input"))?)?;
    let owner = find(&caller, "user", &json!(request.path_param("gid"))).map_err(|_| not_found("user"))?;
    let list = json!({
        "gid": task_list_gid(&owner), "resource_type": "user_task_list", "name": format!("My tasks of {}", owner.name),
        "owner": user(&owner), "workspace": workspace(),
    });
    Ok(ApiResponse::json(200, json!({"data": select_fields(request, &list)})))
}

/// Returns the gid of a person's My Tasks.
pub(crate) fn task_list_gid(person: &Person) -> String {
    format!("9{}", person.gid)
}

/// Finds a user by gid, e-mail address or `me`; `field` is named in the error.
pub(crate) fn find(caller: &Person, field: &str, value: &Value) -> Result<Person, ErrorResponse> {
    let key = value.as_str().unwrap_or("");
    if key == "me" {
        return Ok(*caller);
    }
    let found = PEOPLE.into_iter().find(|person| person.gid == key || person.email.eq_ignore_ascii_case(key));
    found.ok_or_else(|| bad_request(&format!("{field}: Not a user in this workspace: {key}")))
}

/// Finds several users and drops duplicates.
pub(crate) fn find_all(caller: &Person, field: &str, values: &Value) -> Result<Vec<Value>, ErrorResponse> {
    let mut found: Vec<Value> = vec![];
    for value in values.as_array().into_iter().flatten() {
        let person = user(&find(caller, field, value)?);
        if !found.contains(&person) {
            found.push(person);
        }
    }
    Ok(found)
}
