//! Asana: tasks, comments, attachments, projects and tags in the connected account's workspaces.

mod account;
mod add_comment;
mod add_dependencies;
mod add_followers;
mod add_tag_to_task;
mod add_task_to_project;
mod add_task_to_section;
mod attachment;
mod comment;
mod complete_task;
mod create_project;
mod create_section;
mod create_subtask;
mod create_tag;
mod create_task;
mod custom_field;
mod custom_values;
mod delete_project;
mod delete_task;
mod dependency;
mod directory;
#[cfg(test)]
mod documented;
mod duplicate_task;
mod envelope;
mod get_attachment;
mod get_me;
mod get_project;
mod get_task;
mod get_user;
mod html;
mod input;
mod link;
mod list_attachments;
mod list_comments;
mod list_custom_fields;
mod list_my_tasks;
mod list_projects;
mod list_sections;
mod list_subtasks;
mod list_tags;
mod list_tasks;
mod list_teams;
mod list_users;
mod list_workspaces;
mod markdown;
mod mention;
mod named_record;
mod person;
mod prelude;
mod project;
mod reconcile;
mod record;
mod reference;
mod relation;
mod remove_dependencies;
mod remove_tag_from_task;
mod remove_task_from_project;
mod rich_text;
mod rich_text_writer;
mod same_text;
mod search;
mod search_tasks;
mod section;
mod set_parent;
mod shown_text;
mod tag;
mod tagging;
mod task;
mod task_places;
mod team;
mod text_table;
mod texts;
mod update_comment;
mod update_project;
mod update_task;
mod upload_attachment;
mod user;
mod workspace;

use serde_json::json;

use super::action::{ActionDef, Scopes};
use super::api::{Failure, JsonResponse};
use super::rate_limit::LimitScope;
use super::{Adapter, OAUTH2, OAuthSpec, Origin, Revoke, RevokeToken};
use crate::error::Kind;
use crate::tool::Tool;

/// The adapter.
pub static ADAPTER: Adapter = Adapter {
    tool: Tool::new("asana"),
    description: "Works with tasks, subtasks, comments, attachments, projects, sections and tags in the connected Asana account.",
    api: ORIGIN,
    oauth: OAuthSpec {
        // https://developers.asana.com/docs/oauth
        authorize: (ORIGIN, "/-/oauth_authorize"),
        token: (ORIGIN, "/-/oauth_token"),
        // Asana rejects an access token here; the client sends its secret in the body, as at the token endpoint.
        revoke: Some(Revoke { endpoint: (ORIGIN, "/-/oauth_revoke"), token: RevokeToken::Refresh, shared_grant: None }),
        scopes: &[
            "tasks:read",
            "tasks:write",
            "tasks:delete",
            "stories:read",
            "stories:write",
            "attachments:read",
            "attachments:write",
            "projects:read",
            "projects:write",
            "projects:delete",
            "tags:read",
            "tags:write",
            "users:read",
            "teams:read",
            "workspaces:read",
            // For `search`, for reconciliation and for long lists of names; without it, the lists are read.
            "workspaces.typeahead:read",
            // Only for the names of a new project's custom fields; without it, their ids are used.
            "custom_fields:read",
        ],
        // Optional in addition to the secret: a stolen code cannot be used without the verifier.
        pkce: true,
        account_fields: &[("userId", "/data/gid"), ("name", "/data/name"), ("email", "/data/email")],
        ..OAUTH2
    },
    account: account::ACCOUNT,
    headers: &[],
    // https://developers.asana.com/docs/rate-limits
    limit_scope: LimitScope::Account,
    classify,
    placeholder: |_, _| json!({ "data": { "gid": "new-object" } }),
    actions: &[
        ActionDef::of::<create_task::CreateTask>(),
        ActionDef::of::<create_subtask::CreateSubtask>(),
        ActionDef::of::<update_task::UpdateTask>(),
        ActionDef::of::<complete_task::CompleteTask>(),
        ActionDef::of::<delete_task::DeleteTask>(),
        ActionDef::of::<duplicate_task::DuplicateTask>(),
        ActionDef::of::<set_parent::SetParent>(),
        ActionDef::of::<get_task::GetTask>(),
        ActionDef::of::<list_tasks::ListTasks>(),
        ActionDef::of::<list_my_tasks::ListMyTasks>(),
        ActionDef::of::<list_subtasks::ListSubtasks>(),
        ActionDef::of::<search_tasks::SearchTasks>(),
        ActionDef::of::<add_comment::AddComment>(),
        ActionDef::of::<update_comment::UpdateComment>(),
        ActionDef::of::<list_comments::ListComments>(),
        ActionDef::of::<upload_attachment::UploadAttachment>(),
        ActionDef::of::<list_attachments::ListAttachments>(),
        ActionDef::of::<get_attachment::GetAttachment>(),
        ActionDef::of::<add_followers::AddFollowers>(),
        ActionDef::of::<add_task_to_section::AddTaskToSection>(),
        ActionDef::of::<add_task_to_project::AddTaskToProject>(),
        ActionDef::of::<remove_task_from_project::RemoveTaskFromProject>(),
        ActionDef::of::<add_tag_to_task::AddTagToTask>(),
        ActionDef::of::<remove_tag_from_task::RemoveTagFromTask>(),
        ActionDef::of::<add_dependencies::AddDependencies>(),
        ActionDef::of::<remove_dependencies::RemoveDependencies>(),
        ActionDef::of::<list_projects::ListProjects>(),
        ActionDef::of::<get_project::GetProject>(),
        ActionDef::of::<create_project::CreateProject>(),
        ActionDef::of::<update_project::UpdateProject>(),
        ActionDef::of::<delete_project::DeleteProject>(),
        ActionDef::of::<list_custom_fields::ListCustomFields>(),
        ActionDef::of::<list_teams::ListTeams>(),
        ActionDef::of::<list_sections::ListSections>(),
        ActionDef::of::<create_section::CreateSection>(),
        ActionDef::of::<list_tags::ListTags>(),
        ActionDef::of::<create_tag::CreateTag>(),
        ActionDef::of::<list_users::ListUsers>(),
        ActionDef::of::<get_user::GetUser>(),
        ActionDef::of::<get_me::GetMe>(),
        ActionDef::of::<list_workspaces::ListWorkspaces>(),
        ActionDef::of::<search::Search>(),
    ],
};

const ORIGIN: Origin = Origin { name: "asana", url: "https://app.asana.com" };

/// Maximum length of an announced change in the log.
const MAX_CHANGE_CHARS: usize = 200;

// https://developers.asana.com/docs/oauth-scopes
/// The scope of apps registered with full permissions, which replaces the others.
const DEFAULT: &str = "default";

const READ_TASKS_SCOPES: Scopes = &[&["tasks:read", DEFAULT]];
const WRITE_TASKS_SCOPES: Scopes = &[&["tasks:write", DEFAULT]];
const DELETE_TASKS_SCOPES: Scopes = &[&["tasks:delete", DEFAULT]];
const READ_STORIES_SCOPES: Scopes = &[&["stories:read", DEFAULT]];
const WRITE_STORIES_SCOPES: Scopes = &[&["stories:write", DEFAULT]];
const READ_ATTACHMENTS_SCOPES: Scopes = &[&["attachments:read", DEFAULT]];
const WRITE_ATTACHMENTS_SCOPES: Scopes = &[&["attachments:write", DEFAULT]];
const READ_PROJECTS_SCOPES: Scopes = &[&["projects:read", DEFAULT]];
const WRITE_PROJECTS_SCOPES: Scopes = &[&["projects:write", DEFAULT]];
const DELETE_PROJECTS_SCOPES: Scopes = &[&["projects:delete", DEFAULT]];
const READ_TAGS_SCOPES: Scopes = &[&["tags:read", DEFAULT]];
const WRITE_TAGS_SCOPES: Scopes = &[&["tags:write", DEFAULT]];
const READ_TEAMS_SCOPES: Scopes = &[&["teams:read", DEFAULT]];
const READ_USERS_SCOPES: Scopes = &[&["users:read", DEFAULT]];
const READ_WORKSPACES_SCOPES: Scopes = &[&["workspaces:read", DEFAULT]];
const TYPEAHEAD_SCOPES: Scopes = &[&["workspaces.typeahead:read", DEFAULT]];

/// Maps Asana's statuses to failures; its errors have no machine-readable code.
/// <https://developers.asana.com/docs/errors>
fn classify(response: &JsonResponse) -> Option<Failure> {
    log_changes(response);
    let kind = match response.status.as_u16() {
        200..=299 => return None,
        401 => Kind::AuthExpired,
        402 => Kind::PlanLimit,
        // Asana sends 403 for objects and properties that the person has no access to (`Forbidden` in its OpenAPI document,
        // <https://github.com/Asana/openapi>), and for a token without the scope. It has no code for the two and documents no text:
        // only one that speaks of a scope is a missing scope.
        403 if names_scope(response) => Kind::MissingScope,
        403 => Kind::Forbidden,
        404 => Kind::NotFound,
        429 => Kind::RateLimited,
        500.. => Kind::Ambiguous,
        // Bad input, an expired offset (400, 412), too large (413), blocked for legal reasons (451).
        _ => Kind::Invalid,
    };
    Some(Failure::new(kind, error_message(response)))
}

/// Logs the changes of its API that Asana announces in its responses: a name, an address and if the call is affected.
/// <https://developers.asana.com/docs/deprecations>
fn log_changes(response: &JsonResponse) {
    for change in response.headers.get_all("asana-change") {
        let change: String = change.to_str().unwrap_or_default().chars().take(MAX_CHANGE_CHARS).collect();
        // What affects no call of ours is announced with each response.
        match change.contains("affected=true") {
            true => tracing::warn!(tool = "asana", change, "the provider announces a change that affects a call"),
            false => tracing::debug!(tool = "asana", change, "the provider announces a change"),
        }
    }
}

/// True if an error's message or help speaks of a scope.
fn names_scope(response: &JsonResponse) -> bool {
    let error = &response.body["errors"][0];
    let texts = [&error["message"], &error["help"]].map(|text| text.as_str().unwrap_or_default().to_lowercase());
    // `help` of most errors points to the documentation's front page.
    texts.iter().any(|text| text.split(|c: char| !c.is_alphanumeric()).any(|word| word == "scope" || word == "scopes"))
}

/// Returns the message of the first error, with its phrase, or the status.
fn error_message(response: &JsonResponse) -> String {
    let error = &response.body["errors"][0];
    let message =
        error["message"].as_str().map_or_else(|| format!("HTTP {}", response.status.as_u16()), ToOwned::to_owned);
    match error["phrase"].as_str() {
        // Asana's support finds the failure by this phrase.
        Some(phrase) => format!("{message} ({phrase})"),
        None => message,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::adapters::testing;

    #[test]
    fn classify_maps_every_documented_status() {
        let rows = [
            (401, Kind::AuthExpired),
            (402, Kind::PlanLimit),
            (403, Kind::Forbidden),
            (404, Kind::NotFound),
            (400, Kind::Invalid),
            (413, Kind::Invalid),
            (412, Kind::Invalid),
            (429, Kind::RateLimited),
            (451, Kind::Invalid),
            (500, Kind::Ambiguous),
            (502, Kind::Ambiguous),
            (503, Kind::Ambiguous),
            (504, Kind::Ambiguous),
        ];
        for (status, kind) in rows {
            let body = json!({ "errors": [{ "message": "Because.", "help": "See the docs." }] });
            let failure = classify(&testing::json_response(status, body)).unwrap();
            assert_eq!((failure.kind, failure.message.as_str()), (kind, "Because."), "{status}");
        }
        assert!(classify(&testing::json_response(201, json!({ "data": {} }))).is_none());
    }

    #[test]
    fn a_403_is_a_missing_scope_only_where_it_speaks_of_a_scope() {
        for (message, help, kind) in [
            ("Forbidden: this app is missing the scope tasks:write", "", Kind::MissingScope),
            ("Forbidden", "The token needs more scopes.", Kind::MissingScope),
            ("Forbidden: You do not have access to this project.", "See the docs.", Kind::Forbidden),
            ("task: Not a telescope", "", Kind::Forbidden),
        ] {
            let body = json!({ "errors": [{ "message": message, "help": help }] });
            assert_eq!(classify(&testing::json_response(403, body)).unwrap().kind, kind, "{message}");
        }
        assert_eq!(classify(&testing::json_response(403, Value::Null)).unwrap().kind, Kind::Forbidden);
    }

    #[test]
    fn error_message_includes_the_phrase() {
        let body = json!({ "errors": [{ "message": "Server Error", "phrase": "6 sad squid snuggle softly" }] });
        assert_eq!(
            classify(&testing::json_response(500, body)).unwrap().message,
            "Server Error (6 sad squid snuggle softly)"
        );
        assert_eq!(classify(&testing::json_response(502, Value::Null)).unwrap().message, "HTTP 502");
    }

    #[test]
    fn every_action_and_field_has_a_description() {
        testing::assert_actions_described(&ADAPTER);
    }
}
