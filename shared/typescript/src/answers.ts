// Requests that are repeated until they are answered.
import type { Refusal } from "./api.js";
import type { Send } from "./tokens.js";

/** The pause after a refusal that does not say when a retry makes sense. */
export const PAUSE_MS = 1000;
/** The longest time of a request. The engine holds a request for a task up to 20 s, and a gateway a request up to 30 s. */
const LONGEST_REQUEST_MS = 30_000;

/** Answers a request whose answer is lost as a gateway does. */
export function answered(send: Send): Send {
  return async (request) => {
    try {
      const signal = AbortSignal.any([request.signal, AbortSignal.timeout(LONGEST_REQUEST_MS)]);
      const response = await send(new Request(request, { signal }));
      // A page of a proxy, or half an answer, is none.
      const text = await response.clone().text();
      if (response.ok) {
        JSON.parse(text);
      }
      return response;
    } catch {
      return new Response(null, { status: 504, statusText: "No answer" });
    }
  };
}

/** Returns the milliseconds until a retry makes sense, by the refusal if it says so. */
export function retryPause({ error }: Refusal, otherwise: number): number {
  return error.retryAfterMs ?? otherwise;
}

export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const timer = setTimeout(done, milliseconds);
    function abort() {
      clearTimeout(timer);
      reject(signal?.reason);
    }
    function done() {
      signal?.removeEventListener("abort", abort);
      resolve();
    }
    signal?.addEventListener("abort", abort, { once: true });
  });
}
