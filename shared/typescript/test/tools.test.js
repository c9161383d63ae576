// Tests of the tools for SDKs. The lists are those of the local stack; the calls are answered here, so that each request is seen.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createPluginEngine, RefusedError, ToolCallError } from "plugin-engine-client";

const { API, TOKEN } = process.env;
assert(API && TOKEN, "run it with `cargo local with npm test`");

/** @type {import("plugin-engine-client").CallRequest[]} */
const calls = [];
/** @type {{ content: string, isError: boolean } | undefined} */
let answer;
/** @param {Request} request */
const answering = async (request) => {
  if (!request.url.endsWith("/call")) return fetch(request);
  calls.push(await request.json());
  return answer ? Response.json({ structured: {}, ...answer }) : refusal;
};
const refused = { code: "RATE_LIMITED", message: "Later", outcome: "none", action: "retry" };
let refusal = Response.json({ error: refused, requestId: "r" }, { status: 429 });
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

test("a refusal is for the model, except one of the caller", async () => {
  const { [name]: tool } = await engine.toolsFor("ai", options);
  assert(tool);
  answer = undefined;
  const run = () => tool.execute(input, { toolCallId: "call_1" });
  await assert.rejects(run, (error) => error instanceof ToolCallError && error.message === "RATE_LIMITED: Later");
  refusal = Response.json({ error: { ...refused, code: "FORBIDDEN" }, requestId: "r" }, { status: 403 });
  await assert.rejects(run, (error) => error instanceof RefusedError && error.status === 403);
  const none = createPluginEngine({ baseUrl: new URL(API).origin, token: "none" });
  await assert.rejects(none.toolsFor("ai", options), (error) => error instanceof RefusedError && error.status === 401);
});
