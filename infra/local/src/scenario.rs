//! The test scenario: steps that act as a person, an agent or EventBridge and check the responses. `cargo local demo`, after its acts,
//! and `cargo local deploy-test` run the same steps.

use engine::clock::Clock;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{sleep, timeout};
use url::Url;

use crate::client::{Client, HttpResponse};
use crate::failure::{Context as _, Failure, Result};
use crate::reporter::{Reporter, StepResult};
use crate::tick;

/// The user of the scenario.
pub(crate) const USER: &str = "demo-user";
const AGENT: &str = "demo-agent";
const FALLBACK_MESSAGE: &str = "I could not send your e-mail; it is still in the outbox.";
/// The start of every text that the scenario sends; it tells its effects from those of others.
const GREETING: &str = "Hello from";
const SUBJECT: &str = "Hello from the demo";

/// The time limit for a scheduled run: the minute between two runs and a slow start.
const SCHEDULE_TIMEOUT: Duration = Duration::from_secs(120);
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// A user and an agent that call a running API.
pub(crate) struct Scenario {
    /// The client with the user's token.
    pub(crate) client: Client,
    /// The client without a token, for the browser, EventBridge and the sandbox's control API.
    pub(crate) anonymous_client: Client,
    /// The base URL of the API.
    pub(crate) base_url: String,
    /// The redirect URI that is registered with the providers. Its host may differ from that of `base_url`; both reach the same API.
    pub(crate) redirect_uri: String,
    /// The base URL of the sandbox.
    pub(crate) sandbox: String,
    /// The source of due-task events.
    pub(crate) trigger: TaskTrigger,
}

/// A source of due-task events.
pub(crate) enum TaskTrigger {
    /// The scenario sends the event itself.
    Manual,
    /// A deployed schedule sends the event every minute.
    Schedule,
}

impl Scenario {
    /// Connects Gmail and Slack.
    pub(crate) async fn connect_tools(&self, reporter: &mut Reporter) -> Result<()> {
        reporter.step("connect Gmail", self.connect("gmail").await)?;
        reporter.step("connect Slack", self.connect("slack").await)
    }

    /// Runs immediate and scheduled actions, a failing one, and a context mapping. Returns the id of the scheduled task.
    pub(crate) async fn exercise_api(&self, reporter: &mut Reporter) -> Result<String> {
        reporter.step("list the tools", self.list_tools().await)?;
        reporter.step("send an e-mail", self.send_email().await)?;
        reporter.step("recover a lost response", self.send_email_with_lost_response().await)?;
        reporter.step("post a Slack message", self.post_message().await)?;
        reporter.step("share a file in Slack", self.share_file().await)?;
        let task = reporter.step("schedule a message in 2 s", self.schedule_message().await)?;
        match self.trigger {
            TaskTrigger::Manual => reporter.step("send the due-task event", self.trigger_due_tasks().await)?,
            TaskTrigger::Schedule => {
                reporter.step("wait for the scheduled run", self.wait_for_schedule(&task).await)?
            }
        }
        reporter.step("read the task", self.read_task(&task).await)?;
        reporter.step("set a fallback message", self.set_fallback().await)?;
        let failed = reporter.step("send a rejected e-mail", self.send_rejected_email().await)?;
        reporter.step("read the error log", self.read_error(&failed).await)?;
        let id = reporter.step("store a context mapping", self.store_mapping().await)?;
        reporter.step("look up the mapping", self.look_up_mapping(&id).await)?;
        Ok(task)
    }

    /// Disconnects Gmail and Slack.
    pub(crate) async fn disconnect_tools(&self, reporter: &mut Reporter) -> Result<()> {
        reporter.step("disconnect Gmail", self.disconnect("gmail").await)?;
        reporter.step("disconnect Slack", self.disconnect("slack").await)
    }

    /// Returns the URL of a route.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}/api/plugin-engine{path}", self.base_url)
    }

    /// Sends a `GET` with the user's token.
    pub(crate) async fn get(&self, path: &str) -> Result<HttpResponse> {
        self.client.get(&self.url(path)).await
    }

    /// Sends a `POST` with the user's token.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<HttpResponse> {
        self.client.post(&self.url(path), body).await
    }

    /// Connects a tool: the consent stores the authorization code, and the user's token redeems the `connectCode`.
    async fn connect(&self, tool: &str) -> StepResult<()> {
        let authorization = self.get(&format!("/oauth/authorize?tool={tool}")).await?.expect_status(200)?;
        let consent = format!("{}&auto=allow", authorization.text_at("/authUrl")?);
        let callback = redirect_target(&self.anonymous_client.get(&consent).await?)?;
        let Some(query) = callback.as_str().strip_prefix(&self.redirect_uri) else {
            return unexpected("a redirect to the callback", &callback);
        };
        let landing =
            redirect_target(&self.anonymous_client.get(&self.url(&format!("/oauth/callback{query}"))).await?)?;
        let fragment = landing.fragment().unwrap_or_default();
        let code = url::form_urlencoded::parse(fragment.as_bytes()).find(|(name, _)| name == "connectCode");
        let Some((_, code)) = code else {
            return unexpected("connectCode in the fragment of the landing page", &landing);
        };
        let connected =
            self.post("/integrations/connect", &json!({ "connectCode": code })).await?.expect_status(200)?;
        connected.expect_value("/success", true)?;
        connected.expect_value("/integration/tool", tool)?;
        let status = self.get(&format!("/integrations/status?tool={tool}")).await?.expect_status(200)?;
        status.expect_value("/connected", true)?;
        let scopes = status.json["scopes"].as_array().map_or(0, Vec::len);
        Ok(((), format!("{} with {scopes} scopes", connected.text_at("/integration/status")?)))
    }

    async fn list_tools(&self) -> StepResult<()> {
        let tools = self.get("").await?.expect_status(200)?;
        let names = tools.json["tools"].as_array().map(|tools| tools.iter().map(tool_name).collect::<Vec<_>>());
        let names = names.unwrap_or_default();
        match names.as_slice() {
            [_, _, _, _] => Ok(((), names.join(", "))),
            _ => unexpected("four tools", &tools),
        }
    }

    async fn send_email(&self) -> StepResult<()> {
        let sent = self.post("", &email_intent()).await?.expect_status(200)?;
        sent.expect_value("/success", true)?;
        self.expect_effects("gmail", "message_sent", 1).await?;
        Ok((
            (),
            format!("{} id {}; 1 message_sent in the ledger", sent.text_at("/message")?, sent.text_at("/externalId")?),
        ))
    }

    /// Sends an e-mail whose response is lost: the engine reconciles with Gmail instead of sending again.
    async fn send_email_with_lost_response(&self) -> StepResult<()> {
        self.inject_fault(json!({ "provider": "gmail", "path": "/gmail/v1/users/me/drafts/send", "times": 1,
            "kind": "apply_then_drop" }))
            .await?;
        let sent = self.post("", &email_intent()).await?.expect_status(200)?;
        sent.expect_value("/success", true)?;
        self.expect_effects("gmail", "message_sent", 2).await?;
        let task = sent.text_at("/metadata/taskId")?;
        let read = self.get(&with_query("/tasks", &[("taskId", task)])).await?.expect_status(200)?;
        read.expect_value("/task/status", "completed")?;
        read.expect_value("/task/externalId", sent.text_at("/externalId")?)?;
        Ok((
            (),
            format!("reconciled: id {}; 2 message_sent in the ledger, task completed", sent.text_at("/externalId")?),
        ))
    }

    /// Configures a fault of a provider.
    async fn inject_fault(&self, fault: Value) -> Result<()> {
        self.anonymous_client
            .post(&format!("{}/_control/faults", self.sandbox), &fault)
            .await?
            .expect_status(200)
            .map(|_| ())
    }

    async fn post_message(&self) -> StepResult<()> {
        let posted = self.post("", &message_intent("Hello from the demo.")).await?.expect_status(200)?;
        posted.expect_value("/success", true)?;
        self.expect_effects("slack", "message_posted", 1).await?;
        Ok(((), format!("{} ts {}", posted.text_at("/message")?, posted.text_at("/externalId")?)))
    }

    /// Uploads a file with the link of its registration, shares it by its id, and deletes it. CloudFormation deletes no bucket with
    /// objects.
    async fn share_file(&self) -> StepResult<()> {
        let bytes = format!("{GREETING} a file.");
        let file = json!({ "filename": "hello.txt", "contentType": "text/plain", "size": bytes.len() });
        let registered = self.post("/files", &file).await?.expect_status(200)?;
        let (id, upload) = (registered.text_at("/fileId")?, &registered.json["upload"]);
        self.anonymous_client.follow_link(upload, bytes.clone()).await?.expect_status(200)?;
        let intent = json!({ "agentId": AGENT, "tool": "slack", "intent": "upload_file",
            "context": { "channel": "general", "file": { "file": id }, "initialComment": bytes } });
        self.post("", &intent).await?.expect_status(200)?.expect_value("/success", true)?;
        self.expect_effects("slack", "file_shared", 1).await?;
        let read = self.get(&with_query("/files", &[("fileId", id)])).await?.expect_status(200)?;
        let download = &read.json["file"]["download"];
        let got = self.anonymous_client.follow_link(download, String::new()).await?.expect_status(200)?;
        if got.text != bytes {
            return unexpected(&bytes, &got.text);
        }
        self.client.delete(&self.url("/files"), &json!({ "fileId": id })).await?.expect_status(200)?;
        Ok(((), format!("{id}, {} bytes; 1 file_shared in the ledger", bytes.len())))
    }

    /// Schedules a message and returns the id of its task.
    async fn schedule_message(&self) -> StepResult<String> {
        let at = Clock::system().now() + SignedDuration::from_secs(2);
        let mut intent = message_intent("Hello from two seconds ago.");
        intent["executeAt"] = json!(at);
        let accepted = self.post("", &intent).await?.expect_status(202)?;
        let task = accepted.text_at("/metadata/taskId")?.to_owned();
        self.expect_effects("slack", "message_posted", 1).await?;
        Ok((task, format!("202, {}", accepted.text_at("/message")?)))
    }

    /// Sends EventBridge's event, with a window of 4 s instead of a minute: the run processes the tasks that become due within it.
    async fn trigger_due_tasks(&self) -> StepResult<()> {
        let summary = tick::send_due_tasks_event(&self.anonymous_client, &self.base_url, Some(4)).await?;
        if summary["ran"] != 1 || summary["failed"] != 0 {
            return unexpected("one executed task", &summary);
        }
        Ok(((), summary.to_string()))
    }

    /// Waits until a scheduled run has finished the task.
    async fn wait_for_schedule(&self, task: &str) -> StepResult<()> {
        let finished = async {
            loop {
                let read = self.get(&with_query("/tasks", &[("taskId", task)])).await?.expect_status(200)?;
                match read.text_at("/task/status")? {
                    "scheduled" | "processing" => sleep(POLL_INTERVAL).await,
                    status => return Ok(((), status.to_owned())),
                }
            }
        };
        timeout(SCHEDULE_TIMEOUT, finished).await.map_err(|_| {
            Failure::new(format!("the schedule has not started the task within {} s", SCHEDULE_TIMEOUT.as_secs()))
        })?
    }

    async fn read_task(&self, task: &str) -> StepResult<()> {
        let read = self.get(&with_query("/tasks", &[("taskId", task)])).await?.expect_status(200)?;
        read.expect_value("/task/status", "completed")?;
        read.expect_value("/task/attempts", 1)?;
        self.expect_effects("slack", "message_posted", 2).await?;
        Ok(((), format!("completed at {}, ts {}", read.text_at("/task/updatedAt")?, read.text_at("/task/externalId")?)))
    }

    async fn set_fallback(&self) -> StepResult<()> {
        let body = json!({ "tool": "gmail", "agentId": AGENT, "message": FALLBACK_MESSAGE });
        self.post("/errors/fallbacks", &body).await?.expect_status(200)?.expect_value("/success", true)?;
        Ok(((), format!("\"{FALLBACK_MESSAGE}\"")))
    }

    /// Sends an e-mail that Gmail rejects, and returns the error code.
    async fn send_rejected_email(&self) -> StepResult<String> {
        // A domain policy error: nothing was sent, and a retry cannot succeed.
        let refusal = json!({ "error": { "code": 403, "message": "Sending is switched off for your domain.",
            "errors": [{ "domain": "usageLimits", "reason": "domainPolicy" }] } });
        let fault = json!({ "provider": "gmail", "path": "/gmail/v1/users/me", "times": 1, "kind": "status", "status": 403,
            "body": refusal });
        self.inject_fault(fault).await?;
        let failed = self.post("", &email_intent()).await?.expect_status(200)?;
        failed.expect_value("/success", false)?;
        failed.expect_value("/error/outcome", "none")?;
        failed.expect_value("/fallbackMessage", FALLBACK_MESSAGE)?;
        self.expect_effects("gmail", "message_sent", 2).await?;
        let code = failed.text_at("/error/code")?;
        Ok((code.to_owned(), format!("{code}, outcome none, fallback message returned")))
    }

    async fn read_error(&self, code: &str) -> StepResult<()> {
        let errors = self.get(&format!("/errors?agentId={AGENT}")).await?.expect_status(200)?;
        errors.expect_value("/errors/0/errorCode", code)?;
        errors.expect_value("/errors/0/tool", "gmail")?;
        errors.expect_value("/errors/0/resolved", false)?;
        let fallback = self.get(&format!("/errors/fallbacks?tool=gmail&agentId={AGENT}")).await?.expect_status(200)?;
        fallback.expect_value("/message", FALLBACK_MESSAGE)?;
        Ok(((), format!("\"{}\"", errors.text_at("/errors/0/errorMessage")?)))
    }

    /// Stores a mapping and returns its id.
    async fn store_mapping(&self) -> StepResult<String> {
        let mapping = json!({ "agentId": AGENT, "tool": "slack", "contextKey": "team updates", "externalId": "C0UPDATES",
            "friendlyName": "#project-updates" });
        let stored = self.post("/context-mappings", &mapping).await?.expect_status(200)?;
        stored.expect_value("/success", true)?;
        let id = stored.text_at("/id")?;
        Ok((id.to_owned(), format!("\"team updates\" is C0UPDATES, id {id}")))
    }

    async fn look_up_mapping(&self, id: &str) -> StepResult<()> {
        let lookup = async |field, value| {
            let query = [("agentId", AGENT), ("tool", "slack"), (field, value)];
            self.get(&with_query("/context-mappings/lookup", &query)).await?.expect_status(200)
        };
        lookup("contextKey", "team updates").await?.expect_value("/externalId", "C0UPDATES")?;
        lookup("externalId", "C0UPDATES").await?.expect_value("/contextKeys", json!(["team updates"]))?;
        let list = self
            .get(&with_query("/context-mappings", &[("agentId", AGENT), ("tool", "slack")]))
            .await?
            .expect_status(200)?;
        list.expect_value("/mappings/0/id", id)?;
        Ok(((), "found by context key and by external id".to_owned()))
    }

    async fn disconnect(&self, tool: &str) -> StepResult<()> {
        let disconnected =
            self.client.delete(&self.url("/integrations"), &json!({ "tool": tool })).await?.expect_status(200)?;
        disconnected.expect_value("/success", true)?;
        let status = self.get(&format!("/integrations/status?tool={tool}")).await?.expect_status(200)?;
        status.expect_value("/connected", false)?;
        Ok(((), status.text_at("/error")?.to_owned()))
    }

    /// Checks the number of effects of a kind at a provider, by the sandbox's ledger and independently of the API.
    async fn expect_effects(&self, provider: &str, kind: &str, expected: usize) -> Result<()> {
        let ledger =
            self.anonymous_client.get(&format!("{}/_control/ledger", self.sandbox)).await?.expect_status(200)?;
        let effects = ledger.json["effects"].as_array().map(Vec::as_slice).unwrap_or_default();
        let of_kind = effects.iter().filter(|effect| effect["provider"] == provider && effect["kind"] == kind);
        let count = of_kind.filter(|effect| effect["request"].to_string().contains(GREETING)).count();
        if count == expected {
            return Ok(());
        }
        unexpected(&format!("{expected} {kind} at {provider} in the ledger"), &count)
    }
}

fn email_intent() -> Value {
    json!({ "agentId": AGENT, "tool": "gmail", "intent": "send_email",
        "context": { "to": "sam@example.com", "subject": SUBJECT, "body": "Sent by cargo local demo." } })
}

fn message_intent(text: &str) -> Value {
    json!({ "agentId": AGENT, "tool": "slack", "intent": "send_message", "context": { "channel": "general", "text": text } })
}

fn tool_name(tool: &Value) -> String {
    ["/name", "/tool"].iter().find_map(|at| tool.pointer(at)?.as_str()).unwrap_or("?").to_owned()
}

/// Returns a path with a query.
pub(crate) fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("{path}?{query}")
}

/// Returns the target of a redirect.
fn redirect_target(response: &HttpResponse) -> Result<Url> {
    if !(300..400).contains(&response.status) {
        return unexpected("a redirect", response);
    }
    Url::parse(response.header("location")).context("the target of the redirect")
}

/// Fails with the expected and the actual value.
pub(crate) fn unexpected<T>(expected: &str, got: &dyn std::fmt::Display) -> Result<T> {
    Err(Failure::new(format!("expected {expected}, got {got}")))
}
