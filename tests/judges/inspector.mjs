// The MCP inspector in its strict mode.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";

/** The warnings and errors of the inspector on both lists. */
export function inspectorFaults({ mcp, mcpOutputs }) {
  return [...inspect(mcp), ...inspect(mcpOutputs)];
}

function inspect(tools) {
  writeFileSync("mcp.json", JSON.stringify(tools));
  // It needs a later Node than the engine's clients.
  const server = [process.execPath, "server.mjs", "mcp.json", "--method", "tools/list", "--strict"];
  const { stdout, stderr } = spawnSync("node_modules/node/bin/node", ["node_modules/.bin/mcp-inspector", "--cli", ...server], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  const listed = stdout.trim().startsWith("{") ? JSON.parse(stdout).tools.length : 0;
  if (listed !== tools.length || tools.length === 0) return [`it lists ${listed} of ${tools.length} tools ${stderr.slice(-500)}`];
  const issues = stderr.split("\n").filter((line) => /^\s*Issue: /.test(line));
  const count = /(\d+) errors?, (\d+) warnings?/.exec(stderr);
  return issues.length === 0 && count && count[0] !== "0 errors, 0 warnings" ? [count[0]] : issues;
}
