// Tests of the tools for SDKs. The lists are those of the local stack; the calls are answered here, so that each request is seen.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createPluginEngine, RefusedError, ToolCallError } from "plugin-engine-client";
import { API, connect, skipPauses, TOKEN } from "./stack.js";


/** @type {import("plugin-engine-client").CallRequest[]} */
const calls = [];
let answer = { content: "the content", isError: false };
/** @param {Request} request */
const answering = async (request) => {
  if (!request.url.endsWith("/call")) return fetch(request);
  calls.push(await request.json());
  return Response.json({ structured: {}, ...answer });
};
const engine = createPluginEngine({ baseUrl: new URL(API).origin, token: TOKEN, fetch: answering });
const options = { agentId: "agent_1", conversationId: "thread_1", filters: { actions: "slack_send_message" } };
const input = { channel: "general", text: "Hi" };
const name = "slack_send_message";

/** Runs a tool and returns what was called. @param {() => Promise<unknown>} run @param {boolean} isError */
async function called(run, isError = false) {
  answer = { content: "the content", isError };
  const result = await run();
  const [call, ...others] = calls.splice(0);
  assert.equal(others.length, 0);
  return { result, call };
}
const expected = { agentId: "agent_1", conversationId: "thread_1", name, callId: "call_1" };

test("tools for OpenAI run with the id of the model's call", async () => {
  const [tool, ...others] = await engine.toolsFor("openai", options);
  assert(tool && others.length === 0);
  assert.equal(tool.function.name, name);
  // A function is no part of the request to the model.
  assert.deepEqual(Object.keys(JSON.parse(JSON.stringify(tool)).function).sort(), [
    "description",
    "name",
    "parameters",
    "strict",
  ]);
  const text = JSON.stringify(input);
  const asked = { id: "call_1", type: "function", function: { name, arguments: text } };
  const other = { id: "call_2", type: "function", function: { name, arguments: "{}" } };
  const messages = [
    { role: "assistant", tool_calls: [{ ...asked, id: "call_0" }] },
    { role: "tool" },
    { role: "assistant", tool_calls: [other, asked] },
  ];
  const { result, call } = await called(() => tool.function.function(text, { messages }));
  assert.equal(result, "the content");
  assert.deepEqual(call, { ...expected, arguments: text });
});

test("tools for OpenAI's Responses are definitions", async () => {
  const [tool] = await engine.toolsFor("openai-responses", { ...options, filters: { ...options.filters, strict: true } });
  assert.deepEqual([tool?.name, tool?.type, tool?.strict], [name, "function", true]);
});

test("tools for Anthropic and the AI SDK throw the content of a failed call", async () => {
  const [tool] = await engine.toolsFor("anthropic", options);
  assert(tool);
  const context = { toolUse: { id: "call_1" } };
  const done = await called(() => tool.run(tool.parse(input), context));
  assert.deepEqual([done.result, done.call], ["the content", { ...expected, arguments: input }]);
  const { [name]: ai } = await engine.toolsFor("ai", options);
  assert(ai);
  assert.equal(ai.inputSchema.jsonSchema.type, "object");
  const ran = await called(() => ai.execute(input, { toolCallId: "call_1" }));
  assert.deepEqual([ran.result, ran.call], ["the content", { ...expected, arguments: input }]);
  for (const failing of [() => tool.run(input, context), () => ai.execute(input, { toolCallId: "call_1" })]) {
    const failed = called(failing, true);
    await assert.rejects(failed, (error) => error instanceof ToolCallError && error.message === "the content");
    calls.splice(0);
  }
});

test("tools for Gemini answer each part", async () => {
  const [tool] = await engine.toolsFor("gemini", options);
  assert(tool);
  assert.deepEqual(
    (await tool.tool()).functionDeclarations.map((declaration) => declaration.name),
    [name],
  );
  const { result, call } = await called(() => tool.callTool([{ id: "call_1", name, args: input }]));
  assert.deepEqual(result, [{ functionResponse: { id: "call_1", name, response: { output: "the content" } } }]);
  assert.deepEqual(call, { ...expected, arguments: input });
  const failed = await called(() => tool.callTool([{ name, args: input }]), true);
  assert.deepEqual(failed.result, [{ functionResponse: { name, response: { error: "the content" } } }]);
});

test("tools for LangChain are made by its function", async () => {
  /** @type {import("plugin-engine-client").LangChainFactory<{ run: Function, name: string }>} */
  const factory = (run, fields) => ({ run, name: fields.name });
  const [tool] = await engine.toolsFor("langchain", options, factory);
  assert.equal(tool?.name, name);
  const { result, call } = await called(() => tool.run(input, { toolCall: { id: "call_1" } }));
  assert.deepEqual([result, call], ["the content", { ...expected, arguments: input }]);
});

test("identical calls of a message for OpenAI have their own ids", async () => {
  const [tool] = await engine.toolsFor("openai", options);
  assert(tool);
  const text = JSON.stringify(input);
  const ask = (/** @type {string} */ id) => ({ id, type: "function", function: { name, arguments: text } });
  const messages = [{ role: "assistant", tool_calls: [ask("call_1"), ask("call_2")] }];
  const run = () => tool.function.function(text, { messages });
  answer = { content: "the content", isError: false };
  await Promise.all([run(), run()]);
  messages.push({ role: "assistant", tool_calls: [ask("call_3")] });
  await run();
  assert.deepEqual(
    calls.splice(0).map(({ callId }) => callId),
    ["call_1", "call_2", "call_3"],
  );
});

/** @param {{ code: string, retryAfterMs?: number }} error @param {number} status */
const refusal = (error, status) =>
  Response.json({ error: { message: "Later", outcome: "none", action: "retry", ...error }, requestId: "r" }, { status });

const uncertain = /^It is not certain whether this was done\. Do not repeat it: /;

test("a lost answer is asked for again with the same id", async (context) => {
  const losses = [
    () => assert.fail("reset"),
    () => new Response("<html>", { status: 502 }),
    () => new Response('{"content": "half'),
    () => refusal({ code: "IDEMPOTENCY_IN_PROGRESS", retryAfterMs: 2500 }, 409),
    () => refusal({ code: "RATE_LIMITED" }, 429),
  ];
  const times = losses.length + 1;
  /** @type {{ content: string, isError: boolean, taskId: string, replayed?: boolean }[]} */
  const served = [];
  /** @param {Request} request */
  const losing = async (request) => {
    if (!request.url.endsWith("/call")) return fetch(request);
    calls.push(await request.clone().json());
    const response = await fetch(request);
    served.push(await response.clone().json());
    return losses.shift()?.() ?? response;
  };
  const stack = createPluginEngine({ baseUrl: new URL(API).origin, token: TOKEN, fetch: losing });
  await connect(stack, "slack");
  const [tool] = await stack.toolsFor("gemini", { ...options, agentId: "agent_lost" });
  const pauses = skipPauses(context);
  const parts = await tool?.callTool([{ name, args: input }]);
  assert.deepEqual(parts, [{ functionResponse: { name, response: { output: served[0]?.content } } }]);
  assert.deepEqual(
    served.map(({ replayed = false }) => replayed),
    [false, ...Array(times - 1).fill(true)],
  );
  assert.equal(new Set(served.map(({ taskId }) => taskId)).size, 1);
  const [first, ...others] = calls.splice(0);
  assert(first?.callId && others.length === times - 1);
  for (const other of others) assert.deepEqual(other, first);
  assert.deepEqual(pauses, [1000, 2000, 4000, 2500, 16_000]);
});

/** What a tool gives to the model after these answers; the last is given again and again. @param {(() => Response)[]} answers */
async function contentAfter(...answers) {
  /** @param {Request} request */
  const respond = async (request) => {
    if (!request.url.endsWith("/call")) return fetch(request);
    calls.push(await request.json());
    const [next] = answers.length > 1 ? answers.splice(0, 1) : answers;
    return next?.() ?? assert.fail("no answer");
  };
  const { [name]: tool } = await createPluginEngine({ baseUrl: new URL(API).origin, token: TOKEN, fetch: respond }).toolsFor(
    "ai",
    options,
  );
  assert(tool);
  return tool.execute(input, { toolCallId: "call_1" }).catch((error) => {
    if (!(error instanceof ToolCallError)) throw error;
    return error.message;
  });
}

test("what may have been done is not repeated by the model", async (context) => {
  const pauses = skipPauses(context);
  assert.match(await contentAfter(() => assert.fail("reset")), uncertain);
  assert(pauses.length === 7 && pauses.reduce((sum, pause) => sum + pause) <= 120_000);
  assert(calls.splice(0).every(({ callId }) => callId === "call_1"));
  // A refusal of the repetition says nothing about the first request.
  const lost = [() => assert.fail("reset"), () => refusal({ code: "FORBIDDEN" }, 403)];
  assert.match(await contentAfter(...lost), uncertain);
  calls.splice(0);
});

test("a refusal is for the model, except one of the token", async (context) => {
  const pauses = skipPauses(context);
  const hour = 3_600_000;
  for (const [status, error] of /** @type {const} */ ([
    [403, { code: "FORBIDDEN" }],
    [400, { code: "INVALID_FIELD" }],
    [409, { code: "LIMIT_REACHED" }],
    // What is refused for its rate was not done, and a pause beyond the limit is not made.
    [429, { code: "RATE_LIMITED", retryAfterMs: hour }],
  ])) {
    assert.equal(await contentAfter(() => refusal(error, status)), `${error.code}: Later`);
  }
  assert.deepEqual(pauses, []);
  await assert.rejects(
    contentAfter(() => refusal({ code: "UNAUTHORIZED" }, 401)),
    (error) => error instanceof RefusedError && error.status === 401,
  );
  calls.splice(0);
  const none = createPluginEngine({ baseUrl: new URL(API).origin, token: "none" });
  await assert.rejects(none.toolsFor("ai", options), (error) => error instanceof RefusedError && error.status === 401);
});
