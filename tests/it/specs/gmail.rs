//! Gmail: the calls of the actions, validated against Gmail's discovery document `google/gmail.v1.json`.

use super::OutboundRequest;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::OnceLock;

/// Every method, path and query parameter the actions use.
pub(super) const SHAPES: &[&str] = &[
    "GET /gmail/v1/users/me/profile",
    "POST /gmail/v1/users/me/messages/send",
    "POST /upload/gmail/v1/users/me/messages/send?uploadType",
    "GET /gmail/v1/users/me/messages?q&maxResults&pageToken&labelIds",
    "GET /gmail/v1/users/me/messages/{id}?format&metadataHeaders",
    "POST /gmail/v1/users/me/messages/{id}/modify",
    "POST /gmail/v1/users/me/messages/{id}/trash",
    "POST /gmail/v1/users/me/messages/{id}/untrash",
    "GET /gmail/v1/users/me/messages/{id}/attachments/{id}",
    "POST /gmail/v1/users/me/drafts",
    "POST /upload/gmail/v1/users/me/drafts?uploadType",
    "GET /gmail/v1/users/me/drafts?maxResults&pageToken",
    "POST /gmail/v1/users/me/drafts/send",
    "GET /gmail/v1/users/me/drafts/{id}?format",
    "PUT /gmail/v1/users/me/drafts/{id}",
    "PUT /upload/gmail/v1/users/me/drafts/{id}?uploadType",
    "DELETE /gmail/v1/users/me/drafts/{id}",
    "GET /gmail/v1/users/me/threads/{id}?format&metadataHeaders",
    "GET /gmail/v1/users/me/threads?q&maxResults&pageToken&labelIds",
    "POST /gmail/v1/users/me/threads/{id}/modify",
    "POST /gmail/v1/users/me/threads/{id}/trash",
    "POST /gmail/v1/users/me/threads/{id}/untrash",
    "POST /gmail/v1/users/me/messages/batchModify",
    "GET /gmail/v1/users/me/labels",
    "POST /gmail/v1/users/me/labels",
    "GET /gmail/v1/users/me/labels/{id}",
    "PATCH /gmail/v1/users/me/labels/{id}",
    "DELETE /gmail/v1/users/me/labels/{id}",
    "GET /gmail/v1/users/me/settings/sendAs",
    "GET /gmail/v1/users/me/settings/filters",
    "GET /gmail/v1/users/me/settings/filters/{id}",
    "GET /gmail/v1/users/me/settings/vacation",
];

/// The reason why Gmail's document does not allow a request; `specs` is the folder of the documents.
pub(super) fn violation(specs: &Path, outbound: &OutboundRequest) -> Option<String> {
    static DOCUMENT: OnceLock<Document> = OnceLock::new();
    DOCUMENT.get_or_init(|| Document::read(specs)).check(outbound).err()
}

/// The scopes of which one suffices for a call.
pub(super) fn method_scopes(specs: &Path, method: &str, path: &str) -> BTreeSet<String> {
    let outbound =
        OutboundRequest { method: method.to_owned(), path: path.to_owned(), query: vec![], body: Value::Null };
    let document = Document::read(specs);
    let found = document.method(&outbound).unwrap_or_else(|| panic!("{method} {path} does not exist"));
    found["scopes"].as_array().into_iter().flatten().filter_map(|scope| scope.as_str().map(ToOwned::to_owned)).collect()
}

/// The start of the paths of uploads.
const UPLOADS: &str = "/upload/";

fn is_upload(outbound: &OutboundRequest) -> bool {
    outbound.path.starts_with(UPLOADS)
}

struct Document {
    methods: Vec<Value>,
    parameters: Value,
    schemas: Value,
}

impl Document {
    fn read(specs: &Path) -> Self {
        let file = specs.join("google/gmail.v1.json");
        let text = std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let mut document: Value = serde_json::from_slice(&text).unwrap();
        let mut methods = vec![];
        collect_methods(&document["resources"], &mut methods);
        Self { methods, parameters: document["parameters"].take(), schemas: document["schemas"].take() }
    }

    fn check(&self, outbound: &OutboundRequest) -> Result<(), String> {
        let method = self.method(outbound).ok_or("no such method")?;
        let id = method["id"].as_str().unwrap_or_default();
        self.check_query(method, &outbound.query).map_err(|why| format!("{id}: {why}"))?;
        let body = match (&method["request"], &outbound.body) {
            (Value::Null, Value::Null) => Ok(()),
            (Value::Null, _) => Err("takes no body".to_owned()),
            // The resource is in the first part of an upload, which is not read here.
            _ if is_upload(outbound) => Ok(()),
            (schema, body) => self.check_value(id, schema, body, "body"),
        };
        body.map_err(|why| format!("{id}: {why}"))
    }

    /// The method of a path; a literal segment takes precedence over a placeholder. One that takes uploads has a path for them too.
    fn method(&self, outbound: &OutboundRequest) -> Option<&Value> {
        let path = outbound.path.strip_prefix(UPLOADS).unwrap_or_else(|| outbound.path.trim_start_matches('/'));
        let segments: Vec<&str> = path.split('/').collect();
        let fits = |method: &&Value| {
            let path: Vec<&str> = method["flatPath"].as_str().unwrap_or_default().split('/').collect();
            let same =
                |(known, segment): (&&str, &&str)| known == segment || (known.starts_with('{') && !segment.is_empty());
            method["httpMethod"] == outbound.method.as_str()
                && (!is_upload(outbound) || method["mediaUpload"].is_object())
                && path.len() == segments.len()
                && path.iter().zip(&segments).all(same)
        };
        let placeholders = |method: &&Value| method["flatPath"].as_str().map(|path| path.matches('{').count());
        self.methods.iter().filter(fits).min_by_key(placeholders)
    }

    fn check_query(&self, method: &Value, query: &[(String, String)]) -> Result<(), String> {
        for (name, value) in query {
            let known = [&method["parameters"][name], &self.parameters[name]]
                .into_iter()
                .find(|one| one["location"] == "query");
            let known = known.ok_or_else(|| format!("no parameter {name}"))?;
            let times = query.iter().filter(|(other, _)| other == name).count();
            if times > 1 && known["repeated"] != true {
                return Err(format!("{name} occurs {times} times"));
            }
            let right = match known["type"].as_str() {
                Some("integer") => value.parse::<u32>().is_ok(),
                Some("boolean") => ["true", "false"].contains(&value.as_str()),
                _ => true,
            };
            if !right || !is_listed(known, value) {
                return Err(format!("{name} is {value}"));
            }
        }
        let missing =
            required(&method["parameters"]).find(|name| !query.iter().any(|(name_in_query, _)| name_in_query == *name));
        missing.map_or(Ok(()), |name| Err(format!("{name} is missing")))
    }

    /// Checks a value against a schema of the document. The schema language is Google's own, older than JSON Schema's drafts.
    fn check_value(&self, method: &str, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        let schema = schema["$ref"].as_str().map_or(schema, |name| &self.schemas[name]);
        let right = match schema["type"].as_str() {
            Some("object") => value.is_object(),
            Some("array") => value.is_array(),
            Some("integer") => value.is_i64() || value.is_u64(),
            Some("boolean") => value.is_boolean(),
            Some("string") => value.as_str().is_some_and(|text| is_listed(schema, text) && has_format(schema, text)),
            other => return Err(format!("{at} has the unknown type {other:?}")),
        };
        if !right {
            return Err(format!("{at} is no {}", schema["type"]));
        }
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            self.check_value(method, &schema["items"], item, &format!("{at}[{index}]"))?;
        }
        for (name, inner) in value.as_object().into_iter().flatten() {
            let known = schema["properties"].get(name).ok_or_else(|| format!("{at} has no {name}"))?;
            self.check_value(method, known, inner, &format!("{at}.{name}"))?;
        }
        let properties = schema["properties"].as_object().into_iter().flatten();
        let mut missing =
            properties.filter(|(name, property)| is_required(property, method) && value.get(name).is_none());
        missing.next().map_or(Ok(()), |(name, _)| Err(format!("{at}.{name} is missing")))
    }
}

/// Collects the methods of all resources, recursively.
fn collect_methods(resources: &Value, methods: &mut Vec<Value>) {
    for resource in resources.as_object().into_iter().flatten().map(|(_, resource)| resource) {
        methods.extend(resource["methods"].as_object().into_iter().flatten().map(|(_, method)| method.clone()));
        collect_methods(&resource["resources"], methods);
    }
}

fn required(parameters: &Value) -> impl Iterator<Item = &String> {
    let all = parameters.as_object().into_iter().flatten();
    all.filter(|(_, one)| one["location"] == "query" && one["required"] == true).map(|(name, _)| name)
}

/// True if a method requires a field; the document says so in an annotation or in a description.
fn is_required(property: &Value, method: &str) -> bool {
    let annotated = property["annotations"]["required"].as_array().into_iter().flatten();
    let described = property["description"].as_str().and_then(|text| text.split_once("@required"));
    annotated.into_iter().any(|name| name == method)
        || described.is_some_and(|(_, names)| names.split_whitespace().any(|name| name == method))
}

fn is_listed(schema: &Value, text: &str) -> bool {
    schema["enum"].as_array().is_none_or(|known| known.iter().any(|one| one == text))
}

fn has_format(schema: &Value, text: &str) -> bool {
    let base64url = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=".contains(&byte);
    schema["format"] != "byte" || text.bytes().all(base64url)
}

/// A function that returns the violation of a request; `None` without Gmail's document, which is not part of the repository.
#[expect(clippy::print_stderr, reason = "a skipped check is reported")]
fn checker() -> Option<impl Fn(&str, &str, Value) -> Option<String>> {
    let Some(specs) = super::documents_folder() else {
        eprintln!("SKIPPED: Gmail's discovery document is missing");
        return None;
    };
    Some(move |method: &str, path: &str, body: Value| {
        let url = url::Url::parse(&format!("http://gmail/gmail/v1/users/me{path}")).unwrap();
        let query = url.query_pairs().into_owned().collect();
        violation(&specs, &OutboundRequest { method: method.to_owned(), path: url.path().to_owned(), query, body })
    })
}

fn label_with(field: &str, value: Value) -> Value {
    let mut label =
        serde_json::json!({ "name": "N", "labelListVisibility": "labelShow", "messageListVisibility": "show" });
    label[field] = value;
    label
}

#[test]
fn documented_gmail_requests_pass() {
    use serde_json::json;

    let Some(why) = checker() else { return };
    let good = [
        ("GET", "/messages?q=x&maxResults=5&labelIds=A&labelIds=B&alt=json", Value::Null),
        ("GET", "/messages/m1?format=metadata&metadataHeaders=To", Value::Null),
        ("POST", "/messages/m1/trash", Value::Null),
        ("POST", "/drafts", json!({ "message": { "raw": "YWI_", "threadId": "t1" } })),
        ("POST", "/drafts/send", json!({ "id": "r1" })),
        ("POST", "/labels", label_with("color", json!({ "textColor": "#000000" }))),
    ];
    for (method, path, body) in good {
        assert_eq!(why(method, path, body), None, "{method} {path}");
    }
}

#[test]
fn undocumented_gmail_requests_are_violations() {
    use serde_json::json;

    let Some(why) = checker() else { return };
    let invalid = [
        ("GET", "/mails", Value::Null, "no such method"),
        ("PUT", "/messages/m1", Value::Null, "no such method"),
        ("GET", "/messages//attachments/a1", Value::Null, "no such method"),
        ("GET", "/messages?limit=5", Value::Null, "no parameter limit"),
        ("GET", "/messages?userId=x", Value::Null, "no parameter userId"),
        ("GET", "/drafts/r1?metadataHeaders=To", Value::Null, "no parameter metadataHeaders"),
        ("GET", "/messages?maxResults=many", Value::Null, "maxResults is many"),
        ("GET", "/messages?includeSpamTrash=1", Value::Null, "includeSpamTrash is 1"),
        ("GET", "/messages?q=x&q=y", Value::Null, "q occurs 2 times"),
        ("GET", "/messages/m1?format=all", Value::Null, "format is all"),
        ("GET", "/threads/t1?format=raw", Value::Null, "format is raw"),
        ("POST", "/messages/m1/trash", json!({}), "takes no body"),
        ("POST", "/messages/send", Value::Null, "body is no \"object\""),
        ("POST", "/messages/send", json!({}), "body.raw is missing"),
        ("POST", "/messages/send", json!({ "raw": "a+/b" }), "body.raw is no \"string\""),
        ("POST", "/drafts", json!({ "raw": "YWI" }), "body has no raw"),
        ("POST", "/drafts", json!({ "message": {} }), "body.message.raw is missing"),
        ("POST", "/drafts/send", json!({ "message": { "raw": "YWI" } }), "body.id is missing"),
        ("POST", "/messages/m1/modify", json!({ "addLabelIds": "A" }), "body.addLabelIds is no \"array\""),
        ("POST", "/messages/m1/modify", json!({ "addLabelIds": [1] }), "body.addLabelIds[0] is no \"string\""),
        ("POST", "/labels", json!({ "name": "N" }), "body.labelListVisibility is missing"),
        (
            "POST",
            "/labels",
            label_with("messageListVisibility", json!("yes")),
            "body.messageListVisibility is no \"string\"",
        ),
        ("POST", "/labels", label_with("messagesTotal", json!("1")), "body.messagesTotal is no \"integer\""),
    ];
    for (method, path, body, reason) in invalid {
        let found = why(method, path, body).unwrap_or_else(|| panic!("{method} {path} passes"));
        assert!(found.ends_with(reason), "{method} {path}: {found}");
    }
}
