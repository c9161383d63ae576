//! `infra/template.yaml` as far as the local stack follows it: routes, timeouts, the CORS policies, the bus's rules. A change of the deployment is
//! thereby a change of the local stack.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;
use yaml_rust2::{Yaml, YamlLoader};

use crate::failure::{Context as _, Failure, Result};
use crate::paths;

/// The template's settings of the API and of the functions.
#[derive(Debug)]
pub struct Template {
    /// The routes of the API.
    pub routes: Vec<Route>,
    /// The timeout of each function.
    pub timeouts: BTreeMap<String, Duration>,
    /// The CORS policy of the API.
    pub cors: CorsPolicy,
    /// The CORS policy of the bucket of files.
    pub files_cors: CorsPolicy,
    /// The rules of the bus.
    pub rules: Vec<BusRule>,
}

/// A rule of the bus: the events that it matches, and the function that receives them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusRule {
    /// The sources of the events.
    pub sources: Vec<String>,
    /// Their detail types.
    pub detail_types: Vec<String>,
    /// The function.
    pub function: String,
}

/// A route of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The HTTP method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The function that serves it.
    pub function: String,
}

/// A CORS policy without its origins, which are a parameter of the deployment. Lists are separated by commas, as in headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorsPolicy {
    /// `Access-Control-Allow-Methods`.
    pub methods: String,
    /// `Access-Control-Allow-Headers`.
    pub headers: String,
    /// `Access-Control-Expose-Headers`; empty if no header is exposed.
    pub exposed_headers: String,
    /// True if cookies are allowed.
    pub credentials: bool,
    /// `Access-Control-Max-Age`, in seconds.
    pub max_age: Option<i64>,
}

impl Template {
    /// Reads the template of this checkout.
    ///
    /// # Errors
    /// If it cannot be read or lacks a part.
    pub fn read() -> Result<Self> {
        let path = paths::workspace().join("infra/template.yaml");
        let text = fs::read_to_string(&path).context(path.display())?;
        Self::parse(&text).context(path.display())
    }

    /// Parses a template. The loader drops the tags of CloudFormation: `!GetAtt A.Arn` becomes `A.Arn`, and `!Sub` its text.
    fn parse(text: &str) -> Result<Self> {
        let documents = YamlLoader::load_from_str(text).context("YAML")?;
        let document = documents.first().ok_or_else(|| Failure::new("an empty document"))?;
        let functions = functions(document);
        let default_timeout = &document["Globals"]["Function"]["Timeout"];
        let timeouts = functions.values().map(|(name, properties)| {
            let own = properties["Timeout"].as_i64().or_else(|| default_timeout.as_i64());
            let seconds = own.and_then(|seconds| u64::try_from(seconds).ok());
            let seconds = seconds.ok_or_else(|| Failure::new(format!("{name} has no Timeout")))?;
            Ok((name.clone(), Duration::from_secs(seconds)))
        });
        let timeouts = timeouts.collect::<Result<_>>()?;
        let apis = of_type(document, "AWS::ApiGatewayV2::Api");
        let [(_, api)] = apis.as_slice() else { return Err(Failure::new("one AWS::ApiGatewayV2::Api is expected")) };
        let (routes, rules) = (routes(document, &functions)?, rules(document, &functions)?);
        let buckets = of_type(document, "AWS::S3::Bucket");
        let files_cors = buckets.first().map(|(_, bucket)| files_cors(&bucket["CorsConfiguration"]["CorsRules"][0]));
        let files_cors = files_cors.ok_or_else(|| Failure::new("an AWS::S3::Bucket is expected"))?;
        Ok(Self { routes, timeouts, cors: cors(&api["CorsConfiguration"]), files_cors, rules })
    }
}

/// Returns the functions by logical id: the name, which is the folder of the code, and the properties.
fn functions(document: &Yaml) -> BTreeMap<&str, (String, &Yaml)> {
    let functions = of_type(document, "AWS::Serverless::Function").into_iter().filter_map(|(id, properties)| {
        let name = properties["CodeUri"].as_str()?.trim_end_matches('/').rsplit('/').next()?;
        Some((id, (name.to_owned(), properties)))
    });
    functions.collect()
}

/// Returns the routes. A route names its integration, and that its function.
fn routes(document: &Yaml, functions: &BTreeMap<&str, (String, &Yaml)>) -> Result<Vec<Route>> {
    let integrations: BTreeMap<_, _> = of_type(document, "AWS::ApiGatewayV2::Integration").into_iter().collect();
    let routes = of_type(document, "AWS::ApiGatewayV2::Route").into_iter().map(|(id, route)| {
        let function = || {
            let integration = route["Target"].as_str()?.strip_prefix("integrations/${")?.strip_suffix('}')?;
            let uri = integrations.get(integration)?["IntegrationUri"].as_str()?;
            functions.get(uri.strip_suffix(".Arn")?).map(|(name, _)| name.clone())
        };
        let key = route["RouteKey"].as_str().and_then(|key| key.split_once(' '));
        match (key, function()) {
            (Some((method, path)), Some(function)) => {
                Ok(Route { method: method.to_owned(), path: path.to_owned(), function })
            }
            _ => Err(Failure::new(format!("{id} has no RouteKey, or its Target leads to no function"))),
        }
    });
    routes.collect()
}

/// Returns the rules that match events of the bus. A schedule has no pattern.
fn rules(document: &Yaml, functions: &BTreeMap<&str, (String, &Yaml)>) -> Result<Vec<BusRule>> {
    let rules = of_type(document, "AWS::Events::Rule").into_iter();
    let rules = rules.filter(|(_, rule)| !rule["EventPattern"].is_badvalue()).map(|(id, rule)| {
        let target = rule["Targets"][0]["Arn"].as_str().and_then(|arn| functions.get(arn.strip_suffix(".Arn")?));
        let (function, _) = target.ok_or_else(|| Failure::new(format!("{id} has no function as its target")))?;
        let pattern = |name: &str| texts(&rule["EventPattern"][name]);
        Ok(BusRule { sources: pattern("source"), detail_types: pattern("detail-type"), function: function.clone() })
    });
    rules.collect()
}

fn texts(list: &Yaml) -> Vec<String> {
    let items = list.as_vec().map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(Yaml::as_str).map(str::to_owned).collect()
}

fn cors(configuration: &Yaml) -> CorsPolicy {
    let list = |name: &str| texts(&configuration[name]).join(",");
    CorsPolicy {
        methods: list("AllowMethods"),
        headers: list("AllowHeaders"),
        exposed_headers: list("ExposeHeaders"),
        credentials: configuration["AllowCredentials"].as_bool().unwrap_or_default(),
        max_age: configuration["MaxAge"].as_i64(),
    }
}

fn files_cors(rule: &Yaml) -> CorsPolicy {
    let list = |name: &str| texts(&rule[name]).join(",");
    CorsPolicy {
        methods: list("AllowedMethods"),
        headers: list("AllowedHeaders"),
        exposed_headers: list("ExposedHeaders"),
        credentials: false,
        max_age: rule["MaxAge"].as_i64(),
    }
}

/// Returns the properties of the resources of a type, by logical id.
fn of_type<'a>(document: &'a Yaml, kind: &str) -> Vec<(&'a str, &'a Yaml)> {
    let resources = document["Resources"].as_hash().into_iter().flatten();
    let resources = resources.filter(|(_, resource)| resource["Type"].as_str() == Some(kind));
    resources.filter_map(|(id, resource)| Some((id.as_str()?, &resource["Properties"]))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_timeouts_and_cors_are_read_from_the_template() {
        let template = Template::read().unwrap();
        let route = |method: &str, path: &str| {
            template.routes.iter().find(|route| route.method == method && route.path == path).unwrap().function.clone()
        };
        assert_eq!(route("POST", "/api/plugin-engine"), "plugin-engine");
        assert_eq!(route("GET", "/api/plugin-engine/integrations/oauth/callback"), "oauth-callback");
        assert_eq!(template.timeouts["plugin-engine"], Duration::from_secs(29));
        assert_eq!(template.timeouts["process-due-tasks"], Duration::from_secs(180));
        assert_eq!(template.timeouts["errors"], Duration::from_secs(10), "the default of Globals");
        assert!(template.routes.iter().all(|route| template.timeouts.contains_key(&route.function)));
        let rule = BusRule {
            sources: vec!["plugin-engine".to_owned()],
            detail_types: vec!["process-due-tasks".to_owned(), "resume-waiting-tasks".to_owned()],
            function: "process-due-tasks".to_owned(),
        };
        assert_eq!(template.rules, [rule]);
        let cors = &template.cors;
        assert!(cors.methods.split(',').any(|method| method == "PATCH"), "{cors:?}");
        assert!(cors.headers.split(',').any(|header| header == "idempotency-key"), "{cors:?}");
        assert!(cors.max_age.is_some() && !cors.credentials, "{cors:?}");
    }

    #[test]
    fn a_route_without_a_function_is_an_error() {
        let text = "Resources:\n  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {CorsConfiguration: {ExposeHeaders: [a, b]}}}\n  \
                    Files: {Type: AWS::S3::Bucket, Properties: {CorsConfiguration: {CorsRules: [{AllowedMethods: [PUT]}]}}}\n";
        let read = Template::parse(text).unwrap();
        assert_eq!((read.cors.exposed_headers.as_str(), read.files_cors.methods.as_str()), ("a,b", "PUT"));
        let route =
            "  R: {Type: AWS::ApiGatewayV2::Route, Properties: {RouteKey: GET /a, Target: !Sub 'integrations/${I}'}}\n";
        let message = Template::parse(&format!("{text}{route}")).unwrap_err().to_string();
        assert_eq!(message, "R has no RouteKey, or its Target leads to no function");
    }
}
