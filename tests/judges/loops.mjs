// Runs each example of shared/docs/frameworks.md, with the loop of its SDK, against the local stack: a scripted model lists
// connections, has the person connect, acts, schedules, looks and cancels, through the engine's tools alone.
import assert from "node:assert/strict";
import { createPluginEngine } from "plugin-engine-client";
import { compileExamples, runExample } from "./frameworks.mjs";
import { startModel } from "./model.mjs";

const { API, TOKEN, FRAMEWORKS } = process.env;
const engine = createPluginEngine({ baseUrl: new URL(API).origin, token: TOKEN });

/** What the person does with the link: consents at the sandbox, and finishes with their own token. */
async function connect() {
  const { data } = await engine.GET("/api/plugin-engine/oauth/authorize", { params: { query: { tool: "gmail" } } });
  let at = `${data.authUrl}&auto=allow`;
  for (let redirect = 0; redirect < 2; redirect++) at = (await fetch(at, { redirect: "manual" })).headers.get("location");
  const connectCode = new URLSearchParams(new URL(at).hash.slice(1)).get("connectCode");
  assert((await engine.POST("/api/plugin-engine/integrations/connect", { body: { connectCode } })).data);
}

const mail = (subject) => ({ to: "sam@example.com", subject, body: "Sent by a scripted model." });
const tomorrow = new Date(Date.now() + 86_400_000).toISOString();

/** The model's calls in order. Each is made from the contents of the results so far. */
const SCRIPT = (title) => [
  () => ({ name: "engine_list_connections", arguments: {} }),
  () => ({ name: "engine_start_connect", arguments: { tool: "gmail" } }),
  async (results) => {
    assert.match(results[1], /https?:\/\//, "no link for the person");
    await connect();
    return { name: "gmail_send_email", arguments: mail(title) };
  },
  () => ({
    name: "engine_schedule_action",
    arguments: { name: "gmail_send_email", arguments: mail(`${title}, later`), executeAt: tomorrow },
  }),
  () => ({ name: "engine_list_tasks", arguments: { status: "scheduled" } }),
  (results) => {
    const [taskId] = /task_[\w-]+/.exec(results[4]) ?? assert.fail(`no task in: ${results[4]}`);
    return { name: "engine_cancel_task", arguments: { taskId } };
  },
  () => "All done.",
];

/** The subject of the mail that a result names, as Gmail has it. */
async function subjectOf(content) {
  const [, messageId] = /"id":"([^"]+)"/.exec(content) ?? assert.fail(`no id in: ${content}`);
  const { data, error } = await engine.act({ agentId: "agent_check", tool: "gmail", intent: "get_email", context: { messageId } });
  assert(data?.success, JSON.stringify(data ?? error));
  assert(data.data.labelIds.includes("SENT"));
  return data.data.subject;
}

const files = compileExamples(FRAMEWORKS);
files.delete("The engine");
let failed = 0;
for (const [title, file] of files) {
  const steps = SCRIPT(title);
  const contents = [];
  const model = await startModel(async (results) => {
    contents.splice(0, contents.length, ...results);
    return steps[results.length](results);
  });
  const environment = {
    ...{ OPENAI_API_KEY: "k", OPENAI_BASE_URL: `${model.url}/v1`, ANTHROPIC_API_KEY: "k", ANTHROPIC_BASE_URL: model.url },
    ...{ GEMINI_API_KEY: "k", GOOGLE_GEMINI_BASE_URL: model.url },
  };
  Object.assign(process.env, environment);
  try {
    const text = await runExample(file, "Send Sam a mail, and plan another one.", environment);
    assert.equal(text, "All done.", contents.at(-1));
    assert.equal(contents.length, steps.length - 1);
    const later = await engine.GET("/api/plugin-engine/tasks", {
      params: { query: { agentId: "agent_123", status: "scheduled" } },
    });
    assert.deepEqual(later.data.tasks, [], "the scheduled mail is not cancelled");
    assert.equal(await subjectOf(contents[2]), title);
    console.log(`ok: loop of ${title}: ${contents.length} calls`);
  } catch (error) {
    failed++;
    console.log(`FAILED: loop of ${title}: ${error.stack}`);
    contents.forEach((content, number) => console.log(`  ${number}: ${content.slice(0, 300)}`));
  } finally {
    model.stop();
    await engine.DELETE("/api/plugin-engine/integrations", { body: { tool: "gmail" } });
  }
}
process.exitCode = failed ? 1 : 0;
