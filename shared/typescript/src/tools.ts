// Tool definitions for models, in the form that each SDK takes. Where an SDK runs tools itself, their calls have the model's id, and
// are repeated after a lost answer. No SDK is imported: the types have the shape that each expects, which `.ci/judges` compiles.
import type { CallRequest, operations } from "./api.js";
import { answeredCall, type ToolAnswer } from "./calls.js";
import { RefusedError, type Routes } from "./client.js";

type Query = NonNullable<operations["listTools"]["parameters"]["query"]>;

/** A choice of tools, as `GET /api/plugin-engine` takes it. */
export type ToolFilters = Omit<Query, "format">;

/** The choice of tools to offer to a model, and what each of their calls carries. */
export interface ToolsOptions extends Omit<CallRequest, "name" | "arguments" | "callId"> {
  /** Offers only these tools; all by default. */
  filters?: ToolFilters;
}

type JsonSchema = Record<string, unknown>;
type Arguments = Record<string, unknown>;

/** A tool of OpenAI's Chat Completions: for `create`, and for `runTools`, which runs it. */
export interface OpenAiTool {
  type: "function";
  function: {
    name: string;
    description: string;
    parameters: JsonSchema;
    strict?: boolean;
    function: (input: string, runner: { messages: readonly unknown[] }) => Promise<string>;
  };
}

/** A tool of OpenAI's Responses. The SDK runs none: pass each `function_call` to `call`. */
export interface OpenAiResponsesTool {
  type: "function";
  name: string;
  description: string;
  parameters: JsonSchema;
  strict: boolean;
}

/** A tool of Anthropic's Messages: for `create`, and for `toolRunner`, which runs it. */
export interface AnthropicTool {
  name: string;
  description: string;
  input_schema: JsonSchema & { type: "object" };
  run: (input: Arguments, context?: { toolUse: { id: string } }) => Promise<string>;
  parse: (content: unknown) => Arguments;
}

/** A tool of the AI SDK: for `generateText` and `streamText`, which run it. */
export interface AiTool {
  description: string;
  // The SDK's own type of a schema has a key that no other package can name.
  inputSchema: any;
  execute: (input: any, options: { toolCallId: string }) => Promise<string>;
}

/** All tools for the Google Gen AI SDK, which calls them automatically. */
export interface GeminiTool {
  tool: () => Promise<GeminiDefinition>;
  callTool: (calls: { id?: string; name?: string; args?: Arguments }[]) => Promise<GeminiPart[]>;
}

interface GeminiDefinition {
  functionDeclarations: { name: string; description: string; parametersJsonSchema: JsonSchema }[];
}

interface GeminiPart {
  functionResponse: { id?: string; name: string; response: Record<string, unknown> };
}

/** The forms of tools by SDK. */
export interface ToolForms {
  openai: OpenAiTool[];
  "openai-responses": OpenAiResponsesTool[];
  anthropic: AnthropicTool[];
  ai: Record<string, AiTool>;
  gemini: GeminiTool[];
}

/** The function `tool` of `@langchain/core/tools`. */
export type LangChainFactory<T> = (
  run: (input: any, config: { toolCall?: { id?: string } }) => Promise<string>,
  fields: { name: string; description: string; schema: any },
) => T;

/** A tool call that failed. The message is the content for the model. */
export class ToolCallError extends Error {
  constructor(content: string) {
    super(content);
    this.name = "ToolCallError";
  }
}

/** Returns the tools of the engine in the form of an SDK. */
export interface ToolsFor {
  <F extends keyof ToolForms>(form: F, options: ToolsOptions): Promise<ToolForms[F]>;
  /** LangChain's tools are made by its own function `tool`. */
  <T>(form: "langchain", options: ToolsOptions, tool: LangChainFactory<T>): Promise<T[]>;
}

interface Definition {
  name: string;
  description: string;
  inputSchema: JsonSchema;
}

/** Runs a model's call and returns the answer for the model. */
type Run = (name: string, input: Arguments | string, callId: string | undefined) => Promise<ToolAnswer>;

type Format = NonNullable<Query["format"]>;
type Forms = { [F in keyof ToolForms]: (list: (format: Format) => Promise<unknown[]>, run: Run) => Promise<ToolForms[F]> };

const FORMS: Forms = {
  openai: async (list, run) => ((await list("openai")) as OpenAiTool[]).map((tool) => runnable(tool, run)),
  "openai-responses": async (list) => (await list("openai-responses")) as OpenAiResponsesTool[],
  anthropic: async (list, run) =>
    ((await list("anthropic")) as AnthropicTool[]).map((tool) => ({
      ...tool,
      parse: (content) => content as Arguments,
      run: async (input, context) => successful(await run(tool.name, input, context?.toolUse.id)),
    })),
  ai: async (list, run) =>
    Object.fromEntries(
      ((await list("mcp")) as Definition[]).map(({ name, description, inputSchema }) => [
        name,
        {
          description,
          inputSchema: { [Symbol.for("vercel.ai.schema")]: true, jsonSchema: inputSchema, validate: undefined },
          execute: async (input, { toolCallId }) => successful(await run(name, input, toolCallId)),
        },
      ]),
    ),
  gemini: async (list, run) =>
    ((await list("gemini")) as GeminiDefinition[]).map((definition) => ({
      tool: async () => definition,
      callTool: (calls) => Promise.all(calls.map((call) => geminiPart(call, run))),
    })),
};

/** Lists the tools with `routes`, and makes the calls with the routes that answer in the place of a lost answer. */
export function createToolsFor(routes: Routes, answering: Routes): ToolsFor {
  return async (form: keyof ToolForms | "langchain", { filters, ...fields }: ToolsOptions, tool?: LangChainFactory<unknown>) => {
    const list = (format: Format) => definitions(routes, { ...filters, format });
    const run: Run = (name, input, callId = crypto.randomUUID()) =>
      answeredCall(answering, { ...fields, name, arguments: input, callId });
    if (form !== "langchain") {
      return FORMS[form](list, run) as never;
    }
    return ((await list("mcp")) as Definition[]).map(({ name, description, inputSchema }) =>
      tool?.(async (input, { toolCall }) => (await run(name, input, toolCall?.id)).content, {
        name,
        description,
        schema: inputSchema,
      }),
    ) as never;
  };
}

async function definitions(routes: Routes, query: Query): Promise<unknown[]> {
  const { data, error, response } = await routes.GET("/api/plugin-engine", { params: { query } });
  if (error) {
    throw new RefusedError(error, response.status);
  }
  return data.tools;
}

/** Returns the content; throws it if the call failed, for SDKs that mark what is thrown as an error for the model. */
function successful({ content, isError }: ToolAnswer): string {
  if (isError) {
    throw new ToolCallError(content);
  }
  return content;
}

function runnable(tool: OpenAiTool, run: Run): OpenAiTool {
  const { name } = tool.function;
  const execute: OpenAiTool["function"]["function"] = async (input, { messages }) =>
    (await run(name, input, openAiCallId(messages, name, input))).content;
  return { ...tool, function: { ...tool.function, function: execute } };
}

interface OpenAiMessage {
  role?: string;
  tool_calls?: { id: string; function?: { name: string; arguments: string } }[];
}

/** The ids of a message's calls that have been started. */
const started = new WeakMap<OpenAiMessage, Set<string>>();

/** The id of a call of `runTools`, which does not pass it: that of the last message's next call with these arguments. */
function openAiCallId(messages: readonly unknown[], name: string, input: string): string | undefined {
  const calling = (messages as OpenAiMessage[]).findLast((message) => message.tool_calls?.length);
  if (!calling?.tool_calls) {
    return undefined;
  }
  const before = started.get(calling) ?? new Set<string>();
  started.set(calling, before);
  const same = calling.tool_calls.filter(({ function: called }) => called?.name === name && called.arguments === input);
  // More runs than calls are repetitions, which the engine answers again.
  const next = same.find(({ id }) => !before.has(id)) ?? same[0];
  if (next) {
    before.add(next.id);
  }
  return next?.id;
}

async function geminiPart(
  { id, name = "", args = {} }: { id?: string; name?: string; args?: Arguments },
  run: Run,
): Promise<GeminiPart> {
  const { content, isError } = await run(name, args, id);
  return { functionResponse: { name, response: isError ? { error: content } : { output: content }, ...(id && { id }) } };
}
