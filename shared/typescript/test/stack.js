// The local stack, what a person does there, and the pauses of the client.
import assert from "node:assert/strict";

const { API = "", TOKEN = "" } = process.env;
assert(API && TOKEN, "run it with `cargo local with npm test`");
export { API, TOKEN };

/** Returns the target of a redirect. @param {string} url */
async function redirect(url) {
  const { headers } = await fetch(url, { redirect: "manual" });
  const location = headers.get("location");
  assert(location, `${url} does not redirect`);
  return location;
}

/**
 * Connects a tool, as a person does.
 * @param {import("plugin-engine-client").PluginEngine} engine @param {"gmail" | "slack"} tool
 */
export async function connect(engine, tool) {
  const { data } = await engine.GET("/api/plugin-engine/oauth/authorize", { params: { query: { tool } } });
  assert(data);
  const landed = await redirect(await redirect(`${data.authUrl}&auto=allow`));
  const connectCode = new URLSearchParams(new URL(landed).hash.slice(1)).get("connectCode");
  assert(connectCode, `no connectCode in ${landed}`);
  const connected = await engine.POST("/api/plugin-engine/integrations/connect", { body: { connectCode } });
  assert(connected.data && "integration" in connected.data);
  return connected.data.integration;
}

/**
 * Ends each pause of the client at once, and moves the clock by it; returns the pauses. The timers of `fetch` are shorter, or have
 * arguments.
 * @param {import("node:test").TestContext} context
 */
export function skipPauses({ mock }) {
  /** @type {number[]} */
  const pauses = [];
  const { now } = Date;
  const { setTimeout } = globalThis;
  mock.method(Date, "now", () => now() + pauses.reduce((sum, pause) => sum + pause, 0));
  mock.method(globalThis, "setTimeout", (/** @type {() => void} */ end, /** @type {number} */ pause, /** @type {any[]} */ ...rest) => {
    if (pause < 1000 || rest.length > 0) return setTimeout(end, pause, ...rest);
    pauses.push(pause);
    return setImmediate(end);
  });
  return pauses;
}
