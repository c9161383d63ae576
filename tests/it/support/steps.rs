//! The steps of a test, as methods of [`TestApp`]: what a user, the schedule, a provider or a crash does.

use super::builders::{Intent, intent};
use super::responses::{
    Agent, AgentList, AgentStopped, AuthStatus, Connection, ConnectionList, ErrorList, Task, TaskList,
};
use super::{TestApp, TestResponse, account_id};
use engine::account::AccountId;
use engine::adapters::Adapter;
use engine::adapters::action::ActionDef;
use engine::processor::{self, DueEvent, Summary};
use jiff::{SignedDuration, Timestamp};
use sandbox::Fault;
use serde_json::{Value, json};
use std::fmt::Debug;

impl TestApp {
    /// The time that many seconds from now.
    pub(crate) fn after(&self, seconds: i64) -> Timestamp {
        self.clock.now() + SignedDuration::from_secs(seconds)
    }

    /// The example of an action, with what the providers of tests need: a time ahead, a team of the organization.
    pub(crate) fn example(&self, adapter: &Adapter, action: &ActionDef) -> Intent {
        let example = intent(adapter.tool.as_str(), action.name).context(action.example());
        match action.name {
            "schedule_message" => example.with("postAt", self.after(36_000).to_string()),
            "create_project" => example.with("teamId", sandbox::fixtures::asana::TEAM),
            _ => example,
        }
    }

    /// Plans a fault of a provider or of an AWS service.
    pub(crate) fn fault(&self, fault: Fault) {
        self.sandbox.sandbox.fault(fault);
    }

    /// Sends an intent to `POST /api/plugin-engine`.
    pub(crate) async fn submit(&self, user: &str, intent: Intent) -> TestResponse {
        self.send_intent(user, "", intent).await
    }

    /// Sends an intent to `POST /api/plugin-engine/tasks/schedule`.
    pub(crate) async fn schedule(&self, user: &str, intent: Intent) -> TestResponse {
        self.send_intent(user, "/tasks/schedule", intent).await
    }

    async fn send_intent(&self, user: &str, path: &str, intent: Intent) -> TestResponse {
        self.send_intent_as(&self.token(user), path, intent).await
    }

    /// Sends an intent with a caller's token.
    pub(crate) async fn send_intent_as(&self, token: &str, path: &str, intent: Intent) -> TestResponse {
        let key: Vec<_> = intent.key.iter().map(|key| ("idempotency-key", key.as_str())).collect();
        let body = Some(intent.json().to_string());
        self.send_with("POST", path, Some(token), body, &key).await
    }

    /// Advances the clocks, then runs the processor as the schedule does.
    pub(crate) async fn run_processor_after(&self, seconds: i64) -> Summary {
        self.advance(seconds);
        self.run_processor().await
    }

    /// Runs the processor's sweep.
    pub(crate) async fn sweep(&self) -> Summary {
        let event: DueEvent = serde_json::from_value(json!({ "job": "sweep" })).unwrap();
        let summary = processor::run(self.engine, event, self.shell().deadline(0)).await.unwrap();
        self.check_role("process-due-tasks");
        summary
    }

    /// A task of `u1`.
    pub(crate) async fn task(&self, id: &str) -> Task {
        let found: super::responses::SingleTask = self.get("u1", &format!("/tasks?taskId={id}")).await.view();
        found.task
    }

    /// The first page of the tasks of `u1` for a query.
    pub(crate) async fn tasks(&self, query: &str) -> TaskList {
        self.get("u1", &format!("/tasks?{query}")).await.view()
    }

    /// Retries a task of `u1`.
    pub(crate) async fn retry(&self, id: &str) -> TestResponse {
        self.post("u1", "/tasks", json!({ "taskId": id })).await
    }

    /// Retries a task of `u1` although its effect may have been applied.
    pub(crate) async fn force_retry(&self, id: &str) -> TestResponse {
        self.post("u1", "/tasks", json!({ "taskId": id, "force": true })).await
    }

    /// Cancels a task of `u1`.
    pub(crate) async fn cancel(&self, id: &str) -> TestResponse {
        self.delete("u1", "/tasks", Some(json!({ "taskId": id }))).await
    }

    /// The agents of `u1`.
    pub(crate) async fn agents(&self) -> Vec<Agent> {
        self.get("u1", "/agents").await.view::<AgentList>().agents
    }

    /// Stops all of an agent of `u1`.
    pub(crate) async fn stop_agent(&self, agent: &str) -> AgentStopped {
        self.delete("u1", "/agents", Some(json!({ "agentId": agent }))).await.view()
    }

    /// The first page of the logged errors of `u1` for a query.
    pub(crate) async fn logged_errors(&self, query: &str) -> ErrorList {
        self.get("u1", &format!("/errors?{query}")).await.view()
    }

    /// The id of the only account of a tool that a user has connected.
    pub(crate) async fn account(&self, user: &str, tool: &str) -> AccountId {
        let connections = self.connections(user).await;
        let mut ids = connections.iter().filter(|connection| connection.tool == tool).map(|it| &it.account.id);
        let only = ids.next().filter(|_| ids.next().is_none());
        account_id(only.unwrap_or_else(|| panic!("not one {tool} account: {connections:?}")))
    }

    /// Stores a token of a person of the sandbox, with all scopes, as `POST /integrations` does.
    pub(crate) async fn store_token(&self, user: &str, tool: &str, metadata: Value) -> TestResponse {
        let scopes = engine::adapters::find(tool).unwrap().oauth.scopes;
        let granted = self.sandbox.sandbox.grant(tool, sandbox::fixtures::ALEX, scopes).unwrap();
        let ready = json!({ "tool": tool, "accessToken": granted.access_token, "metadata": metadata });
        self.post(user, "/integrations", ready).await
    }

    /// The connections of a user.
    pub(crate) async fn connections(&self, user: &str) -> Vec<Connection> {
        let listed: ConnectionList = self.get(user, "/integrations").await.view();
        listed.integrations
    }

    /// The status of a tool's connection of `u1`.
    pub(crate) async fn connection_status(&self, tool: &str) -> AuthStatus {
        self.get("u1", &format!("/integrations/status?tool={tool}")).await.view()
    }

    /// Starts a request or a run and drops it when a condition holds, as if the process were killed.
    pub(crate) async fn run_until_killed<T: Debug>(&self, future: impl Future<Output = T>, when: impl Fn() -> bool) {
        // The future is dropped at the end of this block.
        {
            tokio::pin!(future);
            while !when() {
                tokio::select! {
                    biased;
                    ended = &mut future => panic!("ended: {ended:?}"),
                    () = tokio::task::yield_now() => {}
                }
            }
        }
        // The calls of the killed process are not checked against the next function's role.
        self.calls.take_used_actions();
    }

    /// True if every planned fault has occurred.
    pub(crate) fn faults_occurred(&self) -> bool {
        self.sandbox.sandbox.pending_faults().is_empty()
    }
}
