//! The demo's steps: each acts as a person, an agent or EventBridge would, and checks what comes back.

use engine::clock::Clock;
use jiff::SignedDuration;
use serde_json::{Value, json};
use url::Url;

use super::Told;
use crate::client::{Answer, Client};
use crate::failure::{Context as _, Failure, Result};
use crate::stack::Stack;
use crate::tick;

const USER: &str = "demo-user";
const AGENT: &str = "demo-agent";
const FALLBACK: &str = "I could not send your e-mail; it is still in the outbox.";
const SUBJECT: &str = "Hello from the demo";

/// A person with an agent, in front of a running stack.
pub(super) struct Actor {
    /// With the person's token.
    client: Client,
    /// Without one: a browser, EventBridge, the sandbox's controls.
    outside: Client,
    host: String,
    sandbox: String,
}

impl Actor {
    pub(super) async fn enter(stack: &Stack) -> Result<Self> {
        Ok(Self {
            client: stack.client.with_token(&stack.token(USER).await?),
            outside: stack.client.clone(),
            host: stack.api.clone(),
            sandbox: stack.sandbox.url.clone(),
        })
    }

    fn route(&self, path: &str) -> String {
        format!("{}/api/plugin-engine{path}", self.host)
    }

    async fn get(&self, path: &str) -> Result<Answer> {
        self.client.get(&self.route(path)).await
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        self.client.post(&self.route(path), body).await
    }

    /// The two-step OAuth: consent parks the code, the person's own token redeems the handle.
    pub(super) async fn connect(&self, tool: &str) -> Told<()> {
        let begun = self.get(&format!("/oauth/authorize?tool={tool}")).await?.expect(200)?;
        let consent = format!("{}&auto=allow", begun.text_at("/authUrl")?);
        let callback = redirect(&self.outside.get(&consent).await?)?;
        if !callback.as_str().starts_with(&self.route("/oauth/callback")) {
            return surprise("a redirect to the callback", &callback);
        }
        let landing = redirect(&self.outside.get(callback.as_str()).await?)?;
        let handle = landing.fragment().and_then(|fragment| fragment.strip_prefix("handle="));
        let Some(handle) = handle else { return surprise("#handle= where the person lands", &landing) };
        let finished = self.post("/integrations", &json!({ "handle": handle })).await?.expect(200)?;
        finished.holds("/success", true)?;
        finished.holds("/integration/toolName", tool)?;
        let status = self.get(&format!("/integrations/status?toolName={tool}")).await?.expect(200)?;
        status.holds("/connected", true)?;
        let scopes = status.json["scopes"].as_array().map_or(0, Vec::len);
        Ok(((), format!("{} with {scopes} scopes", finished.text_at("/integration/status")?)))
    }

    pub(super) async fn list_tools(&self) -> Told<()> {
        let tools = self.get("").await?.expect(200)?;
        let names = tools.json["tools"].as_array().map(|tools| tools.iter().map(name).collect::<Vec<_>>());
        let names = names.unwrap_or_default();
        match names.as_slice() {
            [_, _, _, _] => Ok(((), names.join(", "))),
            _ => surprise("four tools", &tools),
        }
    }

    pub(super) async fn send_email(&self) -> Told<()> {
        let sent = self.post("", &email()).await?.expect(200)?;
        sent.holds("/success", true)?;
        self.effects("gmail", "message_sent", 1).await?;
        Ok((
            (),
            format!("{} id {}; 1 message_sent in the ledger", sent.text_at("/message")?, sent.text_at("/externalId")?),
        ))
    }

    /// Gmail sends the mail and its answer never arrives: the engine asks Gmail instead of sending again.
    pub(super) async fn lose_an_answer(&self) -> Told<()> {
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

    pub(super) async fn post_message(&self) -> Told<()> {
        let posted = self.post("", &message("Hello from the demo.")).await?.expect(200)?;
        posted.holds("/success", true)?;
        self.effects("slack", "message_posted", 1).await?;
        Ok(((), format!("{} ts {}", posted.text_at("/message")?, posted.text_at("/externalId")?)))
    }

    /// Returns the task's id.
    pub(super) async fn schedule(&self) -> Told<String> {
        let at = Clock::system().now() + SignedDuration::from_secs(2);
        let mut intent = message("Hello from two seconds ago.");
        intent["scheduledTime"] = json!(at);
        let accepted = self.post("", &intent).await?.expect(202)?;
        let task = accepted.text_at("/metadata/taskId")?.to_owned();
        self.effects("slack", "message_posted", 1).await?;
        Ok((task, format!("202, {}", accepted.text_at("/message")?)))
    }

    /// EventBridge's event, with a window of four seconds instead of a minute: the run sees what is due within it.
    pub(super) async fn deliver_event(&self) -> Told<()> {
        let summary = tick::deliver(&self.outside, &self.host, Some(4)).await?;
        if summary["ran"] != 1 || summary["failed"] != 0 {
            return surprise("one task that ran", &summary);
        }
        Ok(((), summary.to_string()))
    }

    pub(super) async fn read_task(&self, task: &str) -> Told<()> {
        let read = self.get(&with_query("/tasks", &[("taskId", task)])).await?.expect(200)?;
        read.holds("/task/status", "completed")?;
        read.holds("/task/attempts", 1)?;
        self.effects("slack", "message_posted", 2).await?;
        Ok(((), format!("completed at {}, ts {}", read.text_at("/task/updatedAt")?, read.text_at("/task/externalId")?)))
    }

    pub(super) async fn set_fallback(&self) -> Told<()> {
        let body = json!({ "tool": "gmail", "agentId": AGENT, "message": FALLBACK });
        self.post("/errors/fallbacks", &body).await?.expect(200)?.holds("/success", true)?;
        Ok(((), format!("\"{FALLBACK}\"")))
    }

    /// Returns the code the intent failed with.
    pub(super) async fn fail(&self) -> Told<String> {
        // A domain's policy: Gmail's answer leaves no doubt that nothing was sent, and a retry would not help.
        let refusal = json!({ "error": { "code": 403, "message": "Sending is switched off for your domain.",
            "errors": [{ "domain": "usageLimits", "reason": "domainPolicy" }] } });
        let fault = json!({ "provider": "gmail", "path": "/gmail/v1/users/me", "times": 1, "kind": "status", "status": 403,
            "body": refusal });
        self.plan(fault).await?;
        let failed = self.post("", &email()).await?.expect(200)?;
        failed.holds("/success", false)?;
        failed.holds("/error/effect", "none")?;
        failed.holds("/fallbackMessage", FALLBACK)?;
        self.effects("gmail", "message_sent", 2).await?;
        let code = failed.text_at("/error/code")?;
        Ok((code.to_owned(), format!("{code}, effect none, fallback message shown")))
    }

    pub(super) async fn read_error(&self, code: &str) -> Told<()> {
        let errors = self.get(&format!("/errors?agentId={AGENT}")).await?.expect(200)?;
        errors.holds("/errors/0/errorCode", code)?;
        errors.holds("/errors/0/tool", "gmail")?;
        errors.holds("/errors/0/resolved", false)?;
        let fallback = self.get(&format!("/errors/fallbacks?tool=gmail&agentId={AGENT}")).await?.expect(200)?;
        fallback.holds("/message", FALLBACK)?;
        Ok(((), format!("\"{}\"", errors.text_at("/errors/0/errorMessage")?)))
    }

    /// Returns the mapping's id.
    pub(super) async fn store_mapping(&self) -> Told<String> {
        let mapping = json!({ "agentId": AGENT, "tool": "slack", "contextKey": "team updates", "externalId": "C0UPDATES",
            "friendlyName": "#project-updates" });
        let stored = self.post("/context-mappings", &mapping).await?.expect(200)?;
        stored.holds("/success", true)?;
        let id = stored.text_at("/id")?;
        Ok((id.to_owned(), format!("\"team updates\" is C0UPDATES, id {id}")))
    }

    pub(super) async fn look_up(&self, id: &str) -> Told<()> {
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

    pub(super) async fn disconnect(&self, tool: &str) -> Told<()> {
        let gone = self.client.delete(&self.route("/integrations"), &json!({ "toolName": tool })).await?.expect(200)?;
        gone.holds("/success", true)?;
        let status = self.get(&format!("/integrations/status?toolName={tool}")).await?.expect(200)?;
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

fn surprise<T>(expected: &str, got: &dyn std::fmt::Display) -> Result<T> {
    Err(Failure::new(format!("expected {expected}, got {got}")))
}
