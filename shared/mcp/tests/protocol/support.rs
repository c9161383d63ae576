//! A catalogue, and requests to it.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response};
use mcp_protocol::{
    CacheHint, CacheScope, Cacheable, Call, Capability, Catalogue, Completion, CompletionRequest, Error, Features,
    Filter, Implementation, InputRequest, InputRequired, InputResponses, Listening, LogLevel, Mirrored, Prompt,
    PromptResult, Reply, Resource, ResourceContents, ResourceData, Result, Settings, StateOwner, Task, TaskStatus,
    Tool, ToolReply, ToolResult,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Mutex;

pub(crate) const MODERN: &str = "2026-07-28";

/// Catalogue of the tests. It records what it is called with.
pub(crate) struct Small {
    pub(crate) features: Features,
    pub(crate) tools: Vec<&'static str>,
    pub(crate) calls: Mutex<Vec<Value>>,
}

impl Small {
    pub(crate) fn new() -> Self {
        let features = Features {
            tools: true,
            prompts: true,
            resources: true,
            completions: true,
            logging: true,
            subscriptions: true,
            tasks: true,
        };
        Self { features, tools: vec!["act", "ask", "start", "größe"], calls: Mutex::default() }
    }

    /// A catalogue of tools alone, as one with the trait's defaults.
    pub(crate) fn of_tools(tools: &[&'static str]) -> Self {
        let features = Features { tools: true, ..Features::default() };
        Self { features, tools: tools.to_vec(), ..Self::new() }
    }

    pub(crate) fn number_of_calls(&self) -> usize {
        self.calls.lock().unwrap().len()
    }
}

fn region_schema() -> Value {
    json!({ "type": "object", "properties": {
        "region": { "type": "string", "x-mcp-header": "Region" },
        "size": { "type": "integer", "x-mcp-header": "Size" },
    } })
}

pub(crate) fn form() -> InputRequest {
    InputRequest::Form { message: "Sure?".to_owned(), schema: json!({ "type": "object", "properties": {} }) }
}

pub(crate) fn task(id: &str, status: TaskStatus) -> Task {
    Task {
        id: id.to_owned(),
        status,
        status_message: None,
        created_at: "2026-11-29T12:00:00Z".to_owned(),
        last_updated_at: "2026-11-29T12:00:01Z".to_owned(),
        ttl_ms: None,
        poll_interval_ms: Some(500),
    }
}

impl Catalogue for Small {
    fn features(&self) -> Features {
        self.features
    }

    fn cache_hint(&self, result: Cacheable) -> CacheHint {
        match result {
            Cacheable::Tools => CacheHint { ttl_ms: 60_000, cache_scope: CacheScope::Public },
            _ => CacheHint::STALE,
        }
    }

    async fn tools(&self) -> Result<Vec<Tool>> {
        let output_schema = |name: &str| match name {
            "act" => Some(json!({ "type": "array" })),
            "ask" => Some(json!({ "type": "object" })),
            _ => None,
        };
        let tool =
            |name: &&str| Tool { output_schema: output_schema(name), ..Tool::new(*name, "A tool", region_schema()) };
        Ok(self.tools.iter().map(tool).collect())
    }

    fn mirrored(&self, tool: &str) -> Vec<Mirrored> {
        if tool == "act" { Mirrored::of(&region_schema()) } else { vec![] }
    }

    async fn call(&self, call: &Call<'_>, tool: &str, arguments: Map<String, Value>) -> Result<ToolReply> {
        self.calls.lock().unwrap().push(json!({ "tool": tool, "arguments": arguments, "meta": call.meta() }));
        match tool {
            "act" => {
                call.progress(1.0, Some(2.0), Some("half"));
                call.progress(1.0, None, None);
                call.progress(2.0, Some(2.0), None);
                call.log(LogLevel::Debug, None, json!("detail"));
                call.log(LogLevel::Warning, Some("small"), json!({ "text": "line\nbreak" }));
                let structured_content = Some(json!([1, 2]));
                Ok(ToolReply::Complete(ToolResult { structured_content, ..ToolResult::text("done") }))
            }
            "ask" => match (call.responses().elicited("sure")?, call.state()) {
                (Some(_), Some(state)) => Ok(ToolReply::Complete(ToolResult::text(state.to_string()))),
                _ => Ok(ToolReply::InputRequired(InputRequired::one("sure", form()).with_state(json!({ "step": 1 })))),
            },
            "chatty" => {
                (0..5000).for_each(|step| call.progress(f64::from(step), None, None));
                Ok(ToolReply::Complete(ToolResult::text("done")))
            }
            "empty" => Ok(ToolReply::InputRequired(InputRequired::default())),
            "start" => Ok(ToolReply::Task(task("t1", TaskStatus::Working))),
            "needy" => Err(call.client().require([Capability::ElicitUrl, Capability::Tasks]).unwrap_err()),
            "größe" => Ok(ToolReply::Complete(ToolResult::error("refused"))),
            unknown => Err(Error::InvalidParams(format!("There is no tool `{unknown}`"))),
        }
    }

    async fn task(&self, id: &str) -> Result<Task> {
        match id {
            "t1" => Ok(task(id, TaskStatus::Completed { result: ToolResult::error("too late") })),
            "asking" => {
                let input_requests = BTreeMap::from([("sure".to_owned(), form())]);
                Ok(task(id, TaskStatus::InputRequired { input_requests }))
            }
            _ => Err(Error::InvalidParams("There is no such task".to_owned())),
        }
    }

    async fn update_task(&self, id: &str, responses: InputResponses) -> Result<()> {
        self.calls.lock().unwrap().push(json!({ "updated": id, "keys": responses.keys().collect::<Vec<_>>() }));
        Ok(())
    }

    async fn cancel_task(&self, id: &str) -> Result<()> {
        self.calls.lock().unwrap().push(json!({ "cancelled": id }));
        Ok(())
    }

    async fn prompts(&self) -> Result<Vec<Prompt>> {
        let prompt = |name: &str| Prompt { name: name.to_owned(), title: None, description: None, arguments: vec![] };
        Ok(vec![prompt("write")])
    }

    async fn prompt(&self, _: &Call<'_>, name: &str, _: BTreeMap<String, String>) -> Result<Reply<PromptResult>> {
        match name {
            "write" => Ok(Reply::Complete(PromptResult::default())),
            unknown => Err(Error::InvalidParams(format!("There is no prompt `{unknown}`"))),
        }
    }

    async fn resources(&self) -> Result<Vec<Resource>> {
        Ok(vec![])
    }

    async fn read(&self, _: &Call<'_>, uri: &str) -> Result<Reply<Vec<ResourceContents>>> {
        match uri {
            "test://text" => {
                let data = ResourceData::Text("text".to_owned());
                Ok(Reply::Complete(vec![ResourceContents { uri: uri.to_owned(), mime_type: None, data }]))
            }
            _ => Err(Error::ResourceNotFound { uri: uri.to_owned() }),
        }
    }

    async fn subscribe(&self, _: &str, _: bool) -> Result<()> {
        Ok(())
    }

    async fn listen(&self, filter: &Filter) -> Result<Listening> {
        let served = Filter { resource_subscriptions: filter.resource_subscriptions.clone(), ..Filter::default() };
        let changes = vec![mcp_protocol::Change::Tools, mcp_protocol::Change::Resource("test://text".to_owned())];
        Ok(Listening { served, changes })
    }

    async fn complete(&self, _: CompletionRequest) -> Result<Completion> {
        Ok(Completion { values: (0..150).map(|it| it.to_string()).collect(), total: None, has_more: false })
    }

    /// A seal that is no secret: the owner and the state's length stand in it.
    async fn seal(&self, owner: StateOwner<'_>, state: &str) -> Result<String> {
        Ok(format!("{}|{}|{state}", owner.as_text(), state.len()))
    }

    async fn open(&self, owner: StateOwner<'_>, sealed: &str) -> Result<String> {
        let length_and_state = sealed.strip_prefix(&format!("{}|", owner.as_text())).and_then(|it| it.split_once('|'));
        let state = length_and_state.filter(|(length, state)| *length == state.len().to_string());
        let refused = || Error::InvalidParams("The state is not one of this request".to_owned());
        state.map(|(_, state)| state.to_owned()).ok_or_else(refused)
    }
}

pub(crate) fn settings() -> Settings {
    let server = Implementation { name: "small".to_owned(), title: None, version: "1.2.3".to_owned() };
    Settings {
        origins: vec!["https://chat.example.com".to_owned()],
        page_size: 2,
        max_body_bytes: 64 * 1024,
        ..Settings::new(server)
    }
}

/// Request to the endpoint, valid until a test changes it.
#[derive(Clone)]
pub(crate) struct Post {
    pub(crate) method: Method,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Value,
}

impl Post {
    /// A request of 2026-07-28 with the headers that belong to it.
    pub(crate) fn modern(method: &str, params: Value) -> Self {
        let mut params = params;
        let capabilities = params.as_object_mut().unwrap().remove("capabilities").unwrap_or_else(|| json!({}));
        let name = ["name", "uri", "taskId"].into_iter().find_map(|key| params[key].as_str().map(str::to_owned));
        if params["_meta"].is_null() {
            params["_meta"] = json!({});
        }
        params["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!(MODERN);
        params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = capabilities;
        let body = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params });
        let post = Self { method: Method::POST, headers: vec![], body };
        let post = post.header("MCP-Protocol-Version", MODERN).header("Mcp-Method", method);
        match name {
            Some(name) if name.is_ascii() => post.header("Mcp-Name", &name),
            _ => post,
        }
    }

    /// A request of an older revision.
    pub(crate) fn legacy(revision: &str, method: &str, params: Value) -> Self {
        let body = json!({ "jsonrpc": "2.0", "id": "a", "method": method, "params": params });
        Self { method: Method::POST, headers: vec![], body }.header("MCP-Protocol-Version", revision)
    }

    /// Sets a header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(set, _)| !set.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Removes a header.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(set, _)| !set.eq_ignore_ascii_case(name));
        self
    }

    pub(crate) async fn send(&self, catalogue: &impl Catalogue) -> Answer {
        self.send_bytes(catalogue, self.body.to_string().into_bytes()).await
    }

    pub(crate) async fn send_bytes(&self, catalogue: &impl Catalogue, body: Vec<u8>) -> Answer {
        let mut request = Request::new(Bytes::from(body));
        *request.method_mut() = self.method.clone();
        for (name, value) in &self.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            request.headers_mut().append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        Answer(mcp_protocol::handle(catalogue, &request, &settings()).await)
    }
}

/// Response of the endpoint.
pub(crate) struct Answer(pub(crate) Response<Bytes>);

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.0.status().as_u16()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.0.headers().get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(self.0.body()).unwrap()
    }

    /// The message of a body in JSON.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), Some("application/json"), "{}", self.text());
        serde_json::from_str(self.text()).unwrap()
    }

    pub(crate) fn result(&self) -> Value {
        let message = self.json();
        assert!(message["error"].is_null(), "{message}");
        message["result"].clone()
    }

    /// The status and the code of a refusal.
    pub(crate) fn refusal(&self) -> (u16, i64) {
        let message = self.json();
        (self.status(), message["error"]["code"].as_i64().unwrap_or_else(|| panic!("no error: {message}")))
    }

    /// The messages of a body of events.
    pub(crate) fn events(&self) -> Vec<Value> {
        assert_eq!(self.header("content-type"), Some("text/event-stream"), "{}", self.text());
        let data = self.text().lines().filter_map(|line| line.strip_prefix("data: "));
        data.map(|data| serde_json::from_str(data).unwrap()).collect()
    }
}
