//! The contexts and outputs of all actions as components of the document, and an index from tool and action to both: the types of
//! the clients in every language are generated from it.

use engine::adapters;
use serde_json::{Map, Value, json};

/// The reference of the index. No route has it as its body: `POST /api/plugin-engine` takes the context of any action.
pub(crate) const INDEX: &str = "#/components/schemas/Actions";
/// The start of a reference to a component.
const COMPONENTS: &str = "#/components/schemas/";

/// The components of all actions: `<Tool><Action>Context`, `<Tool><Action>Output`, and the index `Actions`.
pub(crate) fn components() -> Map<String, Value> {
    let mut components = Map::new();
    let mut tools = Map::new();
    for adapter in adapters::ALL {
        let tool = pascal_case(adapter.tool.as_str());
        let mut actions = Map::new();
        for action in adapter.actions {
            let name = format!("{tool}{}", pascal_case(action.name));
            add(&mut components, format!("{name}Context"), action.schema());
            add(&mut components, format!("{name}Output"), action.output_schema());
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
    add(&mut components, "Actions".to_owned(), index);
    components
}

/// The schema of an object that always has these fields.
fn object(fields: Value) -> Value {
    let names: Vec<&String> = fields.as_object().into_iter().flat_map(Map::keys).collect();
    json!({ "type": "object", "required": names, "properties": fields })
}

/// Adds a schema as a component. Panics if another one has its name, or if it refers to a definition, which would not be found there.
fn add(components: &mut Map<String, Value>, name: String, mut schema: Value) {
    if let Some(fields) = schema.as_object_mut() {
        fields.retain(|field, _| field != "$schema");
    }
    assert!(!schema.to_string().contains("#/$defs/"), "{name} refers to a definition");
    assert!(components.insert(name.clone(), schema).is_none(), "two schemas are called {name}");
}

fn pascal_case(name: &str) -> String {
    let capitalized = |word: &str| word[..1].to_uppercase() + &word[1..];
    name.split('_').map(capitalized).collect()
}
