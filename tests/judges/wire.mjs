// The wire of documents.mjs: a server on the loopback, calls of the sandbox, and those of the engine.
import http from "node:http";

const { API, TOKEN } = process.env;
export const LOOPBACK = "127.0.0.1";

export async function freePort() {
  const server = http.createServer();
  await new Promise((resolve) => server.listen(0, LOOPBACK, resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function readAll(stream) {
  const pieces = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

/**
 * Serves at a port. `answer` makes `{ status, headers, body }` of `{ method, path, query, headers, body }`, or nothing: it is
 * lost.
 */
export function listen(port, answer) {
  const server = http.createServer(async (from, to) => {
    try {
      const [path, query = ""] = from.url.split("?");
      const made = await answer({ method: from.method, path, query, headers: from.headers, body: await readAll(from) });
      if (!made) return to.destroy();
      const { status, headers, body } = made;
      const own = Object.entries(headers).filter(
        ([name]) => !["content-length", "transfer-encoding", "connection"].includes(name),
      );
      to.writeHead(status, { ...Object.fromEntries(own), "content-length": body.length }).end(body);
    } catch (error) {
      console.log(`FAILED: ${from.method} ${from.url}: ${error.message}`);
      to.destroy();
    }
  });
  return new Promise((resolve) => server.listen(port, LOOPBACK, () => resolve(server)));
}

/** Sends a request to the address of a provider. */
export function send(base, { method, path, query, headers, body }) {
  const url = new URL(base);
  const target = `${url.pathname.replace(/\/$/, "")}${path}${query ? `?${query}` : ""}`;
  const options = { host: url.hostname, port: url.port, path: target, method, headers: { ...headers, host: url.host } };
  return new Promise((resolve, reject) => {
    const call = http.request(options, async (answer) => {
      const { statusCode: status, headers } = answer;
      resolve({ status, headers, body: await readAll(answer) });
    });
    call.on("error", reject);
    call.end(body);
  });
}

export function parse(body) {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

/** Calls a route of the engine; returns its answer. */
export async function engine(method, path, body) {
  const headers = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" };
  return (await fetch(`${API}${path}`, { method, headers, body: body && JSON.stringify(body) })).json();
}

/** What the person does: consents at the sandbox, and finishes with their own token. */
export async function connectAtSandbox(tool) {
  const { authUrl } = await engine("GET", `/oauth/authorize?tool=${tool}`);
  let at = `${authUrl}&auto=allow`;
  for (let redirect = 0; redirect < 2; redirect++) at = (await fetch(at, { redirect: "manual" })).headers.get("location");
  const connectCode = new URLSearchParams(new URL(at).hash.slice(1)).get("connectCode");
  const connected = await engine("POST", "/integrations/connect", { connectCode });
  if (connected.error) throw new Error(`${tool}: ${JSON.stringify(connected.error)}`);
}

/** The actions of a tool as the engine lists them, with their effects and examples. */
export async function actionsOf(tool) {
  const { tools } = await engine("GET", `?tools=${tool}`);
  const [{ actions }] = tools;
  return actions.map(({ name, effect, contextSchema }) => ({ action: name, effect, examples: contextSchema.examples ?? [] }));
}

/** Runs an action; returns its fault, if any, and if it is not decided: the effect is unknown, or another attempt may succeed. */
export async function runAction(tool, intent, context) {
  const answer = await engine("POST", "", { agentId: "agent_judge", tool, intent, context });
  const { outcome, action } = answer.error ?? {};
  return answer.success
    ? {}
    : { fault: JSON.stringify(answer.error ?? answer), isOpen: outcome === "unknown" || action === "retry" };
}
