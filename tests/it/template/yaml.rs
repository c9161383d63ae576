//! Parses a CloudFormation template as JSON: short tags such as `!Ref X` are expanded to their long form.

use serde_json::{Map, Value};
use yaml_rust2::Event;
use yaml_rust2::parser::{MarkedEventReceiver, Parser, Tag};
use yaml_rust2::scanner::{Marker, TScalarStyle};

/// Parses one document. A repeated key is an error: CloudFormation would silently ignore one of the two.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    let mut builder = Builder::default();
    Parser::new_from_str(text).load(&mut builder, false).map_err(|error| error.to_string())?;
    match builder.fault {
        Some(fault) => Err(fault),
        None => builder.root.ok_or_else(|| "an empty document".to_owned()),
    }
}

#[derive(Default)]
struct Builder {
    open: Vec<OpenCollection>,
    root: Option<Value>,
    fault: Option<String>,
}

/// A collection that is being parsed.
struct OpenCollection {
    tag: Option<Tag>,
    node: Node,
}

enum Node {
    List(Vec<Value>),
    Map { entries: Map<String, Value>, key: Option<String> },
}

impl MarkedEventReceiver for Builder {
    fn on_event(&mut self, event: Event, mark: Marker) {
        match event {
            Event::Scalar(text, style, _, tag) => self.add(expand_tag(tag, scalar(text, style)), mark),
            Event::SequenceStart(_, tag) => self.open.push(OpenCollection { tag, node: Node::List(Vec::new()) }),
            Event::MappingStart(_, tag) => {
                self.open.push(OpenCollection { tag, node: Node::Map { entries: Map::new(), key: None } });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(OpenCollection { tag, node }) = self.open.pop() else { return };
                let value = match node {
                    Node::List(items) => Value::Array(items),
                    Node::Map { entries, .. } => Value::Object(entries),
                };
                self.add(expand_tag(tag, value), mark);
            }
            Event::Alias(_) => self.fail("anchors and aliases are not used here", mark),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart | Event::DocumentEnd => {}
        }
    }
}

impl Builder {
    fn add(&mut self, value: Value, mark: Marker) {
        let Some(OpenCollection { node, .. }) = self.open.last_mut() else {
            self.root = Some(value);
            return;
        };
        match node {
            Node::List(items) => items.push(value),
            Node::Map { entries, key } => match key.take() {
                Some(name) => {
                    if entries.insert(name.clone(), value).is_some() {
                        self.fail(&format!("the key {name} occurs twice"), mark);
                    }
                }
                None => match value {
                    Value::String(name) => *key = Some(name),
                    other => *key = Some(other.to_string()),
                },
            },
        }
    }

    fn fail(&mut self, what: &str, mark: Marker) {
        self.fault.get_or_insert_with(|| format!("line {}: {what}", mark.line()));
    }
}

fn scalar(text: String, style: TScalarStyle) -> Value {
    if style != TScalarStyle::Plain {
        return Value::String(text);
    }
    match text.as_str() {
        "" | "~" | "null" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => text.parse::<i64>().map_or(Value::String(text), Value::from),
    }
}

fn expand_tag(tag: Option<Tag>, value: Value) -> Value {
    let Some(Tag { handle, suffix }) = tag else { return value };
    if handle != "!" {
        return value;
    }
    let (name, value) = match (suffix.as_str(), value) {
        ("Ref" | "Condition", value) => (suffix, value),
        ("GetAtt", Value::String(path)) => ("Fn::GetAtt".to_owned(), path.splitn(2, '.').map(Value::from).collect()),
        (_, value) => (format!("Fn::{suffix}"), value),
    };
    Value::Object(Map::from_iter([(name, value)]))
}

#[test]
fn short_tags_become_their_long_form() {
    let text = "a: !Ref X\nb: !GetAtt X.Arn\nc: !If [P, !Ref Y, !Sub '${Z}/1']\nd: 10\ne: '10'\nf: {g: true}\n";
    let expected = serde_json::json!({
        "a": {"Ref": "X"},
        "b": {"Fn::GetAtt": ["X", "Arn"]},
        "c": {"Fn::If": ["P", {"Ref": "Y"}, {"Fn::Sub": "${Z}/1"}]},
        "d": 10,
        "e": "10",
        "f": {"g": true},
    });
    assert_eq!(parse(text), Ok(expected));
}

#[test]
fn a_repeated_key_is_refused() {
    let error = parse("a: {b: 1}\nc:\n  d: 1\n  d: 2\n").expect_err("d occurs twice");
    assert!(error.contains("the key d occurs twice"), "{error}");
}
