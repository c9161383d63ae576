//! Asana: one workspace with a project, its OAuth and its REST API. Bodies are wrapped in `data` both ways.

mod body;
mod fields;
mod relations;
mod task_lists;
mod oauth;
mod people;
mod projects;
mod sections;
mod stories;
mod tags;
mod tasks;
mod seed;

use axum::Router;
use axum::routing::{get, post};
use serde_json::{Value, json};

use crate::http::{Answer, Call, on};
use crate::oauth::{Grants, Live};
use crate::sandbox::Sandbox;
use crate::state::World;
use crate::fixtures::asana;
use seed::Person;

pub(crate) use oauth::issue;

/// An answer that says no.
type Refused = Answer;

/// What the workspace holds, as full records, and Asana's tokens.
pub(crate) struct State {
    pub(crate) grants: Grants,
    projects: Vec<Value>,
    sections: Vec<Value>,
    tasks: Vec<Value>,
    stories: Vec<Value>,
    tags: Vec<Value>,
    issued: u64,
}

impl State {
    pub(crate) fn starting(now: i64) -> Self {
        Self {
            grants: Grants::default(),
            projects: seed::projects(now),
            sections: seed::sections(now),
            tasks: seed::tasks(now),
            stories: seed::stories(now),
            tags: seed::tags(now),
            issued: 0,
        }
    }

    fn project(&self, gid: &str) -> Option<&Value> {
        self.projects.iter().find(|project| project["gid"] == gid)
    }

    fn section(&self, gid: &str) -> Option<&Value> {
        self.sections.iter().find(|section| section["gid"] == gid)
    }

    fn sections_of(&self, project: &str) -> impl Iterator<Item = &Value> {
        self.sections.iter().filter(move |section| section["project"]["gid"] == project)
    }

    fn task_mut(&mut self, gid: &str) -> Option<&mut Value> {
        self.tasks.iter_mut().find(|task| task["gid"] == gid)
    }

    /// A task by gid or by `external:<gid>`. Nothing documents that external gids are unique, so the first one is found.
    fn task(&self, gid: &str) -> Option<&Value> {
        let wanted = |task: &&Value| match gid.strip_prefix("external:") {
            Some(external) => task["external"]["gid"] == external,
            None => task["gid"] == gid,
        };
        self.tasks.iter().find(wanted)
    }

    fn count_subtasks(&mut self) {
        let parents: Vec<Value> = self.tasks.iter().map(|task| task["parent"]["gid"].clone()).collect();
        for task in &mut self.tasks {
            task["num_subtasks"] = json!(parents.iter().filter(|parent| **parent == task["gid"]).count());
        }
    }

    fn next_gid(&mut self) -> String {
        self.issued += 1;
        (1_200_000_000_001_000_u64 + self.issued).to_string()
    }
}

/// Everything below `/asana`.
pub(crate) fn routes() -> Router<Sandbox> {
    let api = Router::new()
        .route("/tasks", get(on(task_lists::tasks)).post(on(tasks::create)))
        .route("/tasks/{gid}", get(on(tasks::get)).put(on(tasks::update)).delete(on(tasks::delete)))
        .route("/tasks/{gid}/subtasks", get(on(task_lists::subtasks)).post(on(tasks::create_subtask)))
        .route("/tasks/{gid}/stories", get(on(stories::of_task)).post(on(stories::create)))
        .route("/tasks/{gid}/addFollowers", post(on(relations::add_followers)))
        .route("/tasks/{gid}/removeFollowers", post(on(relations::remove_followers)))
        .route("/tasks/{gid}/addProject", post(on(relations::add_project)))
        .route("/tasks/{gid}/removeProject", post(on(relations::remove_project)))
        .route("/tasks/{gid}/addTag", post(on(relations::add_tag)))
        .route("/tasks/{gid}/removeTag", post(on(relations::remove_tag)))
        .route("/tasks/{gid}/setParent", post(on(relations::set_parent)))
        .route("/tasks/{gid}/tags", get(on(relations::tags_of_task)))
        .route("/stories/{gid}", get(on(stories::get)).put(on(stories::update)).delete(on(stories::delete)))
        .route("/sections/{gid}", get(on(sections::get)).put(on(sections::update)).delete(on(sections::delete)))
        .route("/sections/{gid}/addTask", post(on(sections::add_task)))
        .route("/sections/{gid}/tasks", get(on(task_lists::placed)))
        .route("/workspaces", get(on(projects::workspaces)))
        .route("/workspaces/{workspace}", get(on(projects::workspace_by_gid)))
        .route("/workspaces/{workspace}/projects", get(on(projects::projects)))
        .route("/workspaces/{workspace}/tags", get(on(tags::all)))
        .route("/workspaces/{workspace}/tasks/search", get(on(task_lists::search)))
        .route("/workspaces/{workspace}/typeahead", get(on(projects::typeahead)))
        .route("/workspaces/{workspace}/users", get(on(people::all)))
        .route("/projects", get(on(projects::projects)).post(on(projects::create)))
        .route("/projects/{gid}", get(on(projects::get)).put(on(projects::update)).delete(on(projects::delete)))
        .route("/projects/{gid}/sections", get(on(sections::of_project)).post(on(sections::create)))
        .route("/projects/{gid}/tasks", get(on(task_lists::placed)))
        .route("/tags", get(on(tags::all)).post(on(tags::create)))
        .route("/tags/{gid}", get(on(tags::get)))
        .route("/tags/{gid}/tasks", get(on(task_lists::tagged)))
        .route("/users", get(on(people::all)))
        .route("/users/{gid}", get(on(people::get)));
    Router::new()
        .route("/-/oauth_authorize", get(on(oauth::authorize)))
        .route("/-/oauth_token", post(on(oauth::token)))
        .route("/-/oauth_revoke", post(on(oauth::revoke)))
        .nest("/api/1.0", api)
        .fallback(on(|_, _| Err(no_route())))
        .method_not_allowed_fallback(on(|_, _| Err(no_route())))
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
    Ok(seed::person(&account))
}

/// Refuses any workspace but the one there is; an empty text names none.
fn own_workspace(gid: &str) -> Result<(), Refused> {
    if gid.is_empty() || gid == asana::WORKSPACE { Ok(()) } else { Err(not_found("workspace")) }
}

/// Asana's error body (<https://developers.asana.com/docs/errors>): a message and no code.
fn error(status: u16, message: &str) -> Refused {
    let help = "See the API documentation for more on this error.";
    Answer::json(status, json!({"errors": [{"message": message, "help": help}]}))
}

fn no_route() -> Refused {
    error(404, "No matching route for request")
}

fn bad(message: &str) -> Refused {
    error(400, message)
}

fn not_found(what: &str) -> Refused {
    error(404, &format!("{what}: Unknown object"))
}
