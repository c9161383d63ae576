//! The cells of the matrix: what every route can be asked for, and the ids to ask with.

use engine::ids::{AgentId, MappingId, TaskId};

/// What a request names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Nothing: whatever is the caller's.
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
}
use Kind::*;

pub(super) const KINDS: [Kind; 12] = [
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
];

/// What the answer to the owner shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Own {
    /// The owner's data, or what was done to them.
    Seen,
    /// Something new, which is the same for everybody.
    Made,
}
use Own::*;

/// Method, path and body, with `{}` where the id stands.
pub(super) type Cell = (&'static str, &'static str, &'static str, Kind, Own);

pub(super) const INTENT: &str =
    r#"{"agentId":"{}","tool":"slack","intent":"send_message","context":{"channel":"c","text":"t"}}"#;
pub(super) const KEYED: &str =
    r#"{"agentId":"agent-1","tool":"slack","intent":"send_message","context":{"channel":"c","text":"CANARY"}}"#;
const FETCH: &str = r#"{"agentId":"agent-1","tool":"{}","intent":"fetch_messages","context":{"channel":"c"}}"#;
pub(super) const LATER: &str = r#"{"agentId":"{}","tool":"slack","intent":"send_message","context":{"channel":"c","text":"t"},"executeAt":"2099"}"#;
const LATER_TOOL: &str = r#"{"agentId":"agent-1","tool":"{}","intent":"send_message","context":{"channel":"c","text":"t"},"executeAt":"2099"}"#;
const LATER_KEYED: &str = r#"{"agentId":"agent-1","tool":"slack","intent":"send_message","context":{"channel":"c","text":"CANARY"},"executeAt":"2099"}"#;
const REPORT: &str = r#"{"agentId":"{}","tool":"gmail","action":"x","errorCode":"E","errorMessage":"m"}"#;

pub(super) const CELLS: &[Cell] = &[
    ("GET", "", "", Nothing, Made),
    ("POST", "", INTENT, Agent, Made),
    ("POST", "", FETCH, Tool, Seen),
    ("POST", "", KEYED, IdempotencyKey, Seen),
    ("POST", "/tasks/schedule", LATER, Agent, Made),
    ("POST", "/tasks/schedule", LATER_TOOL, Tool, Made),
    ("POST", "/tasks/schedule", LATER_KEYED, IdempotencyKey, Seen),
    ("GET", "/integrations", "", Nothing, Seen),
    ("GET", "/integrations?cursor={}", "", Cursor, Seen),
    ("GET", "/integrations?delegations=true", "", Nothing, Seen),
    ("GET", "/integrations?delegations=true&cursor={}", "", Cursor, Seen),
    ("POST", "/integrations", r#"{"connectCode":"{}"}"#, ConnectCode, Seen),
    ("POST", "/integrations", r#"{"tool":"{}","accessToken":"x"}"#, Tool, Made),
    ("POST", "/integrations", r#"{"service":"{}"}"#, Delegation, Made),
    ("DELETE", "/integrations", r#"{"tool":"{}"}"#, Tool, Seen),
    ("DELETE", "/integrations", r#"{"service":"{}"}"#, Delegation, Seen),
    ("GET", "/integrations/status?tool={}", "", Tool, Seen),
    ("GET", "/oauth/authorize?tool={}", "", Tool, Made),
    ("GET", "/integrations/oauth/authorize?tool={}", "", Tool, Made),
    ("GET", "/tasks?taskId={}", "", Task, Seen),
    ("GET", "/tasks?agentId={}", "", Agent, Seen),
    ("GET", "/tasks?agentId={}&kind=immediate", "", Agent, Seen),
    ("GET", "/tasks?agentId=agent-1&cursor={}", "", Cursor, Seen),
    ("POST", "/tasks", r#"{"taskId":"{}","force":true}"#, Task, Seen),
    ("DELETE", "/tasks", r#"{"taskId":"{}"}"#, Task, Seen),
    ("GET", "/context-mappings?agentId={}&tool=notion", "", Agent, Seen),
    ("GET", "/context-mappings?id={}", "", Mapping, Seen),
    ("GET", "/context-mappings?agentId=agent-1&tool={}", "", Tool, Made),
    ("GET", "/context-mappings?agentId=agent-1&tool=notion&cursor={}", "", Cursor, Seen),
    (
        "POST",
        "/context-mappings",
        r#"{"agentId":"{}","tool":"notion","contextKey":"key-1","externalId":"e"}"#,
        Agent,
        Seen,
    ),
    (
        "POST",
        "/context-mappings",
        r#"{"agentId":"agent-1","tool":"{}","contextKey":"key-1","externalId":"e"}"#,
        Tool,
        Made,
    ),
    (
        "POST",
        "/context-mappings",
        r#"{"agentId":"agent-1","tool":"notion","contextKey":"{}","externalId":"e"}"#,
        ContextKey,
        Seen,
    ),
    (
        "POST",
        "/context-mappings",
        r#"{"agentId":"agent-1","tool":"notion","contextKey":"new","externalId":"{}"}"#,
        ExternalId,
        Made,
    ),
    ("PUT", "/context-mappings", r#"{"id":"{}","externalId":"e"}"#, Mapping, Seen),
    ("DELETE", "/context-mappings?id={}", "", Mapping, Seen),
    (
        "POST",
        "/context-mappings/bulk",
        r#"{"mappings":[{"agentId":"{}","tool":"notion","contextKey":"key-1","externalId":"e"}]}"#,
        Agent,
        Made,
    ),
    (
        "POST",
        "/context-mappings/bulk",
        r#"{"mappings":[{"agentId":"agent-1","tool":"{}","contextKey":"key-1","externalId":"e"}]}"#,
        Tool,
        Made,
    ),
    (
        "POST",
        "/context-mappings/bulk",
        r#"{"mappings":[{"agentId":"agent-1","tool":"notion","contextKey":"{}","externalId":"e"}]}"#,
        ContextKey,
        Made,
    ),
    (
        "POST",
        "/context-mappings/bulk",
        r#"{"mappings":[{"agentId":"agent-1","tool":"notion","contextKey":"key-1","externalId":"{}"}]}"#,
        ExternalId,
        Made,
    ),
    ("DELETE", "/context-mappings/bulk", r#"{"ids":["{}"]}"#, Mapping, Seen),
    ("GET", "/context-mappings/lookup?agentId={}&tool=notion&contextKey=key-1", "", Agent, Seen),
    ("GET", "/context-mappings/lookup?agentId=agent-1&tool={}&contextKey=key-1", "", Tool, Made),
    ("GET", "/context-mappings/lookup?agentId=agent-1&tool=notion&contextKey={}", "", ContextKey, Seen),
    ("GET", "/context-mappings/lookup?agentId=agent-1&tool=notion&externalId={}", "", ExternalId, Seen),
    ("GET", "/errors?agentId={}", "", Agent, Seen),
    ("GET", "/errors?agentId=agent-1&cursor={}", "", Cursor, Seen),
    ("POST", "/errors", REPORT, Agent, Seen),
    (
        "POST",
        "/errors",
        r#"{"agentId":"agent-1","tool":"{}","action":"x","errorCode":"E","errorMessage":"m"}"#,
        Tool,
        Made,
    ),
    ("PATCH", "/errors", r#"{"errorId":"{}"}"#, Error, Seen),
    ("POST", "/errors/bulk", r#"{"action":"resolve","errorIds":["{}"]}"#, Error, Seen),
    ("GET", "/errors/fallbacks?tool=gmail&agentId={}", "", Agent, Seen),
    ("GET", "/errors/fallbacks?tool={}&agentId=agent-1", "", Tool, Made),
    ("POST", "/errors/fallbacks", r#"{"tool":"gmail","message":"m","agentId":"{}"}"#, Agent, Made),
    ("POST", "/errors/fallbacks", r#"{"tool":"{}","message":"m"}"#, Tool, Made),
    ("GET", "/errors/fallbacks", "", Nothing, Seen),
    ("GET", "/errors/fallbacks?cursor={}", "", Cursor, Seen),
    ("DELETE", "/errors/fallbacks", r#"{"tool":"gmail","agentId":"{}"}"#, Agent, Seen),
    ("DELETE", "/errors/fallbacks", r#"{"tool":"{}","agentId":"agent-1"}"#, Tool, Seen),
    ("GET", "/errors/stats", "", Nothing, Seen),
    ("GET", "/errors/stats?agentId={}", "", Agent, Seen),
    ("DELETE", "/errors/stats", r#"{"agentId":"{}","tool":"slack"}"#, Agent, Seen),
    ("DELETE", "/errors/stats", r#"{"agentId":"agent-1","tool":"{}"}"#, Tool, Seen),
    ("GET", "/errors/trends", "", Nothing, Seen),
    ("GET", "/errors/trends?agentId={}", "", Agent, Seen),
];

/// The field by which a route that does not take a kind of id is offered one all the same.
pub(super) fn field(kind: Kind) -> &'static str {
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
    }
}

/// An id nobody has; of what a user names freely, the one the owner is going to use.
pub(super) fn absent(kind: Kind) -> String {
    let agent = AgentId::parse("agent-1").unwrap();
    match kind {
        Task => TaskId { agent, sort: "I#01J0000000000000000000000Z".to_owned() }.to_string(),
        Error => "err_01J0000000000000000000000Z".to_owned(),
        Mapping => MappingId { agent, tool: "notion".to_owned(), context_key: "absent".to_owned() }.to_string(),
        ConnectCode => format!("{0}.{0}", "A".repeat(43)),
        // Without one there is the first page, which is what anybody else's cursor shows a user who has nothing.
        Nothing | Cursor => String::new(),
        Tool => "slack".to_owned(),
        Agent => "agent-1".to_owned(),
        ContextKey => "key-1".to_owned(),
        ExternalId => "ext-1".to_owned(),
        IdempotencyKey => "idempotency-1".to_owned(),
        Delegation => "helper-1".to_owned(),
    }
}

pub(super) fn malformed(kind: Kind) -> String {
    match kind {
        Nothing => String::new(),
        Task => "task_nonsense".to_owned(),
        Error => "err_nonsense".to_owned(),
        Mapping => "map_nonsense".to_owned(),
        Tool => "fax".to_owned(),
        ConnectCode => "nonsense".to_owned(),
        // `""` in base64url: a position in no list.
        Cursor => "IiI".to_owned(),
        IdempotencyKey => "k".repeat(300),
        Agent | ContextKey | ExternalId | Delegation => "a\u{7}b".to_owned(),
    }
}
