//! Every request that a service may make, beyond what its delegation permits: a named tool, action or account is refused and nothing
//! changes; a list has the permitted rows alone. The negative control is a delegation that permits everything.

use super::delegate;
use super::door_list::{Door, Expected, doors};
use crate::support::builders::{ALL_TOOLS, email, intent, mapping, message};
use crate::support::{BASE, TestApp, root};
use aws_sdk_dynamodb::types::AttributeValue;
use generate::Callers;
use sandbox::Fault;
use sandbox::fixtures::{ALEX, SAM};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A row of a table.
type Row = HashMap<String, AttributeValue>;

/// A deployment of `u1`, with objects of each kind that the delegation of `helper` permits, and of each kind that it does not.
pub(super) struct World {
    pub(super) app: TestApp,
    /// The ids that the names in the doors stand for.
    names: BTreeMap<&'static str, String>,
}

impl World {
    /// Starts with the mailboxes of Alex and Sam, and a Slack account.
    pub(super) async fn start() -> Self {
        let app = TestApp::start().await;
        let alex = app.connect_account("u1", "gmail", ALEX).await;
        let sam = app.connect_account("u1", "gmail", SAM).await;
        app.connect("u1", "slack").await;
        let slack = app.account("u1", "slack").await.to_string();
        let mut world = Self { app, names: BTreeMap::from([("ALEX", alex), ("SAM", sam), ("SLACK", slack)]) };
        world.add_tasks().await;
        world.add_errors().await;
        world.add_mappings().await;
        world.add_policies_and_breakers().await;
        world
    }

    /// Schedules a task of each kind, by its user.
    async fn add_tasks(&mut self) {
        let (alex, sam) = (self.names["ALEX"].clone(), self.names["SAM"].clone());
        let draft = intent("gmail", "create_draft")
            .context(json!({ "to": "kim@example.com", "subject": "HIDDEN", "body": "b" }));
        for (name, intent) in [
            ("TASK_OF_TOOL", message().with("text", "HIDDEN")),
            ("TASK_OF_ACTION", draft.account(&alex)),
            ("TASK_OF_ACCOUNT", email().account(&sam).with("subject", "HIDDEN")),
            ("TASK", email().account(&alex).with("subject", "VISIBLE")),
        ] {
            self.app.submit("u1", intent.clone()).await.succeeded();
            let id = self.app.schedule("u1", intent.at(self.app.after(3600))).await.scheduled();
            self.names.insert(name, id);
            // Lists have what the delegation permits last.
            self.app.advance(1);
        }
    }

    /// Reports errors, and has a call fail for the account that is not permitted.
    async fn add_errors(&mut self) {
        let report = |tool: &str, action: &str, code: &str| json!({ "agentId": "a", "tool": tool, "action": action, "errorCode": code, "errorMessage": "m" });
        for (name, body) in [
            ("ERROR", report("gmail", "send_email", "VISIBLE")),
            ("ERROR_OF_TOOL", report("slack", "send_message", "HIDDEN")),
            ("ERROR_OF_ACTION", report("gmail", "create_draft", "HIDDEN_ACTION")),
        ] {
            let reported = self.app.post("u1", "/errors", body).await.ok();
            self.names.insert(name, reported["errorId"].as_str().unwrap().to_owned());
        }
        let sam = self.names["SAM"].clone();
        self.app.fault(Fault::status("gmail", 400, json!({ "error": { "code": 400 } })));
        self.app.submit("u1", email().account(&sam)).await.failed("PROVIDER_REJECTED");
        let failed = self.app.get("u1", "/errors?errorCode=PROVIDER_REJECTED").await.ok();
        self.names.insert("ERROR_OF_ACCOUNT", failed["errors"][0]["errorId"].as_str().unwrap().to_owned());
    }

    async fn add_mappings(&mut self) {
        for (name, tool, account, key) in [
            ("MAPPING", "gmail", "ALEX", "VISIBLE"),
            ("MAPPING_OF_TOOL", "slack", "SLACK", "HIDDEN"),
            ("MAPPING_OF_ACCOUNT", "gmail", "SAM", "HIDDEN"),
        ] {
            let mut body = mapping(tool, key, key);
            body["account"] = self.names[account].clone().into();
            let created = self.app.post("u1", "/context-mappings", body).await.ok();
            self.names.insert(name, created["id"].as_str().unwrap().to_owned());
        }
    }

    async fn add_policies_and_breakers(&self) {
        for (tool, account, message) in
            [("gmail", "ALEX", "VISIBLE"), ("slack", "SLACK", "HIDDEN"), ("gmail", "SAM", "VISIBLE")]
        {
            let policy = json!({ "tool": tool, "message": message });
            self.app.post("u1", "/errors/fallbacks", policy).await.ok();
            let bucket = format!("f{}", self.app.clock.now().as_second().div_euclid(300));
            let failures = self.app.store.put_item().table_name(&self.app.tables.integrations);
            let text = |text: String| AttributeValue::S(text);
            let failures = failures.item("pk", text("u1".to_owned()));
            let failures = failures.item("sk", text(format!("breaker#a#{tool}#{}", self.names[account])));
            failures.item(&bucket, AttributeValue::N("1".to_owned())).send().await.unwrap();
            self.app.calls.take_used_actions();
        }
    }

    /// Permits two actions of the mailbox of Alex.
    pub(super) async fn delegate_little(&self) {
        let actions = ["gmail.send_email", "gmail.fetch_emails"];
        let accounts = [&self.names["ALEX"]];
        delegate(
            &self.app,
            json!({ "service": "helper", "tools": ["gmail"], "actions": actions, "accounts": accounts }),
        )
        .await;
    }

    /// Replaces the names in a text of a door.
    fn filled(&self, text: &str) -> String {
        // The longest first: a name can be the start of another one.
        let names = self.names.iter().rev();
        let filled = names.fold(text.to_owned(), |text, (name, value)| text.replace(&format!("<{name}>"), value));
        filled.replace("<LATER>", &self.app.after(3600).to_string())
    }

    /// Sends the request of a door as the service.
    async fn send(&self, door: &Door) -> crate::support::TestResponse {
        let token = self.app.service_token("helper");
        let path = self.filled(door.path);
        if door.body.is_empty() {
            let start = if path.contains('?') { '&' } else { '?' };
            return self.app.send(door.method, &format!("{path}{start}userId=u1"), Some(&token), None).await;
        }
        let mut body: Value = serde_json::from_str(&self.filled(door.body)).unwrap();
        body["userId"] = "u1".into();
        self.app.send_with(door.method, &path, Some(&token), Some(body.to_string()), &[]).await
    }

    /// The stored rows, and the number of effects at the providers.
    async fn state(&self) -> (BTreeMap<String, Row>, usize) {
        let tables = &self.app.tables;
        let mut rows = BTreeMap::new();
        for table in [&tables.integrations, &tables.tasks, &tables.errors, &tables.fallbacks, &tables.mappings] {
            let found = self.app.store.scan().table_name(table).send().await.unwrap().items.unwrap_or_default();
            // A refused request counts too.
            let found = found.into_iter().filter(|row| !format!("{:?}", row["pk"]).contains("##limits"));
            rows.extend(found.map(|row| (format!("{table} {:?} {:?}", row["pk"], row["sk"]), row)));
        }
        self.app.calls.take_used_actions();
        (rows, self.app.ledger().0.len())
    }

    /// Returns what a door does that it must not, if anything.
    pub(super) async fn check(&self, door: &Door) -> Option<String> {
        let before = self.state().await;
        let answer = self.send(door).await;
        let body = answer.body.to_string();
        let fault = match door.expected {
            Expected::Refused => {
                let error =
                    if answer.status == 200 { &answer.body["results"][0]["error"] } else { &answer.body["error"] };
                let text = error["message"].as_str().unwrap_or_default();
                let says = "It permits tools: gmail; actions: gmail.send_email, gmail.fetch_emails; accounts: ";
                let is_refused =
                    matches!(answer.status, 200 | 403) && error["code"] == "FORBIDDEN" && text.contains(says);
                (!is_refused || self.state().await != before).then_some("is not refused, or has changed something")
            }
            Expected::Rows { shown, hidden } => {
                let leaks = hidden.iter().any(|hidden| body.contains(&self.filled(hidden)));
                (answer.status != 200 || !body.contains(&self.filled(shown)) || leaks).then_some("has other rows")
            }
        };
        fault.map(|fault| format!("{door:?} {fault}: {} {body}", answer.status))
    }
}

/// The routes that a service may call, by their manifests.
fn routes_for_services() -> BTreeSet<(String, String)> {
    let functions = generate::read(&root()).unwrap_or_else(|error| panic!("{error}"));
    let routes = functions.iter().flat_map(|function| &function.routes);
    let routes = routes.filter(|route| route.callers == Callers::UserOrService);
    let keys = routes.flat_map(|route| route.paths().flat_map(|path| route.methods.iter().map(move |it| (it, path))));
    keys.map(|(method, path)| (method.clone(), path[BASE.len()..].to_owned())).collect()
}

#[test]
fn every_request_of_a_service_has_a_door_for_each_thing_that_it_names() {
    let document = openapi::document(&root());
    let named = |field: &str| match field.rsplit('.').next().unwrap_or_default() {
        "tool" | "toolName" => Some("tool"),
        "account" => Some("account"),
        "intent" | "action" | "name" => Some("action"),
        "taskId" | "errorId" | "errorIds[]" | "id" | "ids[]" => Some("object"),
        _ => None,
    };
    let doors = doors();
    let mut missing = vec![];
    // A file is of no tool: a service has those that it made, see `files/uploads.rs`.
    for (method, path) in routes_for_services().into_iter().filter(|(_, path)| path != "/files") {
        let of_route: Vec<&Door> =
            doors.iter().filter(|door| door.method == method && door.path.split('?').next() == Some(&path)).collect();
        let mut needed: BTreeSet<&str> = BTreeSet::from(["any"]);
        let fields = openapi::fields(&document);
        let fields = fields.iter().filter(|field| field.method == method && field.path == format!("{BASE}{path}"));
        // The `action` of errors is the operation on them.
        needed.extend(
            fields
                .filter(|field| path != "/errors/bulk" || field.name != "action")
                .filter_map(|field| named(&field.name)),
        );
        let covered = |kind: &&str| {
            *kind == "any" && !of_route.is_empty() || of_route.iter().any(|door| door.names.contains(kind))
        };
        missing.extend(needed.into_iter().filter(|kind| !covered(kind)).map(|kind| format!("{method} {path}: {kind}")));
    }
    assert!(missing.is_empty(), "without a door: {missing:#?}");
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "the count is the result")]
async fn no_request_of_a_service_passes_its_delegation() {
    let world = World::start().await;
    world.delegate_little().await;
    let mut wrong = vec![];
    for door in doors() {
        wrong.extend(world.check(&door).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{} requests beyond a delegation, none of which passes", doors().len());
}

#[tokio::test]
async fn a_request_that_ignores_the_delegation_is_reported() {
    // Negative control: with everything permitted, each request is what it would be on a route that ignores the delegation.
    let mut unnoticed = vec![];
    let mut world = permissive_world().await;
    for door in doors() {
        if world.check(&door).await.is_none() {
            unnoticed.push(format!("{door:?}"));
        }
        // A change that is not refused leaves another world to the doors after it.
        if door.method != "GET" {
            world = permissive_world().await;
        }
    }
    assert!(unnoticed.is_empty(), "{}", unnoticed.join("\n"));
}

/// A world with a delegation that permits everything.
async fn permissive_world() -> World {
    let world = World::start().await;
    delegate(&world.app, json!({ "service": "helper", "tools": ALL_TOOLS })).await;
    world
}
