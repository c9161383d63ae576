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
    /// The AWS actions of the function's own code, by resource: a logical id of the template, `Table/index/name`, or
    /// `Connections` for the secrets of all connections. [`Function::all_grants`] adds those of the shell.
    #[serde(default)]
    pub grants: Grants,
}

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

impl Route {
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
    /// The grants of the code and of the shell around it, which reads the delegation of a service.
    pub fn all_grants(&self) -> Grants {
        let mut grants = self.grants.clone();
        if self.routes.iter().any(|route| route.callers == Callers::UserOrService) {
            grants.entry("IntegrationsTable".to_owned()).or_default().insert("dynamodb:GetItem".to_owned());
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
        if let Some(route) = function.routes.iter().find(|route| route.paths().any(|path| !path.starts_with(BASE))) {
            return Err(fail(format!("{} is not below {BASE}", route.path)));
        }
        function.name = name;
        Ok(function)
    }
}

/// Reads the functions of the workspace, by name.
///
/// # Errors
/// [`Error::Metadata`] if cargo cannot read the workspace; [`Error::Manifest`].
pub fn read(root: &Path) -> Result<Vec<Function>, Error> {
    let metadata = MetadataCommand::new().manifest_path(root.join("Cargo.toml")).no_deps().exec()?;
    let mut functions = packages(&metadata).map(Function::from_package).collect::<Result<Vec<_>, _>>()?;
    functions.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(functions)
}

fn packages(metadata: &Metadata) -> impl Iterator<Item = &Package> {
    let in_functions = |package: &&Package| {
        let directory = package.manifest_path.parent().and_then(|directory| directory.parent());
        directory.and_then(|parent| parent.file_name()) == Some("functions")
    };
    metadata.packages.iter().filter(in_functions)
}
