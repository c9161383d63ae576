//! Queries on `infra/template.yaml`. A reference that cannot be resolved panics with its location.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{Route, yaml};
use crate::support::text;

pub(super) struct Stack(Value);

/// A table and its indexes, as far as the engine depends on them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TableShape {
    /// The name as in `PLUGIN_ENGINE_TABLE_<NAME>`, in lower case.
    pub(super) name: String,
    pub(super) partition: String,
    pub(super) sort: String,
    pub(super) indexes: BTreeSet<IndexShape>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct IndexShape {
    pub(super) name: String,
    /// True for a local index: it shares the table's partition key and supports consistent reads.
    pub(super) local: bool,
    pub(super) partition: String,
    pub(super) sort: String,
    /// `ALL`, `KEYS_ONLY`, or `INCLUDE` followed by the attributes in order.
    pub(super) projection: String,
}

impl Stack {
    pub(super) fn read() -> Self {
        Self::parse(&text("infra/template.yaml"))
    }

    /// The template with a planted fault: the first occurrence of a text is replaced.
    pub(super) fn planted(before: &str, after: &str) -> Self {
        let template = text("infra/template.yaml");
        assert!(template.contains(before), "the template has no {before:?}");
        Self::parse(&template.replacen(before, after, 1))
    }

    fn parse(template: &str) -> Self {
        Self(yaml::parse(template).unwrap_or_else(|error| panic!("infra/template.yaml: {error}")))
    }

    /// All resources, by logical id.
    pub(super) fn resources(&self) -> impl Iterator<Item = (&str, &Value)> {
        let all = self.0["Resources"].as_object().expect("the template has Resources");
        all.iter().map(|(id, resource)| (id.as_str(), resource))
    }

    pub(super) fn conditions(&self) -> &Value {
        &self.0["Conditions"]
    }

    /// A rule on the parameters.
    pub(super) fn rule(&self, name: &str) -> &Value {
        &self.0["Rules"][name]
    }

    /// All parameters, by name.
    pub(super) fn parameters(&self) -> &Map<String, Value> {
        self.0["Parameters"].as_object().expect("the template has Parameters")
    }

    /// A parameter of the deployment.
    pub(super) fn parameter(&self, name: &str) -> &Value {
        &self.0["Parameters"][name]
    }

    /// The value of an output.
    pub(super) fn output(&self, name: &str) -> &Value {
        &self.0["Outputs"][name]["Value"]
    }

    /// The properties of the resources of one type, by logical id.
    pub(super) fn of_type(&self, kind: &str) -> impl Iterator<Item = (&str, &Value)> {
        self.resources().filter(move |(_, it)| it["Type"] == kind).map(|(id, it)| (id, &it["Properties"]))
    }

    /// A resource of a given type.
    pub(super) fn resource(&self, kind: &str, id: &str) -> &Value {
        self.of_type(kind)
            .find_map(|(found, properties)| (found == id).then_some(properties))
            .unwrap_or_else(|| panic!("the template has no {kind} named {id}"))
    }

    /// The functions' names by logical id; the name is the directory of the code.
    pub(super) fn functions(&self) -> BTreeMap<&str, &str> {
        self.of_type("AWS::Serverless::Function")
            .map(|(id, function)| {
                let code = function["CodeUri"].as_str().unwrap_or_default();
                let name = code.strip_prefix("../target/lambda/").and_then(|path| path.strip_suffix('/'));
                (id, name.unwrap_or_else(|| panic!("{id}: CodeUri {code:?} is not ../target/lambda/<function>/")))
            })
            .collect()
    }

    /// The routes with the functions they reach: route, integration, function.
    pub(super) fn routes(&self) -> BTreeSet<Route> {
        let functions = self.functions();
        let mut routes = BTreeSet::new();
        for (id, route) in self.of_type("AWS::ApiGatewayV2::Route") {
            let (method, path) = route_key(id, route);
            let target = route["Target"]["Fn::Sub"].as_str().unwrap_or_default();
            let integration = target
                .strip_prefix("integrations/${")
                .and_then(|path| path.strip_suffix('}'))
                .unwrap_or_else(|| panic!("{id}: Target {target:?} is not integrations/${{...}}"));
            let uri = &self.resource("AWS::ApiGatewayV2::Integration", integration)["IntegrationUri"];
            let function =
                referenced_id(uri).unwrap_or_else(|| panic!("{integration}: IntegrationUri {uri} is no Arn"));
            let function = functions
                .get(function)
                .unwrap_or_else(|| panic!("{integration} names {function}, which is no function"));
            let route = (method.to_owned(), path.to_owned(), (*function).to_owned());
            assert!(routes.insert(route.clone()), "{id} repeats a route: {route:?}");
        }
        routes
    }

    /// The environment of a function: the global variables, overridden by its own.
    pub(super) fn environment<'a>(&'a self, function: &'a Value) -> BTreeMap<&'a str, &'a Value> {
        let shared = &self.0["Globals"]["Function"]["Environment"]["Variables"];
        let own = &function["Environment"]["Variables"];
        let entries = [shared, own].into_iter().filter_map(Value::as_object).flatten();
        entries.map(|(name, value)| (name.as_str(), value)).collect()
    }

    pub(super) fn timeout(&self, function: &Value) -> Option<i64> {
        function["Timeout"].as_i64().or_else(|| self.0["Globals"]["Function"]["Timeout"].as_i64())
    }

    /// The logical id of the table behind each `PLUGIN_ENGINE_TABLE_<NAME>`, by name in lower case.
    pub(super) fn table_names(&self) -> BTreeMap<String, &str> {
        let shared = self.environment(&Value::Null);
        let tables = shared.into_iter().filter_map(|(variable, value)| {
            let name = variable.strip_prefix("PLUGIN_ENGINE_TABLE_")?.to_ascii_lowercase();
            Some((name, value["Ref"].as_str().unwrap_or_else(|| panic!("{variable} is no Ref to a table"))))
        });
        tables.collect()
    }

    /// The tables in the form the engine describes them.
    pub(super) fn table_shapes(&self) -> BTreeSet<TableShape> {
        let shapes = self.table_names().into_iter().map(|(name, id)| {
            let table = self.resource("AWS::DynamoDB::Table", id);
            let (partition, sort) = key_names(id, table);
            let global = list(&table["GlobalSecondaryIndexes"]).iter().map(|index| index_shape(id, index, false));
            let local = list(&table["LocalSecondaryIndexes"]).iter().map(|index| index_shape(id, index, true));
            TableShape { name, partition, sort, indexes: global.chain(local).collect() }
        });
        shapes.collect()
    }
}

/// Method and path of a route.
pub(super) fn route_key<'a>(id: &str, route: &'a Value) -> (&'a str, &'a str) {
    let key = route["RouteKey"].as_str().unwrap_or_default();
    key.split_once(' ').unwrap_or_else(|| panic!("{id}: RouteKey {key:?} is not a method and a path"))
}

/// The logical id a `Ref` or a `GetAtt` names.
pub(super) fn referenced_id(value: &Value) -> Option<&str> {
    value["Ref"].as_str().or_else(|| value["Fn::GetAtt"][0].as_str())
}

/// A list, a single value as a list of one, nothing as an empty list.
pub(super) fn list(value: &Value) -> &[Value] {
    match value {
        Value::Null => &[],
        Value::Array(items) => items,
        single => std::slice::from_ref(single),
    }
}

fn index_shape(table: &str, index: &Value, local: bool) -> IndexShape {
    let name = index["IndexName"].as_str().unwrap_or_else(|| panic!("{table}: an index without a name"));
    let (partition, sort) = key_names(&format!("{table}/{name}"), index);
    let kind = index["Projection"]["ProjectionType"].as_str().unwrap_or_default();
    let mut attributes: Vec<&str> =
        list(&index["Projection"]["NonKeyAttributes"]).iter().filter_map(Value::as_str).collect();
    attributes.sort_unstable();
    let projection = [kind].into_iter().chain(attributes).collect::<Vec<_>>().join(" ");
    IndexShape { name: name.to_owned(), local, partition, sort, projection }
}

fn key_names(of: &str, schema: &Value) -> (String, String) {
    let key = |kind: &str| {
        let entries = list(&schema["KeySchema"]);
        let entry = entries.iter().find(|entry| entry["KeyType"] == kind);
        let name = entry.and_then(|entry| entry["AttributeName"].as_str());
        name.unwrap_or_else(|| panic!("{of} has no {kind} key")).to_owned()
    };
    (key("HASH"), key("RANGE"))
}
