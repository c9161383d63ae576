// Tests of the client against the local stack: `cargo local with npm test` starts the stack and sets API and TOKEN. The package
// is imported by its name, as its users do.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createPluginEngine, RefusedError, TimeLimitError } from "plugin-engine-client";

const { API, TOKEN } = process.env;
assert(API && TOKEN, "run it with `cargo local with npm test`");
const baseUrl = new URL(API).origin;
const engine = createPluginEngine({ baseUrl, token: TOKEN });

/** Returns the target of a redirect. @param {string} url */
async function redirect(url) {
  const { headers } = await fetch(url, { redirect: "manual" });
  const location = headers.get("location");
  assert(location, `${url} does not redirect`);
  return location;
}

/** @param {"gmail" | "slack"} tool */
async function connect(tool) {
  const { data } = await engine.GET("/api/plugin-engine/oauth/authorize", { params: { query: { tool } } });
  assert(data);
  const landed = await redirect(await redirect(`${data.authUrl}&auto=allow`));
  const connectCode = new URLSearchParams(new URL(landed).hash.slice(1)).get("connectCode");
  assert(connectCode, `no connectCode in ${landed}`);
  const connected = await engine.POST("/api/plugin-engine/integrations/connect", { body: { connectCode } });
  assert(connected.data && "integration" in connected.data);
  return connected.data.integration;
}

const mail = {
  agentId: "agent_123",
  tool: /** @type {const} */ ("gmail"),
  intent: "send_email",
  context: { to: "sam@example.com", subject: "Hello", body: "Sent by an agent." },
};

test("an intent for an unconnected tool returns an error code and is logged", async () => {
  const { data } = await engine.POST("/api/plugin-engine", { body: mail });
  assert(data && !data.success);
  assert.equal(data.error.code, "NOT_CONNECTED");
  assert.equal(data.error.outcome, "none");
  assert(data.error.connectUrl && data.fallbackMessage);

  const query = { agentId: mail.agentId };
  const errors = await engine.GET("/api/plugin-engine/errors", { params: { query } });
  const [latest] = errors.data?.errors ?? [];
  assert.equal(latest?.errorCode, "NOT_CONNECTED");
  assert.equal(latest.resolved, false);
});

test("connects a tool, sends, schedules and lists tasks", async () => {
  const integration = await connect("gmail");
  assert.deepEqual([integration.tool, integration.status], ["gmail", "active"]);
  const listed = await engine.GET("/api/plugin-engine", { params: { query: { connected: true } } });
  assert.deepEqual(
    listed.data?.tools.map((tool) => "tool" in tool && tool.tool),
    ["gmail"],
  );

  const sent = await engine.POST("/api/plugin-engine", { body: mail });
  assert(sent.data?.success);
  assert(sent.data.externalId && sent.data.metadata?.taskId);

  const body = { ...mail, executeAt: new Date(Date.now() + 86_400_000).toISOString() };
  const params = { header: { "Idempotency-Key": "once" } };
  const scheduled = await engine.POST("/api/plugin-engine/tasks/schedule", { body, params });
  const repeated = await engine.POST("/api/plugin-engine/tasks/schedule", { body, params });
  assert.equal(scheduled.response.status, 202);
  assert(scheduled.data && scheduled.data.taskId === repeated.data?.taskId);

  const query = { agentId: mail.agentId };
  const tasks = await engine.GET("/api/plugin-engine/tasks", { params: { query } });
  assert(tasks.data && "tasks" in tasks.data);
  assert.deepEqual(
    tasks.data.tasks.map(({ taskId, status }) => [taskId, status]),
    [[scheduled.data.taskId, "scheduled"]],
  );
});

test("a refused request has an error code", async () => {
  // @ts-expect-error: the types name the tools.
  const unknown = await engine.POST("/api/plugin-engine", { body: { ...mail, tool: "fax" } });
  assert.equal(unknown.error?.error.code, "UNKNOWN_TOOL");
  assert.equal(unknown.error.requestId, unknown.response.headers.get("x-request-id"));
});

test("act, until and cancel", async () => {
  await connect("slack");
  const sent = await engine.act(
    { agentId: "agent_acts", tool: "slack", intent: "send_message", context: { channel: "general", text: "Hi" } },
    { idempotencyKey: "hi" },
  );
  assert(sent.data?.success);
  const taskId = sent.data.metadata?.taskId;
  assert(taskId);
  const ended = await engine.until(taskId);
  assert.deepEqual([ended.taskId, ended.status], [taskId, "completed"]);

  const context = { channel: "general", text: "Later" };
  const executeAt = new Date(Date.now() + 86_400_000).toISOString();
  const later = await engine.act({ agentId: "agent_acts", tool: "slack", intent: "send_message", context, executeAt });
  const laterId = later.data?.success && later.data.metadata?.taskId;
  assert(laterId);
  const started = Date.now();
  await assert.rejects(engine.until(laterId), (error) => error instanceof TimeLimitError && error.task?.status === "scheduled");
  assert(Date.now() - started < 30_000, "a task of tomorrow is waited for");
  const cancelled = await engine.DELETE("/api/plugin-engine/tasks", { body: { taskId: laterId } });
  assert(cancelled.data?.success);
  assert.equal((await engine.until(laterId)).status, "cancelled");
  await assert.rejects(engine.until("task_none"), (error) => error instanceof RefusedError && error.status === 404);
});

test("until pauses as long as a refusal says, and ends at its signal", async () => {
  const busy = {
    error: { code: "RATE_LIMITED", message: "Later", outcome: "none", action: "retry", retryAfterMs: 1 },
    requestId: "r",
  };
  const answers = [Response.json(busy, { status: 429 }), Response.json({ task: { status: "completed" } })];
  const fetch = async () => answers.shift() ?? assert.fail("a request more");
  const task = await createPluginEngine({ baseUrl, token: "t", fetch }).until("task_1");
  assert.equal(task.status, "completed");

  const stop = new AbortController();
  const goesOn = async () => {
    setImmediate(() => stop.abort(new Error("stopped")));
    return Response.json({ task: { status: "processing" }, retryAfterMs: 60_000 });
  };
  const waits = createPluginEngine({ baseUrl, token: "t", fetch: goesOn }).until("task_1", { signal: stop.signal });
  await assert.rejects(waits, /stopped/);
});

test("the token function is called before every request, and once more after a 401", async () => {
  /** @type {boolean[]} */
  const calls = [];
  const status = { params: { query: { tool: /** @type {const} */ ("notion") } } };
  /** @param {(renew: boolean) => string} token */
  const withToken = (token) =>
    createPluginEngine({
      baseUrl,
      token: async ({ renew }) => {
        calls.push(renew);
        return token(renew);
      },
    });
  const renewing = withToken((renew) => (renew ? TOKEN : "expired"));
  const answer = await renewing.GET("/api/plugin-engine/integrations/status", status);
  assert.deepEqual([answer.data?.connected, answer.data?.needsReauth], [false, false]);
  assert.deepEqual(calls.splice(0), [false, true]);
  // The body is sent again as well.
  const posted = await renewing.act({ agentId: "agent_123", tool: "notion", intent: "search", context: { query: "x" } });
  assert(posted.data && !posted.data.success && posted.data.error.code === "NOT_CONNECTED");
  assert.deepEqual(calls.splice(0), [false, true]);
  const refused = await withToken(() => "expired").GET("/api/plugin-engine/integrations/status", status);
  assert.equal(refused.error?.error.code, "UNAUTHORIZED");
  assert.deepEqual(calls, [false, true]);
});

test("requests that are refused at the same time share one renewal", async () => {
  let refusals = 0;
  let renewals = 0;
  /** @type {() => void} */
  let bothRefused = () => {};
  /** @type {Promise<void>} */
  const refused = new Promise((resolve) => (bothRefused = resolve));
  /** @param {Request} request */
  const fetch = async (request) => {
    if (request.headers.get("authorization") === "Bearer new") return Response.json({ tools: [] });
    if (++refusals === 2) setImmediate(bothRefused);
    return Response.json({ message: "Unauthorized" }, { status: 401 });
  };
  /** @param {{ renew: boolean }} options */
  const token = async ({ renew }) => {
    if (!renew) return "old";
    renewals++;
    await refused;
    return "new";
  };
  const engine = createPluginEngine({ baseUrl, token, fetch });
  const answers = await Promise.all([engine.GET("/api/plugin-engine"), engine.GET("/api/plugin-engine")]);
  assert(answers.every(({ data }) => data));
  assert.deepEqual([refusals, renewals], [2, 1]);
});

test("a refusal by a gateway is converted to an error code", async () => {
  /** @type {[number, string][]} */
  const answers = [
    [401, '{"message":"Unauthorized"}'],
    [502, "<html>Bad Gateway</html>"],
    [429, ""],
  ];
  const codes = answers.map(async ([status, body]) => {
    const fetch = async () => new Response(body, { status, headers: { "apigw-requestid": "r1" } });
    const { error } = await createPluginEngine({ baseUrl, token: "t", fetch }).GET("/api/plugin-engine");
    return [error?.error.code, error?.requestId];
  });
  const expected = [
    ["UNAUTHORIZED", "r1"],
    ["UNAVAILABLE", "r1"],
    ["RATE_LIMITED", "r1"],
  ];
  assert.deepEqual(await Promise.all(codes), expected);
});
