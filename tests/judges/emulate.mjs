// Runs the engine against emulate, a fake of Google and Slack that others wrote: every action of a tool that it knows. What it does
// not know is a gap, with the place in its source; a gap that closes is a fault of this file. `node emulate.mjs [tool]` starts the
// fakes and the local stack, and itself again inside it.
import { spawn } from "node:child_process";
import { createServer, request, Server } from "node:http";
import net from "node:net";
import { createEmulator } from "emulate";
import * as gmail from "./emulate_gmail.mjs";
import * as slack from "./emulate_slack.mjs";

/**
 * A part for each tool:
 * - `service`, `seed`: of emulate; `baseUrl` is what it says its own address is, by default that of the proxy.
 * - `origins`: the engine's names of the provider's hosts.
 * - `paths`: paths of the provider that emulate has at another place; `readsByPost(path)`: true for those that it serves by POST alone.
 * - `consent(page, authUrl)`: the form of the consent page, as the person fills it.
 * - `steps`: `{ action, as, context, check, gap }` in order. `context(results)` is made of the earlier results by action, or by `as`;
 *   `check(data, results)` asserts; `gap` says why the fake cannot do it.
 */
const PARTS = { gmail, slack };
const LOOPBACK = "127.0.0.1";

/** Binds every server to the loopback: emulate names no address, which means all of them. */
function bindToLoopback() {
  const { listen } = net.Server.prototype;
  net.Server.prototype.listen = function (port, ...rest) {
    const callback = rest.find((argument) => typeof argument === "function");
    return listen.call(this, { port, host: LOOPBACK }, callback);
  };
}

/** Serves the fake at the paths of the provider. */
function proxy(part, port) {
  const server = createServer((from, to) => {
    const [path, query] = from.url.split("?");
    const headers = { ...from.headers, host: `${LOOPBACK}:${port}` };
    const isForm = part.readsByPost?.(path) && (from.method === "GET" || query !== undefined);
    const method = isForm ? "POST" : from.method;
    const target = (part.paths[path] ?? path) + (query === undefined || isForm ? "" : `?${query}`);
    if (isForm) {
      headers["content-type"] = "application/x-www-form-urlencoded";
      headers["content-length"] = Buffer.byteLength(query ?? "");
    }
    const call = request({ host: LOOPBACK, port, path: target, method, headers }, (answer) => {
      to.writeHead(answer.statusCode, answer.headers);
      answer.pipe(to);
    });
    call.on("error", () => to.destroy());
    if (isForm) call.end(query ?? "");
    else from.pipe(call);
  });
  return new Promise((resolve) => server.listen(0, () => resolve(server.address().port)));
}

function freePort() {
  return new Promise((resolve) => {
    const server = new Server().listen(0, () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function start(tools) {
  bindToLoopback();
  const environment = { ...process.env, PARTS: tools.join(",") };
  const urls = {};
  for (const part of tools.map((tool) => PARTS[tool])) {
    const port = await freePort();
    const url = `http://${LOOPBACK}:${await proxy(part, port)}`;
    await createEmulator({ service: part.service, port, baseUrl: part.baseUrl ?? url, seed: part.seed });
    for (const origin of part.origins) urls[origin] = url;
  }
  environment.PLUGIN_ENGINE_PROVIDER_URLS = JSON.stringify(urls);
  const stack = spawn("cargo", ["-q", "local", "with", "node", process.argv[1]], { env: environment, stdio: "inherit" });
  stack.on("exit", (code) => process.exit(code ?? 1));
}

const { API, TOKEN } = process.env;

async function call(method, path, body) {
  const headers = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" };
  const response = await fetch(`${API}${path}`, { method, headers, body: body && JSON.stringify(body) });
  return response.json();
}

/** What the person does: consents at the fake, and finishes with their own token. */
async function connect(tool, part) {
  const { authUrl } = await call("GET", `/oauth/authorize?tool=${tool}`);
  const page = await (await fetch(authUrl)).text();
  const { action, fields } = part.consent(page, authUrl);
  const options = { method: "POST", body: new URLSearchParams(fields), redirect: "manual" };
  let at = (await fetch(new URL(action, authUrl), options)).headers.get("location");
  at = (await fetch(at, { redirect: "manual" })).headers.get("location");
  const connectCode = new URLSearchParams(new URL(at).hash.slice(1)).get("connectCode");
  const connected = await call("POST", "/integrations/connect", { connectCode });
  if (connected.error) throw new Error(`${tool}: ${JSON.stringify(connected.error)}`);
}

/** Hidden fields of the form in a page that has a text. */
export function formFields(page, text) {
  const forms = page.split("<form").slice(1).map((form) => form.split("</form>")[0]);
  const form = forms.find((form) => form.includes(text)) ?? forms[0] ?? "";
  const decode = (value) => value.replaceAll("&#39;", "'").replaceAll("&quot;", '"').replaceAll("&amp;", "&");
  const attribute = (tag, name) => decode(new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? "");
  const inputs = [...form.matchAll(/<(?:input|button)\b[^>]*\bname=[^>]*>/g)].map(([tag]) => tag);
  const fields = Object.fromEntries(inputs.map((tag) => [attribute(tag, "name"), attribute(tag, "value")]));
  return { action: attribute(form.split(">")[0], "action"), fields };
}

/** Runs a step; returns its fault, if any. */
async function run(tool, step, results) {
  const context = typeof step.context === "function" ? step.context(results) : (step.context ?? {});
  const answer = await call("POST", "", { agentId: "agent_judge", tool, intent: step.action, context });
  if (step.gap) return answer.success ? `the gap is closed: ${step.gap}` : undefined;
  if (!answer.success) return JSON.stringify(answer.error ?? answer);
  results[step.as ?? step.action] = answer.data;
  try {
    step.check?.(answer.data, results);
  } catch (error) {
    return `${error.message}\n  ${JSON.stringify(answer.data)}`;
  }
}

async function judge(tool, part) {
  await connect(tool, part);
  const { tools } = await call("GET", `?format=mcp&tier=all&tools=${tool}`);
  const actions = new Set(tools.map(({ name }) => name).filter((name) => name.startsWith(`${tool}_`)));
  const results = {};
  let faults = 0;
  for (const step of part.steps) {
    actions.delete(`${tool}_${step.action}`);
    const fault = await run(tool, step, results);
    const verdict = fault ? "FAILED" : step.gap ? "gap" : "ok";
    console.log(`${verdict}: ${tool}_${step.action}${fault || step.gap ? `: ${fault ?? step.gap}` : ""}`);
    if (fault) faults += 1;
  }
  for (const action of actions) console.log(`FAILED: ${action}: has no step`);
  return faults + actions.size;
}

if (API && process.env.PARTS) {
  let faults = 0;
  for (const tool of process.env.PARTS.split(",")) faults += await judge(tool, PARTS[tool]);
  console.log(`emulate: ${faults} faults`);
  process.exitCode = faults ? 1 : 0;
} else if (process.argv[1].endsWith("emulate.mjs")) {
  await start(process.argv[2] ? [process.argv[2]] : Object.keys(PARTS).filter((tool) => PARTS[tool].steps.length > 0));
}
