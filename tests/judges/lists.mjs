// The tool definitions as the engine serves them, in each format.
const { API, TOKEN } = process.env;
if (!API || !TOKEN) throw new Error("run it by .ci/judges, in `cargo local with`");

/** The queries of each list. Every list has all tools and tiers. */
const QUERIES = {
  openai: "format=openai",
  openaiStrict: "format=openai&strict=true",
  responses: "format=openai-responses",
  responsesStrict: "format=openai-responses&strict=true",
  anthropic: "format=anthropic",
  gemini: "format=gemini",
  mcp: "format=mcp",
  mcpOutputs: "format=mcp&outputSchemas=true",
};

/** Returns the lists by name. One that the engine does not serve is empty, and `refusals` says why. */
export async function fetchLists() {
  const lists = {};
  const refusals = [];
  for (const [name, query] of Object.entries(QUERIES)) {
    const response = await fetch(`${API}?${query}&tier=all`, { headers: { authorization: `Bearer ${TOKEN}` } });
    const body = await response.json();
    if (!response.ok) refusals.push(`${query}: ${body.error.message}`);
    lists[name] = body.tools ?? [];
  }
  return { lists, refusals };
}
