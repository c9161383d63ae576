//! Typed views of the responses.
//!
//! The views are written by hand. The engine's own types would follow a renamed field, and a test that reads them could not notice;
//! generated ones need a generator and a build step for 300 lines. `response_drift.rs` compares each view with its schema in the
//! OpenAPI document, in both directions, so that a view that differs fails.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A response, or a part of one, with the schemas of the OpenAPI document that describe it.
pub(crate) trait View: DeserializeOwned + Serialize {
    /// Paths below `#/components/schemas`.
    const SCHEMAS: &'static [&'static str];
}

/// Declares views. A view refuses fields that it does not have.
macro_rules! views {
    ($($(#[doc = $doc:literal])* $name:ident: $($schema:literal)|+ { $($field:ident: $type:ty),* $(,)? })*) => {
        $(
            $(#[doc = $doc])*
            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
            #[serde(rename_all = "camelCase", deny_unknown_fields)]
            pub(crate) struct $name { $(pub(crate) $field: $type),* }

            impl View for $name {
                const SCHEMAS: &'static [&'static str] = &[$($schema),+];
            }
        )*

        /// The name, the schemas and the drift check of every view.
        pub(super) const VIEWS: &[(&str, &[&str], super::response_drift::Check)] =
            &[$((stringify!($name), $name::SCHEMAS, super::response_drift::drift::<$name>)),*];
    };
}

views! {
    /// A task or an immediate intent.
    Task: "Task" {
        task_id: Option<String>, agent_id: Option<String>, tool: String, action: String, account: String, status: TaskStatus, attempts: u32,
        occurrence: u32, execute_at: Option<Timestamp>, next_attempt_at: Option<Timestamp>, created_at: Timestamp,
        updated_at: Timestamp, external_id: Option<String>, last_error: Option<LastError>, result: Option<TaskResult>,
        payload: Option<Value>, recurrence: Option<Recurrence>, save_as: Option<String>, history: Vec<HistoryEntry>,
        created_by: TaskCreator,
    }
    TaskCreator: "TaskCreator" { kind: CreatorKind, id: Option<String> }
    HistoryEntry: "TaskHistoryEntry" {
        at: Timestamp, attempt: u32, occurrence: u32, status: TaskStatus, code: Option<String>, external_id: Option<String>,
    }
    TaskResult: "TaskResult" { message: String, data: Option<Value>, link: Option<String>, truncated: Option<bool> }
    LastError: "LastError" { code: String, message: String, outcome: Outcome, action: ErrorAction, data: Option<Value> }
    Recurrence: "Recurrence" {
        every: Option<String>, cron: Option<String>, timezone: Option<String>, count: Option<u32>, until: Option<Timestamp>,
        misfire: Option<String>,
    }
    SingleTask: "Tasks/oneOf/1" { task: Task, retry_after_ms: Option<u64> }
    TaskList: "Tasks/oneOf/0" { tasks: Vec<Task>, cursor: Option<String> }

    /// The answer to a model's call.
    CallAnswer: "CallAnswer" {
        content: String, is_error: bool, structured: Map<String, Value>, replayed: Option<bool>, task_id: Option<String>,
    }

    /// An intent that succeeded or was accepted for later.
    PluginSuccess: "PluginSuccess" {
        success: bool, message: String, data: Option<Value>, external_id: Option<String>, metadata: Option<ResultMetadata>,
        warnings: Option<Vec<Warning>>,
    }
    /// An intent that failed, or whose outcome is unknown.
    PluginFailure: "PluginFailure" {
        success: bool, data: Option<Map<String, Value>>, message: String, error: ErrorDetail, fallback_message: String, metadata: Option<ResultMetadata>,
    }
    ResultMetadata: "PluginSuccess/properties/metadata" | "PluginFailure/properties/metadata"
        | "Scheduled/properties/metadata"
    {
        task_id: Option<String>, account: Option<String>, execute_at: Option<Timestamp>, link: Option<String>,
        dry_run: Option<bool>,
    }
    Scheduled: "Scheduled" {
        success: bool, message: String, task_id: String, metadata: ResultMetadata, warnings: Option<Vec<Warning>>,
    }
    Warning: "Warning" { code: String, message: String, connect_url: Option<String> }

    ErrorDetail: "ErrorDetail" {
        code: String, message: String, outcome: Outcome, action: ErrorAction, retry_after_ms: Option<u64>, connect_url: Option<String>,
        accounts: Option<Vec<AccountChoice>>, fields: Option<Vec<FieldFault>>,
    }
    FieldFault: "FieldFault" { field: String, reason: String }
    AccountChoice: "AccountChoice" { id: String, name: String, email: Option<String>, label: Option<String> }
    /// The response to a refused request.
    Refusal: "Refusal" { error: ErrorDetail, request_id: String }
    /// The response to a change that returns nothing else.
    Success: "Success" { success: bool }

    Bulk: "Bulk" { success: bool, message: String, count: usize, results: Vec<BulkItem> }
    BulkSucceeded: "BulkItem/oneOf/0" { index: usize, id: String, changed: Option<bool> }
    BulkFailed: "BulkItem/oneOf/1" { index: usize, error: ErrorDetail }

    Connection: "Integration" {
        id: String, tool: String, account: Account, label: Option<String>, default: bool, status: ConnectionStatus,
        scopes: Vec<String>, requested_scopes: Vec<String>, user_scopes: Option<Vec<String>>,
        requested_user_scopes: Option<Vec<String>>, metadata: Value, expires_at: Option<Timestamp>,
        last_used_on: String, created_at: Timestamp, updated_at: Timestamp,
    }
    Account: "Account" {
        id: String, name: String, email: Option<String>, workspace: Option<String>, link: Option<String>,
    }
    ConnectionList: "Integrations" { integrations: Vec<Connection>, cursor: Option<String> }
    Connected: "Connected" { success: bool, integration: Connection, unchanged_account: Option<String> }
    Disconnected: "Disconnected" { success: bool, tool: String, account: Account }
    AccountNamed: "AccountNamed" { success: bool, integration: Connection }
    AuthStatus: "AuthStatus" {
        account: Option<Account>, label: Option<String>, connected: bool, needs_reauth: bool, expires_at: Option<Timestamp>, scopes: Option<Vec<String>>,
        user_scopes: Option<Vec<String>>, last_error: Option<String>, connect_url: Option<String>, error: Option<String>,
        unavailable_actions: Option<Vec<UnavailableAction>>,
    }
    UnavailableAction: "UnavailableAction" { action: String, needs: String }
    Authorize: "Authorize" { auth_url: String }
    AgentList: "Agents" { agents: Vec<Agent>, cursor: Option<String> }
    Agent: "Agent" { agent_id: String, created_at: Timestamp, tasks: AgentTaskCounts }
    AgentTaskCounts: "AgentTaskCounts" {
        scheduled: u32, processing: u32, retrying: u32, unknown: u32, awaiting_connection: u32, series: u32,
        more: bool,
    }
    AgentStopped: "AgentStopped" { success: bool, message: String, cancelled: usize, running: usize, remaining: bool }
    Delegation: "Delegation" { service: String, tools: Vec<String>, actions: Option<Vec<String>>, accounts: Option<Vec<String>>, created_at: Timestamp, expires_at: Timestamp }
    DelegationList: "Delegations" { delegations: Vec<Delegation>, cursor: Option<String> }
    DelegationCreated: "DelegationGranted" { success: bool, delegation: Delegation }
    Revoked: "Revoked" { success: bool, cancelled: usize, running: usize, remaining: bool }

    File: "File" {
        file_id: String, filename: String, content_type: String, size: u64, sha256: Option<String>, created_at: Timestamp,
        expires_at: Timestamp, download: Option<FileLink>,
    }
    FileLink: "FileLink" { method: String, url: String, headers: BTreeMap<String, String>, expires_at: Timestamp }
    FileList: "Files/oneOf/0" { files: Vec<File>, cursor: Option<String> }
    SingleFile: "Files/oneOf/1" { file: File }
    FileRegistered: "FileRegistered" { success: bool, file_id: String, upload: FileLink }
    FileDeleted: "FileDeleted" { success: bool, cancelled: usize }

    Mapping: "Mapping" {
        id: String, agent_id: String, tool: String, account: String, context_key: String, external_id: String,
        friendly_name: Option<String>, metadata: Value, expires_at: Option<Timestamp>, created_at: Timestamp, updated_at: Timestamp,
    }
    MappingList: "Mappings/oneOf/0" { mappings: Vec<Mapping>, cursor: Option<String> }
    SingleMapping: "Mappings/oneOf/1" { mapping: Mapping }
    MappingCreated: "MappingCreated" { success: bool, id: String }
    MappedId: "Lookup/oneOf/0" { external_id: String }
    MappingKeys: "MappingKeys" { context_key: Option<String>, context_keys: Vec<String>, cursor: Option<String> }

    LoggedError: "LoggedError" {
        error_id: String, agent_id: String, tool: String, account: Option<String>, action: String, error_code: String, error_message: String, payload: Value,
        task_id: Option<String>, attempt: Option<u32>, outcome: Option<Outcome>, error_action: Option<ErrorAction>, resolved: bool,
        resolved_at: Option<Timestamp>, timestamp: Timestamp,
    }
    ErrorList: "Errors" { errors: Vec<LoggedError>, cursor: Option<String> }
    Reported: "Reported" { success: bool, error_id: String, fallback_message: String }
    Resolved: "Resolved" { success: bool, changed: bool }
    ErrorsBulk: "ErrorsBulk" {
        success: bool, action: String, count: usize, error_ids: Vec<Value>, results: Vec<BulkItem>,
    }
    FallbackRow: "FallbackRow" {
        tool: String, agent_id: Option<String>, message: Option<String>, retry: Option<RetryPolicy>, updated_at: Timestamp,
        updated_by: String,
    }
    FallbackList: "Fallbacks/oneOf/0" { fallbacks: Vec<FallbackRow>, cursor: Option<String> }
    /// The fallback message and retry policy that apply to a tool and an agent.
    Fallback: "Fallbacks/oneOf/1" {
        tool: String, agent_id: Option<String>, message: Option<String>, built_in: FallbackTexts, retry: RetryPolicy,
    }
    FallbackTexts: "FallbackTexts" {
        connect: String, fix: String, retry: String, look: String, unknown: String, unknown_retry: String, partial: String,
    }
    FallbackSet: "FallbackSet" {
        success: bool, tool: String, agent_id: Option<String>, message: Option<String>, retry: Option<RetryPolicy>,
    }
    RetryPolicy: "RetryPolicy" {
        max_attempts: Option<u32>, initial_interval_seconds: Option<u32>, max_interval_seconds: Option<u32>,
    }

    Stats: "Stats" {
        by_tool: BTreeMap<String, u64>, by_code: BTreeMap<String, u64>, by_agent: BTreeMap<String, u64>,
        period: StatsPeriod, cursor: Option<String>,
    }
    StatsPeriod: "StatsPeriod" { days: u32, start: String, end: String }
    CircuitBreakerList: "CircuitBreakers" { circuit_breakers: Vec<CircuitBreaker> }
    CircuitBreaker: "CircuitBreaker" {
        agent_id: String, tool: String, account: String, state: BreakerState, should_disable_tool: bool, failures: u32, successes: u32,
        open_until: Option<Timestamp>, reason: Option<String>,
    }
    Trends: "Trends" { trends: Vec<Trend>, frequent_errors: BTreeMap<String, u64>, period: TrendsPeriod }
    Trend: "Trend" { date: String, count: u64 }
    TrendsPeriod: "TrendsPeriod" { days: u32, start: String, end: String, tool: String }

    ToolList: "Tools/anyOf/0" { tools: Vec<Tool> }
    Tool: "Tool" {
        tool: String, name: String, description: String, version: String, author: String, scopes: Vec<String>,
        actions: Vec<Action>, connections: Vec<AuthStatus>, connect_url: Option<String>,
    }
    Action: "Action" {
        name: String, aliases: Vec<String>, description: String, effect: String, scopes: Vec<Vec<String>>, token: String,
        tier: String, overwrites: Option<String>, context_schema: Map<String, Value>, output_schema: Map<String, Value>,
    }
    /// The tool list in a format for models. The formats are their vendors', so tests read them as JSON.
    ToolDefinitions: "Tools/anyOf/1" { tools: Vec<Value> }
}

/// Declares the values of a field, with the schema of the OpenAPI document that lists them.
macro_rules! values {
    ($($name:ident: $schema:literal { $($variant:ident),* $(,)? })*) => {
        $(
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
            #[serde(rename_all = "snake_case")]
            pub(crate) enum $name { $($variant),* }
        )*

        /// The schema and the values of every enum.
        pub(super) fn values() -> Vec<(&'static str, Vec<Value>)> {
            vec![$(($schema, vec![$(serde_json::to_value($name::$variant).unwrap()),*])),*]
        }
    };
}

values! {
    TaskStatus: "TaskStatus" {
        Scheduled, Processing, Retrying, Completed, Failed, Cancelled, Unknown, NeedsAttention, AwaitingConnection,
    }
    CreatorKind: "CreatorKind" { User, Service }
    Outcome: "Outcome" { None, Partial, Done, Unknown }
    ErrorAction: "ErrorAction" { Connect, Fix, Retry, Look }
    ConnectionStatus: "ConnectionStatus" { Connecting, Active, NeedsReauth, Disconnecting }
    BreakerState: "BreakerState" { Closed, Open, HalfOpen }
}

/// The result of one item of a bulk request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum BulkItem {
    Succeeded(BulkSucceeded),
    Failed(BulkFailed),
}

impl BulkItem {
    /// The id of the changed object, if the item succeeded.
    pub(crate) fn id(&self) -> Option<&str> {
        match self {
            Self::Succeeded(item) => Some(&item.id),
            Self::Failed(_) => None,
        }
    }

    /// True if the request changed the object; `None` if the item failed or cannot be repeated.
    pub(crate) fn changed(&self) -> Option<bool> {
        match self {
            Self::Succeeded(item) => item.changed,
            Self::Failed(_) => None,
        }
    }

    /// The error, if the item failed.
    pub(crate) fn error(&self) -> Option<&ErrorDetail> {
        match self {
            Self::Succeeded(_) => None,
            Self::Failed(item) => Some(&item.error),
        }
    }

    /// The error's code, if the item failed.
    pub(crate) fn code(&self) -> Option<&str> {
        self.error().map(|error| error.code.as_str())
    }
}
