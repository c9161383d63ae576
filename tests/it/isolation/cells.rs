//! The cells of the isolation matrix: every route with every kind of id it takes.

use crate::support::account_id;
use engine::account::AccountId;
use engine::ids::{AgentId, MappingId, TaskId};

/// The kind of id in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum IdKind {
    /// No id: the request concerns all of the caller's data.
    Nothing,
    Task,
    Error,
    Mapping,
    Tool,
    ConnectCode,
    Agent,
    ContextKey,
    ExternalId,
    Cursor,
    IdempotencyKey,
    Delegation,
    Account,
    File,
}
use IdKind::*;

pub(super) const ID_KINDS: [IdKind; 14] = [
    Nothing,
    Task,
    Error,
    Mapping,
    Tool,
    ConnectCode,
    Agent,
    ContextKey,
    ExternalId,
    Cursor,
    IdempotencyKey,
    Delegation,
    Account,
    File,
];

/// The owner's expected response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OwnerResponse {
    /// The owner's data, or a change of them.
    OwnData,
    /// A new object, the same for every user.
    NewData,
}
use OwnerResponse::*;

/// Method, path and body (`{}` is replaced by the id), kind of id, and the owner's expected response.
pub(super) type Cell = (&'static str, &'static str, &'static str, IdKind, OwnerResponse);

pub(super) const INTENT: &str =
    r#"{"agentId":"{}","tool":"slack","intent":"send_message","context":{"channel":"c","text":"t"}}"#;
pub(super) const INTENT_WITH_KEY: &str =
    r#"{"agentId":"agent-1","tool":"slack","intent":"send_message","context":{"channel":"c","text":"CANARY"}}"#;
const FETCH: &str = r#"{"agentId":"agent-1","tool":"{}","intent":"fetch_messages","context":{"channel":"c"}}"#;
pub(super) const SCHEDULED_INTENT: &str = r#"{"agentId":"{}","tool":"slack","intent":"send_message","context":{"channel":"c","text":"t"},"executeAt":"2099"}"#;
const SCHEDULED_INTENT_OF_TOOL: &str = r#"{"agentId":"agent-1","tool":"{}","intent":"send_message","context":{"channel":"c","text":"t"},"executeAt":"2099"}"#;
const SCHEDULED_INTENT_WITH_KEY: &str = r#"{"agentId":"agent-1","tool":"slack","intent":"send_message","context":{"channel":"c","text":"CANARY"},"executeAt":"2099"}"#;
const CALL: &str = r#"{"agentId":"{}","name":"slack_send_message","arguments":{"channel":"c","text":"t"}}"#;
const CALL_WITH_KEY: &str =
    r#"{"agentId":"agent-1","name":"slack_send_message","arguments":{"channel":"c","text":"CANARY"}}"#;
const REPORT: &str = r#"{"agentId":"{}","tool":"gmail","action":"send_email","errorCode":"E","errorMessage":"m"}"#;

pub(super) const CELLS: &[Cell] = &[
    ("GET", "", "", Nothing, NewData),
    ("POST", "", INTENT, Agent, NewData),
    ("POST", "", FETCH, Tool, OwnData),
    ("POST", "", INTENT_WITH_KEY, IdempotencyKey, OwnData),
    ("POST", "/call", CALL, Agent, NewData),
    ("POST", "/call", CALL_WITH_KEY, IdempotencyKey, OwnData),
    ("POST", "/tasks/schedule", SCHEDULED_INTENT, Agent, NewData),
    ("POST", "/tasks/schedule", SCHEDULED_INTENT_OF_TOOL, Tool, NewData),
    ("POST", "/tasks/schedule", SCHEDULED_INTENT_WITH_KEY, IdempotencyKey, OwnData),
    ("GET", "/integrations", "", Nothing, OwnData),
    ("GET", "/integrations?cursor={}", "", Cursor, OwnData),
    ("GET", "/delegations", "", Nothing, OwnData),
    ("GET", "/delegations?cursor={}", "", Cursor, OwnData),
    ("POST", "/integrations/connect", r#"{"connectCode":"{}"}"#, ConnectCode, OwnData),
    ("POST", "/integrations", r#"{"tool":"{}","accessToken":"TOKEN"}"#, Tool, NewData),
    ("PATCH", "/integrations", r#"{"tool":"{}","label":"work"}"#, Tool, OwnData),
    ("POST", "/delegations", r#"{"service":"{}","tools":["gmail"]}"#, Delegation, NewData),
    ("DELETE", "/integrations", r#"{"tool":"{}"}"#, Tool, OwnData),
    ("DELETE", "/delegations", r#"{"service":"{}"}"#, Delegation, OwnData),
    ("GET", "/integrations/status?tool={}", "", Tool, OwnData),
    ("GET", "/oauth/authorize?tool={}", "", Tool, NewData),
    ("GET", "/integrations/oauth/authorize?tool={}", "", Tool, NewData),
    ("GET", "/agents", "", Nothing, OwnData),
    ("GET", "/agents?cursor={}", "", Cursor, OwnData),
    ("DELETE", "/agents", r#"{"agentId":"{}"}"#, Agent, OwnData),
    ("GET", "/files", "", Nothing, OwnData),
    ("GET", "/files?cursor={}", "", Cursor, OwnData),
    ("GET", "/files?fileId={}", "", File, OwnData),
    ("POST", "/files", r#"{"filename":"a.txt","contentType":"text/plain","size":1}"#, Nothing, NewData),
    ("DELETE", "/files", r#"{"fileId":"{}"}"#, File, OwnData),
    ("GET", "/tasks", "", Nothing, OwnData),
    ("GET", "/tasks?cursor={}", "", Cursor, OwnData),
    ("GET", "/tasks?taskId={}", "", Task, OwnData),
    ("GET", "/tasks?agentId={}", "", Agent, OwnData),
    ("GET", "/tasks?agentId={}&kind=immediate", "", Agent, OwnData),
    ("GET", "/tasks?agentId=agent-1&cursor={}", "", Cursor, OwnData),
    ("POST", "/tasks", r#"{"taskId":"{}","force":true}"#, Task, OwnData),
    ("DELETE", "/tasks", r#"{"taskId":"{}"}"#, Task, OwnData),
    ("GET", "/context-mappings?agentId={}&tool=notion", "", Agent, OwnData),
    ("GET", "/context-mappings?id={}", "", Mapping, OwnData),
    ("GET", "/context-mappings?agentId=agent-1&tool={}", "", Tool, NewData),
    ("GET", "/context-mappings?agentId=agent-1&tool=notion&prefix={}", "", ContextKey, OwnData),
    ("GET", "/context-mappings?agentId=agent-1&tool=notion&externalId={}", "", ExternalId, OwnData),
    ("GET", "/context-mappings?agentId=agent-1&tool=notion&cursor={}", "", Cursor, OwnData),
    (
        "POST",
        "/context-mappings",
        r#"{"agentId":"{}","tool":"notion","contextKey":"key-1","externalId":"e"}"#,
        Agent,
        OwnData,
    ),
    (
        "POST",
        "/context-mappings",
        r#"{"agentId":"agent-1","tool":"{}","contextKey":"key-1","externalId":"e"}"#,
        Tool,
        NewData,
    ),
    (
        "POST",
        "/context-mappings",
        r#"{"agentId":"agent-1","tool":"notion","contextKey":"{}","externalId":"e"}"#,
        ContextKey,
        OwnData,
    ),
    (
        "POST",
        "/context-mappings",
        r#"{"agentId":"agent-1","tool":"notion","contextKey":"new","externalId":"{}"}"#,
        ExternalId,
        NewData,
    ),
    ("PUT", "/context-mappings", r#"{"id":"{}","externalId":"e"}"#, Mapping, OwnData),
    ("PUT", "/context-mappings", r#"{"id":"MAPPING","externalId":"{}"}"#, ExternalId, OwnData),
    ("DELETE", "/context-mappings?id={}", "", Mapping, OwnData),
    (
        "POST",
        "/context-mappings/bulk",
        r#"{"mappings":[{"agentId":"{}","tool":"notion","contextKey":"key-1","externalId":"e"}]}"#,
        Agent,
        NewData,
    ),
    (
        "POST",
        "/context-mappings/bulk",
        r#"{"mappings":[{"agentId":"agent-1","tool":"{}","contextKey":"key-1","externalId":"e"}]}"#,
        Tool,
        NewData,
    ),
    (
        "POST",
        "/context-mappings/bulk",
        r#"{"mappings":[{"agentId":"agent-1","tool":"notion","contextKey":"{}","externalId":"e"}]}"#,
        ContextKey,
        NewData,
    ),
    (
        "POST",
        "/context-mappings/bulk",
        r#"{"mappings":[{"agentId":"agent-1","tool":"notion","contextKey":"key-1","externalId":"{}"}]}"#,
        ExternalId,
        NewData,
    ),
    ("DELETE", "/context-mappings/bulk", r#"{"ids":["{}"]}"#, Mapping, OwnData),
    ("GET", "/context-mappings/lookup?agentId={}&tool=notion&contextKey=key-1", "", Agent, OwnData),
    ("GET", "/context-mappings/lookup?agentId=agent-1&tool={}&contextKey=key-1", "", Tool, NewData),
    ("GET", "/context-mappings/lookup?agentId=agent-1&tool=notion&contextKey={}", "", ContextKey, OwnData),
    ("GET", "/context-mappings/lookup?agentId=agent-1&tool=notion&externalId={}", "", ExternalId, OwnData),
    ("GET", "/context-mappings/lookup?agentId=agent-1&tool=notion&externalId=ext-1&cursor={}", "", Cursor, NewData),
    ("GET", "/errors", "", Nothing, OwnData),
    ("GET", "/errors?cursor={}", "", Cursor, OwnData),
    ("GET", "/errors?agentId={}", "", Agent, OwnData),
    ("GET", "/errors?agentId=agent-1&tool={}", "", Tool, OwnData),
    ("GET", "/errors?agentId=agent-1&cursor={}", "", Cursor, OwnData),
    ("POST", "/errors", REPORT, Agent, OwnData),
    (
        "POST",
        "/errors",
        r#"{"agentId":"agent-1","tool":"{}","action":"send_message","errorCode":"E","errorMessage":"m"}"#,
        Tool,
        NewData,
    ),
    ("PATCH", "/errors", r#"{"errorId":"{}"}"#, Error, OwnData),
    ("POST", "/errors/bulk", r#"{"action":"resolve","errorIds":["{}"]}"#, Error, OwnData),
    ("GET", "/errors/fallbacks?tool=gmail&agentId={}", "", Agent, OwnData),
    ("GET", "/errors/fallbacks?tool={}&agentId=agent-1", "", Tool, NewData),
    ("POST", "/errors/fallbacks", r#"{"tool":"gmail","message":"m","agentId":"{}"}"#, Agent, NewData),
    ("POST", "/errors/fallbacks", r#"{"tool":"{}","message":"m"}"#, Tool, NewData),
    ("GET", "/errors/fallbacks", "", Nothing, OwnData),
    ("GET", "/errors/fallbacks?cursor={}", "", Cursor, OwnData),
    ("DELETE", "/errors/fallbacks", r#"{"tool":"gmail","agentId":"{}"}"#, Agent, OwnData),
    ("DELETE", "/errors/fallbacks", r#"{"tool":"{}","agentId":"agent-1"}"#, Tool, OwnData),
    ("GET", "/circuit-breakers", "", Nothing, OwnData),
    ("GET", "/circuit-breakers?agentId={}", "", Agent, OwnData),
    ("GET", "/errors/stats", "", Nothing, OwnData),
    ("GET", "/errors/stats?agentId={}", "", Agent, OwnData),
    ("GET", "/errors/stats?cursor={}", "", Cursor, OwnData),
    ("DELETE", "/circuit-breakers", r#"{"agentId":"{}","tool":"slack"}"#, Agent, OwnData),
    ("DELETE", "/circuit-breakers", r#"{"agentId":"agent-1","tool":"{}"}"#, Tool, OwnData),
    ("GET", "/errors/trends", "", Nothing, OwnData),
    ("GET", "/errors/trends?tool={}", "", Tool, NewData),
    ("GET", "/errors/trends?agentId={}", "", Agent, OwnData),
];

/// The field used to send a kind of id to a route that does not take it.
pub(super) fn id_field(kind: IdKind) -> &'static str {
    match kind {
        Nothing => "nothing",
        Task => "taskId",
        Error => "errorId",
        Mapping => "id",
        Tool => "tool",
        ConnectCode => "connectCode",
        Agent => "agentId",
        ContextKey => "contextKey",
        ExternalId => "externalId",
        Cursor => "cursor",
        IdempotencyKey => "idempotencyKey",
        Delegation => "service",
        Account => "account",
        File => "fileId",
    }
}

/// An id without an object. For names that users choose freely: the name the owner uses later.
pub(super) fn absent_id(kind: IdKind) -> String {
    let agent = AgentId::parse("agent-1").unwrap();
    match kind {
        Task => TaskId { agent, sort: "I#01J0000000000000000000000Z".to_owned() }.to_string(),
        Error => "err_01J0000000000000000000000Z".to_owned(),
        Mapping => mapping_id(&account_id("w.p"), "absent"),
        ConnectCode => format!("{0}.{0}", "A".repeat(43)),
        // No cursor means the first page, which is also the response to another user's cursor for a user without data.
        Nothing | Cursor => String::new(),
        Tool => "slack".to_owned(),
        Agent => "agent-1".to_owned(),
        ContextKey => "key-1".to_owned(),
        ExternalId => "ext-1".to_owned(),
        IdempotencyKey => "idempotency-1".to_owned(),
        Delegation => "helper-1".to_owned(),
        Account => "T0ABSENT.U0ABSENT".to_owned(),
        File => "file_01J0000000000000000000000Z".to_owned(),
    }
}

/// The public id of a mapping of `agent-1` in a Notion account.
pub(super) fn mapping_id(account: &AccountId, context_key: &str) -> String {
    let (agent, tool) = (AgentId::parse("agent-1").unwrap(), "notion".to_owned());
    MappingId { agent, tool, account: account.clone(), context_key: context_key.to_owned() }.to_string()
}

pub(super) fn malformed_id(kind: IdKind) -> String {
    match kind {
        Nothing => String::new(),
        Task => "task_nonsense".to_owned(),
        Error => "err_nonsense".to_owned(),
        Mapping => "map_nonsense".to_owned(),
        File => "file_nonsense".to_owned(),
        Tool => "fax".to_owned(),
        ConnectCode => "nonsense".to_owned(),
        // `""` in base64url: not a position in any list.
        Cursor => "IiI".to_owned(),
        IdempotencyKey => "k".repeat(300),
        Agent | ContextKey | ExternalId | Delegation | Account => "a\u{7}b".to_owned(),
    }
}
