//! The contexts and outputs of all actions as components of the document, and an index from tool and action to both: the types of
//! the clients in every language are generated from it.

use engine::adapters;
use engine::adapters::action::ActionDef;
use serde_json::{Map, Value, json};

/// The reference of the index. No route has it as its body: `POST /api/plugin-engine` takes the context of any action.
pub(crate) const INDEX: &str = "#/components/schemas/Actions";
/// The start of a reference to a component.
const COMPONENTS: &str = "#/components/schemas/";

/// The components of all actions: `<Tool><Action>Context`, `<Tool><Action>Output`, what these refer to, and the index `Actions`.
pub(crate) fn components() -> Map<String, Value> {
    let mut components = Map::new();
    let mut tools = Map::new();
    for adapter in adapters::ALL {
        let tool = pascal_case(adapter.tool.as_str());
        let mut actions = Map::new();
        for action in adapter.actions {
            let name = format!("{tool}{}", pascal_case(action.name));
            add(&mut components, &tool, &format!("{name}Context"), action.schema());
            add(&mut components, &tool, &format!("{name}Output"), output(action));
            let reference = |part: &str| json!({ "$ref": format!("{COMPONENTS}{name}{part}") });
            actions.insert(
                action.name.to_owned(),
                object(json!({ "context": reference("Context"), "output": reference("Output") })),
            );
        }
        tools.insert(adapter.tool.as_str().to_owned(), object(actions.into()));
    }
    let mut index = object(tools.into());
    index["description"] = "The `context` that each action takes, and the `data` of its result.".into();
    insert(&mut components, "Actions".to_owned(), index);
    components
}

/// The schema of an action's output.
fn output(action: &ActionDef) -> Value {
    json!({ "type": "object", "description": format!("The data of `{}`.", action.name) })
}

/// The schema of an object that always has these fields.
fn object(fields: Value) -> Value {
    let names: Vec<&String> = fields.as_object().into_iter().flat_map(Map::keys).collect();
    json!({ "type": "object", "required": names, "properties": fields })
}

/// Adds a schema as a component, and the definitions inside it as components of the tool.
fn add(components: &mut Map<String, Value>, tool: &str, name: &str, mut schema: Value) {
    if let Some(fields) = schema.as_object_mut() {
        fields.retain(|field, _| !matches!(field.as_str(), "$schema" | "title"));
        if let Some(Value::Object(definitions)) = fields.remove("$defs") {
            for (definition, schema) in definitions {
                add(components, tool, &format!("{tool}{definition}"), schema);
            }
        }
    }
    let text = schema.to_string().replace("\"#/$defs/", &format!("\"{COMPONENTS}{tool}"));
    insert(components, name.to_owned(), serde_json::from_str(&text).unwrap());
}

/// Inserts a component. Panics if a different one has its name.
fn insert(components: &mut Map<String, Value>, name: String, schema: Value) {
    if let Some(known) = components.get(&name) {
        assert_eq!(known, &schema, "two different things are called {name}");
    }
    components.insert(name, schema);
}

fn pascal_case(name: &str) -> String {
    let capitalized = |word: &str| word[..1].to_uppercase() + &word[1..];
    name.split('_').map(capitalized).collect()
}
