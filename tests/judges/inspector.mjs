// The MCP inspector in its strict mode.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";

/** The warnings and errors of the inspector on a list. */
export function inspectorFaults({ mcp }) {
  writeFileSync("mcp.json", JSON.stringify(mcp));
  // It needs a later Node than the engine's clients.
  const inspector = ["node_modules/.bin/mcp-inspector", "--cli", process.execPath, "server.mjs", "mcp.json"];
  const { stdout, stderr } = spawnSync("node_modules/node/bin/node", [...inspector, "--method", "tools/list", "--strict"], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  const faults = stderr.split("\n").filter((line) => /^\s*(Path|Issue): /.test(line));
  const listed = stdout.trim().startsWith("{") ? JSON.parse(stdout).tools.length : 0;
  if (listed !== mcp.length || mcp.length === 0) return [`${listed} of ${mcp.length} tools listed: ${stderr.slice(-500)}`];
  const counted = /(\d+) errors?, (\d+) warnings?/.exec(stderr);
  return counted && counted[1] === "0" && counted[2] === "0" ? [] : faults.length ? faults : counted ? [counted[0]] : [];
}
