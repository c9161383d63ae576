//! The manifests of `functions/`: `[package.metadata.function]` says what a function needs to be deployed and reached.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cargo_metadata::{Metadata, MetadataCommand, Package};
use serde::Deserialize;

use crate::Error;

/// The path prefix of all routes.
pub const BASE: &str = "/api/plugin-engine";

/// One function: a package of `functions/`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// The name of the package, of its directory and of its binary.
    #[serde(default, skip_deserializing)]
    pub name: String,
    /// The timeout in seconds. API Gateway gives up after 30 s.
    pub timeout: u16,
    /// The memory in MB. The CPU share of a Lambda function grows with its memory.
    pub memory: u16,
    /// The routes; none for a function that EventBridge starts.
    #[serde(default)]
    pub routes: Vec<Route>,
    /// The parameter of the template that reserves concurrency for the function; none for a function without one.
    pub reserved_concurrency: Option<String>,
    /// The detail types of the events that the function puts on the bus.
    #[serde(default)]
    pub events: Vec<String>,
    /// The AWS actions of the function's own code, by resource: a logical id of the template, `Table/index/name`,
    /// `Table/keys/pattern` for the items with such a partition key, or `Connections` for the secrets of all connections.
    /// `FilesBucket` has the actions on the bucket and on its objects; without `s3:ListBucket` S3 answers 403 in the place of 404 for
    /// an object that does not exist. [`Function::all_grants`] adds those of the shell and of the events.
    #[serde(default)]
    pub grants: Grants,
}

/// The logical id of the bucket of files.
const FILES: &str = "FilesBucket";
/// The one action on the bucket itself; the others are on its objects, `FilesBucket/*`.
const LIST: &str = "s3:ListBucket";

/// AWS actions by resource.
pub type Grants = BTreeMap<String, BTreeSet<String>>;

/// One path of a function.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// The path, with [`BASE`].
    pub path: String,
    /// A second path that reaches the same code.
    pub alias: Option<String>,
    /// The HTTP methods.
    pub methods: Vec<String>,
    /// The callers that the route accepts.
    pub callers: Callers,
    /// API Gateway's limit for all callers of this route together; without it the limit of the stage applies.
    pub requests_per_second: Option<u16>,
    /// The use of the route: its text in the API guide.
    pub about: String,
}

/// The callers that a route accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Callers {
    /// Anyone: the route reads no token.
    Anyone,
    /// A person with a token of their own.
    User,
    /// A person, or a service with a delegation.
    UserOrService,
}

/// The methods that the API's CORS policy allows.
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

impl Route {
    /// The reason why the route cannot be generated.
    fn check(&self) -> Result<(), String> {
        let is_path = |path: &str| {
            let below = path.strip_prefix(BASE).is_some_and(|below| below.is_empty() || below.starts_with('/'));
            below && path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-.".contains(&byte))
        };
        if let Some(path) = self.paths().find(|path| !is_path(path)) {
            return Err(format!("the path {path} is not {BASE}, or below it, of letters, digits, `/`, `-` and `.`"));
        }
        if self.methods.is_empty() || self.methods.iter().any(|method| !METHODS.contains(&method.as_str())) {
            return Err(format!("methods must be some of {METHODS:?}, for example [\"GET\"]"));
        }
        if self.about.contains(['|', '\n']) {
            return Err("about is a cell of a table: it must not contain `|` or a line break".to_owned());
        }
        Ok(())
    }

    /// The path, and the alias if there is one.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        [Some(self.path.as_str()), self.alias.as_deref()].into_iter().flatten()
    }

    /// Every method and path, as API Gateway writes a route key: `GET /api/plugin-engine/tasks`.
    pub fn keys(&self) -> impl Iterator<Item = String> {
        self.paths().flat_map(|path| self.methods.iter().map(move |method| format!("{method} {path}")))
    }
}

impl Function {
    /// The grants of the code, of its events, and of the shell around it, which reads the delegation of a service and counts the
    /// requests of a user. Those on the objects of the bucket are apart from those on the bucket.
    pub fn all_grants(&self) -> Grants {
        let mut grants = self.grants.clone();
        if !self.events.is_empty() {
            grants.entry("EventBus".to_owned()).or_default().insert("events:PutEvents".to_owned());
        }
        if self.routes.iter().any(|route| route.callers == Callers::UserOrService) {
            grants.entry("IntegrationsTable".to_owned()).or_default().insert("dynamodb:GetItem".to_owned());
        }
        if let Some(actions) = grants.remove(FILES) {
            let (bucket, objects): (BTreeSet<_>, _) = actions.into_iter().partition(|action| action == LIST);
            let own = [(FILES.to_owned(), bucket), (format!("{FILES}/*"), objects)];
            grants.extend(own.into_iter().filter(|(_, actions)| !actions.is_empty()));
        }
        let update = "dynamodb:UpdateItem";
        let updates_tasks = grants.get("TasksTable").is_some_and(|actions| actions.contains(update));
        if !updates_tasks && self.routes.iter().any(|route| route.callers != Callers::Anyone) {
            grants.entry("TasksTable/keys/*##limits".to_owned()).or_default().insert(update.to_owned());
        }
        grants
    }

    /// Reads the function of a package.
    ///
    /// # Errors
    /// [`Error::Manifest`] without `[package.metadata.function]`, with an unknown field, or with a contradiction.
    pub fn from_package(package: &Package) -> Result<Self, Error> {
        let name = package.name.to_string();
        let fail = |reason: String| Error::Manifest { function: name.clone(), reason };
        let table = &package.metadata["function"];
        let mut function: Self = Self::deserialize(table).map_err(|error| fail(error.to_string()))?;
        // `cargo lambda watch` takes the variable from the manifest; in a deployment the template sets it.
        let watched = &package.metadata["lambda"]["env"]["PLUGIN_ENGINE_TIMEOUT_SECONDS"];
        if watched.as_str().is_some_and(|watched| watched != function.timeout.to_string()) {
            return Err(fail(format!("timeout is {}, PLUGIN_ENGINE_TIMEOUT_SECONDS is {watched}", function.timeout)));
        }
        if function.timeout == 0 || function.memory == 0 {
            return Err(fail("timeout and memory must be at least 1".to_owned()));
        }
        if function.grants.contains_key("EventBus") {
            return Err(fail("events must list what is put on the bus, for example [\"task.completed\"]".to_owned()));
        }
        function.routes.iter().try_for_each(Route::check).map_err(fail)?;
        function.name = name;
        Ok(function)
    }
}

/// Reads the functions of the workspace, by name.
///
/// # Errors
/// [`Error::Metadata`] if cargo cannot read the workspace; [`Error::Manifest`], also for a route of two functions.
pub fn read(root: &Path) -> Result<Vec<Function>, Error> {
    let metadata = MetadataCommand::new().manifest_path(root.join("Cargo.toml")).no_deps().exec()?;
    let mut functions = packages(&metadata).map(Function::from_package).collect::<Result<Vec<_>, _>>()?;
    functions.sort_by(|a, b| a.name.cmp(&b.name));
    check_unique(&functions)?;
    Ok(functions)
}

/// Refuses two functions, or two entries of one, that serve the same method and path.
///
/// # Errors
/// [`Error::Manifest`] of the second.
pub fn check_unique(functions: &[Function]) -> Result<(), Error> {
    let mut served: BTreeMap<String, &str> = BTreeMap::new();
    for function in functions {
        for key in function.routes.iter().flat_map(Route::keys) {
            if let Some(other) = served.insert(key.clone(), &function.name) {
                let reason = format!("{key} is also a route of {other}");
                return Err(Error::Manifest { function: function.name.clone(), reason });
            }
        }
    }
    Ok(())
}

fn packages(metadata: &Metadata) -> impl Iterator<Item = &Package> {
    let in_functions = |package: &&Package| {
        let directory = package.manifest_path.parent().and_then(|directory| directory.parent());
        directory.and_then(|parent| parent.file_name()) == Some("functions")
    };
    metadata.packages.iter().filter(in_functions)
}
