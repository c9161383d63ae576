// Runs every action of a tool through the engine against the sandbox, behind a proxy that shows each call of the provider to a
// judge: Asana's OpenAPI document by prism, the types of Notion's own client as JSON Schemas. A request or an answer that the
// judge does not allow is a fault, and so is an action that was not run. `node documents.mjs [tool]` starts the local stack, and
// itself again inside it.
import { spawn } from "node:child_process";
import * as asana from "./asana_document.mjs";
import * as notion from "./notion_types.mjs";
import { LOOPBACK, actionsOf, connectAtSandbox, freePort, listen, runAction } from "./wire.mjs";

/**
 * A part for each tool:
 * - `missing()`: the reason why the judge cannot be asked, if any.
 * - `start(upstream, own)`: returns the judge of the provider at `upstream`, which the engine calls at `own`: `exchange(request)`
 *   answers a request and `violations` has what it does not allow, each `{ call, where, message }`, where `where` starts with
 *   `request` or `response`; `plants` break a rule, each `{ name, side, run() }`.
 * - `contexts`: contexts of actions beside their examples: what an example leaves out.
 * - `repeated`: the contexts of creates whose answer is lost, where the example cannot be run twice.
 * - `allowed`: `{ call, where, message, reason }`, of which the first three are patterns of violations that are no faults.
 */
const PARTS = { asana, notion };
/** Actions run in this order; those that no pattern names are run between the first and the second. */
const ORDER = [
  /^(get|list|search|find|query)_/,
  /^remove_/,
  /^delete_(?!page|task|project)/,
  /^archive_/,
  /^delete_(page|task)/,
  /^delete_/,
];

async function startStack(tools) {
  const urls = {};
  const ports = {};
  for (const tool of tools) {
    ports[tool] = await freePort();
    urls[tool] = `http://${LOOPBACK}:${ports[tool]}`;
  }
  const environment = { ...process.env, JUDGED: JSON.stringify(ports), PLUGIN_ENGINE_PROVIDER_URLS: JSON.stringify(urls) };
  const stack = spawn("cargo", ["-q", "local", "with", "node", process.argv[1]], { env: environment, stdio: "inherit" });
  stack.on("exit", (code) => process.exit(code ?? 1));
}

function rank(action) {
  const at = ORDER.findIndex((pattern) => pattern.test(action));
  return at === -1 ? 0.5 : at;
}

/** Runs every action of a tool; returns the faults. */
async function runActions(tool, part, judge) {
  const actions = await actionsOf(tool);
  actions.sort((one, other) => rank(one.action) - rank(other.action));
  const known = new Set(actions.map(({ action }) => action));
  const unknown = Object.keys(part.contexts).filter((action) => !known.has(action));
  const faults = unknown.map((action) => `${action}: there is no such action`);
  for (const { action, effect, examples } of actions) {
    if (examples.length === 0) faults.push(`${action}: has no example`);
    for (const context of [...examples, ...(part.contexts[action] ?? [])]) {
      const before = judge.calls;
      const { fault } = await runAction(tool, action, context);
      if (fault) faults.push(`${action} ${JSON.stringify(context)}: ${fault}`);
      else if (judge.calls === before) faults.push(`${action}: made no call`);
    }
    const lost = effect === "create" && (await loseAnswer(tool, action, part.repeated[action] ?? examples[0], judge));
    if (lost) faults.push(lost);
  }
  console.log(`${tool}: ${actions.length} actions, ${judge.calls} calls`);
  return faults;
}

/**
 * Loses the answer of a create's first write: the calls by which the engine looks it up are judged too. Returns the fault, if
 * any.
 */
async function loseAnswer(tool, action, context, judge) {
  judge.losesNextWrite = true;
  const { fault, isOpen } = await runAction(tool, action, context);
  if (judge.losesNextWrite) return `${action}: no answer was lost: ${fault ?? "it succeeded"}`;
  return fault && !isOpen ? `${action}, with its answer lost: ${fault}` : undefined;
}

/** Shows a request to the judge; returns nothing if the answer is to be lost. */
async function exchange(judge, request) {
  const before = judge.calls;
  const answer = await judge.exchange(request);
  if (!judge.losesNextWrite || judge.calls === before || request.method === "GET") return answer;
  judge.losesNextWrite = false;
}

/** Violations that are faults, and entries of the list of allowed ones that nothing needs. */
function unallowed(part, violations) {
  const used = new Set();
  const faults = violations.filter(({ call, where, message }) => {
    const entry = part.allowed.find((it) => it.call.test(call) && it.where.test(where) && it.message.test(message));
    if (entry) used.add(entry);
    return !entry;
  });
  for (const { reason } of used) console.log(`allowed: ${reason}`);
  const unused = part.allowed.filter((entry) => !used.has(entry));
  const lines = new Set(faults.map(({ call, where, message }) => `${call}: ${where}: ${message}`));
  return [...lines, ...unused.map(({ reason }) => `allowed and never seen: ${reason}`)];
}

/** Plants that the judge does not find. */
async function unseenPlants(judge) {
  const unseen = [];
  for (const plant of judge.plants) {
    const before = judge.violations.length;
    await plant.run();
    const found = judge.violations.slice(before).some(({ where }) => where.startsWith(plant.side));
    if (!found) unseen.push(`the planted fault is not found: ${plant.name}`);
  }
  return unseen;
}

async function judgeTool(tool, port) {
  const part = PARTS[tool];
  const missing = part.missing();
  if (missing) {
    console.log(`documents: ${tool}: NOT CHECKED: ${missing}`);
    return 0;
  }
  const own = `http://${LOOPBACK}:${port}`;
  const judge = await part.start(`${process.env.SANDBOX}/${tool}`, own);
  await listen(port, (request) => exchange(judge, request));
  await connectAtSandbox(tool);
  const faults = await runActions(tool, part, judge);
  faults.push(...unallowed(part, judge.violations), ...(await unseenPlants(judge)));
  for (const fault of faults) console.log(`FAILED: ${tool}: ${fault}`);
  judge.stop();
  return faults.length;
}

if (process.env.JUDGED && process.env.SANDBOX) {
  let faults = 0;
  for (const [tool, port] of Object.entries(JSON.parse(process.env.JUDGED))) faults += await judgeTool(tool, port);
  console.log(`documents: ${faults} faults`);
  process.exit(faults ? 1 : 0);
} else {
  await startStack(process.argv[2] ? [process.argv[2]] : Object.keys(PARTS));
}
