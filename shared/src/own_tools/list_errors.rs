//! `engine_list_errors`: lists the calling agent's errors.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Hints, OwnCall, OwnTool, OwnToolMeta, Ran, action_tool_name};
use crate::clock;
use crate::error::{Outcome, Result};
use crate::tables::PageRequest;
use crate::tables::errors::{ErrorRow, Filter};
use crate::tool::Tool;
use crate::validate::check_code;

/// List the errors of your calls, latest first, to explain to the person why something did not happen.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListErrors {
    /// Lists only errors of this tool, for example `gmail`.
    tool: Option<String>,
    /// Lists only errors with this code, for example `PROVIDER_REJECTED`.
    error_code: Option<String>,
    /// Lists only resolved errors (true) or only unresolved ones (false).
    resolved: Option<bool>,
    /// Lists only errors at or after this time: ISO 8601 with a zone.
    #[serde(default, deserialize_with = "clock::deserialize_timestamp")]
    #[schemars(with = "Option<String>", extend("x-empty" = "refused"))]
    since: Option<Timestamp>,
    /// Number of errors to return; 50 by default.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u16>,
    /// The `cursor` of the previous page.
    cursor: Option<String>,
}

/// A page of errors.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Errors {
    /// The errors, latest first.
    errors: Vec<ErrorView>,
    /// The cursor of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
}

/// An error of a call.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ErrorView {
    /// The id of the error.
    error_id: String,
    /// The tool that failed, for example `gmail_send_email`.
    name: String,
    /// The id of the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    /// The stable code.
    code: String,
    /// The message.
    message: String,
    /// The outcome of the effect.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<Outcome>,
    /// The time of the failure.
    #[schemars(with = "String")]
    at: Timestamp,
    /// True if the error was marked as resolved.
    resolved: bool,
    /// The task that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    task_id: Option<String>,
}

impl OwnTool for ListErrors {
    type Output = Errors;

    const META: OwnToolMeta = OwnToolMeta {
        name: "engine_list_errors",
        title: "Engine: list errors",
        hints: Hints::READ,
        example: r#"{"resolved": false, "limit": 10}"#,
    };

    fn check(&self) -> Result<()> {
        self.error_code.as_deref().map_or(Ok(()), |code| check_code("errorCode", code))
    }

    async fn run(self, call: OwnCall<'_>) -> Result<Ran<Errors>> {
        let Self { tool, error_code, resolved, since, limit, cursor } = self;
        let tool = tool.as_deref().map(Tool::parse).transpose()?;
        let filter = Filter { tool, code: error_code, resolved, since, until: None };
        let page = PageRequest { limit, cursor };
        let page = call.parts.engine.errors.list(call.caller, Some(call.agent), &filter, &page).await?;
        let errors: Vec<ErrorView> = page.items.into_iter().map(ErrorView::from).collect();
        let message = super::listed(errors.len(), "error", page.cursor.as_deref());
        Ok(Ran::done(message, Errors { errors, cursor: page.cursor }))
    }
}

impl From<ErrorRow> for ErrorView {
    fn from(row: ErrorRow) -> Self {
        Self {
            error_id: row.id().to_string(),
            name: action_tool_name(&row.tool, &row.action),
            account: row.account.map(|account| account.to_string()),
            code: row.error_code,
            message: row.error_message,
            outcome: row.outcome,
            at: row.timestamp,
            resolved: row.resolved,
            task_id: row.task_id,
        }
    }
}
