//! The main job, step by step: each acts as a person, an agent or EventBridge would, and checks what comes back. The demo and the
//! rehearsal play the same steps.

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

/// Who acts.
pub(crate) const USER: &str = "demo-user";
const AGENT: &str = "demo-agent";
const FALLBACK_MESSAGE: &str = "I could not send your e-mail; it is still in the outbox.";
const SUBJECT: &str = "Hello from the demo";

/// Longer than the schedule's minute and a slow start together.
const SCHEDULE_TIMEOUT: Duration = Duration::from_secs(120);
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// A person with an agent, in front of a running API.
pub(crate) struct Scenario {
    /// With the person's token.
    pub(crate) client: Client,
    /// Without one: a browser, EventBridge, the sandbox's controls.
    pub(crate) anonymous_client: Client,
    /// The API's base URL.
    pub(crate) base_url: String,
    /// The redirect URI the providers know. Where it names another host than `host`, a browser would reach the same API there.
    pub(crate) redirect_uri: String,
    /// The sandbox's base URL.
    pub(crate) sandbox: String,
    /// Who starts what is due.
    pub(crate) trigger: TaskTrigger,
}

/// Who sends the due-task event.
pub(crate) enum TaskTrigger {
    /// The actor, in EventBridge's place.
    Manual,
    /// A schedule of its own, each minute.
    Schedule,
}

impl Scenario {
    /// Connects Gmail and Slack.
    pub(crate) async fn begin(&self, story: &mut Reporter) -> Result<()> {
        story.step("connect Gmail", self.connect("gmail").await)?;
        story.step("connect Slack", self.connect("slack").await)
    }

    /// Acts, now and at a time, and fails; keeps a mapping. Returns the id of the task that ran at its time.
    pub(crate) async fn exercise_api(&self, story: &mut Reporter) -> Result<String> {
        story.step("list the tools", self.list_tools().await)?;
        story.step("send an e-mail", self.send_email().await)?;
        story.step("send one whose answer is lost", self.send_email_with_lost_response().await)?;
        story.step("post to #general", self.post_message().await)?;
        let task = story.step("schedule a message 2 s ahead", self.schedule_message().await)?;
        match self.trigger {
            TaskTrigger::Manual => story.step("deliver the due-task event", self.trigger_due_tasks().await)?,
            TaskTrigger::Schedule => story.step("let the schedule start it", self.wait_for_schedule(&task).await)?,
        }
        story.step("read the task", self.read_task(&task).await)?;
        story.step("set a fallback message", self.set_fallback().await)?;
        let failed = story.step("send while Gmail refuses", self.send_rejected_email().await)?;
        story.step("read the error", self.read_error(&failed).await)?;
        let id = story.step("store a context mapping", self.store_mapping().await)?;
        story.step("look it up both ways", self.look_up_mapping(&id).await)?;
        Ok(task)
    }

    /// Disconnects both.
    pub(crate) async fn disconnect_tools(&self, story: &mut Reporter) -> Result<()> {
        story.step("disconnect Gmail", self.disconnect("gmail").await)?;
        story.step("disconnect Slack", self.disconnect("slack").await)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}/api/plugin-engine{path}", self.base_url)
    }

    async fn get(&self, path: &str) -> Result<HttpResponse> {
        self.client.get(&self.url(path)).await
    }

    async fn post(&self, path: &str, body: &Value) -> Result<HttpResponse> {
        self.client.post(&self.url(path), body).await
    }

    /// The two-step OAuth: consent parks the code, the person's own token redeems the connect code.
    async fn connect(&self, tool: &str) -> StepResult<()> {
        let begun = self.get(&format!("/oauth/authorize?tool={tool}")).await?.expect_status(200)?;
        let consent = format!("{}&auto=allow", begun.text_at("/authUrl")?);
        let callback = redirect_target(&self.anonymous_client.get(&consent).await?)?;
        let Some(query) = callback.as_str().strip_prefix(&self.redirect_uri) else {
            return unexpected("a redirect to the callback", &callback);
        };
        let landing =
            redirect_target(&self.anonymous_client.get(&self.url(&format!("/oauth/callback{query}"))).await?)?;
        let fragment = landing.fragment().unwrap_or_default();
        let code = url::form_urlencoded::parse(fragment.as_bytes()).find(|(name, _)| name == "connectCode");
        let Some((_, code)) = code else { return unexpected("#connectCode= where the person lands", &landing) };
        let finished = self.post("/integrations", &json!({ "connectCode": code })).await?.expect_status(200)?;
        finished.expect_value("/success", true)?;
        finished.expect_value("/integration/tool", tool)?;
        let status = self.get(&format!("/integrations/status?tool={tool}")).await?.expect_status(200)?;
        status.expect_value("/connected", true)?;
        let scopes = status.json["scopes"].as_array().map_or(0, Vec::len);
        Ok(((), format!("{} with {scopes} scopes", finished.text_at("/integration/status")?)))
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
        self.effects("gmail", "message_sent", 1).await?;
        Ok((
            (),
            format!("{} id {}; 1 message_sent in the ledger", sent.text_at("/message")?, sent.text_at("/externalId")?),
        ))
    }

    /// Gmail sends the mail and its answer never arrives: the engine asks Gmail instead of sending again.
    async fn send_email_with_lost_response(&self) -> StepResult<()> {
        self.inject_fault(json!({ "provider": "gmail", "path": "/gmail/v1/users/me/drafts/send", "times": 1,
            "kind": "apply_then_drop" }))
            .await?;
        let sent = self.post("", &email_intent()).await?.expect_status(200)?;
        sent.expect_value("/success", true)?;
        self.effects("gmail", "message_sent", 2).await?;
        let task = sent.text_at("/metadata/taskId")?;
        let read = self.get(&with_query("/tasks", &[("taskId", task)])).await?.expect_status(200)?;
        read.expect_value("/task/status", "completed")?;
        read.expect_value("/task/externalId", sent.text_at("/externalId")?)?;
        Ok(((), format!("found: id {}; one mail more in the ledger, task completed", sent.text_at("/externalId")?)))
    }

    /// Plans a failure of a provider.
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
        self.effects("slack", "message_posted", 1).await?;
        Ok(((), format!("{} ts {}", posted.text_at("/message")?, posted.text_at("/externalId")?)))
    }

    /// Returns the task's id.
    async fn schedule_message(&self) -> StepResult<String> {
        let at = Clock::system().now() + SignedDuration::from_secs(2);
        let mut intent = message_intent("Hello from two seconds ago.");
        intent["executeAt"] = json!(at);
        let accepted = self.post("", &intent).await?.expect_status(202)?;
        let task = accepted.text_at("/metadata/taskId")?.to_owned();
        self.effects("slack", "message_posted", 1).await?;
        Ok((task, format!("202, {}", accepted.text_at("/message")?)))
    }

    /// EventBridge's event, with a window of four seconds instead of a minute: the run sees what is due within it.
    async fn trigger_due_tasks(&self) -> StepResult<()> {
        let summary = tick::send_due_tasks_event(&self.anonymous_client, &self.base_url, Some(4)).await?;
        if summary["ran"] != 1 || summary["failed"] != 0 {
            return unexpected("one task that ran", &summary);
        }
        Ok(((), summary.to_string()))
    }

    /// Waits until the schedule's own run has ended the task.
    async fn wait_for_schedule(&self, task: &str) -> StepResult<()> {
        let ended = async {
            loop {
                let read = self.get(&with_query("/tasks", &[("taskId", task)])).await?.expect_status(200)?;
                match read.text_at("/task/status")? {
                    "scheduled" | "processing" => sleep(POLL_INTERVAL).await,
                    status => return Ok(((), status.to_owned())),
                }
            }
        };
        timeout(SCHEDULE_TIMEOUT, ended).await.map_err(|_| Failure::new("the schedule has not started it"))?
    }

    async fn read_task(&self, task: &str) -> StepResult<()> {
        let read = self.get(&with_query("/tasks", &[("taskId", task)])).await?.expect_status(200)?;
        read.expect_value("/task/status", "completed")?;
        read.expect_value("/task/attempts", 1)?;
        self.effects("slack", "message_posted", 2).await?;
        Ok(((), format!("completed at {}, ts {}", read.text_at("/task/updatedAt")?, read.text_at("/task/externalId")?)))
    }

    async fn set_fallback(&self) -> StepResult<()> {
        let body = json!({ "tool": "gmail", "agentId": AGENT, "message": FALLBACK_MESSAGE });
        self.post("/errors/fallbacks", &body).await?.expect_status(200)?.expect_value("/success", true)?;
        Ok(((), format!("\"{FALLBACK_MESSAGE}\"")))
    }

    /// Returns the code the intent failed with.
    async fn send_rejected_email(&self) -> StepResult<String> {
        // A domain's policy: Gmail's answer leaves no doubt that nothing was sent, and a retry would not help.
        let refusal = json!({ "error": { "code": 403, "message": "Sending is switched off for your domain.",
            "errors": [{ "domain": "usageLimits", "reason": "domainPolicy" }] } });
        let fault = json!({ "provider": "gmail", "path": "/gmail/v1/users/me", "times": 1, "kind": "status", "status": 403,
            "body": refusal });
        self.inject_fault(fault).await?;
        let failed = self.post("", &email_intent()).await?.expect_status(200)?;
        failed.expect_value("/success", false)?;
        failed.expect_value("/error/outcome", "none")?;
        failed.expect_value("/fallbackMessage", FALLBACK_MESSAGE)?;
        self.effects("gmail", "message_sent", 2).await?;
        let code = failed.text_at("/error/code")?;
        Ok((code.to_owned(), format!("{code}, effect none, fallback message shown")))
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

    /// Returns the mapping's id.
    async fn store_mapping(&self) -> StepResult<String> {
        let mapping = json!({ "agentId": AGENT, "tool": "slack", "contextKey": "team updates", "externalId": "C0UPDATES",
            "friendlyName": "#project-updates" });
        let stored = self.post("/context-mappings", &mapping).await?.expect_status(200)?;
        stored.expect_value("/success", true)?;
        let id = stored.text_at("/id")?;
        Ok((id.to_owned(), format!("\"team updates\" is C0UPDATES, id {id}")))
    }

    async fn look_up_mapping(&self, id: &str) -> StepResult<()> {
        let look = async |field, value| {
            let query = [("agentId", AGENT), ("tool", "slack"), (field, value)];
            self.get(&with_query("/context-mappings/lookup", &query)).await?.expect_status(200)
        };
        look("contextKey", "team updates").await?.expect_value("/externalId", "C0UPDATES")?;
        look("externalId", "C0UPDATES").await?.expect_value("/contextKeys", json!(["team updates"]))?;
        let list = self
            .get(&with_query("/context-mappings", &[("agentId", AGENT), ("tool", "slack")]))
            .await?
            .expect_status(200)?;
        list.expect_value("/mappings/0/id", id)?;
        Ok(((), "the same pair from either side".to_owned()))
    }

    async fn disconnect(&self, tool: &str) -> StepResult<()> {
        let gone =
            self.client.delete(&self.url("/integrations"), &json!({ "tool": tool })).await?.expect_status(200)?;
        gone.expect_value("/success", true)?;
        let status = self.get(&format!("/integrations/status?tool={tool}")).await?.expect_status(200)?;
        status.expect_value("/connected", false)?;
        Ok(((), status.text_at("/error")?.to_owned()))
    }

    /// Checks how often something was done at a provider: the sandbox's ledger is the truth, whatever the API says.
    async fn effects(&self, provider: &str, kind: &str, wanted: usize) -> Result<()> {
        let ledger =
            self.anonymous_client.get(&format!("{}/_control/ledger", self.sandbox)).await?.expect_status(200)?;
        let effects = ledger.json["effects"].as_array().map(Vec::as_slice).unwrap_or_default();
        let done = effects.iter().filter(|effect| effect["provider"] == provider && effect["kind"] == kind).count();
        if done == wanted {
            return Ok(());
        }
        unexpected(&format!("{wanted} {kind} at {provider} in the ledger"), &done)
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

fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("{path}?{query}")
}

/// Where a browser would go next.
fn redirect_target(answer: &HttpResponse) -> Result<Url> {
    let location = answer.location.as_deref().filter(|_| (300..400).contains(&answer.status));
    let Some(location) = location else { return unexpected("a redirect", answer) };
    Url::parse(location).context("the redirect's address")
}

pub(crate) fn unexpected<T>(expected: &str, got: &dyn std::fmt::Display) -> Result<T> {
    Err(Failure::new(format!("expected {expected}, got {got}")))
}
