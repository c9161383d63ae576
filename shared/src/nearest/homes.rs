//! Fields that only one or two routes have: a request that has one elsewhere was meant for such a route.

/// Each field, by its path, with the route that it belongs to. A test compares the list with the API document.
pub(super) const HOMES: &[(&str, &str)] = &[
    ("accessToken", "POST /api/plugin-engine/integrations"),
    ("accounts", "POST /api/plugin-engine/delegations"),
    ("actions", "POST /api/plugin-engine/delegations"),
    ("connectCode", "POST /api/plugin-engine/integrations/connect"),
    ("connected", "GET /api/plugin-engine"),
    ("context", "POST /api/plugin-engine"),
    ("contextKey", "POST /api/plugin-engine/context-mappings"),
    ("dryRun", "POST /api/plugin-engine"),
    ("effect", "GET /api/plugin-engine"),
    ("errorCode", "POST /api/plugin-engine/errors"),
    ("errorId", "PATCH /api/plugin-engine/errors"),
    ("errorIds", "POST /api/plugin-engine/errors/bulk"),
    ("errorMessage", "POST /api/plugin-engine/errors"),
    ("executeAt", "POST /api/plugin-engine/tasks/schedule"),
    ("force", "POST /api/plugin-engine/tasks"),
    ("format", "GET /api/plugin-engine"),
    ("friendlyName", "POST /api/plugin-engine/context-mappings"),
    ("ids", "DELETE /api/plugin-engine/context-mappings/bulk"),
    ("intent", "POST /api/plugin-engine"),
    ("mappings", "POST /api/plugin-engine/context-mappings/bulk"),
    ("outputSchemas", "GET /api/plugin-engine"),
    ("q", "GET /api/plugin-engine"),
    ("recurrence", "POST /api/plugin-engine/tasks/schedule"),
    ("recurrence.cron", "POST /api/plugin-engine/tasks/schedule"),
    ("recurrence.every", "POST /api/plugin-engine/tasks/schedule"),
    ("recurrence.misfire", "POST /api/plugin-engine/tasks/schedule"),
    ("recurrence.timezone", "POST /api/plugin-engine/tasks/schedule"),
    ("refreshToken", "POST /api/plugin-engine/integrations"),
    ("resolved", "GET /api/plugin-engine/errors"),
    ("retry", "POST /api/plugin-engine/errors/fallbacks"),
    ("returnTo", "GET /api/plugin-engine/oauth/authorize"),
    ("saveAs", "POST /api/plugin-engine"),
    ("scopes", "GET /api/plugin-engine/oauth/authorize"),
    ("strict", "GET /api/plugin-engine"),
    ("taskId", "GET /api/plugin-engine/tasks"),
    ("tier", "GET /api/plugin-engine"),
    ("tools", "POST /api/plugin-engine/delegations"),
    ("wait", "GET /api/plugin-engine/tasks"),
];
/// Names of no field anywhere, in lower case and without punctuation, with what serves in their place.
pub(super) const HINTS: &[(&str, &str)] = &[
    ("groupby", "the answer counts by tool (byTool), by code (byCode) and by agent (byAgent)"),
    ("idempotencykey", "the key is a header: Idempotency-Key"),
];
/// The fields of an intent beside its context.
pub(super) const BESIDE_CONTEXT: [&str; 8] =
    ["account", "agentId", "dryRun", "executeAt", "intent", "recurrence", "saveAs", "tool"];
