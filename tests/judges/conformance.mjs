// The official conformance suite of MCP, against the protocol layer with the catalogue that the suite needs (tests/mcp).
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** The folder of the suite. */
const SUITE = "node_modules/@modelcontextprotocol/conformance";
/** The revisions, and the number of required scenarios that pass. Those that fail stand in a file, with the reason. */
const REVISIONS = [
  { revision: "2026-07-28", passed: 37 },
  { revision: "2025-11-25", passed: 26 },
];
/** A scenario that must fail on a server with a wrong error code. */
const PLANTED = "http-custom-header-server-validation";

/** Serves the fixture while `run` runs, which gets the URL. */
async function withServer(args, run) {
  const server = spawn("cargo", ["-q", "run", "--locked", "-p", "mcp_fixture", "--", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    for await (const url of createInterface({ input: server.stdout })) return run(url);
    throw new Error("the fixture printed no URL");
  } finally {
    server.kill();
  }
}

/** Runs the suite. It needs a later Node than the engine's clients. */
function suite(url, args) {
  const results = mkdtempSync(join(tmpdir(), "conformance-"));
  const command = [`${SUITE}/dist/index.js`, "server", "--url", url, "-o", results, ...args];
  const { status, stdout, stderr } = spawnSync("node_modules/node/bin/node", command, {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  rmSync(results, { recursive: true, force: true });
  return { status, output: stdout + stderr };
}

/** The scenarios that conformance to a revision requires of a server. */
function requiredBy(revision) {
  const file = readFileSync(`${SUITE}/requirements/${revision}.yaml`, "utf8");
  const [, server] = /^server:\n((?: {2}- .*\n)+)/m.exec(file);
  return server.trim().split("\n").map((line) => line.replace("- ", "").trim());
}

/** Runs a revision. True if exactly the expected scenarios fail, and each of the others that the suite runs passes too. */
function conforms(url, { revision, passed }) {
  const baseline = `conformance-${revision}.yml`;
  const expected = existsSync(baseline) ? ["--expected-failures", baseline] : [];
  const { status, output } = suite(url, ["--requirements", revision, ...expected]);
  const required = requiredBy(revision);
  const marked = (mark) => [...output.matchAll(new RegExp(`^${mark} (\\S+): `, "gm"))].map((match) => match[1]);
  const [passing, failing] = [marked("✓"), marked("✗")];
  const count = (names) => names.filter((name) => required.includes(name)).length;
  const others = { passing: passing.length - count(passing), failing: failing.length - count(failing) };
  const ok = status === 0 && count(passing) === passed && count(failing) === required.length - passed && others.failing === 0;
  const figures = `${count(passing)} of ${required.length} scenarios, ${others.passing} of ${others.passing + others.failing} others`;
  console.log(`${ok ? "ok" : "FAILED"}: MCP ${revision}: ${figures}`);
  for (const name of failing) console.log(`  fails: ${name}`);
  if (!ok) console.log(output.slice(-4000));
  return ok;
}

/** True if the suite finds the fault of the faulty server. */
function faultIsFound(url) {
  const { status, output } = suite(url, ["--scenario", PLANTED]);
  const found = status !== 0 && output.includes("-32020");
  if (!found) console.log(`FAILED: MCP: the planted error code is not found\n${output.slice(-4000)}`);
  return found;
}

const conforming = await withServer([], (url) => REVISIONS.map((revision) => conforms(url, revision)).every(Boolean));
const found = await withServer(["faulty"], faultIsFound);
process.exitCode = conforming && found ? 0 : 1;
