// The types of the SDKs, and the runtime schema of the MCP SDK: each must take every list as it is served.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { ListToolsResultSchema } from "@modelcontextprotocol/sdk/types.js";

/** The type that takes a list. */
const TYPES = {
  openai: ["openai/resources/chat/completions", "ChatCompletionFunctionTool"],
  openaiStrict: ["openai/resources/chat/completions", "ChatCompletionFunctionTool"],
  responses: ["openai/resources/responses/responses", "FunctionTool"],
  responsesStrict: ["openai/resources/responses/responses", "FunctionTool"],
  anthropic: ["@anthropic-ai/sdk/resources/messages", "Tool"],
  gemini: ["@google/genai", "Tool"],
  mcp: ["@modelcontextprotocol/sdk/types.js", "Tool"],
  mcpOutputs: ["@modelcontextprotocol/sdk/types.js", "Tool"],
};

/** Definitions that the type of an SDK does not take, by the compiler. */
export function typeFaults(lists) {
  const lines = Object.entries(TYPES).flatMap(([name, [module, type]]) => [
    `import type { ${type} as ${name}Type } from ${JSON.stringify(module)};`,
    ...lists[name].map((tool, number) => `export const ${name}${number} = ${JSON.stringify(tool)} satisfies ${name}Type;`),
  ]);
  // `satisfies` also refuses a field that the type lacks.
  writeFileSync("definitions.ts", lines.join("\n"));
  const empty = Object.keys(TYPES).filter((name) => lists[name].length === 0);
  const options = ["--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "--module", "nodenext", "definitions.ts"];
  const { stdout } = spawnSync("node_modules/.bin/tsc", options, { encoding: "utf8" });
  return [...empty.map((name) => `${name}: no list`), ...stdout.split("\n").filter((line) => line.includes("error TS"))];
}

/** What the MCP SDK refuses to parse, or drops. */
export function mcpFaults({ mcp, mcpOutputs }) {
  if (mcp.length === 0 || mcpOutputs.length === 0) return ["there is no list"];
  return [...mcp, ...mcpOutputs].flatMap((tool) => {
    const { success, error, data } = ListToolsResultSchema.safeParse({ tools: [tool] });
    if (!success) return error.issues.map(({ path, message }) => `${tool.name}: ${path.slice(2).join(".")}: ${message}`);
    const dropped = Object.keys(tool).filter((field) => !(field in data.tools[0]));
    return dropped.map((field) => `${tool.name}: ${field} is dropped`);
  });
}
