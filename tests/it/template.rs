//! `infra/template.yaml`, the routes of `cargo lambda watch`, `events/` and `functions/` describe the same system: all have the
//! same routes and functions, and the template's roles allow exactly the grants listed in `grants`.

mod api;
mod encryption;
mod files;
mod grants;
mod invocation;
mod monitoring;
mod roles;
mod samples;
mod schedules;
mod settings;
mod stack;
mod yaml;

use std::collections::BTreeSet;

use crate::support::{assert_same, root};
use cargo_metadata::MetadataCommand;
use engine::tables::schema;
use serde_json::{Value, json};

pub(crate) use grants::grants;
use stack::{IndexShape, Stack, TableShape, list};

/// Method, path and function of a route.
pub(crate) type Route = (String, String, String);

const BASE: &str = "/api/plugin-engine";
/// Routes without a token: the OAuth callbacks and the API document.
pub(crate) const OPEN_ROUTES: [&str; 3] = [
    "GET /api/plugin-engine/oauth/callback",
    "GET /api/plugin-engine/integrations/oauth/callback",
    "GET /api/plugin-engine/openapi.json",
];
/// The only function without a route.
const PROCESSOR: &str = "process-due-tasks";

#[test]
fn template_watch_and_events_know_the_same_routes() {
    let template = Stack::read().routes();
    assert_same("infra/template.yaml", &template, "Cargo.toml's watch router", &watch_routes());
    assert_same("infra/template.yaml", &template, "events/", &samples::routes());
    for (_, path, _) in &template {
        assert!(path.starts_with(BASE), "{path} is not under {BASE}");
    }
}

#[test]
fn every_function_is_deployed() {
    let metadata = MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .unwrap_or_else(|error| panic!("cargo metadata: {error}"));
    let mut built = BTreeSet::new();
    for package in &metadata.packages {
        let directory = package.manifest_path.parent().expect("a manifest is in a directory");
        if directory.parent().and_then(|parent| parent.file_name()) != Some("functions") {
            continue;
        }
        assert_eq!(Some(package.name.as_str()), directory.file_name(), "package and directory differ in name");
        let binaries: Vec<_> = package.targets.iter().filter(|it| it.is_bin()).map(|it| &it.name).collect();
        assert_eq!(binaries, [package.name.as_str()], "the binaries of functions/{}", package.name);
        built.insert(package.name.to_string());
    }

    let stack = Stack::read();
    let functions = stack.functions();
    let deployed: BTreeSet<String> = functions.values().map(ToString::to_string).collect();
    assert_eq!(deployed.len(), functions.len(), "two functions of the template share their code: {functions:?}");
    assert_same("infra/template.yaml", &deployed, "functions/", &built);
    let routed: BTreeSet<String> =
        stack.routes().into_iter().map(|(_, _, function)| function).chain([PROCESSOR.to_owned()]).collect();
    assert_same("functions with a route, and the processor", &routed, "functions/", &built);
    assert_same("functions with a sample event", &samples::functions(), "functions/", &built);
}

/// With another algorithm than RS256 no route has it, and the engine alone refuses a token.
#[test]
fn with_rs256_every_route_but_the_open_ones_has_the_authorizer() {
    let stack = Stack::read();
    let conditions = stack.conditions();
    assert_eq!(
        conditions["UseJwtAuthorizer"],
        json!({"Fn::Equals": [{"Ref": "JwtAlgorithms"}, "RS256"]}),
        "UseJwtAuthorizer: API Gateway's authorizer supports only RSA"
    );
    let authorizers: Vec<&str> = stack.of_type("AWS::ApiGatewayV2::Authorizer").map(|(id, _)| id).collect();
    let [authorizer] = authorizers[..] else { panic!("one authorizer is expected, not {authorizers:?}") };

    let guarded = (
        json!({"Fn::If": ["UseJwtAuthorizer", "JWT", "NONE"]}),
        json!({"Fn::If": ["UseJwtAuthorizer", {"Ref": authorizer}, {"Ref": "AWS::NoValue"}]}),
    );
    let open = (json!("NONE"), Value::Null);
    for (id, route) in stack.of_type("AWS::ApiGatewayV2::Route") {
        let found = (route["AuthorizationType"].clone(), route["AuthorizerId"].clone());
        let key = route["RouteKey"].as_str().unwrap_or_default();
        let expected = if OPEN_ROUTES.contains(&key) { &open } else { &guarded };
        assert_eq!(&found, expected, "{id} ({key}): AuthorizationType and AuthorizerId");
    }
}

/// The tables as the template creates them.
fn table_shapes_in_template() -> BTreeSet<TableShape> {
    Stack::read().table_shapes()
}

/// The tables as the engine creates them locally.
fn table_shapes_in_engine() -> BTreeSet<TableShape> {
    let shape = |shape: schema::TableSchema| TableShape {
        name: shape.table.to_owned(),
        partition: "pk".to_owned(),
        sort: "sk".to_owned(),
        indexes: shape.index.into_iter().map(index_shape).collect(),
    };
    schema::TABLE_SCHEMAS.into_iter().map(shape).collect()
}

fn index_shape(index: schema::IndexSchema) -> IndexShape {
    IndexShape {
        name: index.name.to_owned(),
        local: index.partition.is_none(),
        partition: index.partition.unwrap_or("pk").to_owned(),
        sort: index.sort.to_owned(),
        projection: match index.projection {
            schema::IndexProjection::KeysOnly => "KEYS_ONLY".to_owned(),
            schema::IndexProjection::All => "ALL".to_owned(),
            schema::IndexProjection::Include(names) => {
                let mut names = names.to_vec();
                names.sort_unstable();
                format!("INCLUDE {}", names.join(" "))
            }
        },
    }
}

#[test]
fn tables_and_indexes_are_what_the_engine_expects() {
    assert_same("infra/template.yaml", &table_shapes_in_template(), "the engine", &table_shapes_in_engine());
}

#[test]
fn every_table_expires_recovers_and_is_encrypted() {
    let stack = Stack::read();
    let configured: BTreeSet<String> = stack.table_names().into_values().map(ToOwned::to_owned).collect();
    let created: BTreeSet<String> = stack.of_type("AWS::DynamoDB::Table").map(|(id, _)| id.to_owned()).collect();
    assert_same("tables in the functions' environment", &configured, "tables in the template", &created);

    let expected = [
        ("Properties/TimeToLiveSpecification", json!({"AttributeName": "ttl", "Enabled": true})),
        ("Properties/PointInTimeRecoverySpecification", json!({"PointInTimeRecoveryEnabled": true})),
        ("Properties/SSESpecification/SSEEnabled", json!(true)),
        ("Properties/SSESpecification/SSEType", json!("KMS")),
        ("Properties/BillingMode", json!("PAY_PER_REQUEST")),
        ("Properties/DeletionProtectionEnabled", json!({"Fn::If": ["IsProd", true, false]})),
        ("DeletionPolicy", json!({"Fn::If": ["IsProd", "Retain", "Delete"]})),
        ("UpdateReplacePolicy", json!("Retain")),
    ];
    assert_eq!(stack.conditions()["IsProd"], json!({"Fn::Equals": [{"Ref": "Stage"}, "prod"]}), "IsProd");
    for (id, table) in stack.resources().filter(|(_, it)| it["Type"] == "AWS::DynamoDB::Table") {
        for (pointer, value) in &expected {
            assert_eq!(table.pointer(&format!("/{pointer}")), Some(value), "{id}: {pointer}");
        }
        let mut keys = BTreeSet::new();
        collect_strings(table, "AttributeName", &mut keys);
        keys.remove("ttl");
        let types = list(&table["Properties"]["AttributeDefinitions"]);
        for key in keys {
            let defined = json!({"AttributeName": key, "AttributeType": "S"});
            assert!(types.contains(&defined), "{id}: the key {key} is not defined as a string");
        }
    }
}

#[test]
fn each_function_has_its_own_timeout_in_its_environment() {
    let stack = Stack::read();
    for (id, function) in stack.of_type("AWS::Serverless::Function") {
        let name = stack.functions()[id];
        let timeout = stack.timeout(function).unwrap_or_else(|| panic!("{name} has no Timeout"));
        let configured = stack.environment(function)["PLUGIN_ENGINE_TIMEOUT_SECONDS"];
        assert_eq!(configured, &json!(timeout.to_string()), "{name}: PLUGIN_ENGINE_TIMEOUT_SECONDS and Timeout");
        assert!(name == PROCESSOR || timeout < 30, "{name}: API Gateway gives up after 30 s");
    }
}

#[test]
fn lambda_http_reads_the_sample_events() {
    samples::read_all();
}

/// The routes of `cargo lambda watch`, from the root manifest.
pub(crate) fn watch_routes() -> BTreeSet<Route> {
    let metadata = MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .unwrap_or_else(|error| panic!("cargo metadata: {error}"));
    let router = &metadata.workspace_metadata["lambda"]["watch"]["router"];
    let paths = router.as_object().expect("Cargo.toml has [workspace.metadata.lambda.watch.router]");
    let mut routes = BTreeSet::new();
    for (path, entries) in paths {
        for entry in list(entries) {
            let (Some(method), Some(function)) = (entry["method"].as_str(), entry["function"].as_str()) else {
                panic!("Cargo.toml's watch router, {path}: {entry} lacks `function` or `method`");
            };
            let route = (method.to_owned(), path.clone(), function.to_owned());
            assert!(routes.insert(route.clone()), "Cargo.toml's watch router repeats {route:?}");
        }
    }
    routes
}

/// Collects every string with a field name, anywhere below a value.
fn collect_strings(value: &Value, name: &str, found: &mut BTreeSet<String>) {
    found.extend(value[name].as_str().map(ToOwned::to_owned));
    children(value).for_each(|child| collect_strings(child, name, found));
}

fn children(value: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match value {
        Value::Array(items) => Box::new(items.iter()),
        Value::Object(entries) => Box::new(entries.values()),
        _ => Box::new(std::iter::empty()),
    }
}
