// Tests of the client against the local stack: `cargo local with npm test` starts the stack and sets API and TOKEN. The package
// is imported by its name, as its users do.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createPluginEngine, RefusedError, TimeLimitError, UploadError } from "plugin-engine-client";
import { API, connect, skipPauses, TOKEN } from "./stack.js";

const baseUrl = new URL(API).origin;
const engine = createPluginEngine({ baseUrl, token: TOKEN });

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

test("a file is uploaded by its link and downloaded by another, without the token", async () => {
  /** @type {Request[]} */
  const sent = [];
  const watched = createPluginEngine({ baseUrl, token: TOKEN, fetch: (request) => (sent.push(request), fetch(request)) });
  const content = new TextEncoder().encode("month,visits\n");
  const fileId = await watched.uploadFile({ filename: "numbers.csv", contentType: "text/csv", content });
  assert.deepEqual(
    sent.map(({ method, headers }) => [method, headers.has("authorization")]),
    [
      ["POST", true],
      ["PUT", false],
    ],
  );
  const { data } = await engine.GET("/api/plugin-engine/files", { params: { query: { fileId } } });
  assert(data && "file" in data && data.file.download);
  assert.deepEqual([data.file.filename, data.file.contentType, data.file.size], ["numbers.csv", "text/csv", 13]);
  assert.equal(await (await fetch(data.file.download.url)).text(), "month,visits\n");

  const cut = createPluginEngine({
    baseUrl,
    token: TOKEN,
    fetch: async (request) => (request.method === "PUT" ? new Response(null, { status: 403 }) : fetch(request)),
  });
  await assert.rejects(cut.uploadFile({ filename: "a.txt", content: "hi" }), UploadError);
  await assert.rejects(engine.uploadFile({ filename: "../a.txt", content: "hi" }), RefusedError);
});

test("connects a tool, sends, schedules and lists tasks", async () => {
  const integration = await connect(engine, "gmail");
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
  await connect(engine, "slack");
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

test("until asks again after a lost answer", async (context) => {
  const pauses = skipPauses(context);
  const lost = [
    () => assert.fail("reset"),
    () => new Response("<html>", { status: 502 }),
    () => new Response("<html>"),
    () => Response.json({ task: { status: "completed" } }),
  ];
  const fetch = async () => lost.shift()?.() ?? assert.fail("reset");
  const engine = createPluginEngine({ baseUrl, token: "t", fetch });
  assert.equal((await engine.until("task_1")).status, "completed");
  assert.deepEqual(pauses.splice(0), [1000, 1000, 1000]);
  await assert.rejects(engine.until("task_1", { timeoutMs: 10_000 }), TimeLimitError);
  assert.equal(pauses.length, 9);
});

test("until pauses an hour at most", async (context) => {
  const pauses = skipPauses(context);
  const month = 30 * 86_400_000;
  const due = { task: { status: "scheduled" }, retryAfterMs: month };
  const answers = [due, due, { task: { status: "cancelled" } }];
  const fetch = async () => Response.json(answers.shift() ?? assert.fail("a request more"));
  const task = await createPluginEngine({ baseUrl, token: "t", fetch }).until("task_1", { timeoutMs: 2 * month });
  assert.equal(task.status, "cancelled");
  assert.deepEqual(pauses, [3_600_000, 3_600_000]);
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
  assert.deepEqual(calls.splice(0), [false, false, true]);
  // The body is sent again as well.
  const posted = await renewing.act({ agentId: "agent_123", tool: "notion", intent: "search", context: { query: "x" } });
  assert(posted.data && !posted.data.success && posted.data.error.code === "NOT_CONNECTED");
  assert.deepEqual(calls.splice(0), [false, false, true]);
  const refused = await withToken(() => "expired").GET("/api/plugin-engine/integrations/status", status);
  assert.equal(refused.error?.error.code, "UNAUTHORIZED");
  assert.deepEqual(calls, [false, false, true]);
});

for (const stored of [true, false]) {
  test(`ten requests that are refused at the same time share one renewal, ${stored ? "which is" : "not"} stored`, async () => {
    let refusals = 0;
    let renewals = 0;
    /** @type {() => void} */
    let allRefused = () => {};
    /** @type {Promise<void>} */
    const refused = new Promise((resolve) => (allRefused = resolve));
    /** @param {Request} request */
    const fetch = async (request) => {
      if (request.headers.get("authorization") === "Bearer new") return Response.json({ tools: [] });
      // One is refused after the renewal.
      if (++refusals === 9) setImmediate(allRefused);
      if (refusals === 10) await refused.then(() => new Promise(setImmediate));
      return Response.json({ message: "Unauthorized" }, { status: 401 });
    };
    /** @param {{ renew: boolean }} options */
    const token = async ({ renew }) => {
      if (!renew) return stored && renewals ? "new" : "old";
      await refused;
      renewals++;
      return "new";
    };
    const engine = createPluginEngine({ baseUrl, token, fetch });
    const answers = await Promise.all(Array.from({ length: 10 }, () => engine.GET("/api/plugin-engine")));
    assert(answers.every(({ data }) => data));
    assert.deepEqual([refusals, renewals], [10, 1]);
  });
}

test("a token that was renewed elsewhere is used", async () => {
  const tokens = ["old", "new"];
  /** @param {{ renew: boolean }} options */
  const token = ({ renew }) => (renew ? undefined : tokens.shift()) ?? assert.fail("a renewal");
  /** @param {Request} request */
  const fetch = async (request) =>
    request.headers.get("authorization") === "Bearer new" ? Response.json({ tools: [] }) : new Response(null, { status: 401 });
  assert((await createPluginEngine({ baseUrl, token, fetch }).GET("/api/plugin-engine")).data);
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
