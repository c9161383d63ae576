//! Users (<https://developers.asana.com/reference/users>).

use serde_json::{Value, json};

use super::fields::{known, list, shown};
use super::seed::{PEOPLE, Person, user, workspace};
use super::{Refused, access, bad, not_found, own_workspace};
use crate::http::{Answer, Call, Reply};
use crate::state::World;

/// A user's whole record.
pub(crate) fn full(person: &Person) -> Value {
    let mut full = user(person);
    full["email"] = json!(person.email);
    full["photo"] = Value::Null;
    full["workspaces"] = json!([workspace()]);
    full
}

/// `GET /users` and `GET /workspaces/{w}/users`.
pub(crate) fn all(world: &mut World, call: &Call) -> Reply {
    access(world, call, "users:read")?;
    known(call, &["workspace", "team", "limit", "offset"])?;
    own_workspace(call.query("workspace").unwrap_or(call.param("workspace")))?;
    list(call, &world.base_url, "/users", &PEOPLE.each_ref().map(full))
}

/// `GET /users/me` and `GET /users/{gid}`.
pub(crate) fn get(world: &mut World, call: &Call) -> Reply {
    let caller = access(world, call, "users:read")?;
    known(call, &["workspace"])?;
    let asked = call.param("gid");
    let named = |one: &Person| one.gid == asked || one.email.eq_ignore_ascii_case(asked);
    let found = if asked == "me" { Some(caller) } else { PEOPLE.into_iter().find(named) };
    let found = found.ok_or_else(|| not_found("user"))?;
    Ok(Answer::json(200, json!({"data": shown(call, &full(&found))})))
}

/// A user by gid, e-mail address or `me`; `field` is where it was written.
pub(crate) fn find(caller: &Person, field: &str, value: &Value) -> Result<Person, Refused> {
    let wanted = value.as_str().unwrap_or("");
    if wanted == "me" {
        return Ok(*caller);
    }
    let found = PEOPLE.into_iter().find(|person| person.gid == wanted || person.email.eq_ignore_ascii_case(wanted));
    found.ok_or_else(|| bad(&format!("{field}: Not a user in this workspace: {wanted}")))
}

/// Several users, each once.
pub(crate) fn several(caller: &Person, field: &str, values: &Value) -> Result<Vec<Value>, Refused> {
    let mut found: Vec<Value> = vec![];
    for value in values.as_array().into_iter().flatten() {
        let person = user(&find(caller, field, value)?);
        if !found.contains(&person) {
            found.push(person);
        }
    }
    Ok(found)
}
