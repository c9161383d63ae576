// Checks the tool definitions of the engine with judges that others wrote: validators, the SDKs' own types, the rules of OpenAI,
// the MCP inspector. Each judge is also given lists with a planted fault, and must find it.
import { fetchLists } from "./lists.mjs";
import { inspectorFaults } from "./inspector.mjs";
import { ajvFaults, openAiFaults } from "./schemas.mjs";
import { mcpFaults, typeFaults } from "./types.mjs";

/** Each judge, and a fault that it must find. */
const JUDGES = [
  ["ajv, strict", ajvFaults, ({ mcp }) => (mcp[0].inputSchema.properties.planted = { type: "integer", format: "uint32" })],
  ["OpenAI's strict rules", openAiFaults, ({ openaiStrict }) => openaiStrict[0].function.parameters.required.pop()],
  ["the SDKs' types", typeFaults, ({ anthropic }) => (anthropic[0].input_schema.type = "array")],
  ["the MCP SDK's schema", mcpFaults, ({ mcp }) => (mcp[0].inputSchema.type = "array")],
  [
    "the MCP inspector, strict",
    inspectorFaults,
    ({ mcp }) => (mcp[0].inputSchema.properties.planted = { type: ["string", "null"] }),
  ],
];
const SHOWN = 10;

const { lists, refusals } = await fetchLists();
for (const refusal of refusals) console.log(`not served: ${refusal}`);
const sizes = Object.entries(lists).map(([name, tools]) => `${name} ${tools.length}`);
console.log(`tools: ${sizes.join(", ")}`);
let failed = refusals.length > 0;
for (const [name, faults, plant] of JUDGES) {
  const found = faults(lists);
  console.log(`${found.length === 0 ? "ok" : "FAILED"}: ${name}: ${found.length} faults`);
  for (const fault of found.slice(0, SHOWN)) console.log(`  ${fault}`);
  const planted = structuredClone(lists);
  let seen = false;
  try {
    plant(planted);
    seen = faults(planted).length > found.length;
  } catch {
    // There is nothing to plant in an empty list.
  }
  if (!seen) console.log(`FAILED: ${name}: the planted fault is not found`);
  failed ||= found.length > 0 || !seen;
}
process.exitCode = failed ? 1 : 0;
