//! The tools that need answers of the client first.

use mcp_protocol::{Call, Capability, InputRequest, InputRequests, InputRequired, Result, Tool, ToolReply, ToolResult};
use serde_json::{Map, Value, json};

use crate::tools::no_arguments;

/// The tools.
pub(crate) fn all() -> Vec<Tool> {
    let tool = |name: &str, description: &str| Tool::new(name, description, no_arguments());
    vec![
        tool("test_missing_capability", "Needs a client with sampling"),
        tool("test_streaming_elicitation", "Asks the person, after it reported progress"),
        tool("test_sampling", "Asks the client's model"),
        tool("test_elicitation", "Asks the person"),
        tool("test_elicitation_sep1034_defaults", "Asks the person, with defaults"),
        tool("test_elicitation_sep1330_enums", "Asks the person, with choices"),
        tool("test_input_required_result_elicitation", "Asks the person's name"),
        tool("test_input_required_result_sampling", "Asks the client's model"),
        tool("test_input_required_result_list_roots", "Asks for the client's folders"),
        tool("test_input_required_result_request_state", "Asks the person, with a state"),
        tool("test_input_required_result_tampered_state", "Asks the person, with a state"),
        tool("test_input_required_result_multiple_inputs", "Asks the person, the model and for the folders"),
        tool("test_input_required_result_multi_round", "Asks the person twice"),
        tool("test_input_required_result_capabilities", "Asks what the client can answer"),
    ]
}

/// Calls a tool, if it is one of these.
pub(crate) fn call(call: &Call<'_>, tool: &str) -> Result<Option<ToolReply>> {
    let reply = match tool {
        "test_missing_capability" => {
            call.client().require([Capability::Sampling])?;
            text("The client has sampling")
        }
        "test_streaming_elicitation" => {
            call.progress(50.0, Some(100.0), None);
            answered(call, form("user_name", "What is your name?", "name"))?
        }
        "test_elicitation" => answered(call, form("response", "Your answer", "response"))?,
        "test_elicitation_sep1034_defaults" => answered(call, schema_form(with_defaults()))?,
        "test_elicitation_sep1330_enums" => answered(call, schema_form(with_choices()))?,
        "test_input_required_result_elicitation" => answered(call, form("user_name", "What is your name?", "name"))?,
        "test_sampling" | "test_input_required_result_sampling" => {
            answered(call, InputRequired::one("sample_request", sampling("What is the capital of France?")))?
        }
        "test_input_required_result_list_roots" => {
            answered(call, InputRequired::one("roots_request", InputRequest::Roots))?
        }
        "test_input_required_result_request_state" | "test_input_required_result_tampered_state" => {
            stateful(call, form("confirm", "Please confirm", "ok"))?
        }
        "test_input_required_result_multiple_inputs" => stateful(call, multiple_inputs())?,
        "test_input_required_result_multi_round" => multi_round(call)?,
        "test_input_required_result_capabilities" => capabilities(call)?,
        _ => return Ok(None),
    };
    Ok(Some(reply))
}

fn text(text: impl Into<String>) -> ToolReply {
    ToolReply::Complete(ToolResult::text(text))
}

/// Completes a call with every answer, and asks for the missing ones before.
fn answered(call: &Call<'_>, input: InputRequired) -> Result<ToolReply> {
    for key in input.requests.keys() {
        if call.responses().get(key).is_none() {
            return Ok(ToolReply::InputRequired(input));
        }
        if matches!(input.requests[key], InputRequest::Form { .. }) {
            call.responses().elicited(key)?;
        }
    }
    let keys: Vec<&str> = input.requests.keys().map(String::as_str).collect();
    Ok(text(format!("Answered: {}", keys.join(", "))))
}

/// As [`answered`], with a state that must come back too.
fn stateful(call: &Call<'_>, input: InputRequired) -> Result<ToolReply> {
    let state = json!({ "asked": input.requests.keys().collect::<Vec<_>>() });
    let input = input.with_state(state.clone());
    if call.state() == Some(&state) { answered(call, input) } else { Ok(ToolReply::InputRequired(input)) }
}

fn multi_round(call: &Call<'_>) -> Result<ToolReply> {
    let round = call.state().and_then(|state| state["round"].as_u64());
    let first = form("step1", "Step 1: What is your name?", "name").with_state(json!({ "round": 1 }));
    let second = form("step2", "Step 2: What is your favorite color?", "color").with_state(json!({ "round": 2 }));
    match round {
        Some(2) => answered(call, second),
        Some(1) if call.responses().elicited("step1")?.is_some() => Ok(ToolReply::InputRequired(second)),
        _ => Ok(ToolReply::InputRequired(first)),
    }
}

fn capabilities(call: &Call<'_>) -> Result<ToolReply> {
    let mut input = InputRequired::default();
    for (key, request) in multiple_inputs().requests {
        if call.client().has(request.capability()) {
            input.requests.insert(key, request);
        }
    }
    if input.requests.is_empty() { Ok(text("The client answers nothing")) } else { answered(call, input) }
}

fn multiple_inputs() -> InputRequired {
    let person = form("user_name", "What is your name?", "name").requests;
    let others =
        [("greeting".to_owned(), sampling("Generate a greeting")), ("client_roots".to_owned(), InputRequest::Roots)];
    InputRequired { requests: person.into_iter().chain(others).collect::<InputRequests>(), state: None }
}

fn sampling(question: &str) -> InputRequest {
    let content = json!({ "type": "text", "text": question });
    InputRequest::Sampling { params: json!({ "messages": [{ "role": "user", "content": content }], "maxTokens": 100 }) }
}

/// A form with one field. A field `ok` is a flag, others are texts.
pub(crate) fn form(key: &str, message: &str, field: &str) -> InputRequired {
    let kind = if field == "ok" { "boolean" } else { "string" };
    let properties = Map::from_iter([(field.to_owned(), json!({ "type": kind }))]);
    let schema = json!({ "type": "object", "properties": properties, "required": [field] });
    InputRequired::one(key, InputRequest::Form { message: message.to_owned(), schema })
}

fn schema_form(properties: Value) -> InputRequired {
    let schema = json!({ "type": "object", "properties": properties });
    InputRequired::one("form", InputRequest::Form { message: "Please fill in the form".to_owned(), schema })
}

fn with_defaults() -> Value {
    json!({
        "name": { "type": "string", "default": "John Doe" },
        "age": { "type": "integer", "default": 30 },
        "score": { "type": "number", "default": 95.5 },
        "status": { "type": "string", "enum": ["active", "inactive", "pending"], "default": "active" },
        "verified": { "type": "boolean", "default": true },
    })
}

fn with_choices() -> Value {
    let titled = json!([{ "const": "value1", "title": "First" }, { "const": "value2", "title": "Second" }]);
    json!({
        "untitledSingle": { "type": "string", "enum": ["option1", "option2"] },
        "titledSingle": { "type": "string", "oneOf": titled },
        "legacyEnum": { "type": "string", "enum": ["opt1", "opt2"], "enumNames": ["One", "Two"] },
        "untitledMulti": { "type": "array", "items": { "type": "string", "enum": ["option1", "option2"] } },
        "titledMulti": { "type": "array", "items": { "anyOf": titled } },
    })
}
