//! The tools that answer at once.

use mcp_protocol::{Call, Content, LogLevel, ResourceContents, ResourceData, Tool, ToolResult};
use serde_json::{Map, Value, json};

/// Picture of one red point, in base64.
pub(crate) const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
/// Sound of no length, in base64.
const WAV: &str = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=";
/// Tool with an argument that a header repeats.
pub(crate) const HEADER_TOOL: &str = "test_header_parameter";

/// The schema of a tool without arguments.
pub(crate) fn no_arguments() -> Value {
    json!({ "type": "object", "properties": {} })
}

/// The schema of the tool with an argument that a header repeats.
pub(crate) fn header_schema() -> Value {
    json!({
        "type": "object",
        "properties": { "region": { "type": "string", "x-mcp-header": "Region" } },
        "required": ["region"],
    })
}

/// The tools.
pub(crate) fn all() -> Vec<Tool> {
    let name = json!({ "type": "object", "properties": { "name": { "type": "string" } }, "required": ["name"] });
    vec![
        Tool::new("test_simple_text", "Returns a text", no_arguments()),
        Tool::new("test_image_content", "Returns a picture", no_arguments()),
        Tool::new("test_audio_content", "Returns a sound", no_arguments()),
        Tool::new("test_embedded_resource", "Returns a resource with its content", no_arguments()),
        Tool::new("test_multiple_content_types", "Returns a text, a picture and a resource", no_arguments()),
        Tool::new("test_error_handling", "Fails", no_arguments()),
        Tool::new("test_tool_with_logging", "Logs three messages", no_arguments()),
        Tool::new("test_logging_tool", "Logs a message", no_arguments()),
        Tool::new("test_tool_with_progress", "Reports its progress three times", no_arguments()),
        Tool::new("json_schema_2020_12_tool", "Has a schema with many keywords", many_keywords()),
        Tool::new(HEADER_TOOL, "Has an argument that a header repeats", header_schema()),
        Tool::new("greet", "Greets a person", name),
    ]
}

/// A schema with keywords of every kind. A server passes them on.
fn many_keywords() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": { "address": {
            "$anchor": "addressDef",
            "type": "object",
            "properties": { "street": { "type": "string" }, "city": { "type": "string" } },
        } },
        "properties": {
            "name": { "type": "string" },
            "address": { "$ref": "#/$defs/address" },
            "contactMethod": { "type": "string", "enum": ["phone", "email"] },
            "phone": { "type": "string" },
            "email": { "type": "string" },
        },
        "allOf": [{ "anyOf": [{ "required": ["phone"] }, { "required": ["email"] }] }],
        "if": { "properties": { "contactMethod": { "const": "phone" } }, "required": ["contactMethod"] },
        "then": { "required": ["phone"] },
        "else": { "required": ["email"] },
        "additionalProperties": false,
    })
}

/// Calls a tool, if it is one of these.
pub(crate) fn call(call: &Call<'_>, tool: &str, arguments: &Map<String, Value>) -> Option<ToolResult> {
    let text = |name: &str| arguments.get(name).and_then(Value::as_str).unwrap_or_default();
    let content = match tool {
        "test_simple_text" => vec![Content::text("This is a simple text response for testing.")],
        "test_image_content" => vec![image()],
        "test_audio_content" => vec![Content::Audio { data: WAV.to_owned(), mime_type: "audio/wav".to_owned() }],
        "test_embedded_resource" => vec![resource("test://embedded-resource", "text/plain", "An embedded resource.")],
        "test_multiple_content_types" => vec![
            Content::text("Multiple content types test:"),
            image(),
            resource("test://mixed-content-resource", "application/json", r#"{"test":"data","value":123}"#),
        ],
        "test_error_handling" => {
            return Some(ToolResult::error("This tool intentionally returns an error for testing"));
        }
        "test_tool_with_logging" => {
            log(call, &["Tool execution started", "Tool processing data", "Tool execution completed"])
        }
        "test_logging_tool" => log(call, &["Diagnostic trace"]),
        "test_tool_with_progress" => progress(call),
        "json_schema_2020_12_tool" => vec![Content::text(Value::Object(arguments.clone()).to_string())],
        HEADER_TOOL => vec![Content::text(format!("Region: {}", text("region")))],
        "greet" => vec![Content::text(format!("Hello, {}!", text("name")))],
        _ => return None,
    };
    Some(ToolResult { content, ..ToolResult::default() })
}

fn log(call: &Call<'_>, messages: &[&str]) -> Vec<Content> {
    for message in messages {
        call.log(LogLevel::Info, Some("mcp-fixture"), json!(message));
    }
    vec![Content::text("Logged")]
}

fn progress(call: &Call<'_>) -> Vec<Content> {
    for step in [0.0, 50.0, 100.0] {
        call.progress(step, Some(100.0), Some(&format!("Completed step {step} of 100")));
    }
    vec![Content::text("Done")]
}

/// The picture.
pub(crate) fn image() -> Content {
    Content::Image { data: PNG.to_owned(), mime_type: "image/png".to_owned() }
}

/// A resource with a text.
pub(crate) fn resource(uri: &str, mime_type: &str, text: &str) -> Content {
    let data = ResourceData::Text(text.to_owned());
    Content::Resource {
        resource: ResourceContents { uri: uri.to_owned(), mime_type: Some(mime_type.to_owned()), data },
    }
}
