// A model that follows a script, behind the HTTP interfaces of the model providers: it makes the script's calls one after the
// other, reads each result, and ends with a text.
import { createServer } from "node:http";
import { once } from "node:events";

/** The largest number of requests of a conversation. */
const MOST_REQUESTS = 20;

/**
 * Starts a model on the loopback. `script` receives the contents of all results so far, and returns the next call
 * `{ name, arguments }`, or the text that ends the conversation.
 */
export async function startModel(script) {
  let requests = 0;
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const piece of request) text += piece;
    const provider = PROVIDERS.find(({ path }) => path.test(request.url));
    try {
      const body = JSON.parse(text);
      if (++requests > MOST_REQUESTS) throw new Error("the loop does not end");
      const results = provider.results(body);
      const next = await script(results);
      const id = `call_${process.pid}_${Date.now()}_${results.length}`;
      const answer = typeof next === "string" ? provider.text(next, results) : provider.call(next, id, results);
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
    } catch (error) {
      response.writeHead(400, { "content-type": "application/json" }).end(JSON.stringify({ error: { message: String(error) } }));
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { url: `http://127.0.0.1:${server.address().port}`, stop: () => server.close() };
}

const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
const chat = (message, finish_reason, results) => ({
  ...{ id: `chat_${results.length}`, object: "chat.completion", created: 1, model: "scripted", usage },
  choices: [
    { index: 0, message: { role: "assistant", content: null, refusal: null, ...message }, finish_reason, logprobs: null },
  ],
});
/** The results by the id of the answer after them: a provider that holds the conversation is sent only what is new. */
const conversations = new Map();
const remember = (id, before, results) => {
  const all = [...(conversations.get(before) ?? []), ...results];
  conversations.set(`${id}_${all.length}`, all);
  return all;
};
const responses = (item, results) => ({
  ...{
    id: `resp_${results.length}`,
    object: "response",
    created_at: 1,
    model: "scripted",
    status: "completed",
    error: null,
    incomplete_details: null,
  },
  ...{ instructions: null, metadata: {}, parallel_tool_calls: true, temperature: 1, tool_choice: "auto", tools: [], top_p: 1 },
  output: [{ id: "item_1", status: "completed", ...item }],
  usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2, input_tokens_details: { cached_tokens: 0 } },
});
const messages = (block, stop_reason, results) => ({
  ...{
    id: `msg_${results.length}`,
    type: "message",
    role: "assistant",
    model: "scripted",
    content: [block],
    stop_reason,
    stop_sequence: null,
  },
  usage: { input_tokens: 1, output_tokens: 1 },
});
const gemini = (part) => ({ candidates: [{ index: 0, finishReason: "STOP", content: { role: "model", parts: [part] } }] });
const contentOf = (content) => (typeof content === "string" ? content : (content ?? []).map((part) => part.text).join(""));

/** Each provider's requests and answers. `results` are the contents of the tool calls so far. */
const PROVIDERS = [
  {
    path: /\/chat\/completions$/,
    results: (body) => body.messages.filter(({ role }) => role === "tool").map(({ content }) => contentOf(content)),
    call: ({ name, arguments: input }, id, results) =>
      chat(
        { tool_calls: [{ id, type: "function", function: { name, arguments: JSON.stringify(input) } }] },
        "tool_calls",
        results,
      ),
    text: (content, results) => chat({ content }, "stop", results),
  },
  {
    path: /\/responses$/,
    results: (body) => {
      const items = typeof body.input === "string" ? [] : body.input.filter(({ type }) => type === "function_call_output");
      return remember(
        "resp",
        body.previous_response_id,
        items.map(({ output }) => contentOf(output)),
      );
    },
    call: ({ name, arguments: input }, id, results) =>
      responses({ type: "function_call", call_id: id, name, arguments: JSON.stringify(input) }, results),
    text: (text, results) =>
      responses({ type: "message", role: "assistant", content: [{ type: "output_text", text, annotations: [] }] }, results),
  },
  {
    path: /\/messages(\?|$)/,
    results: (body) => {
      const blocks = body.messages.flatMap(({ content }) => (Array.isArray(content) ? content : []));
      const results = blocks.filter(({ type }) => type === "tool_result").map(({ content }) => contentOf(content));
      return remember("msg", body.thread?.previous_message_id, results);
    },
    call: ({ name, arguments: input }, id, results) => messages({ type: "tool_use", id, name, input }, "tool_use", results),
    text: (text, results) => messages({ type: "text", text, citations: null }, "end_turn", results),
  },
  {
    path: /:generateContent/,
    results: (body) => {
      const parts = body.contents.flatMap((content) => content.parts).filter((part) => part.functionResponse);
      return parts.map((part) => part.functionResponse.response.output ?? part.functionResponse.response.error);
    },
    call: ({ name, arguments: args }, id) => gemini({ functionCall: { id, name, args } }),
    text: (text) => gemini({ text }),
  },
];
