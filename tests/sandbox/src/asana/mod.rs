//! Asana: one workspace with a project, its OAuth server and its REST API. Request and response bodies are wrapped in `data`.

mod attachments;
mod body;
mod copies;
mod custom_fields;
mod dependencies;
mod fields;
mod large;
mod oauth;
mod people;
mod projects;
mod relations;
mod rich_text;
mod sections;
mod seed;
mod stories;
mod strangeness;
mod tags;
mod task_lists;
mod tasks;
mod teams;

use axum::Router;
use axum::routing::{get, post};
use serde_json::{Value, json};

use crate::fixtures::asana;
use crate::http::{ApiRequest, ApiResponse, handler};
use crate::oauth::{Grants, TokenState};
use crate::sandbox::Sandbox;
use crate::state::SandboxState;
use seed::Person;

pub(crate) use large::add as add_long_content;
pub(crate) use oauth::{OAUTH_APP, issue};
pub use strangeness::AsanaStrangeness;

/// An error response.
type ErrorResponse = ApiResponse;

/// The workspace's data, as full records, and Asana's tokens.
pub(crate) struct State {
    pub(crate) grants: Grants,
    projects: Vec<Value>,
    sections: Vec<Value>,
    tasks: Vec<Value>,
    stories: Vec<Value>,
    tags: Vec<Value>,
    attachments: Vec<attachments::Attachment>,
    issued_ids: u64,
}

impl State {
    pub(crate) fn seeded(now: i64) -> Self {
        Self {
            grants: Grants::default(),
            projects: seed::projects(now),
            sections: seed::sections(now),
            tasks: seed::tasks(now),
            stories: seed::stories(now),
            tags: seed::tags(now),
            attachments: seed::attachments(now),
            issued_ids: 0,
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

    /// Finds a task by gid or by `external:<gid>`. External gids are not documented as unique, so the first match is returned.
    fn task(&self, gid: &str) -> Option<&Value> {
        let matches = |task: &&Value| match gid.strip_prefix("external:") {
            Some(external) => task["external"]["gid"] == external,
            None => task["gid"] == gid,
        };
        self.tasks.iter().find(matches)
    }

    fn update_subtask_counts(&mut self) {
        let parents: Vec<Value> = self.tasks.iter().map(|task| task["parent"]["gid"].clone()).collect();
        for task in &mut self.tasks {
            task["num_subtasks"] = json!(parents.iter().filter(|parent| **parent == task["gid"]).count());
        }
    }

    fn next_gid(&mut self) -> String {
        self.issued_ids += 1;
        (1_200_000_000_001_000_u64 + self.issued_ids).to_string()
    }
}

/// Routes below `/asana`.
pub(crate) fn routes() -> Router<Sandbox> {
    let api = Router::new()
        .route("/attachments", get(handler(attachments::list)).post(handler(attachments::upload)))
        .route("/attachments/{gid}", get(handler(attachments::get)))
        .route(
            "/stories/{gid}",
            get(handler(stories::get)).put(handler(stories::update)).delete(handler(stories::delete)),
        )
        .route(
            "/sections/{gid}",
            get(handler(sections::get)).put(handler(sections::update)).delete(handler(sections::delete)),
        )
        .route("/sections/{gid}/addTask", post(handler(sections::add_task)))
        .route("/sections/{gid}/tasks", get(handler(task_lists::tasks_of_container)))
        .route("/workspaces", get(handler(projects::list_workspaces)))
        .route("/workspaces/{workspace}", get(handler(projects::get_workspace)))
        .route("/workspaces/{workspace}/projects", get(handler(projects::list_projects)))
        .route("/workspaces/{workspace}/tags", get(handler(tags::list)))
        .route("/workspaces/{workspace}/tasks/search", get(handler(task_lists::search_tasks)))
        .route("/workspaces/{workspace}/custom_fields", get(handler(custom_fields::list_of_workspace)))
        .route("/workspaces/{workspace}/teams", get(handler(teams::list)))
        .route("/workspaces/{workspace}/typeahead", get(handler(projects::typeahead)))
        .route("/workspaces/{workspace}/users", get(handler(people::list)))
        .route("/projects", get(handler(projects::list_projects)).post(handler(projects::create)))
        .route(
            "/projects/{gid}",
            get(handler(projects::get)).put(handler(projects::update)).delete(handler(projects::delete)),
        )
        .route("/projects/{gid}/custom_field_settings", get(handler(custom_fields::settings_of_project)))
        .route("/projects/{gid}/sections", get(handler(sections::list_of_project)).post(handler(sections::create)))
        .route("/projects/{gid}/tasks", get(handler(task_lists::tasks_of_container)))
        .route("/tags", get(handler(tags::list)).post(handler(tags::create)))
        .route("/tags/{gid}", get(handler(tags::get)))
        .route("/tags/{gid}/tasks", get(handler(task_lists::tasks_of_tag)))
        .route("/users", get(handler(people::list)))
        .route("/users/{gid}", get(handler(people::get)))
        .route("/users/{gid}/user_task_list", get(handler(people::task_list)));
    let api = task_routes(api);
    Router::new()
        .route("/-/oauth_authorize", get(handler(oauth::authorize)))
        .route("/-/oauth_token", post(handler(oauth::token)))
        .route("/-/oauth_revoke", post(handler(oauth::revoke)))
        .route("/us1/assets/{gid}", get(handler(attachments::download)))
        .nest("/api/1.0", api)
        .fallback(handler(|_, _| Err(no_route())))
        .method_not_allowed_fallback(handler(|_, _| Err(no_route())))
}

/// Adds the routes of tasks.
fn task_routes(api: Router<Sandbox>) -> Router<Sandbox> {
    api.route("/tasks", get(handler(task_lists::list_tasks)).post(handler(tasks::create)))
        .route("/tasks/{gid}", get(handler(tasks::get)).put(handler(tasks::update)).delete(handler(tasks::delete)))
        .route("/tasks/{gid}/subtasks", get(handler(task_lists::list_subtasks)).post(handler(tasks::create_subtask)))
        .route("/tasks/{gid}/stories", get(handler(stories::list_of_task)).post(handler(stories::create)))
        .route("/tasks/{gid}/addFollowers", post(handler(relations::add_followers)))
        .route("/tasks/{gid}/removeFollowers", post(handler(relations::remove_followers)))
        .route("/tasks/{gid}/addProject", post(handler(relations::add_project)))
        .route("/tasks/{gid}/removeProject", post(handler(relations::remove_project)))
        .route("/tasks/{gid}/addTag", post(handler(relations::add_tag)))
        .route("/tasks/{gid}/removeTag", post(handler(relations::remove_tag)))
        .route("/tasks/{gid}/setParent", post(handler(relations::set_parent)))
        .route("/tasks/{gid}/tags", get(handler(relations::tags_of_task)))
        .route("/tasks/{gid}/addDependencies", post(handler(dependencies::add_dependencies)))
        .route("/tasks/{gid}/removeDependencies", post(handler(dependencies::remove_dependencies)))
        .route("/tasks/{gid}/addDependents", post(handler(dependencies::add_dependents)))
        .route("/tasks/{gid}/removeDependents", post(handler(dependencies::remove_dependents)))
        .route("/tasks/{gid}/duplicate", post(handler(copies::duplicate)))
        .route("/user_task_lists/{gid}/tasks", get(handler(task_lists::tasks_of_user)))
}

/// Returns the person of the request's token if the token is valid and has `scope` (empty: any token).
fn access(state: &mut SandboxState, request: &ApiRequest, scope: &str) -> Result<Person, ErrorResponse> {
    let live = request.bearer().map(|token| state.authenticate("asana", token));
    let Some(TokenState::Valid { grant, scopes }) = live else {
        return Err(
            error(401, "Not Authorized").header("www-authenticate", "Bearer realm=\"Asana\", error=\"invalid_token\"")
        );
    };
    let full = |held: &String| held == scope || held == oauth::DEFAULT_SCOPE;
    if !scope.is_empty() && !scopes.iter().any(full) {
        return Err(error(403, &format!("Forbidden: this app is missing the scope {scope}")));
    }
    strangeness::check_object_access(state.strangeness.asana, request)?;
    Ok(seed::person(&grant.account))
}

/// True if lists show a record.
fn is_listed(state: &SandboxState, record: &Value) -> bool {
    let created: Option<jiff::Timestamp> = record["created_at"].as_str().and_then(|at| at.parse().ok());
    created.is_none_or(|at| state.is_listed(at.as_millisecond()))
}

/// Returns the records of a list that it shows.
fn listed<'a>(state: &'a SandboxState, records: &'a [Value]) -> impl Iterator<Item = &'a Value> {
    records.iter().filter(|record| is_listed(state, record))
}

/// Rejects any workspace other than the sandbox's one. Empty means that the request names none.
fn check_workspace(gid: &str) -> Result<(), ErrorResponse> {
    if gid.is_empty() || gid == asana::WORKSPACE { Ok(()) } else { Err(not_found("workspace")) }
}

/// Builds Asana's error body (<https://developers.asana.com/docs/errors>): a message, no code.
fn error(status: u16, message: &str) -> ErrorResponse {
    let help = "See the API documentation for more on this error.";
    ApiResponse::json(status, json!({"errors": [{"message": message, "help": help}]}))
}

fn no_route() -> ErrorResponse {
    error(404, "No matching route for request")
}

fn bad_request(message: &str) -> ErrorResponse {
    error(400, message)
}

fn not_found(what: &str) -> ErrorResponse {
    error(404, &format!("{what}: Unknown object"))
}
