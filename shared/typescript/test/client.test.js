// Tests of the client against the local stack: `cargo local with npm test` starts the stack and sets API and TOKEN. The package is
// imported by its name, as its users do.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createPluginEngine } from "plugin-engine-client";

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
  assert.deepEqual(listed.data?.tools.map((tool) => "tool" in tool && tool.tool), ["gmail"]);

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
  assert.deepEqual(tasks.data.tasks.map(({ taskId, status }) => [taskId, status]), [[scheduled.data.taskId, "scheduled"]]);
});

test("a refused request has an error code", async () => {
  // @ts-expect-error: the types name the tools.
  const unknown = await engine.POST("/api/plugin-engine", { body: { ...mail, tool: "fax" } });
  assert.equal(unknown.error?.error.code, "UNKNOWN_TOOL");
  assert.equal(unknown.error.requestId, unknown.response.headers.get("x-request-id"));
});

test("the token function is called before every request", async () => {
  let calls = 0;
  const token = async () => (++calls === 1 ? "expired" : TOKEN);
  const renewing = createPluginEngine({ baseUrl, token });
  const query = { tool: /** @type {const} */ ("slack") };
  const refused = await renewing.GET("/api/plugin-engine/integrations/status", { params: { query } });
  assert.equal(refused.error?.error.code, "UNAUTHORIZED");
  const status = await renewing.GET("/api/plugin-engine/integrations/status", { params: { query } });
  assert.deepEqual([status.data?.connected, status.data?.needsReauth], [false, false]);
});

test("a refusal by a gateway is converted to an error code", async () => {
  /** @type {[number, string][]} */
  const answers = [[401, '{"message":"Unauthorized"}'], [502, "<html>Bad Gateway</html>"], [429, ""]];
  const codes = answers.map(async ([status, body]) => {
    const fetch = async () => new Response(body, { status, headers: { "apigw-requestid": "r1" } });
    const { error } = await createPluginEngine({ baseUrl, token: "t", fetch }).GET("/api/plugin-engine");
    return [error?.error.code, error?.requestId];
  });
  const expected = [["UNAUTHORIZED", "r1"], ["UNAVAILABLE", "r1"], ["RATE_LIMITED", "r1"]];
  assert.deepEqual(await Promise.all(codes), expected);
});
