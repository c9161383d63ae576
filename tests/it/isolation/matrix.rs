//! The isolation matrix: every route with every kind of id, each with the caller's own, another user's, an absent and a malformed
//! id. The responses to another user's id and to an absent one are equal, and the other user's data do not change.

use super::cells::IdKind::*;
use super::cells::OwnerResponse::NewData;
use super::cells::{Cell, ID_KINDS, INTENT, IdKind, SCHEDULED_INTENT, absent_id, id_field, malformed_id, mapping_id};
use super::derived::all_cells;
use crate::support::builders::ALL_TOOLS;
use crate::support::{BASE, TestApp, TestResponse, root};
use crate::template::{OPEN_ROUTES, watch_routes};
use aws_sdk_dynamodb::types::AttributeValue;
use engine::account::AccountId;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

/// A row of a table.
type Row = HashMap<String, AttributeValue>;

/// One deployment for all cells; each cell has its own users.
struct Matrix {
    app: TestApp,
    /// A time in one hour. It replaces the times of the cells and of the document's examples, which are beyond the limit.
    execute_at: String,
    /// The Notion account of every owner.
    notion: AccountId,
    /// A token of Slack, which each user may have.
    slack_token: String,
}

impl Matrix {
    async fn start() -> Self {
        let app = TestApp::start().await;
        let later = (app.clock.now() + jiff::SignedDuration::from_hours(1)).to_string();
        app.store_token("first", "notion", json!({})).await.ok();
        let notion = app.account("first", "notion").await;
        let slack = app.sandbox.sandbox.grant("slack", sandbox::fixtures::ALEX, &["chat:write"]).unwrap();
        Self { app, execute_at: later, notion, slack_token: slack.access_token }
    }

    async fn send(&self, user: &str, (method, path, body, kind, _): &Cell, id: &str) -> TestResponse {
        let in_query: String = id.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let in_body = Value::from(id).to_string();
        let body = body
            .replace("\"{}\"", &in_body)
            .replace("2099", &self.execute_at)
            .replace("2030-01-01T09:00:00Z", &self.execute_at);
        let body = body.replace("MAPPING", &mapping_id(&self.notion, "key-1")).replace("TOKEN", &self.slack_token);
        let body = Some(body).filter(|body| !body.is_empty());
        let key = [("idempotency-key", id)];
        let headers = if *kind == IdempotencyKey { &key[..] } else { &[] };
        self.app.send_with(method, &path.replace("{}", &in_query), Some(&self.app.token(user)), body, headers).await
    }

    /// Creates every kind of object for a user and returns the id that the cell names.
    async fn populate(&self, owner: &str, cell: &Cell) -> String {
        let app = &self.app;
        for tool in ["gmail", "slack", "notion"] {
            app.store_token(owner, tool, json!({ "team": "CANARY" })).await.ok();
        }
        for number in [1, 2] {
            let service =
                json!({ "service": format!("helper-{number}"), "tools": ALL_TOOLS, "expiresAt": self.execute_at });
            app.post(owner, "/delegations", service).await.ok();
            let mapping = json!({
                "agentId": "agent-1", "tool": "notion", "contextKey": format!("key-{number}"),
                "externalId": format!("ext-{number}"), "friendlyName": "CANARY"
            });
            app.post(owner, "/context-mappings", mapping).await.ok();
        }
        for tool in ["gmail", "slack"] {
            let fallback = json!({ "tool": tool, "agentId": "agent-1", "message": "CANARY" });
            app.post(owner, "/errors/fallbacks", fallback).await.ok();
        }
        let mut file = Value::Null;
        for _ in 0..2 {
            let new = json!({ "filename": "CANARY.txt", "contentType": "text/plain", "size": 1 });
            file = app.post(owner, "/files", new).await.ok()["fileId"].clone();
        }
        let report = json!({ "agentId": "agent-1", "tool": "slack", "action": "send_message", "errorCode": "E", "errorMessage": "CANARY" });
        app.post(owner, "/errors", report.clone()).await.ok();
        let error = app.post(owner, "/errors", report).await.ok()["errorId"].clone();
        let tasks = ("POST", "/tasks/schedule", SCHEDULED_INTENT, Agent, NewData);
        for agent in ["agent-1", "agent-2"] {
            self.send(owner, &tasks, agent).await.accepted();
        }
        let task = self.send(owner, &tasks, "agent-1").await.accepted()["taskId"].clone();
        self.send(owner, &("POST", "", INTENT, Agent, NewData), "agent-1").await.ok();
        self.record_failures(owner).await;
        app.calls.take_used_actions();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        match cell.3 {
            Task => text(&task),
            Error => text(&error),
            File => text(&file),
            Mapping => mapping_id(&self.notion, "key-1"),
            Account => app.account(owner, if cell.2.contains("slack") { "slack" } else { "gmail" }).await.to_string(),
            ConnectCode => app.consent(owner, "notion", "").await,
            Cursor => {
                let first = format!("{}limit=1", cell.1.trim_end_matches("cursor={}"));
                text(&app.get(owner, &first).await.ok()["cursor"])
            }
            IdempotencyKey => {
                // The first request with the key.
                self.send(owner, cell, &absent_id(IdempotencyKey)).await;
                absent_id(IdempotencyKey)
            }
            kind => absent_id(kind),
        }
    }

    /// Records a failure in the circuit breakers of a user.
    async fn record_failures(&self, owner: &str) {
        let app = &self.app;
        // One failure in the present bucket of five minutes. The second agent is the one of the document's examples.
        let bucket = format!("f{}", app.clock.now().as_second().div_euclid(300));
        for (agent, tool) in [("agent-1", "slack"), ("agent_123", "gmail")] {
            let account = app.account(owner, tool).await;
            let failures = app.store.put_item().table_name(&app.tables.integrations);
            let failures = failures.item("pk", AttributeValue::S(owner.to_owned()));
            let failures = failures.item("sk", AttributeValue::S(format!("breaker#{agent}#{tool}#{account}")));
            failures.item(&bucket, AttributeValue::N("1".to_owned())).send().await.unwrap();
        }
    }

    /// Every row of a user, by table and key.
    async fn rows(&self, user: &str) -> BTreeMap<String, Row> {
        let tables = &self.app.tables;
        let mut rows = BTreeMap::new();
        for table in [&tables.integrations, &tables.tasks, &tables.errors, &tables.fallbacks, &tables.mappings] {
            let found = self.app.store.scan().table_name(table).send().await.unwrap();
            for row in found.items.unwrap_or_default() {
                let text = |name: &str| row.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
                if text("pk").starts_with(user) || text("userId") == user {
                    rows.insert(format!("{table} {} {}", text("pk"), text("sk")), row);
                }
            }
        }
        self.app.calls.take_used_actions();
        rows
    }

    /// The violations of a cell. `thief` maps the other user to the user the deployment sees (a negative control maps to the
    /// owner).
    async fn check(&self, number: usize, cell: &Cell, thief: impl Fn(&str, String) -> String) -> Vec<String> {
        let (owner, kind) = (format!("owner-{number}-"), cell.3);
        let without = (cell.0, cell.1.trim_end_matches("cursor={}"), cell.2, kind, cell.4);
        let unknown =
            comparable(&self.send(&format!("early-{number}"), &without, &absent_id(kind)).await, &absent_id(kind));
        let id = self.populate(&owner, cell).await;
        let before = self.rows(&owner).await;
        let thief = thief(&owner, format!("thief-{number}"));
        let another = self.send(&thief, cell, &id).await;
        let mut wrong = vec![];
        let mut expect = |right: bool, what: &str, detail: &dyn std::fmt::Display| {
            if !right {
                wrong.push(format!("{cell:?}: {what}: {detail}"));
            }
        };
        let foreign = comparable(&another, &id);
        expect(
            foreign == unknown,
            "another user's id is not answered like an absent one",
            &format!("{foreign}\n{unknown}"),
        );
        expect(!foreign.contains("CANARY"), "another user's data are returned", &foreign);
        let after = self.rows(&owner).await;
        let changed = before.keys().chain(after.keys()).find(|key| before.get(*key) != after.get(*key));
        expect(changed.is_none(), "another user's rows were changed", &changed.cloned().unwrap_or_default());
        let bad = self.send(&format!("odd-{number}"), cell, &malformed_id(kind)).await;
        let refused = matches!(bad.status, 400 | 404) || bad.body["success"] == false;
        expect(refused || kind == Nothing, "a malformed id is accepted", &bad.body);
        if matches!(kind, Task | Error | Mapping | ConnectCode | File) {
            let bad = comparable(&bad, &malformed_id(kind));
            expect(bad == unknown, "a malformed id is not answered like an absent one", &bad);
        }
        let own = self.send(&owner, cell, &id).await;
        expect(own.status < 500, "the owner's request fails", &own.body);
        let owned = comparable(&own, &id);
        expect(owned != unknown || cell.4 == NewData, "the owner's data are not returned", &owned);
        wrong
    }
}

/// A response without the parts that differ between requests: the id in the request, and newly generated ids.
fn comparable(answer: &TestResponse, id: &str) -> String {
    let mut body = answer.body.clone();
    for created in ["/taskId", "/errorId", "/fileId", "/upload/url", "/authUrl", "/metadata/taskId"] {
        if let Some(value) = body.pointer_mut(created) {
            *value = "created".into();
        }
    }
    let mut body = body.to_string();
    if !id.is_empty() {
        body = body.replace(&Value::from(id).to_string(), "\"<id>\"");
    }
    let headers: BTreeMap<&str, _> = answer.headers.iter().map(|(name, value)| (name.as_str(), value)).collect();
    format!("{} {headers:?} {body}", answer.status)
}

/// All cells of this repository.
static MATRIX: LazyLock<Vec<Cell>> = LazyLock::new(|| all_cells(&openapi::document(&root())));

#[test]
fn every_route_and_every_kind_of_id_is_in_the_matrix() {
    let open = OPEN_ROUTES.map(ToOwned::to_owned);
    for (method, path, _) in watch_routes() {
        let cell = |cell: &&Cell| cell.0 == method && format!("{BASE}{}", cell.1.split('?').next().unwrap()) == path;
        let covered = open.contains(&format!("{method} {path}")) || MATRIX.iter().any(|it| cell(&it));
        assert!(covered, "{method} {path} has no cell");
    }
    for kind in ID_KINDS {
        assert!(MATRIX.iter().any(|cell| cell.3 == kind), "{kind:?}");
    }
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "the count is the result")]
async fn another_users_ids_are_answered_like_absent_ones() {
    let matrix = Matrix::start().await;
    let mut wrong = vec![];
    for (number, cell) in MATRIX.iter().enumerate() {
        wrong.extend(matrix.check(number, cell, |_, thief| thief).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{} routes and ids by 4 owners: {} cells, 0 leaks", MATRIX.len(), MATRIX.len() * 4);
}

#[tokio::test]
async fn a_planted_isolation_leak_is_reported() {
    let matrix = Matrix::start().await;
    let mut unnoticed = vec![];
    for (number, cell) in MATRIX.iter().enumerate() {
        // Negative control: every caller is treated as the owner.
        let wrong = matrix.check(number, cell, |owner, _| owner.to_owned()).await;
        let harmless = cell.4 == NewData && cell.0 == "GET";
        if !harmless && !wrong.iter().any(|it| it.contains("another user's")) {
            unnoticed.push(cell);
        }
    }
    assert!(unnoticed.is_empty(), "{unnoticed:#?}");
}

/// Sends every kind of id to the routes that do not take it; the id has no effect.
#[tokio::test]
#[expect(clippy::print_stdout, reason = "the count is the result")]
async fn a_route_rejects_ids_it_does_not_take() {
    let matrix = Matrix::start().await;
    let mut cells = 0;
    for kind in ID_KINDS.into_iter().filter(|kind| *kind != Nothing) {
        // Each has a minute of its own: the budgets of requests are another test's subject.
        matrix.app.advance(60);
        let owner = format!("owner-{}-", id_field(kind));
        let maker = MATRIX.iter().find(|cell| cell.3 == kind).unwrap();
        let id = matrix.populate(&owner, maker).await;
        let before = matrix.rows(&owner).await;
        for (method, path, _) in watch_routes() {
            let below = path.strip_prefix(BASE).unwrap();
            // The API document is static and reads no input.
            if below == "/openapi.json" {
                continue;
            }
            if MATRIX.iter().any(|cell| cell.3 == kind && cell.0 == method && cell.1.split('?').next() == Some(below)) {
                continue;
            }
            let mut answers = vec![];
            for id in [id.clone(), absent_id(kind), malformed_id(kind)] {
                let answer = send_unused_id(&matrix.app, &method, below, kind, &id).await;
                assert!(matches!(answer.status, 302 | 400), "{method} {path} {kind:?}: {}", answer.body);
                answers.push(comparable(&answer, &id));
                cells += 1;
            }
            assert!(answers.iter().all(|answer| *answer == answers[0]), "{method} {path} {kind:?}: {answers:#?}");
        }
        assert_eq!(matrix.rows(&owner).await, before, "{kind:?}");
    }
    println!("{cells} further cells, of ids a route does not take");
}

async fn send_unused_id(app: &TestApp, method: &str, path: &str, kind: IdKind, id: &str) -> TestResponse {
    let token = app.token("offering");
    let encoded: String = id.bytes().map(|byte| format!("%{byte:02x}")).collect();
    if method == "GET" {
        return app.send(method, &format!("{path}?{}={encoded}", id_field(kind)), Some(&token), None).await;
    }
    app.send(method, path, Some(&token), Some(json!({ id_field(kind): id }).to_string())).await
}
