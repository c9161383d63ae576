//! People (<https://docs.slack.dev/reference/methods/users.list> and related methods) and the caller's identity.

use serde_json::{Value, json};

use super::args::Arguments;
use super::{Caller, paginate, slack_error};
use crate::state::SandboxState;

/// `users.list`.
pub(crate) fn list(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let with_email = caller.has_scope("users:read.email");
    let all = state.slack.users.iter().map(|user| user.to_json(caller.team.id, with_email)).collect();
    let page = paginate(all, args, 200, 1_000)?;
    Ok(
        json!({"members": page.items, "cache_ts": state.clock.seconds(), "response_metadata": {"next_cursor": page.next_cursor}}),
    )
}

/// `users.info`.
pub(crate) fn info(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let id = args.text("user").ok_or_else(|| slack_error("user_not_found"))?;
    let user = state.slack.users.iter().find(|user| user.id == id).ok_or_else(|| slack_error("user_not_found"))?;
    Ok(json!({"user": user.to_json(caller.team.id, caller.has_scope("users:read.email"))}))
}

/// `users.lookupByEmail`.
pub(crate) fn lookup_by_email(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let email = args.text("email").ok_or_else(|| slack_error("users_not_found"))?;
    let has = |known: &Option<String>| known.as_ref().is_some_and(|known| known.eq_ignore_ascii_case(&email));
    let user = state.slack.users.iter().find(|user| has(&user.email)).ok_or_else(|| slack_error("users_not_found"))?;
    Ok(json!({"user": user.to_json(caller.team.id, true)}))
}

/// `auth.test` (<https://docs.slack.dev/reference/methods/auth.test>): the owner of the token. Of a bot token `user_id` is the
/// bot's user, and only then there is a `bot_id`. `enterprise_id` is left out because neither workspace belongs to an enterprise.
pub(crate) fn auth_test(state: &mut SandboxState, caller: &Caller, _args: &Arguments) -> Result<Value, Value> {
    let name = state.slack.users.iter().find(|user| user.id == caller.user).map(|user| user.name.clone());
    let expires_at = state.slack.grants.expires_at(&caller.token);
    let mut reply = json!({
        "url": format!("https://{}.slack.com/", caller.team.domain), "team": caller.team.name,
        "team_id": caller.team.id, "user": name, "user_id": caller.user, "is_enterprise_install": false,
        "expires_in": expires_at.map(|end| end - state.clock.seconds()),
    });
    if caller.is_bot() {
        reply["bot_id"] = json!(caller.team.bot);
    }
    Ok(reply)
}
