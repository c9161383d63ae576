//! The functions' blocks of `infra/template.yaml`: role, function, log group, integration, permissions, routes.
//!
//! `template/*.yaml` are the resources, with `@name@` for what differs between functions.

use std::collections::BTreeSet;

use crate::function::{BASE, Callers, Function, Route};

/// The resource of all connections' secrets, as the template writes it.
const CONNECTIONS: &str =
    "!Sub arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:/plugin-engine/${Stage}/*";
const GUARDED: &str = "      AuthorizationType: !If [UseJwtAuthorizer, JWT, NONE]\n      \
                       AuthorizerId: !If [UseJwtAuthorizer, !Ref JwtAuthorizer, !Ref AWS::NoValue]\n";
const OPEN: &str = "      AuthorizationType: NONE\n";
/// The condition of a grant on some keys. `ForAllValues` alone would also hold for a request without a key.
const LEADING_KEYS: &str = "                Condition:
                  ForAllValues:StringLike: {dynamodb:LeadingKeys: ['@pattern@']}
                  'Null': {dynamodb:LeadingKeys: 'false'}
";
/// The condition of the events of a function: only the processor's and a connect's start the processor. `events:source` has several
/// values by its type, hence `ForAllValues`; an event always has one, and a detail type.
const DETAIL_TYPES: &str = "                Condition:
                  ForAllValues:StringEquals: {events:source: plugin-engine}
                  StringEquals: {events:detail-type: [@types@]}
";

/// The blocks of all functions.
pub(crate) fn functions(functions: &[Function]) -> String {
    functions.iter().map(function).collect()
}

/// The ids of the routes with a limit of their own. The stage depends on them: its settings may name only existing routes.
pub(crate) fn stage_dependencies(functions: &[Function]) -> String {
    let ids: Vec<String> = functions
        .iter()
        .flat_map(|function| function.routes.iter().map(move |route| (function, route)))
        .filter(|(_, route)| route.requests_per_second.is_some())
        .flat_map(|(function, route)| route_ids(function, route))
        .collect();
    format!("    DependsOn: [{}]\n", ids.join(", "))
}

/// The limits of single routes.
pub(crate) fn stage_limits(functions: &[Function]) -> String {
    let routes = functions.iter().flat_map(|function| &function.routes);
    let limits = routes.filter_map(|route| Some((route, route.requests_per_second?))).flat_map(|(route, rate)| {
        let limit = format!("{{ThrottlingRateLimit: {rate}, ThrottlingBurstLimit: {}}}", u32::from(rate) * 2);
        route.keys().map(move |key| format!("        {key}: {limit}\n"))
    });
    limits.collect()
}

fn function(function: &Function) -> String {
    let rule = "-".repeat(113_usize.saturating_sub(function.name.len()));
    let mut text = format!("  # ---- {} {rule}\n\n{}", function.name, include_str!("template/function.yaml"));
    if !function.routes.is_empty() {
        text.push_str(include_str!("template/audit.yaml"));
        text.push_str(include_str!("template/integration.yaml"));
    }
    let paths: BTreeSet<&str> = function.routes.iter().flat_map(Route::paths).collect();
    text.extend(paths.into_iter().map(|path| permission(function, path)));
    for route in &function.routes {
        for path in route.paths() {
            text.extend(route.methods.iter().map(|method| route_block(function, route, path, method)));
        }
    }
    text.replace("@grants@\n", &grants(function))
        .replace("@concurrency@", &concurrency(function))
        .replace("@Id@", &pascal(&function.name))
        .replace("@name@", &function.name)
        .replace("@memory@", &function.memory.to_string())
        .replace("@timeout@", &function.timeout.to_string())
}

/// The roles of all functions.
pub(crate) fn roles(functions: &[Function]) -> String {
    functions.iter().map(|function| format!("        - !Ref {}Role\n", pascal(&function.name))).collect()
}

/// The concurrency that a parameter of the deployment reserves, if it is set.
fn concurrency(function: &Function) -> String {
    let reserved = function.reserved_concurrency.as_ref().map(|parameter| {
        format!("      ReservedConcurrentExecutions: !If [Has{parameter}, !Ref {parameter}, !Ref AWS::NoValue]\n")
    });
    reserved.unwrap_or_default()
}

fn grants(function: &Function) -> String {
    let statement = |(resource, actions): (&String, &BTreeSet<String>)| {
        let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
        let mut condition = String::new();
        let resource = match (resource.as_str(), resource.split_once('/')) {
            ("Connections", _) => CONNECTIONS.to_owned(),
            (secret, _) if secret.ends_with("Secret") => format!("!Ref {secret}"),
            (_, Some((table, below))) => match below.strip_prefix("keys/") {
                Some(pattern) => {
                    condition = LEADING_KEYS.replace("@pattern@", pattern);
                    format!("!GetAtt {table}.Arn")
                }
                None => format!("!Sub ${{{table}.Arn}}/{below}"),
            },
            (id, None) => format!("!GetAtt {id}.Arn"),
        };
        if resource == "!GetAtt EventBus.Arn" {
            condition = DETAIL_TYPES.replace("@types@", &function.events.join(", "));
        }
        format!(
            "              - Effect: Allow\n                Action: [{}]\n                Resource: {resource}\n{condition}",
            actions.join(", ")
        )
    };
    let mut text: String = function.all_grants().iter().map(statement).collect();
    text.push('\n');
    text
}

/// One permission for a path, whatever its methods and callers: API Gateway's own routes say those.
fn permission(function: &Function, path: &str) -> String {
    let routes = function.routes.iter().filter(|route| route.paths().any(|it| it == path));
    let methods: Vec<&String> = routes.flat_map(|route| &route.methods).collect();
    let methods = if let [method] = methods.as_slice() { method } else { "*" };
    include_str!("template/permission.yaml")
        .replace("@Path@", &path_part(function, path))
        .replace("@methods@", methods)
        .replace("@path@", path)
}

fn route_block(function: &Function, route: &Route, path: &str, method: &str) -> String {
    let authorization = if route.callers == Callers::Anyone { OPEN } else { GUARDED };
    include_str!("template/route.yaml")
        .replace("@Route@", &route_id(function, path, method))
        .replace("@key@", &format!("{method} {path}"))
        .replace("@authorization@", authorization)
}

fn route_ids<'a>(function: &'a Function, route: &'a Route) -> impl Iterator<Item = String> + 'a {
    route.paths().flat_map(move |path| route.methods.iter().map(move |method| route_id(function, path, method)))
}

fn route_id(function: &Function, path: &str, method: &str) -> String {
    format!("{}{}{}Route", pascal(&function.name), path_part(function, path), pascal(&method.to_lowercase()))
}

/// The part of a logical id that tells a path of a function from its first one; empty for the first.
fn path_part(function: &Function, path: &str) -> String {
    let first = function.routes.first().is_some_and(|route| route.path == path);
    if first { String::new() } else { pascal(path.strip_prefix(BASE).unwrap_or(path)) }
}

/// `tasks-schedule` as `TasksSchedule`.
fn pascal(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| word[..1].to_ascii_uppercase() + &word[1..]).collect()
}
