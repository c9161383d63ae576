//! Asana: the calls of the actions, validated against Asana's OpenAPI document `asana/asana_oas.yaml`.

use super::OutboundRequest;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::OnceLock;
use yaml_rust2::{Yaml, YamlLoader};

/// Every method, path and query parameter the actions use.
pub(super) const SHAPES: &[&str] = &[
    "POST /api/1.0/tasks?opt_fields",
    "GET /api/1.0/tasks?project&section&assignee&workspace&completed_since&modified_since&opt_fields&limit&offset",
    "GET /api/1.0/tasks/{id}?opt_fields",
    "PUT /api/1.0/tasks/{id}?opt_fields",
    "DELETE /api/1.0/tasks/{id}",
    "GET /api/1.0/tasks/{id}/subtasks?opt_fields&limit&offset",
    "POST /api/1.0/tasks/{id}/subtasks?opt_fields",
    "GET /api/1.0/tasks/{id}/stories?opt_fields&limit&offset",
    "POST /api/1.0/tasks/{id}/stories?opt_fields",
    "GET /api/1.0/attachments?parent&opt_fields&limit&offset",
    "POST /api/1.0/attachments?opt_fields",
    "GET /api/1.0/attachments/{id}?opt_fields",
    "POST /api/1.0/tasks/{id}/addFollowers?opt_fields",
    "POST /api/1.0/sections/{id}/addTask",
    "GET /api/1.0/workspaces?opt_fields&limit&offset",
    "GET /api/1.0/workspaces/{id}?opt_fields",
    "GET /api/1.0/workspaces/{id}/teams?opt_fields&limit&offset",
    "GET /api/1.0/workspaces/{id}/custom_fields?opt_fields&limit&offset",
    "GET /api/1.0/projects/{id}/custom_field_settings?opt_fields&limit&offset",
    "GET /api/1.0/workspaces/{id}/tasks/search?text&projects.any&tags.any&assignee.any&completed&due_on.after&\
        due_on.before&created_at.before&sort_by&sort_ascending&limit&opt_fields",
    "GET /api/1.0/projects?workspace&archived&opt_fields&limit&offset",
    "POST /api/1.0/projects?opt_fields",
    "GET /api/1.0/projects/{id}?opt_fields",
    "GET /api/1.0/projects/{id}/sections?opt_fields&limit&offset",
    "POST /api/1.0/projects/{id}/sections?opt_fields",
    "GET /api/1.0/workspaces/{id}/typeahead?resource_type&query&count&opt_fields",
    "GET /api/1.0/tags?workspace&opt_fields&limit&offset",
    "GET /api/1.0/tags/{id}?opt_fields",
    "POST /api/1.0/tags?opt_fields",
    "GET /api/1.0/users?workspace&opt_fields&limit&offset",
    "GET /api/1.0/users/{id}?opt_fields",
    "GET /api/1.0/users/{id}/user_task_list?workspace&opt_fields",
    "GET /api/1.0/user_task_lists/{id}/tasks?completed_since&opt_fields&limit&offset",
    "POST /api/1.0/tasks/{id}/addProject",
    "POST /api/1.0/tasks/{id}/removeProject",
    "POST /api/1.0/tasks/{id}/addTag",
    "POST /api/1.0/tasks/{id}/removeTag",
    "POST /api/1.0/tasks/{id}/setParent?opt_fields",
    "POST /api/1.0/tasks/{id}/addDependencies",
    "POST /api/1.0/tasks/{id}/removeDependencies",
    "POST /api/1.0/tasks/{id}/addDependents",
    "POST /api/1.0/tasks/{id}/removeDependents",
    "POST /api/1.0/tasks/{id}/duplicate?opt_fields",
    "PUT /api/1.0/stories/{id}?opt_fields",
    "PUT /api/1.0/projects/{id}?opt_fields",
    "DELETE /api/1.0/projects/{id}",
];

/// Parameters that an operation's description names and its list of parameters lacks.
const UNLISTED_PARAMETERS: [(&str, &str); 1] = [("searchTasksForWorkspace", "limit")];

/// The reason why Asana's document does not allow a request; `specs` is the folder of the documents.
pub(super) fn violation(specs: &Path, outbound: &OutboundRequest) -> Option<String> {
    static DOCUMENT: OnceLock<Document> = OnceLock::new();
    // The document does not describe OAuth.
    let path = outbound.path.strip_prefix("/api/1.0")?;
    DOCUMENT.get_or_init(|| Document::read(&specs.join("asana/asana_oas.yaml"))).check(path, outbound).err()
}

/// The document as JSON.
pub(super) struct Document(Value);

impl Document {
    pub(super) fn read(file: &Path) -> Self {
        let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        Self(to_json(&YamlLoader::load_from_str(&text).unwrap()[0]))
    }

    /// The scopes that the description of an operation requires. `None`: it names none.
    pub(super) fn required_scopes(&self, method: &str, path: &str) -> Option<BTreeSet<String>> {
        let operation = &self.path_item(path.strip_prefix("/api/1.0")?)?[method.to_lowercase()];
        let (_, required) = operation["description"].as_str()?.split_once("Required scope")?;
        let required = required.split_once("</b>")?.1.lines().next()?;
        let names = required.split("<code>").skip(1).filter_map(|name| name.split_once("</code>"));
        Some(names.map(|(name, _)| name.to_owned()).collect())
    }

    fn check(&self, path: &str, outbound: &OutboundRequest) -> Result<(), String> {
        let item = self.path_item(path).ok_or("the document has no such path")?;
        let operation = &item[outbound.method.to_lowercase()];
        if operation.is_null() {
            return Err(format!("the path does not answer {}", outbound.method));
        }
        let parameters: Vec<&Value> = [&item["parameters"], &operation["parameters"]]
            .into_iter()
            .flat_map(|list| list.as_array().into_iter().flatten())
            .map(|parameter| self.resolve(parameter))
            .filter(|parameter| parameter["in"] == "query")
            .collect();
        self.check_query(operation, &parameters, &outbound.query)?;
        let body = self.resolve(&operation["requestBody"]);
        match (body.is_null(), outbound.body.is_null()) {
            (true, true) => Ok(()),
            (true, false) => Err("the operation takes no body".to_owned()),
            (false, true) => Err("the operation requires a body".to_owned()),
            // A file is a form, and everything else JSON.
            (false, false) => {
                let types = &body["content"];
                let content = types.get("multipart/form-data").unwrap_or(&types["application/json"]);
                self.check_value(&content["schema"], &outbound.body, "")
            }
        }
    }

    /// The entry of a path; if several match, the one with the fewest placeholders.
    fn path_item(&self, path: &str) -> Option<&Value> {
        let segments: Vec<&str> = path.split('/').collect();
        let fits = |template: &str| {
            let parts: Vec<&str> = template.split('/').collect();
            let same =
                |(part, segment): (&&str, &&str)| part.starts_with('{') && !segment.is_empty() || part == segment;
            parts.len() == segments.len() && parts.iter().zip(&segments).all(same)
        };
        let templates = self.0["paths"].as_object().unwrap().iter().filter(|(template, _)| fits(template));
        templates.min_by_key(|(template, _)| template.matches('{').count()).map(|(_, item)| item)
    }

    fn check_query(&self, operation: &Value, parameters: &[&Value], query: &[(String, String)]) -> Result<(), String> {
        for (at, (name, value)) in query.iter().enumerate() {
            if query[..at].iter().any(|(earlier, _)| earlier == name) {
                return Err(format!("?{name} occurs twice"));
            }
            let id = operation["operationId"].as_str().unwrap();
            match parameters.iter().find(|parameter| parameter["name"] == name.as_str()) {
                Some(parameter) => {
                    self.check_parameter(&parameter["schema"], value).map_err(|why| format!("?{name}: {why}"))?
                }
                None if UNLISTED_PARAMETERS.contains(&(id, name)) => {}
                None => return Err(format!("?{name} is no parameter of {id}")),
            }
        }
        let missing = |parameter: &&&Value| {
            parameter["required"] == true && query.iter().all(|(name, _)| parameter["name"] != name.as_str())
        };
        parameters.iter().find(missing).map_or(Ok(()), |parameter| Err(format!("?{} is missing", parameter["name"])))
    }

    /// Checks a query parameter, parsed by the type of its schema.
    fn check_parameter(&self, schema: &Value, text: &str) -> Result<(), String> {
        let schema = self.resolve(schema);
        let value = match schema["type"].as_str() {
            Some("integer" | "number" | "boolean") => serde_json::from_str(text).map_err(|_| "is of another type")?,
            Some("array") => text.split(',').map(Value::from).collect(),
            _ => Value::from(text),
        };
        self.check_value(schema, &value, "")
    }

    /// Checks a value against a schema. Unknown fields are violations: Asana's schemas do not exclude them, but its API does.
    fn check_value(&self, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        let mut parts = vec![];
        self.collect_parts(schema, &mut parts);
        let keyword = |key: &str| parts.iter().map(|part| &part[key]).find(|found| !found.is_null());
        let says_null =
            || keyword("description").and_then(Value::as_str).is_some_and(|text| text.contains("or `null` for no"));
        if value.is_null() && (keyword("nullable") == Some(&Value::Bool(true)) || says_null()) {
            return Ok(());
        }
        let known = keyword("enum").and_then(Value::as_array);
        if known.is_some_and(|known| !known.contains(value)) {
            return Err(format!("{at}: {value} is not an allowed value"));
        }
        let number = |key: &str| keyword(key).and_then(Value::as_f64);
        let is = match keyword("type").and_then(Value::as_str) {
            Some("object") => value.is_object(),
            Some("array") => value.is_array(),
            Some("boolean") => value.is_boolean(),
            Some("integer") => value.is_i64(),
            Some("number") => value.is_number(),
            Some("string") => value.as_str().is_some_and(|text| has_format(keyword("format"), text)),
            _ => true,
        };
        let within = value.as_f64().is_none_or(|value| {
            number("minimum").is_none_or(|least| value >= least) && number("maximum").is_none_or(|most| value <= most)
        });
        if !is || !within {
            return Err(format!("{at}: {value} is not of its type"));
        }
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            self.check_value(keyword("items").unwrap_or(&Value::Null), item, &format!("{at}[{index}]"))?;
        }
        match value.as_object() {
            Some(fields) => self.check_fields(&parts, fields, at),
            None => Ok(()),
        }
    }

    fn check_fields(&self, parts: &[&Value], fields: &Map<String, Value>, at: &str) -> Result<(), String> {
        let required = parts.iter().flat_map(|part| part["required"].as_array().into_iter().flatten());
        if let Some(missing) = required.filter_map(Value::as_str).find(|name| !fields.contains_key(*name)) {
            return Err(format!("{at}.{missing} is missing"));
        }
        // The schema of fields with free names allows text only; the description also allows numbers.
        if parts.iter().any(|part| part["additionalProperties"].is_object()) {
            return Ok(());
        }
        for (name, value) in fields {
            let schema = parts.iter().rev().map(|part| &part["properties"][name]).find(|schema| !schema.is_null());
            let schema = self.resolve(schema.ok_or_else(|| format!("{at}.{name} is no field"))?);
            // Fields that can be set only at creation are marked read-only, in the form of a response.
            match (schema["readOnly"] == true, schema["description"].to_string().contains("*Create-only*")) {
                (false, _) => self.check_value(schema, value, &format!("{at}.{name}"))?,
                (true, true) => {}
                (true, false) => return Err(format!("{at}.{name} is read-only")),
            }
        }
        Ok(())
    }

    /// Collects a schema and all schemas it is composed of.
    fn collect_parts<'a>(&'a self, schema: &'a Value, parts: &mut Vec<&'a Value>) {
        let schema = self.resolve(schema);
        parts.push(schema);
        schema["allOf"].as_array().into_iter().flatten().for_each(|part| self.collect_parts(part, parts));
    }

    fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => self.resolve(self.0.pointer(reference.trim_start_matches('#')).unwrap()),
            None => value,
        }
    }
}

fn has_format(format: Option<&Value>, text: &str) -> bool {
    match format.and_then(Value::as_str) {
        Some("date") => text.parse::<jiff::civil::Date>().is_ok_and(|day| day.to_string() == text),
        Some("date-time") => text.parse::<jiff::Timestamp>().is_ok(),
        _ => true,
    }
}

fn to_json(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::String(text) => Value::from(text.as_str()),
        Yaml::Integer(number) => Value::from(*number),
        Yaml::Real(number) => Value::from(number.parse::<f64>().unwrap()),
        Yaml::Boolean(yes) => Value::from(*yes),
        Yaml::Array(items) => items.iter().map(to_json).collect(),
        Yaml::Hash(fields) => {
            let name = |key: &Yaml| to_json(key).as_str().map_or_else(|| to_json(key).to_string(), ToOwned::to_owned);
            fields.iter().map(|(key, value)| (name(key), to_json(value))).collect()
        }
        Yaml::Alias(_) | Yaml::Null | Yaml::BadValue => Value::Null,
    }
}

/// The reason why the document does not allow a request `METHOD path?query`.
fn violation_of(folder: &Path, line: &str, body: Value) -> Option<String> {
    let (method, target) = line.split_once(' ').unwrap();
    let url = url::Url::parse(&format!("http://localhost/api/1.0{target}")).unwrap();
    let query = url.query_pairs().into_owned().collect();
    violation(folder, &OutboundRequest { method: method.to_owned(), path: url.path().to_owned(), query, body })
}

#[test]
fn undocumented_attachments_are_violations() {
    let Some(folder) = super::documents_folder() else { return };
    let form = |name: &str| serde_json::json!({ "parent": "1", name: "the file" });
    let violation_of = |line: &str, body: Value| violation_of(&folder, line, body);
    assert_eq!(violation_of("POST /attachments?opt_fields=name,size", form("file")), None);
    assert_eq!(violation_of("GET /attachments?parent=1&limit=100&opt_fields=name,host", Value::Null), None);
    for (line, body, why) in [
        ("POST /attachments", serde_json::json!({ "file": "the file" }), "parent is missing"),
        ("POST /attachments", form("files"), "no field"),
        ("POST /attachments", serde_json::json!({ "data": form("file") }), "missing"),
        ("GET /attachments", Value::Null, "missing"),
    ] {
        let found = violation_of(line, body.clone());
        assert!(found.as_ref().is_some_and(|found| found.contains(why)), "{line} {body}: {found:?}");
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "a skipped check is reported")]
fn undocumented_asana_requests_are_violations() {
    let Some(folder) = super::documents_folder() else { return eprintln!("SKIPPED: Asana's document is missing") };
    let violation_of = |line: &str, body: Value| violation_of(&folder, line, body);
    let task = |field: &str, value: Value| serde_json::json!({ "data": { field: value } });
    let none = Value::Null;
    for (line, body) in [
        (
            "GET /tasks?project=1&limit=100&opt_fields=name,assignee.name&completed_since=2026-11-23T10:00:00Z",
            none.clone(),
        ),
        ("GET /users/me", none.clone()),
        ("GET /workspaces/1/tasks/search?limit=5&completed=true&due_on.after=2026-11-23", none.clone()),
        ("DELETE /tasks/1", none.clone()),
        ("POST /tasks", task("due_on", "2026-11-23".into())),
        ("PUT /tasks/1", task("assignee", none.clone())),
        ("POST /tasks", task("custom_fields", serde_json::json!({ "1": 2 }))),
        ("POST /tasks", task("memberships", serde_json::json!([{ "project": "1", "section": "2" }]))),
    ] {
        assert_eq!(violation_of(line, body.clone()), None, "{line} {body}");
    }
    for (line, body, why) in [
        ("GET /missing", none.clone(), "no such path"),
        ("PATCH /tasks/1", none.clone(), "does not answer"),
        ("GET /tasks?projects=1", none.clone(), "no parameter"),
        ("GET /tasks?project=1&project=2", none.clone(), "twice"),
        ("GET /tasks?limit=101", none.clone(), "type"),
        ("GET /tasks?limit=ten", none.clone(), "type"),
        ("GET /tasks?completed_since=now", none.clone(), "type"),
        ("GET /tasks?opt_fields=name,nome", none.clone(), "not an allowed value"),
        ("GET /projects?archived=yes", none.clone(), "type"),
        ("GET /workspaces/1/tasks/search?sort_by=name", none.clone(), "not an allowed value"),
        ("GET /workspaces/1/typeahead?query=x", none.clone(), "missing"),
        ("GET /tasks/1", task("name", "x".into()), "no body"),
        ("POST /tasks", none.clone(), "requires a body"),
        ("POST /tasks", serde_json::json!({ "name": "x" }), "no field"),
        ("POST /tasks", task("nome", "x".into()), "no field"),
        ("POST /tasks", task("name", 1.into()), "type"),
        ("POST /tasks", task("name", none.clone()), "type"),
        ("POST /tasks", task("due_on", "tomorrow".into()), "type"),
        ("POST /tasks", task("completed_at", "2026-11-23T10:00:00Z".into()), "read-only"),
        ("POST /tasks", task("followers", serde_json::json!([1])), "type"),
        ("POST /projects", task("default_view", "gantt".into()), "not an allowed value"),
        ("POST /sections/1/addTask", task("insert_before", "1".into()), "missing"),
    ] {
        let found = violation_of(line, body.clone());
        assert!(found.as_ref().is_some_and(|found| found.contains(why)), "{line} {body}: {found:?}");
    }
}
