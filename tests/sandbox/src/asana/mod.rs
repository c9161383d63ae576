//! Asana: one workspace with a project, its OAuth and its REST API. Bodies are wrapped in `data` both ways.

mod fields;
mod oauth;
mod projects;
mod tasks;
mod world;

use axum::Router;
use axum::routing::{get, post};
use serde_json::{Value, json};

use crate::http::{Answer, Call, on};
use crate::oauth::{Grants, Live};
use crate::sandbox::Sandbox;
use crate::state::World;
use world::Person;

pub(crate) use oauth::issue;

/// An answer that says no.
type Refused = Answer;

/// The tasks and Asana's tokens.
pub(crate) struct State {
    pub(crate) grants: Grants,
    tasks: Vec<Value>,
    /// Unix milliseconds.
    started: i64,
    issued: u64,
}

impl State {
    pub(crate) fn starting(now: i64) -> Self {
        Self { grants: Grants::default(), tasks: world::tasks(now), started: now, issued: 0 }
    }

    /// A task by gid or by `external:<gid>`. Nothing documents that external gids are unique, so the first one is found.
    fn task(&self, gid: &str) -> Option<&Value> {
        let wanted = |task: &&Value| match gid.strip_prefix("external:") {
            Some(external) => task["external"]["gid"] == external,
            None => task["gid"] == gid,
        };
        self.tasks.iter().find(wanted)
    }

    fn next_gid(&mut self) -> String {
        self.issued += 1;
        (1_200_000_000_001_000_u64 + self.issued).to_string()
    }
}

/// Everything below `/asana`.
pub(crate) fn routes() -> Router<Sandbox> {
    let api = Router::new()
        .route("/tasks", get(on(tasks::search)).post(on(tasks::create)))
        .route("/tasks/{gid}", get(on(tasks::get)).put(on(tasks::update)).delete(on(tasks::delete)))
        .route("/workspaces", get(on(projects::workspaces)))
        .route("/workspaces/{workspace}/projects", get(on(projects::projects)))
        .route("/workspaces/{workspace}/typeahead", get(on(projects::typeahead)))
        .route("/projects", get(on(projects::projects)))
        .route("/projects/{gid}", get(on(projects::get)))
        .route("/projects/{gid}/sections", get(on(projects::sections)))
        .route("/users/{gid}", get(on(projects::person_by_gid)));
    Router::new()
        .route("/-/oauth_authorize", get(on(oauth::authorize)))
        .route("/-/oauth_token", post(on(oauth::token)))
        .route("/-/oauth_revoke", post(on(oauth::revoke)))
        .nest("/api/1.0", api)
        .fallback(on(|_, _| Err(error(404, "No matching route for request"))))
}

/// The person behind the call's token, when it works and holds `scope` (empty: any will do).
fn access(world: &World, call: &Call, scope: &str) -> Result<Person, Refused> {
    let live = call.bearer().map(|token| world.asana.grants.live(token, world.clock.seconds()));
    let Some(Live::Yes { account, scopes }) = live else {
        return Err(
            error(401, "Not Authorized").header("www-authenticate", "Bearer realm=\"Asana\", error=\"invalid_token\"")
        );
    };
    let full = |held: &String| held == scope || held == oauth::DEFAULT_SCOPE;
    if !scope.is_empty() && !scopes.iter().any(full) {
        return Err(error(403, &format!("Forbidden: this app is missing the scope {scope}")));
    }
    Ok(world::person(&account))
}

/// The `data` of a request body.
fn data(call: &Call) -> Result<Value, Refused> {
    let body = call.json().ok_or_else(|| bad("Could not parse request data, invalid JSON"))?;
    let data = body.get("data").filter(|data| data.is_object());
    data.cloned().ok_or_else(|| bad("data: Missing input"))
}

/// Asana's error body (<https://developers.asana.com/docs/errors>): a message and no code.
fn error(status: u16, message: &str) -> Refused {
    let help = "See the API documentation for more on this error.";
    Answer::json(status, json!({"errors": [{"message": message, "help": help}]}))
}

fn bad(message: &str) -> Refused {
    error(400, message)
}

fn not_found(what: &str) -> Refused {
    error(404, &format!("{what}: Unknown object"))
}
