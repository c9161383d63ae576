import { act, createRoutes, type Answer, type EffectOptions, type Options, type Routes } from "./client.js";
import type { ActRequest, ActResult, Intent, ToolId } from "./actions.js";
import { answered } from "./answers.js";
import { call } from "./calls.js";
import { uploadFile, type NewFile } from "./files.js";
import { until, type UntilOptions } from "./tasks.js";
import { authorized } from "./tokens.js";
import { createToolsFor, type ToolsFor } from "./tools.js";
import type { CallAnswer, CallRequest, Task } from "./api.js";

export type * from "./api.js";
export type * from "./actions.js";
export { RefusedError, type Answer, type EffectOptions, type Options, type Routes } from "./client.js";
export { UploadError, type NewFile } from "./files.js";
export type { Send, Token } from "./tokens.js";
export { TimeLimitError, type UntilOptions } from "./tasks.js";
export {
  ToolCallError,
  type AiTool,
  type AnthropicTool,
  type GeminiTool,
  type LangChainFactory,
  type OpenAiResponsesTool,
  type OpenAiTool,
  type ToolFilters,
  type ToolForms,
  type ToolsFor,
  type ToolsOptions,
} from "./tools.js";

/**
 * The typed API: a method for each HTTP method, which takes any path of the document, and helpers. `GET`, `POST` and so on, `act`
 * and `call` return `{ data, error, response }` with either `data` or `error`. `error` is a `Refusal`, identified by its code. A
 * failed action is not a refused request: its result is `data`, with `data.success` false.
 */
export interface PluginEngine extends Routes {
  /** Processes an intent. The types of `context` and of the result's `data` are those of the action. */
  act<T extends ToolId, I extends Intent<T>>(
    request: ActRequest<T, I>,
    options?: EffectOptions,
  ): Promise<Answer<ActResult<T, I>>>;
  /** Runs a model's call of a tool. The same call with the same `callId` is run once. */
  call(request: CallRequest, signal?: AbortSignal): Promise<Answer<CallAnswer>>;
  /**
   * Uploads a file and returns its id, which an action takes as `{ file: id }`. Throws `RefusedError`, or `UploadError` if the bytes
   * were not stored.
   */
  uploadFile(file: NewFile, signal?: AbortSignal): Promise<string>;
  /**
   * Waits until a task ends or needs a person, and returns it. Throws `TimeLimitError` at the time limit, or at once if the task
   * is due after it, and `RefusedError` if there is no such task.
   */
  until(taskId: string, options?: UntilOptions): Promise<Task>;
  /** Returns the tools of the engine in the form of an SDK, with functions where the SDK runs tools. Throws `RefusedError`. */
  toolsFor: ToolsFor;
}

/** Creates a client. `GET`, `POST` and so on, `act` and `call` throw only the exceptions of `fetch` and `token`. */
export function createPluginEngine({ baseUrl, token, fetch = globalThis.fetch }: Options): PluginEngine {
  const authorize = authorized(token);
  const routes = createRoutes(baseUrl, authorize(fetch));
  const answering = createRoutes(baseUrl, authorize(answered(fetch)));
  return {
    ...routes,
    act: (request, options) => act(routes, request, options),
    call: (request, signal) => call(routes, request, signal),
    uploadFile: (file, signal) => uploadFile(routes, fetch, file, signal),
    until: (taskId, options) => until(answering, taskId, options),
    toolsFor: createToolsFor(routes, answering),
  };
}
