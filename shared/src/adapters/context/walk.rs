//! Walks a context along its action's schema, makes equal what means the same, and collects the faults.

use serde_json::{Map, Number, Value};

use super::form::{self, describe};
use super::{names, properties, top_name};
use crate::error::{FieldFault, MAX_FAULTS};
use crate::nearest;

/// The words for a control character in a text of one line.
const CONTROL_REASON: &str = "must be one line without control characters, such as line breaks";

/// A walk along one schema.
pub(super) struct Walk<'a> {
    root: &'a Value,
    example: &'a Value,
    faults: Vec<FieldFault>,
    /// The number of faults that are not of a missing field. A context can have thousands, and an answer names the first ones.
    wrong: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(root: &'a Value, example: &'a Value) -> Self {
        Self { root, example, faults: vec![], wrong: 0 }
    }

    pub(super) fn into_faults(self) -> Vec<FieldFault> {
        self.faults
    }

    /// Returns the fields of the context itself.
    pub(super) fn top(&mut self, fields: Map<String, Value>) -> Map<String, Value> {
        self.object(self.root, fields, "")
    }

    fn wrong(&mut self, path: &str, reason: impl Into<String>) {
        self.add_wrong(path, |_| reason.into());
    }

    /// Adds the fault of a value of another form.
    fn wrong_form(&mut self, schema: &Value, path: &str) {
        self.add_wrong(path, |walk| walk.describe(schema, path));
    }

    fn add_wrong(&mut self, path: &str, reason: impl FnOnce(&Self) -> String) {
        self.wrong += 1;
        if self.wrong <= MAX_FAULTS {
            self.faults.push(FieldFault::wrong(path, reason(self)));
        }
    }

    /// Adds the fault of a missing field.
    fn missing(&mut self, schema: &Value, path: &str) {
        if self.faults.len() < 2 * MAX_FAULTS {
            let reason = format!("is required; {}", self.describe(schema, path));
            self.faults.push(FieldFault::missing(path, reason));
        }
    }

    /// The number of faults so far.
    fn count(&self) -> usize {
        self.faults.len() + self.wrong.saturating_sub(MAX_FAULTS)
    }

    fn describe(&self, schema: &Value, path: &str) -> String {
        let example = self.example.get(path).filter(|_| path == top_name(path));
        describe(self.root, schema, example)
    }

    /// Returns an object of declared fields: under their names, and without the optional ones that are empty.
    fn object(&mut self, schema: &'a Value, fields: Map<String, Value>, path: &str) -> Map<String, Value> {
        let Some(declared) = properties(schema) else { return fields };
        let mut given = Map::new();
        for (name, value) in fields {
            match declared_name(declared, &name) {
                None => self.unknown(declared, &join(path, &name), &name),
                Some(known) => self.add(&mut given, path, known, value),
            }
        }
        let mut accepted = Map::new();
        for (name, field) in declared {
            let (path, is_required) = (join(path, name), names(schema, "required").any(|required| required == name));
            match given.remove(name) {
                None | Some(Value::Null) if is_required => {
                    self.missing(field, &path);
                }
                None => {}
                Some(value) => {
                    if let Some(value) = self.field(field, value, &path, is_required) {
                        accepted.insert(name.clone(), value);
                    }
                }
            }
        }
        accepted
    }

    /// Adds a field under its declared name. One that is also given under a former name must have the same value.
    fn add(&mut self, given: &mut Map<String, Value>, path: &str, known: &str, value: Value) {
        match given.get(known) {
            Some(other) if !is_empty(other) && !is_empty(&value) && *other != value => {
                let reason = "must be given only once: the request has it under two names with different values";
                self.wrong(&join(path, known), reason);
            }
            Some(other) if !is_empty(other) => {}
            _ => {
                given.insert(known.to_owned(), value);
            }
        }
    }

    fn unknown(&mut self, declared: &Map<String, Value>, path: &str, name: &str) {
        self.add_wrong(path, |_| {
            let known: Vec<&str> = declared.keys().map(String::as_str).collect();
            match path == name {
                true => nearest::unknown_context_field(name, &known),
                false => nearest::unknown_field(name, &known),
            }
        });
    }

    /// Returns the value of a declared field; `None` if it counts as absent or is wrong.
    fn field(&mut self, schema: &'a Value, value: Value, path: &str, is_required: bool) -> Option<Value> {
        match &value {
            Value::String(text) if text.trim().is_empty() && schema["x-empty"] == "allowed" => return Some("".into()),
            Value::String(text) if text.trim().is_empty() && !self.may_be_empty(schema) => {
                self.wrong_form(schema, path);
                return None;
            }
            _ if !is_required && is_empty(&value) => return None,
            _ => {}
        }
        let found = self.count();
        let value = self.value(schema, value, path);
        match &value {
            _ if self.count() > found => None,
            Value::String(text) if text.trim().is_empty() && is_required => {
                self.wrong(path, "must not be empty");
                None
            }
            value if !is_required && is_empty(value) => None,
            _ => Some(value),
        }
    }

    /// True if an empty text can stand for the absence of a field: of a text or a list, but not of a number, a boolean or a time.
    fn may_be_empty(&self, schema: &Value) -> bool {
        if schema["x-empty"] == "refused" {
            return false;
        }
        let schema = form::resolve(self.root, schema);
        let alternatives = form::alternatives(self.root, schema);
        let forms = if alternatives.is_empty() { vec![schema] } else { alternatives };
        let is_text = |kind: &&str| !matches!(*kind, "integer" | "number" | "boolean");
        forms.into_iter().any(|one| form::types(one).is_empty() || form::types(one).iter().any(is_text))
    }

    /// Returns a value in the form of its schema. A value of another form adds a fault.
    fn value(&mut self, schema: &'a Value, value: Value, path: &str) -> Value {
        let schema = form::resolve(self.root, schema);
        let choices = form::choices(self.root, schema);
        if !choices.is_empty() {
            return self.choice(schema, &choices, value, path);
        }
        let alternatives = form::alternatives(self.root, schema);
        if let [one] = alternatives.as_slice() {
            return self.value(one, value, path);
        }
        if !alternatives.is_empty() {
            let is_null = value.is_null()
                && schema["anyOf"].as_array().is_some_and(|all| all.iter().any(|one| one["type"] == "null"));
            return match alternatives.into_iter().find(|one| is_of_type(one, &value)) {
                Some(one) => self.value(one, value, path),
                None if is_null => value,
                None => self.refuse(schema, value, path),
            };
        }
        match (form::types(schema).as_slice(), value) {
            ([], value) => repaired(value),
            (["string"], Value::String(text)) => Value::String(self.text(schema, text, path)),
            (["boolean"], value) => match as_boolean(&value) {
                Some(flag) => flag.into(),
                None => self.refuse(schema, value, path),
            },
            ([kind @ ("integer" | "number")], value) => {
                match as_number(kind, &value).filter(|number| is_in_range(schema, number)) {
                    Some(number) => number.into(),
                    None => self.refuse(schema, value, path),
                }
            }
            (["array"], Value::Array(items)) => self.list(schema, items, path),
            (["object"], Value::Object(fields)) => self.any_object(schema, fields, path),
            (_, value) => self.refuse(schema, value, path),
        }
    }

    fn refuse(&mut self, schema: &Value, value: Value, path: &str) -> Value {
        self.wrong_form(schema, path);
        value
    }

    fn choice(&mut self, schema: &Value, choices: &[&str], value: Value, path: &str) -> Value {
        match value.as_str() {
            Some(text) if choices.contains(&text) => value,
            Some(text) => {
                self.add_wrong(path, |walk| {
                    let question = nearest::question(text, choices.iter().copied());
                    format!("{}{question}", walk.describe(schema, path))
                });
                value
            }
            None => self.refuse(schema, value, path),
        }
    }

    fn list(&mut self, schema: &'a Value, items: Vec<Value>, path: &str) -> Value {
        let is_outside = |bound: &str, ends: fn(u64, u64) -> bool| {
            schema[bound].as_u64().is_some_and(|bound| ends(items.len() as u64, bound))
        };
        if is_outside("minItems", |count, least| count < least) || is_outside("maxItems", |count, most| count > most) {
            self.wrong_form(schema, path);
            return Value::Array(items);
        }
        let item = &schema["items"];
        items.into_iter().enumerate().map(|(at, value)| self.value(item, value, &format!("{path}[{at}]"))).collect()
    }

    fn any_object(&mut self, schema: &'a Value, fields: Map<String, Value>, path: &str) -> Value {
        if properties(schema).is_some() {
            return Value::Object(self.object(schema, fields, path));
        }
        match &schema["additionalProperties"] {
            values @ Value::Object(_) => {
                let fields = fields.into_iter().map(|(name, value)| {
                    let value = self.value(values, value, &join(path, &name));
                    (name, value)
                });
                Value::Object(fields.collect())
            }
            // An object of any fields, as the provider documents it.
            _ => repaired(Value::Object(fields)),
        }
    }

    fn text(&mut self, schema: &Value, text: String, path: &str) -> String {
        let (count, max) = (text.chars().count() as u64, schema["maxLength"].as_u64());
        if let Some(max) = max.filter(|max| count > *max) {
            self.wrong(path, format!("must have at most {max} characters; it has {count}"));
        }
        if schema["x-multiline"] == true {
            return repaired_text(&text);
        }
        if text.contains(char::is_control) {
            self.wrong(path, CONTROL_REASON);
        }
        text
    }
}

/// Returns the name under which a field is declared.
fn declared_name<'a>(declared: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    let is_alias = |field: &Value| names(field, "x-aliases").any(|alias| alias == name);
    let found = declared.iter().find(|(known, field)| *known == name || is_alias(field));
    found.map(|(known, _)| known.as_str())
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// True for a value that means the same as an absent one in an optional field.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => {
            items.iter().all(|item| item.is_null() || item.as_str().is_some_and(|text| text.trim().is_empty()))
        }
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn is_of_type(schema: &Value, value: &Value) -> bool {
    form::types(schema).iter().any(|kind| match *kind {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    })
}

/// Returns true or false, also of a text that says so.
fn as_boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text.trim().eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.trim().eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// Returns a number, also of a text in digits, and a whole number of one that is written as `5.0`.
fn as_number(kind: &str, value: &Value) -> Option<Number> {
    let number = match value {
        Value::Number(number) => number.clone(),
        Value::String(text) => text.trim().parse::<Number>().ok()?,
        _ => return None,
    };
    if kind == "number" || number.is_i64() || number.is_u64() {
        return Some(number);
    }
    let whole = number.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < 1e15)?;
    format!("{whole:.0}").parse::<i64>().ok().map(Number::from)
}

fn is_in_range(schema: &Value, number: &Number) -> bool {
    let (Some(number), bound) = (number.as_f64(), |name: &str| schema[name].as_f64()) else { return false };
    bound("minimum").is_none_or(|least| number >= least) && bound("maximum").is_none_or(|most| number <= most)
}

/// Repairs every text of a value.
fn repaired(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(repaired_text(&text)),
        Value::Array(items) => items.into_iter().map(repaired).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (repaired_text(&name), repaired(value))).collect()
        }
        other => other,
    }
}

/// Returns a text of several lines with `\n` as its line end, and without the other control characters of ASCII but the tab.
fn repaired_text(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.chars().filter(|char| matches!(char, '\n' | '\t') || !char.is_ascii_control()).collect()
}
