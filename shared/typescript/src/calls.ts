// A model's call of a tool, and its repetition after a lost answer.
import { PAUSE_MS, retryPause, sleep } from "./answers.js";
import type { CallAnswer, CallRequest } from "./api.js";
import { RefusedError, type Answer, type Routes } from "./client.js";

/** What a model receives as the result of its call. */
export type ToolAnswer = Pick<CallAnswer, "content" | "isError">;

/** The time after which an unanswered call is given up. */
const REPEATED_FOR_MS = 120_000;
/** The text for a model whose call may have been done. */
const UNCERTAIN =
  "It is not certain whether this was done. Do not repeat it: look with a reading tool, or let the person look.";

export async function call(routes: Routes, request: CallRequest, signal?: AbortSignal): Promise<Answer<CallAnswer>> {
  const answer = await routes.POST("/api/plugin-engine/call", { body: request, ...(signal && { signal }) });
  return answer as Answer<CallAnswer>;
}

/** Makes a model's call, and repeats it with the same id until it is answered: the engine runs an id once. */
export async function answeredCall(routes: Routes, request: CallRequest & { callId: string }): Promise<ToolAnswer> {
  const limit = Date.now() + REPEATED_FOR_MS;
  let uncertain = false;
  for (let pause = PAUSE_MS; ; pause *= 2) {
    const { data, error, response } = await call(routes, request);
    if (data) {
      return data;
    }
    // The caller is not known: no text helps the model.
    if (response.status === 401) {
      throw new RefusedError(error, response.status);
    }
    const unanswered = response.status >= 500 || error.error.code === "IDEMPOTENCY_IN_PROGRESS";
    uncertain ||= unanswered;
    const repeatable = unanswered || response.status === 429;
    const left = limit - Date.now();
    const wait = retryPause(error, pause);
    // Of a call that may have been done, the last moment of the limit is used as well.
    if (!repeatable || left <= 0 || (wait > left && !uncertain)) {
      return { content: uncertain ? UNCERTAIN : `${error.error.code}: ${error.error.message}`, isError: true };
    }
    await sleep(Math.min(left, wait));
  }
}
