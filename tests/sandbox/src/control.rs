//! The sandbox's own controls, over HTTP: what a test or the demo does through [`Sandbox`] in process.

use axum::Router;
use axum::routing::{get, post};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::faults::{Fault, TARGETS};
use crate::http::{Answer, Call, Reply, on};
use crate::oauth;
use crate::sandbox::Sandbox;
use crate::state::World;

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/ledger", get(on(ledger)))
        .route("/faults", get(on(planned_faults)).post(on(plan_fault)))
        .route("/clock", get(on(time)).post(on(advance)))
        .route("/expire", post(on(expire)))
        .route("/revoke", post(on(revoke)))
        .route("/grant", post(on(grant)))
        .route("/reset", post(on(reset)))
}

fn ledger(world: &mut World, _call: &Call) -> Reply {
    Ok(Answer::json(200, json!({"effects": world.ledger.effects()})))
}

fn planned_faults(world: &mut World, _call: &Call) -> Reply {
    Ok(Answer::json(200, json!({"faults": world.faults.planned()})))
}

fn plan_fault(world: &mut World, call: &Call) -> Reply {
    let fault: Fault = body(call)?;
    if !TARGETS.contains(&fault.provider.as_str()) {
        return Err(bad(&format!("provider must be one of {}", TARGETS.join(", "))));
    }
    world.faults.add(fault);
    planned_faults(world, call)
}

fn time(world: &mut World, _call: &Call) -> Reply {
    Ok(Answer::json(200, json!({"now": world.clock.rfc3339()})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Advance {
    advance_seconds: i64,
}

fn advance(world: &mut World, call: &Call) -> Reply {
    let Advance { advance_seconds } = body(call)?;
    world.clock.advance(advance_seconds);
    time(world, call)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    provider: String,
}

fn expire(world: &mut World, call: &Call) -> Reply {
    let Named { provider } = body(call)?;
    let grants = world.grants(&provider).ok_or_else(|| bad("this provider has no tokens"))?;
    Ok(Answer::json(200, json!({"expired": grants.expire_all()})))
}

fn revoke(world: &mut World, call: &Call) -> Reply {
    let Named { provider } = body(call)?;
    let grants = world.grants(&provider).ok_or_else(|| bad("this provider has no tokens"))?;
    Ok(Answer::json(200, json!({"revoked": grants.revoke_all()})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GrantRequest {
    provider: String,
    account: String,
    #[serde(default)]
    scopes: Vec<String>,
}

fn grant(world: &mut World, call: &Call) -> Reply {
    let GrantRequest { provider, account, scopes } = body(call)?;
    let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
    let tokens = oauth::grant_directly(world, &provider, &account, &scopes)
        .ok_or_else(|| bad("the sandbox has no such provider or account"))?;
    Ok(Answer::json(200, json!({"access_token": tokens.access_token, "refresh_token": tokens.refresh_token})))
}

fn reset(world: &mut World, _call: &Call) -> Reply {
    world.reset();
    Ok(Answer::json(200, json!({"reset": true})))
}

fn body<T: DeserializeOwned>(call: &Call) -> Result<T, Answer> {
    serde_json::from_slice(&call.body).map_err(|error| bad(&error.to_string()))
}

fn bad(why: &str) -> Answer {
    Answer::json(400, json!({"error": Value::from(why)}))
}
