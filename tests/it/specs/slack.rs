//! Slack: the calls of the actions, validated against Slack's method references `slack/slack-api-ref/<method>.json`.

use super::OutboundRequest;
use engine::adapters::action::TokenKind;
use jsonschema::Validator;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Every method, path and query parameter the actions use.
pub(super) const SHAPES: &[&str] = &[
    "GET /api/users.conversations?types&exclude_archived&user&limit&cursor&team_id",
    "GET /api/conversations.list?types&exclude_archived&limit&cursor&team_id",
    "GET /api/conversations.info?channel&include_num_members",
    "GET /api/conversations.members?channel&limit&cursor",
    "GET /api/pins.list?channel",
    "GET /api/reactions.get?channel&timestamp&full",
    "GET /api/files.list?channel&user&types&ts_from&ts_to&count&page",
    "GET /api/conversations.history?channel&limit&oldest&latest&cursor&include_all_metadata",
    "GET /api/conversations.replies?channel&ts&limit&oldest&latest&inclusive&cursor&include_all_metadata",
    "GET /api/users.list?limit&cursor&team_id",
    "GET /api/users.info?user",
    "GET /api/users.lookupByEmail?email",
    "GET /api/files.info?file",
    "GET /api/search.messages?query&sort&count&page&team_id",
    "GET /api/chat.getPermalink?channel&message_ts",
    "POST /api/auth.test",
    "POST /api/chat.scheduledMessages.list",
    "POST /api/chat.postMessage",
    "POST /api/chat.postEphemeral",
    "POST /api/chat.scheduleMessage",
    "POST /api/chat.deleteScheduledMessage",
    "POST /api/chat.update",
    "POST /api/chat.delete",
    "POST /api/conversations.create",
    "POST /api/conversations.invite",
    "POST /api/conversations.join",
    "POST /api/conversations.setTopic",
    "POST /api/conversations.setPurpose",
    "POST /api/conversations.rename",
    "POST /api/conversations.archive",
    "POST /api/conversations.leave",
    "POST /api/conversations.open",
    "POST /api/reactions.add",
    "POST /api/reactions.remove",
    "POST /api/pins.add",
    "POST /api/pins.remove",
    "POST /api/files.getUploadURLExternal?filename&length",
    "POST /upload/v1/{id}",
    "GET /files-pri/{id}/download/{id}",
    "GET /files-origin/{id}/download/{id}",
    "POST /api/files.completeUploadExternal",
];

/// The scopes of a bot's token that change channels.
const MANAGE: &[&str] = &["groups:write", "im:write", "mpim:write", "channels:write", "channels:manage"];
/// The scopes of a bot's token that describe channels.
const DESCRIBE: &[&str] = &[
    "channels:write.topic",
    "groups:write.topic",
    "mpim:write.topic",
    "im:write.topic",
    "channels:manage",
    "groups:write",
    "im:write",
    "mpim:write",
];

/// The methods without a reference in the folder, as their pages describe them: the verb, the arguments, which are all required, and
/// the scopes of a bot's token (<https://docs.slack.dev/reference/methods/pins.list> and so on).
const WRITTEN: [(&str, &str, &[&str], &[&str]); 6] = [
    ("conversations.archive", "POST", &["channel"], MANAGE),
    ("conversations.leave", "POST", &["channel"], MANAGE),
    ("conversations.rename", "POST", &["channel", "name"], MANAGE),
    ("conversations.setPurpose", "POST", &["channel", "purpose"], DESCRIBE),
    ("pins.list", "GET", &["channel"], &["pins:read"]),
    ("pins.remove", "POST", &["channel", "timestamp"], &["pins:write"]),
];

/// Returns a method's reference in the form of the folder's.
fn written_reference(verb: &str, arguments: &[&str], scopes: &[&str]) -> Value {
    let about = |name: &&str| {
        let subtype = if *name == "name" || *name == "purpose" { "" } else { *name };
        ((*name).to_owned(), json!({ "type": "string", "subtype": subtype }))
    };
    let properties: Map<String, Value> = arguments.iter().map(about).collect();
    json!({ "http_method": verb, "json_input_supported": verb == "POST", "scope": { "bot": scopes },
        "args": { "properties": properties, "required": arguments } })
}

/// A method as its reference describes it.
struct Method {
    verb: String,
    takes_json: bool,
    properties: Value,
    arguments: Validator,
}

/// The reason why Slack's references do not allow a request; `specs` is the folder of the documents.
pub(super) fn violation(specs: &Path, outbound: &OutboundRequest) -> Option<String> {
    static METHODS: OnceLock<BTreeMap<String, Method>> = OnceLock::new();
    if outbound.path.starts_with("/upload/v1/") {
        let bare = outbound.method == "POST" && outbound.query.is_empty();
        return (!bare).then(|| "bytes are posted, without parameters".to_owned());
    }
    if outbound.path.starts_with("/files-") || outbound.path == "/signin" {
        return (outbound.method != "GET").then(|| "bytes are read with GET".to_owned());
    }
    let name = outbound.path.strip_prefix("/api/").unwrap_or_default();
    let Some(method) = METHODS.get_or_init(|| read_methods(specs)).get(name) else {
        return Some(format!("{} is no method of Slack's", outbound.path));
    };
    method.violation(outbound, name.starts_with("oauth."))
}

/// The scopes that a method's reference names for a bot's token or for a person's.
pub(super) fn method_scopes(specs: &Path, method: &str, kind: TokenKind) -> BTreeSet<String> {
    let path = specs.join("slack/slack-api-ref").join(format!("{method}.json"));
    let document = match WRITTEN.iter().find(|(name, ..)| *name == method) {
        Some((_, verb, arguments, scopes)) => written_reference(verb, arguments, scopes),
        None => read_reference(&path),
    };
    let kind = match kind {
        TokenKind::App => "bot",
        TokenKind::User => "user",
    };
    let scopes = document["scope"][kind].as_array().into_iter().flatten();
    scopes.filter_map(|scope| scope.as_str().map(str::to_owned)).collect()
}

fn read_methods(specs: &Path) -> BTreeMap<String, Method> {
    let folder = specs.join("slack/slack-api-ref");
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let files = files.map(|file| file.unwrap().path()).filter(|path| path.extension().is_some_and(|end| end == "json"));
    let read =
        |path: PathBuf| (path.file_stem().unwrap().to_string_lossy().into_owned(), Method::of(&read_reference(&path)));
    let written = WRITTEN.iter().map(|(name, verb, arguments, scopes)| {
        ((*name).to_owned(), Method::of(&written_reference(verb, arguments, scopes)))
    });
    files.map(read).chain(written).collect()
}

fn read_reference(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

impl Method {
    fn of(document: &Value) -> Self {
        let arguments = &document["args"];
        let named = arguments["properties"].as_object().into_iter().flatten();
        // The token is sent only as a header.
        let properties: Map<String, Value> = named
            .filter(|(name, _)| *name != "token")
            .map(|(name, about)| (name.clone(), argument_schema(about)))
            .collect();
        let required = arguments["required"].as_array().into_iter().flatten();
        let required: Vec<&Value> = required.filter(|name| *name != "token").collect();
        let schema = json!({ "type": "object", "properties": properties, "required": required,
            "additionalProperties": false });
        Self {
            verb: document["http_method"].as_str().unwrap().to_owned(),
            takes_json: document["json_input_supported"] == true,
            arguments: jsonschema::validator_for(&schema).unwrap(),
            properties: Value::Object(properties),
        }
    }

    /// The violation of a request. Form fields are not checked; only the token endpoint gets a form.
    fn violation(&self, outbound: &OutboundRequest, form: bool) -> Option<String> {
        // Slack accepts POST for every method.
        if outbound.method != self.verb && outbound.method != "POST" {
            return Some(format!("it is called with {}", self.verb));
        }
        let mut values = match &outbound.body {
            Value::Null => Map::new(),
            Value::Object(body) if self.takes_json && outbound.method == "POST" => body.clone(),
            _ => return Some("it takes no JSON, or not an object".to_owned()),
        };
        for (name, text) in &outbound.query {
            if values.insert(name.clone(), self.parse_parameter(name, text)).is_some() {
                return Some(format!("{name} occurs twice"));
            }
        }
        if form {
            return None;
        }
        self.arguments.validate(&Value::Object(values)).err().map(|why| format!("{} at {}", why, why.instance_path))
    }

    /// The value of a query parameter, parsed by the argument's type.
    fn parse_parameter(&self, name: &str, text: &str) -> Value {
        match self.properties[name]["type"].as_str() {
            Some("number" | "integer" | "boolean") => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
            _ => text.into(),
        }
    }
}

/// The schema of an argument, with constraints that the reference states only in prose.
fn argument_schema(about: &Value) -> Value {
    let says = |words: &str| about["desc"].as_str().is_some_and(|desc| desc.contains(words));
    // Text in a form; a JSON value in a JSON body.
    if says("presented as a URL-encoded string") {
        return json!({ "type": ["array", "object"] });
    }
    let mut schema = about.clone();
    let form = match about["subtype"].as_str() {
        Some("timestamp") => "^[0-9]{1,12}([.][0-9]{6})?$",
        Some("channel") => "^[CGD][A-Z0-9]{8,}$",
        Some("user") => "^[UW][A-Z0-9]{8,}$",
        Some("users") => "^[UW][A-Z0-9]{8,}(,[UW][A-Z0-9]{8,})*$",
        Some("file") => "^F[A-Z0-9]{8,}$",
        _ => return schema,
    };
    schema["pattern"] = json!(form);
    schema
}

#[test]
#[expect(clippy::print_stderr, reason = "a skipped check is reported")]
fn undocumented_slack_requests_are_violations() {
    let Some(folder) = super::documents_folder() else {
        eprintln!("SKIPPED: Slack's method references are missing");
        return;
    };
    let call = |line: &str, body: Value| {
        let (method, path) = line.split_once(' ').unwrap();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        violation(&folder, &OutboundRequest { method: method.to_owned(), path: path.to_owned(), query, body })
    };
    let post = |change: Value| {
        let mut body = json!({ "channel": "C0123456789", "text": "Hi", "blocks": [{}], "metadata": {} });
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        call("POST /api/chat.postMessage", body)
    };
    let history = |query: &str| call(&format!("GET /api/conversations.history?{query}"), Value::Null);
    assert_eq!(post(json!({ "unfurl_links": false })), None);
    assert_eq!(history("channel=C0123456789&limit=5&oldest=1512085950.000216&include_all_metadata=true"), None);
    assert_eq!(call("POST /upload/v1/abc", Value::Null), None);
    let planted = [
        ("an unknown argument", post(json!({ "txt": "Hi" }))),
        ("a wrong type", post(json!({ "unfurl_links": "no" }))),
        ("blocks as text", post(json!({ "blocks": "[]" }))),
        ("a token in the body", post(json!({ "token": "x" }))),
        ("a channel's name", post(json!({ "channel": "general" }))),
        ("a missing argument", call("POST /api/chat.delete", json!({ "channel": "C0123456789" }))),
        ("an unknown method", call("POST /api/chat.unheardOf", json!({}))),
        ("another path", call("GET /api/v2/users.list", Value::Null)),
        ("another verb", call("GET /api/chat.postMessage?channel=C0123456789", Value::Null)),
        (
            "JSON where none is read",
            call("POST /api/files.getUploadURLExternal", json!({ "filename": "a", "length": 1 })),
        ),
        ("a limit in words", history("channel=C0123456789&limit=few")),
        ("a time in words", history("channel=C0123456789&oldest=yesterday")),
        ("the same twice", history("channel=C0123456789&channel=C0123456789")),
        ("an empty file", call("POST /api/files.getUploadURLExternal?filename=a&length=0", Value::Null)),
        ("parameters with bytes", call("POST /upload/v1/abc?x=1", Value::Null)),
    ];
    for (fault, found) in planted {
        assert!(found.is_some(), "{fault} was accepted");
    }
}
