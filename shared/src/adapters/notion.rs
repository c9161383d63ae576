//! Notion: pages, files, databases and comments of the connected workspace.

mod account;
mod add_comment;
mod append_content;
mod archive_page;
mod bare_text;
mod block;
mod block_data;
mod block_style;
mod comment;
mod condition;
mod content_edit;
mod create_database;
mod create_page;
mod data_source;
mod database;
mod date_property;
mod delete_block;
mod dialect;
#[cfg(test)]
mod documented;
mod file_block;
mod file_upload;
mod filter;
#[cfg(test)]
mod fixtures;
mod get_block;
mod get_database;
mod get_file;
mod get_me;
mod get_page;
mod get_page_content;
mod get_page_property;
mod get_user;
mod icon;
mod id;
mod inline;
mod keyed;
mod list;
mod list_blocks;
mod list_comments;
mod list_databases;
mod list_files;
mod list_users;
mod markdown;
mod move_page;
mod options;
mod page;
mod parent;
mod people;
mod place;
mod plain_values;
mod properties;
mod query_database;
mod reconcile;
mod references;
mod restore_page;
mod rich_text;
mod schema;
mod schema_change;
mod search;
mod search_result;
mod signature;
mod trash;
mod update_block;
mod update_database;
mod update_page;
mod update_page_content;
mod upload_file;
mod upsert_row;
mod user;
mod whole_property;

use serde_json::{Value, json};

use super::action::{ActionDef, Scopes};
use super::api::{Failure, JsonResponse};
use super::rate_limit::LimitScope;
use super::{Adapter, BodyFormat, ClientAuth, OAUTH2, OAuthSpec, Origin, Revoke, RevokeToken};
use crate::error::Kind;
use crate::tool::Tool;

/// The adapter.
pub static ADAPTER: Adapter = Adapter {
    tool: Tool::new("notion"),
    description: "Reads and writes pages, files, databases and comments of the connected Notion workspace.",
    api: ORIGIN,
    oauth: OAuthSpec {
        // https://developers.notion.com/docs/authorization
        authorize: (ORIGIN, "/v1/oauth/authorize"),
        token: (ORIGIN, "/v1/oauth/token"),
        // https://developers.notion.com/reference/revoke-token
        revoke: Some(Revoke { endpoint: (ORIGIN, "/v1/oauth/revoke"), token: RevokeToken::Access, shared_grant: None }),
        // Notion has no scopes: a connection's capabilities are set in its portal, its pages are selected at consent.
        scopes: &[],
        // Not documented for this flow; only Notion's MCP server supports it.
        pkce: false,
        authorize_params: &[("owner", "user")],
        client_auth: ClientAuth::Basic,
        body_format: BodyFormat::Json,
        headers: VERSION_HEADER,
        account_fields: &[
            ("workspaceId", "/workspace_id"),
            ("workspaceName", "/workspace_name"),
            ("workspaceIcon", "/workspace_icon"),
            ("botId", "/bot_id"),
        ],
        ..OAUTH2
    },
    account: account::ACCOUNT,
    headers: VERSION_HEADER,
    // https://developers.notion.com/reference/request-limits
    limit_scope: LimitScope::Account,
    classify,
    placeholder: |_, effect_key| {
        let source = json!({ "id": "new-data-source", "name": format!("[{effect_key}]") });
        let properties = json!({ "title": { "type": "title" } });
        let blocks = json!([{ "id": "new-block" }]);
        json!({ "id": "new-object", "properties": properties, "data_sources": [source], "results": blocks })
    },
    actions: &[
        ActionDef::of::<create_page::CreatePage>(),
        ActionDef::of::<update_page::UpdatePage>(),
        ActionDef::of::<get_page::GetPage>(),
        ActionDef::of::<get_page_content::GetPageContent>(),
        ActionDef::of::<get_page_property::GetPageProperty>(),
        ActionDef::of::<append_content::AppendContent>(),
        ActionDef::of::<upload_file::UploadFile>(),
        ActionDef::of::<list_files::ListFiles>(),
        ActionDef::of::<get_file::GetFile>(),
        ActionDef::of::<update_page_content::UpdatePageContent>(),
        ActionDef::of::<list_blocks::ListBlocks>(),
        ActionDef::of::<get_block::GetBlock>(),
        ActionDef::of::<update_block::UpdateBlock>(),
        ActionDef::of::<delete_block::DeleteBlock>(),
        ActionDef::of::<move_page::MovePage>(),
        ActionDef::of::<archive_page::ArchivePage>(),
        ActionDef::of::<restore_page::RestorePage>(),
        ActionDef::of::<search::Search>(),
        ActionDef::of::<query_database::QueryDatabase>(),
        ActionDef::of::<get_database::GetDatabase>(),
        ActionDef::of::<list_databases::ListDatabases>(),
        ActionDef::of::<create_database::CreateDatabase>(),
        ActionDef::of::<update_database::UpdateDatabase>(),
        ActionDef::of::<upsert_row::UpsertRow>(),
        ActionDef::of::<add_comment::AddComment>(),
        ActionDef::of::<list_comments::ListComments>(),
        ActionDef::of::<list_users::ListUsers>(),
        ActionDef::of::<get_user::GetUser>(),
        ActionDef::of::<get_me::GetMe>(),
    ],
};

const ORIGIN: Origin = Origin { name: "notion", url: "https://api.notion.com" };

/// Mandatory in every call: <https://developers.notion.com/reference/versioning>
const VERSION_HEADER: &[(&str, &str)] = &[("notion-version", "2026-03-11")];

/// Empty: write access is a capability of the connection, which no token response states.
const NO_SCOPES: Scopes = &[];

/// The meanings of a `restricted_resource`. <https://developers.notion.com/reference/capabilities>
const CAPABILITY_HINT: &str = " (the integration lacks the capability, which its owner sets in Notion's developer portal, or the \
                               access to this page)";

/// Classifies Notion's error codes.
/// <https://developers.notion.com/reference/status-codes>
fn classify(reply: &JsonResponse) -> Option<Failure> {
    if reply.status.is_success() {
        return None;
    }
    let code = reply.body["code"].as_str()?;
    let kind = match code {
        "unauthorized" => Kind::AuthExpired,
        // A capability of the integration, or the access to a page: a new consent alone resolves neither.
        // https://developers.notion.com/reference/capabilities
        "restricted_resource" => Kind::Forbidden,
        "object_not_found" => Kind::NotFound,
        "validation_error"
        | "invalid_json"
        | "invalid_request"
        | "invalid_request_url"
        | "invalid_beta"
        | "missing_version" => Kind::Invalid,
        // Not applied; Notion's own clients retry it.
        "conflict_error" => Kind::Conflict,
        "rate_limited" | "service_overload" => Kind::RateLimited,
        "internal_server_error"
        | "bad_gateway"
        | "service_unavailable"
        | "database_connection_unavailable"
        | "gateway_timeout" => Kind::Ambiguous,
        // An unknown code is classified by its status.
        _ => return None,
    };
    Some(Failure::new(kind, error_message(reply, code)))
}

/// Returns a value of a response as a text, if it is one.
fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn error_message(reply: &JsonResponse, code: &str) -> String {
    let limit = reply.body["additional_data"]["rate_limit_reason"].as_str();
    let message = match limit.or_else(|| reply.body["message"].as_str()) {
        Some(message) => format!("{code}: {message}"),
        None => code.to_owned(),
    };
    match code {
        "restricted_resource" => format!("{message}{CAPABILITY_HINT}"),
        _ => message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::testing;

    #[test]
    fn classifies_every_documented_error() {
        let rows = [
            (401, "unauthorized", Kind::AuthExpired),
            (403, "restricted_resource", Kind::Forbidden),
            (404, "object_not_found", Kind::NotFound),
            (400, "validation_error", Kind::Invalid),
            (413, "validation_error", Kind::Invalid),
            (400, "invalid_json", Kind::Invalid),
            (400, "invalid_request", Kind::Invalid),
            (400, "invalid_request_url", Kind::Invalid),
            (400, "invalid_beta", Kind::Invalid),
            (400, "missing_version", Kind::Invalid),
            (409, "conflict_error", Kind::Conflict),
            (429, "rate_limited", Kind::RateLimited),
            (529, "service_overload", Kind::RateLimited),
            (500, "internal_server_error", Kind::Ambiguous),
            (502, "bad_gateway", Kind::Ambiguous),
            (503, "service_unavailable", Kind::Ambiguous),
            (503, "database_connection_unavailable", Kind::Ambiguous),
            (504, "gateway_timeout", Kind::Ambiguous),
        ];
        for (status, code, kind) in rows {
            let body = json!({ "object": "error", "status": status, "code": code, "message": "Because." });
            let failure = classify(&testing::json_response(status, body)).unwrap();
            assert_eq!(failure.kind, kind, "{status} {code}");
            let hint = if code == "restricted_resource" { CAPABILITY_HINT } else { "" };
            assert_eq!(failure.message, format!("{code}: Because.{hint}"));
        }
    }

    #[test]
    fn leaves_unknown_codes_to_the_status_and_names_the_limit() {
        assert!(classify(&testing::json_response(200, json!({ "object": "page" }))).is_none());
        assert!(classify(&testing::json_response(502, Value::Null)).is_none());
        assert!(classify(&testing::json_response(400, json!({ "code": "a_code_of_tomorrow" }))).is_none());
        let body = json!({ "code": "rate_limited", "message": "No.",
            "additional_data": { "rate_limit_reason": "workspace" } });
        assert_eq!(classify(&testing::json_response(429, body)).unwrap().message, "rate_limited: workspace");
    }

    #[test]
    fn actions_and_fields_are_described() {
        testing::assert_actions_described(&ADAPTER);
    }
}
