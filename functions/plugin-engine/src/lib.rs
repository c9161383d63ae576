//! `/api/plugin-engine`: list the tools, process an intent.

use engine::adapters::catalogue::{self, Format};
use engine::adapters::{self, Adapter};
use engine::engine::Engine;
use engine::error::{Error, Result};
use engine::integrations::AuthStatus;
use engine::intent::Written;
use engine::lambda::request::Object;
use engine::lambda::{Input, Reply, Request};
use engine::scheduler::When;
use engine::tables::PageRequest;
use http::Method;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

/// Answers one request.
///
/// # Errors
/// As its methods, and for any other method.
pub async fn route(engine: &'static Engine, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::GET => tools(engine, &request).await,
        Method::POST => process(engine, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET, POST" }),
    }
}

/// Which tools, and how they are written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ToolsIn {
    /// Only this one.
    tool: Option<String>,
    /// Only those the caller has connected, or has not.
    connected: Option<bool>,
    /// As a model takes them; this API's own list without it.
    format: Option<Format>,
}

impl Input for ToolsIn {
    const REQUIRED: &'static [&'static str] = &[];
}

async fn tools(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.query::<ToolsIn>(engine).await?;
    let mut adapters = match &input.tool {
        Some(tool) => vec![adapters::find(tool)?],
        None => adapters::ALL.to_vec(),
    };
    // What models are given does not depend on who asks, unless they ask for that.
    if let (Some(format), None) = (input.format, input.connected) {
        return Reply::ok(&json!({ "tools": functions(format, &adapters) }));
    }
    let integrations = engine.integrations.list(&user, &PageRequest { limit: None, cursor: None }).await?.items;
    let now = engine.clock.now();
    let status = |adapter: &Adapter| {
        let integration = integrations.iter().find(|integration| integration.tool_name == adapter.tool.as_str());
        AuthStatus::of(adapter, integration, now)
    };
    adapters.retain(|adapter| input.connected.is_none_or(|wanted| status(adapter).connected == wanted));
    let tools = match input.format {
        Some(format) => functions(format, &adapters),
        None => adapters.iter().map(|adapter| shown(adapter, &status(adapter))).collect(),
    };
    Reply::ok(&json!({ "tools": tools }))
}

fn functions(format: Format, adapters: &[&Adapter]) -> Vec<Value> {
    adapters.iter().flat_map(|adapter| format.functions(adapter)).collect()
}

fn shown(adapter: &Adapter, status: &AuthStatus) -> Value {
    let mut tool = catalogue::metadata(adapter);
    tool.insert("connection".to_owned(), json!(status));
    tool.into()
}

/// What an agent wants done.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ProcessIn {
    agent_id: String,
    intent: String,
    tool: String,
    context: Option<Object>,
    /// When; now without it.
    scheduled_time: Option<Timestamp>,
    /// The agent's own key for what is made.
    save_as: Option<String>,
    /// Only shows what would be sent.
    #[serde(default)]
    dry_run: bool,
}

impl Input for ProcessIn {
    const REQUIRED: &'static [&'static str] = &["agentId", "intent", "tool"];
}

async fn process(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.body::<ProcessIn>(engine).await?;
    let ProcessIn { agent_id, intent, tool, context, scheduled_time, save_as, dry_run } = input;
    let intent = engine.intent(&user, Written { agent_id, tool, intent, context, save_as }).await?;
    if dry_run {
        if scheduled_time.is_some() {
            return Err(Error::invalid("dryRun", "cannot stand together with scheduledTime"));
        }
        return Reply::ok(&engine.rehearse_intent(&user, &intent, request.until(engine)).await?);
    }
    let key = request.idempotency_key()?;
    let result = match scheduled_time {
        Some(at) => {
            let when = When { at: Some(at), recurrence: None };
            engine.schedule_intent(&user, &intent, when, key.as_ref()).await?
        }
        None => engine.process_intent(&user, &intent, key.as_ref(), request.until(engine)).await?,
    };
    let reply = if result.pending { Reply::accepted(&result) } else { Reply::ok(&result) };
    Ok(reply?.replayed(result.replayed))
}
