//! The main job, step by step: each acts as a person, an agent or EventBridge would, and checks what comes back. The demo and the
//! rehearsal play the same steps.

use engine::clock::Clock;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{sleep, timeout};
use url::Url;

use crate::client::{Answer, Client};
use crate::failure::{Context as _, Failure, Result};
use crate::story::{Story, Told};
use crate::tick;

/// Who acts.
pub(crate) const USER: &str = "demo-user";
const AGENT: &str = "demo-agent";
const FALLBACK: &str = "I could not send your e-mail; it is still in the outbox.";
const SUBJECT: &str = "Hello from the demo";

/// Longer than the schedule's minute and a slow start together.
const NEXT_MINUTE: Duration = Duration::from_secs(120);
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// A person with an agent, in front of a running API.
pub(crate) struct Actor {
    /// With the person's token.
    pub(crate) client: Client,
    /// Without one: a browser, EventBridge, the sandbox's controls.
    pub(crate) outside: Client,
    /// The API's base URL.
    pub(crate) host: String,
    /// The redirect URI the providers know. Where it names another host than `host`, a browser would reach the same API there.
    pub(crate) redirect_uri: String,
    /// The sandbox's base URL.
    pub(crate) sandbox: String,
    /// Who starts what is due.
    pub(crate) starter: Starter,
}

/// Who sends the due-task event.
pub(crate) enum Starter {
    /// The actor, in EventBridge's place.
    Actor,
    /// A schedule of its own, each minute.
    Schedule,
}

impl Actor {
    /// Connects Gmail and Slack.
    pub(crate) async fn begin(&self, story: &mut Story) -> Result<()> {
        story.tell("connect Gmail", self.connect("gmail").await)?;
        story.tell("connect Slack", self.connect("slack").await)
    }

    /// Acts, now and at a time, and fails; keeps a mapping. Returns the id of the task that ran at its time.
    pub(crate) async fn work(&self, story: &mut Story) -> Result<String> {
        story.tell("list the tools", self.list_tools().await)?;
        story.tell("send an e-mail", self.send_email().await)?;
        story.tell("send one whose answer is lost", self.lose_an_answer().await)?;
        story.tell("post to #general", self.post_message().await)?;
        let task = story.tell("schedule a message 2 s ahead", self.schedule().await)?;
        match self.starter {
            Starter::Actor => story.tell("deliver the due-task event", self.deliver_event().await)?,
            Starter::Schedule => story.tell("let the schedule start it", self.wait_for(&task).await)?,
        }
        story.tell("read the task", self.read_task(&task).await)?;
        story.tell("set a fallback message", self.set_fallback().await)?;
        let failed = story.tell("send while Gmail refuses", self.fail().await)?;
        story.tell("read the error", self.read_error(&failed).await)?;
        let id = story.tell("store a context mapping", self.store_mapping().await)?;
        story.tell("look it up both ways", self.look_up(&id).await)?;
        Ok(task)
    }

    /// Disconnects both.
    pub(crate) async fn end(&self, story: &mut Story) -> Result<()> {
        story.tell("disconnect Gmail", self.disconnect("gmail").await)?;
        story.tell("disconnect Slack", self.disconnect("slack").await)
    }

    pub(crate) fn route(&self, path: &str) -> String {
        format!("{}/api/plugin-engine{path}", self.host)
    }

    async fn get(&self, path: &str) -> Result<Answer> {
        self.client.get(&self.route(path)).await
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        self.client.post(&self.route(path), body).await
    }

    /// The two-step OAuth: consent parks the code, the person's own token redeems the connect code.
    async fn connect(&self, tool: &str) -> Told<()> {
        let begun = self.get(&format!("/oauth/authorize?tool={tool}")).await?.expect(200)?;
        let consent = format!("{}&auto=allow", begun.text_at("/authUrl")?);
        let callback = redirect(&self.outside.get(&consent).await?)?;
        let Some(query) = callback.as_str().strip_prefix(&self.redirect_uri) else {
            return surprise("a redirect to the callback", &callback);
        };
        let landing = redirect(&self.outside.get(&self.route(&format!("/oauth/callback{query}"))).await?)?;
        let fragment = landing.fragment().unwrap_or_default();
        let code = url::form_urlencoded::parse(fragment.as_bytes()).find(|(name, _)| name == "connectCode");
        let Some((_, code)) = code else { return surprise("#connectCode= where the person lands", &landing) };
        let finished = self.post("/integrations", &json!({ "connectCode": code })).await?.expect(200)?;
        finished.holds("/success", true)?;
        finished.holds("/integration/tool", tool)?;
        let status = self.get(&format!("/integrations/status?tool={tool}")).await?.expect(200)?;
        status.holds("/connected", true)?;
        let scopes = status.json["scopes"].as_array().map_or(0, Vec::len);
        Ok(((), format!("{} with {scopes} scopes", finished.text_at("/integration/status")?)))
    }

    async fn list_tools(&self) -> Told<()> {
        let tools = self.get("").await?.expect(200)?;
        let names = tools.json["tools"].as_array().map(|tools| tools.iter().map(name).collect::<Vec<_>>());
        let names = names.unwrap_or_default();
        match names.as_slice() {
            [_, _, _, _] => Ok(((), names.join(", "))),
            _ => surprise("four tools", &tools),
        }
    }

    async fn send_email(&self) -> Told<()> {
        let sent = self.post("", &email()).await?.expect(200)?;
        sent.holds("/success", true)?;
        self.effects("gmail", "message_sent", 1).await?;
        Ok((
            (),
            format!("{} id {}; 1 message_sent in the ledger", sent.text_at("/message")?, sent.text_at("/externalId")?),
        ))
    }

    /// Gmail sends the mail and its answer never arrives: the engine asks Gmail instead of sending again.
    async fn lose_an_answer(&self) -> Told<()> {
        self.plan(json!({ "provider": "gmail", "path": "/gmail/v1/users/me/drafts/send", "times": 1,
            "kind": "apply_then_drop" }))
            .await?;
        let sent = self.post("", &email()).await?.expect(200)?;
        sent.holds("/success", true)?;
        self.effects("gmail", "message_sent", 2).await?;
        let task = sent.text_at("/metadata/taskId")?;
        let read = self.get(&with_query("/tasks", &[("taskId", task)])).await?.expect(200)?;
        read.holds("/task/status", "completed")?;
        read.holds("/task/externalId", sent.text_at("/externalId")?)?;
        Ok(((), format!("found: id {}; one mail more in the ledger, task completed", sent.text_at("/externalId")?)))
    }

    /// Plans a failure of a provider.
    async fn plan(&self, fault: Value) -> Result<()> {
        self.outside.post(&format!("{}/_control/faults", self.sandbox), &fault).await?.expect(200).map(|_| ())
    }

    async fn post_message(&self) -> Told<()> {
        let posted = self.post("", &message("Hello from the demo.")).await?.expect(200)?;
        posted.holds("/success", true)?;
        self.effects("slack", "message_posted", 1).await?;
        Ok(((), format!("{} ts {}", posted.text_at("/message")?, posted.text_at("/externalId")?)))
    }

    /// Returns the task's id.
    async fn schedule(&self) -> Told<String> {
        let at = Clock::system().now() + SignedDuration::from_secs(2);
        let mut intent = message("Hello from two seconds ago.");
        intent["executeAt"] = json!(at);
        let accepted = self.post("", &intent).await?.expect(202)?;
        let task = accepted.text_at("/metadata/taskId")?.to_owned();
        self.effects("slack", "message_posted", 1).await?;
        Ok((task, format!("202, {}", accepted.text_at("/message")?)))
    }

    /// EventBridge's event, with a window of four seconds instead of a minute: the run sees what is due within it.
    async fn deliver_event(&self) -> Told<()> {
        let summary = tick::deliver(&self.outside, &self.host, Some(4)).await?;
        if summary["ran"] != 1 || summary["failed"] != 0 {
            return surprise("one task that ran", &summary);
        }
        Ok(((), summary.to_string()))
    }

    /// Waits until the schedule's own run has ended the task.
    async fn wait_for(&self, task: &str) -> Told<()> {
        let ended = async {
            loop {
                let read = self.get(&with_query("/tasks", &[("taskId", task)])).await?.expect(200)?;
                match read.text_at("/task/status")? {
                    "scheduled" | "processing" => sleep(LOOK_AGAIN).await,
                    status => return Ok(((), status.to_owned())),
                }
            }
        };
        timeout(NEXT_MINUTE, ended).await.map_err(|_| Failure::new("the schedule has not started it"))?
    }

    async fn read_task(&self, task: &str) -> Told<()> {
        let read = self.get(&with_query("/tasks", &[("taskId", task)])).await?.expect(200)?;
        read.holds("/task/status", "completed")?;
        read.holds("/task/attempts", 1)?;
        self.effects("slack", "message_posted", 2).await?;
        Ok(((), format!("completed at {}, ts {}", read.text_at("/task/updatedAt")?, read.text_at("/task/externalId")?)))
    }

    async fn set_fallback(&self) -> Told<()> {
        let body = json!({ "tool": "gmail", "agentId": AGENT, "message": FALLBACK });
        self.post("/errors/fallbacks", &body).await?.expect(200)?.holds("/success", true)?;
        Ok(((), format!("\"{FALLBACK}\"")))
    }

    /// Returns the code the intent failed with.
    async fn fail(&self) -> Told<String> {
        // A domain's policy: Gmail's answer leaves no doubt that nothing was sent, and a retry would not help.
        let refusal = json!({ "error": { "code": 403, "message": "Sending is switched off for your domain.",
            "errors": [{ "domain": "usageLimits", "reason": "domainPolicy" }] } });
        let fault = json!({ "provider": "gmail", "path": "/gmail/v1/users/me", "times": 1, "kind": "status", "status": 403,
            "body": refusal });
        self.plan(fault).await?;
        let failed = self.post("", &email()).await?.expect(200)?;
        failed.holds("/success", false)?;
        failed.holds("/error/outcome", "none")?;
        failed.holds("/fallbackMessage", FALLBACK)?;
        self.effects("gmail", "message_sent", 2).await?;
        let code = failed.text_at("/error/code")?;
        Ok((code.to_owned(), format!("{code}, effect none, fallback message shown")))
    }

    async fn read_error(&self, code: &str) -> Told<()> {
        let errors = self.get(&format!("/errors?agentId={AGENT}")).await?.expect(200)?;
        errors.holds("/errors/0/errorCode", code)?;
        errors.holds("/errors/0/tool", "gmail")?;
        errors.holds("/errors/0/resolved", false)?;
        let fallback = self.get(&format!("/errors/fallbacks?tool=gmail&agentId={AGENT}")).await?.expect(200)?;
        fallback.holds("/message", FALLBACK)?;
        Ok(((), format!("\"{}\"", errors.text_at("/errors/0/errorMessage")?)))
    }

    /// Returns the mapping's id.
    async fn store_mapping(&self) -> Told<String> {
        let mapping = json!({ "agentId": AGENT, "tool": "slack", "contextKey": "team updates", "externalId": "C0UPDATES",
            "friendlyName": "#project-updates" });
        let stored = self.post("/context-mappings", &mapping).await?.expect(200)?;
        stored.holds("/success", true)?;
        let id = stored.text_at("/id")?;
        Ok((id.to_owned(), format!("\"team updates\" is C0UPDATES, id {id}")))
    }

    async fn look_up(&self, id: &str) -> Told<()> {
        let look = async |field, value| {
            let query = [("agentId", AGENT), ("tool", "slack"), (field, value)];
            self.get(&with_query("/context-mappings/lookup", &query)).await?.expect(200)
        };
        look("contextKey", "team updates").await?.holds("/externalId", "C0UPDATES")?;
        look("externalId", "C0UPDATES").await?.holds("/contextKeys", json!(["team updates"]))?;
        let list =
            self.get(&with_query("/context-mappings", &[("agentId", AGENT), ("tool", "slack")])).await?.expect(200)?;
        list.holds("/mappings/0/id", id)?;
        Ok(((), "the same pair from either side".to_owned()))
    }

    async fn disconnect(&self, tool: &str) -> Told<()> {
        let gone = self.client.delete(&self.route("/integrations"), &json!({ "tool": tool })).await?.expect(200)?;
        gone.holds("/success", true)?;
        let status = self.get(&format!("/integrations/status?tool={tool}")).await?.expect(200)?;
        status.holds("/connected", false)?;
        Ok(((), status.text_at("/error")?.to_owned()))
    }

    /// Checks how often something was done at a provider: the sandbox's ledger is the truth, whatever the API says.
    async fn effects(&self, provider: &str, kind: &str, wanted: usize) -> Result<()> {
        let ledger = self.outside.get(&format!("{}/_control/ledger", self.sandbox)).await?.expect(200)?;
        let effects = ledger.json["effects"].as_array().map(Vec::as_slice).unwrap_or_default();
        let done = effects.iter().filter(|effect| effect["provider"] == provider && effect["kind"] == kind).count();
        if done == wanted {
            return Ok(());
        }
        surprise(&format!("{wanted} {kind} at {provider} in the ledger"), &done)
    }
}

fn email() -> Value {
    json!({ "agentId": AGENT, "tool": "gmail", "intent": "send_email",
        "context": { "to": "sam@example.com", "subject": SUBJECT, "body": "Sent by cargo local demo." } })
}

fn message(text: &str) -> Value {
    json!({ "agentId": AGENT, "tool": "slack", "intent": "send_message", "context": { "channel": "general", "text": text } })
}

fn name(tool: &Value) -> String {
    ["/name", "/tool"].iter().find_map(|at| tool.pointer(at)?.as_str()).unwrap_or("?").to_owned()
}

fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("{path}?{query}")
}

/// Where a browser would go next.
fn redirect(answer: &Answer) -> Result<Url> {
    let location = answer.location.as_deref().filter(|_| (300..400).contains(&answer.status));
    let Some(location) = location else { return surprise("a redirect", answer) };
    Url::parse(location).context("the redirect's address")
}

pub(crate) fn surprise<T>(expected: &str, got: &dyn std::fmt::Display) -> Result<T> {
    Err(Failure::new(format!("expected {expected}, got {got}")))
}
