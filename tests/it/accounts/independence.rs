//! What happens to one account never touches another: three accounts of each of four tools, beside each other.

use super::writes;
use crate::support::builders::{Intent, fetch_emails, fetch_messages, intent};
use crate::support::responses::{CircuitBreakerList, ConnectionStatus};
use crate::support::{EffectKind, TestApp};
use sandbox::Fault;
use sandbox::fixtures::{ALEX, KIM, SAM};
use serde_json::json;
use std::collections::BTreeMap;

const PEOPLE: [&str; 3] = [ALEX, SAM, KIM];

/// Three accounts of each tool, by tool.
async fn twelve_accounts(app: &TestApp) -> BTreeMap<&'static str, Vec<String>> {
    let mut accounts = BTreeMap::new();
    for (tool, ..) in writes() {
        let mut ids = vec![];
        for person in PEOPLE {
            ids.push(app.connect_account("u1", tool, person).await);
        }
        accounts.insert(tool, ids);
    }
    accounts
}

async fn start() -> TestApp {
    TestApp::start_with(&[("PLUGIN_ENGINE_INTENTS_PER_MINUTE", "1000"), ("PLUGIN_ENGINE_AUTHORIZES_PER_HOUR", "100")])
        .await
}

/// Effects whose token was not the named account's: `wanted` maps a person to the one whose token is expected.
async fn crossings(app: &TestApp, wanted: impl Fn(&'static str) -> &'static str) -> Vec<String> {
    let accounts = twelve_accounts(app).await;
    let mut crossed = vec![];
    for (tool, intent, kind) in writes() {
        for (person, account) in PEOPLE.into_iter().zip(&accounts[tool]) {
            let before = app.effects(kind).len();
            app.submit("u1", intent.clone().account(account)).await.succeeded();
            let later = intent.clone().account(account).at(app.after(10));
            let task = app.submit("u1", later).await.scheduled();
            app.run_processor_after(11).await;
            app.task(&task).await.assert_completed();
            let effects = app.effects(kind);
            assert_eq!(effects.len(), before + 2, "{tool} {person}");
            for effect in &effects[before..] {
                if effect.by != wanted(person) {
                    crossed.push(format!("{tool}: {} acted for {person}", effect.by));
                }
            }
        }
    }
    crossed
}

#[tokio::test]
async fn each_effect_is_made_with_the_token_of_its_account() {
    assert_eq!(crossings(&start().await, |person| person).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_planted_crossing_is_reported() {
    let swapped = |person: &'static str| {
        if person == ALEX {
            SAM
        } else if person == SAM {
            ALEX
        } else {
            KIM
        }
    };
    assert_eq!(crossings(&start().await, swapped).await.len(), 4 * 2 * 2);
}

/// An intent that reads with one call.
fn read(tool: &str) -> Intent {
    match tool {
        "slack" => fetch_messages(),
        "notion" => intent("notion", "search").context(json!({ "query": "home" })),
        "asana" => intent("asana", "list_workspaces"),
        _ => fetch_emails(),
    }
}

/// A rate limit in each provider's own words.
fn limited(tool: &str) -> Fault {
    let body = match tool {
        "slack" => json!({ "ok": false, "error": "ratelimited" }),
        "notion" => json!({ "object": "error", "status": 429, "code": "rate_limited", "message": "Slow down." }),
        "asana" => json!({ "errors": [{ "message": "You have made too many requests recently." }] }),
        _ => json!({ "error": { "code": 429, "errors": [{ "reason": "rateLimitExceeded" }] } }),
    };
    Fault::status(tool, 429, body).header("retry-after", "600")
}

#[tokio::test]
async fn cooldown_of_one_account_does_not_pause_another() {
    let app = start().await;
    let accounts = twelve_accounts(&app).await;
    for (tool, intent, kind) in writes() {
        app.fault(limited(tool));
        let [alex, sam, kim] = accounts[tool].as_slice() else { panic!("three accounts") };
        app.submit("u1", intent.clone().account(alex)).await.failed("PROVIDER_RATE_LIMITED");
        let before = app.effects(kind).len();
        app.submit("u1", intent.clone().account(alex)).await.failed("PROVIDER_RATE_LIMITED");
        assert_eq!(app.effects(kind).len(), before, "{tool}: no call during the cooldown");
        for account in [sam, kim] {
            app.submit("u1", intent.clone().account(account)).await.succeeded();
        }
        assert_eq!(app.effects(kind).len(), before + 2, "{tool}");
    }
}

#[tokio::test]
async fn circuit_breaker_of_one_account_does_not_stop_another() {
    let app = start().await;
    let accounts = twelve_accounts(&app).await;
    for (tool, intent, _) in writes() {
        let [alex, sam, kim] = accounts[tool].as_slice() else { panic!("three accounts") };
        app.fault(Fault::status(tool, 503, json!({})).times(11));
        for _ in 0..11 {
            app.submit("u1", read(tool).account(alex)).await.failed("PROVIDER_UNAVAILABLE");
        }
        app.submit("u1", intent.clone().account(alex)).await.failed("CIRCUIT_BREAKER_OPEN");
        for account in [sam, kim] {
            app.submit("u1", intent.clone().account(account)).await.succeeded();
        }
        let list: CircuitBreakerList = app.get("u1", "/circuit-breakers?agentId=a").await.view();
        let of_tool: Vec<_> = list.circuit_breakers.iter().filter(|breaker| breaker.tool == tool).collect();
        assert_eq!(of_tool.iter().map(|breaker| breaker.account.as_str()).collect::<Vec<_>>(), [alex]);
        let close = json!({ "agentId": "a", "tool": tool, "account": alex });
        app.delete("u1", "/circuit-breakers", Some(close)).await.ok();
        app.submit("u1", intent.account(alex)).await.succeeded();
    }
}

#[tokio::test]
async fn refresh_revocation_and_disconnect_of_one_account_leave_the_others() {
    let app = start().await;
    let accounts = twelve_accounts(&app).await;
    for (tool, intent, kind) in writes() {
        let [alex, sam, kim] = accounts[tool].as_slice() else { panic!("three accounts") };
        let before = app.effects(EffectKind::TokenRefreshed).len();
        app.sandbox.sandbox.expire_tokens(tool);
        app.submit("u1", intent.clone().account(sam)).await.succeeded();
        assert_eq!(app.effects(EffectKind::TokenRefreshed).len(), before + 1, "{tool}: one account is refreshed");
        app.delete("u1", "/integrations", Some(json!({ "tool": tool, "account": alex }))).await.ok();
        let posted = app.effects(kind).len();
        for account in [sam, kim] {
            app.submit("u1", intent.clone().account(account)).await.succeeded();
        }
        assert_eq!(app.effects(kind).len(), posted + 2, "{tool}");
        app.submit("u1", intent.account(alex)).await.refused(400, "UNKNOWN_ACCOUNT");
        let connected = app.connections("u1").await;
        let of_tool = connected.iter().filter(|connection| connection.tool == tool);
        let states: Vec<_> = of_tool.map(|connection| (connection.account.id.as_str(), connection.status)).collect();
        let mut expected = [(sam.as_str(), ConnectionStatus::Active), (kim.as_str(), ConnectionStatus::Active)];
        expected.sort_by_key(|(id, _)| *id);
        assert_eq!(states, expected, "{tool}");
    }
}
