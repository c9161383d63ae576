//! Asana's OAuth (<https://developers.asana.com/docs/oauth>): client credentials in the body, one-hour access tokens, refresh
//! tokens that stay.

use serde_json::{Value, json};

use super::seed::person;
use crate::http::{Answer, Call, Form, Reply};
use crate::oauth::consent::{self, Ask};
use crate::oauth::{Access, App, Grant, client_form, error, verifier_fits};
use crate::sandbox::Tokens;
use crate::state::World;
use crate::fixtures::{PEOPLE, asana, clients};

/// One hour.
const ACCESS_LIFETIME: i64 = 3_600;

const APP: App = App { provider: "asana", title: "Asana", client_id: clients::ASANA, issuer: None, accounts: &PEOPLE };

/// Full permission; assumed when no scope is asked for.
pub(crate) const DEFAULT_SCOPE: &str = "default";

const SCOPES: [&str; 29] = [
    DEFAULT_SCOPE,
    "openid",
    "email",
    "profile",
    "attachments:read",
    "attachments:write",
    "attachments:delete",
    "custom_fields:read",
    "custom_fields:write",
    "goals:read",
    "jobs:read",
    "portfolios:read",
    "project_templates:read",
    "projects:read",
    "projects:write",
    "projects:delete",
    "stories:read",
    "stories:write",
    "tags:read",
    "tags:write",
    "tasks:read",
    "tasks:write",
    "tasks:delete",
    "team_memberships:read",
    "teams:read",
    "time_tracking_entries:read",
    "users:read",
    "workspaces:read",
    "workspaces.typeahead:read",
];

/// `GET /-/oauth_authorize`.
pub(crate) fn authorize(world: &mut World, call: &Call) -> Reply {
    let redirect = consent::redirect_of(world, call, &APP)?;
    if call.query("response_type") != Some("code") {
        return Err(consent::redirect_error(call, &APP, &redirect, "unsupported_response_type"));
    }
    let mut scopes: Vec<String> = call.query("scope").unwrap_or("").split_whitespace().map(str::to_owned).collect();
    if scopes.is_empty() {
        scopes.push(DEFAULT_SCOPE.to_owned());
    }
    if scopes.iter().any(|scope| !SCOPES.contains(&scope.as_str())) {
        return Err(consent::redirect_error(call, &APP, &redirect, "invalid_scope"));
    }
    let challenge =
        consent::challenge(call).map_err(|()| consent::redirect_error(call, &APP, &redirect, "invalid_request"))?;
    consent::decide(
        world,
        call,
        &APP,
        &redirect,
        Ask { scopes, user_scopes: Vec::new(), offline: true, challenge, login_hint: None },
    )
}

/// `POST /-/oauth_token`.
pub(crate) fn token(world: &mut World, call: &Call) -> Reply {
    let form = client_form(call, &APP)?;
    let reply = match form.get("grant_type") {
        Some("authorization_code") => exchange(world, &form)?,
        Some("refresh_token") => refresh(world, &form)?,
        Some(_) => return Err(error(400, "unsupported_grant_type", "Unknown grant_type.")),
        None => return Err(error(400, "invalid_request", "grant_type is missing.")),
    };
    Ok(Answer::json(200, reply).header("cache-control", "no-store"))
}

fn exchange(world: &mut World, form: &Form) -> Result<Value, Answer> {
    let now = world.clock.seconds();
    let code = form.get("code").and_then(|value| world.asana.grants.take_code(value, now));
    let code = code.ok_or_else(|| error(400, "invalid_grant", "The code is unknown, used or expired."))?;
    if form.get("redirect_uri") != Some(code.redirect_uri.as_str()) {
        return Err(error(400, "invalid_grant", "redirect_uri is not the one of the authorization."));
    }
    if !verifier_fits(code.challenge.as_deref(), form.get("code_verifier")) {
        return Err(error(400, "invalid_grant", "code_verifier does not fit."));
    }
    Ok(issue_tokens(world, code.grant))
}

fn issue_tokens(world: &mut World, grant: Grant) -> Value {
    let scopes = grant.scopes.clone();
    let number = world.asana.grants.add_grant(grant);
    let refresh = format!("2/{}/{}", number + 1, world.entropy.hex(16));
    world.asana.grants.add_refresh(refresh.clone(), number, scopes.clone());
    let mut reply = access(world, number, &scopes);
    reply["refresh_token"] = json!(refresh);
    note(world, "token_issued", number, json!({"grant_type": "authorization_code", "scope": scopes.join(" ")}));
    reply
}

fn access(world: &mut World, number: usize, scopes: &[String]) -> Value {
    let token = format!("1/{}:{}", number + 1, world.entropy.hex(20));
    let expires_at = Some(world.clock.seconds() + ACCESS_LIFETIME);
    let access = Access { grant: number, scopes: scopes.to_vec(), expires_at, revoked: false };
    world.asana.grants.add_access(token.clone(), access);
    let who = person(&world.asana.grants.grant(number).account);
    json!({
        "access_token": token, "token_type": "bearer", "expires_in": ACCESS_LIFETIME,
        "data": {"id": who.gid.parse::<u64>().unwrap_or(0), "gid": who.gid, "name": who.name, "email": who.email},
    })
}

fn refresh(world: &mut World, form: &Form) -> Result<Value, Answer> {
    let known = form.get("refresh_token").and_then(|token| world.asana.grants.refreshable(token));
    let (number, scopes) =
        known.ok_or_else(|| error(400, "invalid_grant", "The refresh token is unknown or revoked."))?;
    // No new refresh token: the old one is kept.
    let reply = access(world, number, &scopes);
    note(world, "token_refreshed", number, json!({"grant_type": "refresh_token"}));
    Ok(reply)
}

/// `POST /-/oauth_revoke`: takes refresh tokens only, and ends what came from them.
pub(crate) fn revoke(world: &mut World, call: &Call) -> Reply {
    let form = client_form(call, &APP)?;
    let known = form.get("token").and_then(|token| world.asana.grants.refreshable(token));
    let (number, _) =
        known.ok_or_else(|| error(400, "invalid_request", "Only a live refresh token can be revoked."))?;
    world.asana.grants.end_grant(number);
    note(world, "token_revoked", number, json!({}));
    Ok(Answer::json(200, json!({})))
}

/// Tokens without consent.
pub(crate) fn issue(world: &mut World, mut grant: Grant) -> Tokens {
    if grant.scopes.is_empty() {
        grant.scopes.push(DEFAULT_SCOPE.to_owned());
    }
    Tokens::read(&issue_tokens(world, grant))
}

fn note(world: &mut World, kind: &str, number: usize, mut request: Value) {
    request["client_id"] = json!(APP.client_id);
    world.record("asana", kind, &format!("grant-{}", number + 1), asana::WORKSPACE, request);
}
