// A model's call of a tool.
import { type Answer, type Routes } from "./client.js";

/** A call of a tool as a model makes it. */
export interface CallRequest {
  /** The agent that the model works for. */
  agentId: string;
  /** The tool's name, for example `gmail_send_email`. */
  name: string;
  /** The arguments, as an object or as the JSON text that the model wrote. */
  arguments: Record<string, unknown> | string;
  /** The model's id of the call. The same call with the same id is run once, and answered again. */
  callId?: string;
  /** The conversation within which `callId` is unique. Without it a call is answered again for ten minutes. */
  conversationId?: string;
  /** The account: its id, label or address. */
  account?: string;
  /** `model` makes the answer short: no bytes, names instead of ids, at most `maxChars`. */
  view?: "full" | "model";
  /** The longest `content` with the view `model`. */
  maxChars?: number;
}

/** The answer to a model's call. */
export interface CallResult {
  /** The answer as a text for the model. */
  content: string;
  /** True if the call failed, and the content says what the model can do. */
  isError: boolean;
  /** The data of the result. */
  structured?: Record<string, unknown>;
  /** True if an earlier answer to the same call was repeated. */
  replayed?: boolean;
  /** The task that journals the action. */
  taskId?: string;
}

export async function call(routes: Routes, request: CallRequest, signal?: AbortSignal): Promise<Answer<CallResult>> {
  const post = routes.POST as (path: string, init: object) => Promise<Answer<CallResult>>;
  return post("/api/plugin-engine/call", { body: request, ...(signal && { signal }) });
}
