// The requests: refusals of gateways, and the typed action.
import createClient, { type Client, type Middleware } from "openapi-fetch";
import type { ErrorCode, paths, PluginResult, ProcessRequest, Refusal } from "./api.js";
import type { ActRequest, ActResult, Intent, ToolId } from "./actions.js";
import type { Send, Token } from "./tokens.js";

/** The address of the engine and the caller's credentials. */
export interface Options {
  /** The API's origin, for example `https://abc.execute-api.eu-central-1.amazonaws.com`. */
  baseUrl: string;
  /**
   * The user's bearer token, or a function that returns it. The function is called before every request. After a 401 it is called
   * again, with `{ renew: true }` if it still returns the rejected token, and the request is repeated once. Requests that are
   * refused at the same time share one renewal.
   */
  token: Token;
  /** A replacement for `fetch`, for example that of a framework or of a test. */
  fetch?: Send;
}

/** The routes of the document. Each method returns `{ data, error, response }` with either `data` or `error`. */
export type Routes = Client<paths, "application/json">;

/** The answer to a request: `data`, or the refusal. */
export type Answer<T> = { data: T; error?: never; response: Response } | { data?: never; error: Refusal; response: Response };

/** A refused request, where a helper of several requests throws it. */
export class RefusedError extends Error {
  readonly refusal: Refusal;
  readonly status: number;

  constructor(refusal: Refusal, status: number) {
    super(refusal.error.message);
    this.name = "RefusedError";
    this.refusal = refusal;
    this.status = status;
  }
}

/** Options of a request that can have an effect. */
export interface EffectOptions {
  /** A key that identifies the effect: a repetition with the same key and body returns the first result. */
  idempotencyKey?: string;
  signal?: AbortSignal;
}

export function createRoutes(baseUrl: string, send: Send): Routes {
  const routes = createClient<paths, "application/json">({ baseUrl, fetch: send });
  routes.use(normalizeRefusals);
  return routes;
}

/** Processes an intent with the types of its action. */
export async function act<T extends ToolId, I extends Intent<T>>(
  routes: Routes,
  request: ActRequest<T, I>,
  { idempotencyKey, signal }: EffectOptions = {},
): Promise<Answer<ActResult<T, I>>> {
  const answer = await routes.POST("/api/plugin-engine", {
    body: request as unknown as ProcessRequest,
    ...(idempotencyKey !== undefined && { params: { header: { "Idempotency-Key": idempotencyKey } } }),
    ...(signal && { signal }),
  });
  return answer as Answer<PluginResult> as Answer<ActResult<T, I>>;
}

/** Converts refusals by a gateway or proxy in front of the engine into a `Refusal`. */
const normalizeRefusals: Middleware = {
  async onResponse({ response }) {
    if (response.status < 400 || isRefusal(await json(response.clone()))) {
      return undefined;
    }
    const refusal: Refusal = {
      error: {
        code: codeOf(response.status),
        message: response.statusText || `HTTP ${response.status}`,
        outcome: response.status < 500 ? "none" : "unknown",
        action: response.status < 500 && response.status !== 429 ? "fix" : "retry",
      },
      requestId: response.headers.get("x-request-id") ?? response.headers.get("apigw-requestid") ?? "",
    };
    const headers = new Headers(response.headers);
    headers.set("content-type", "application/json");
    // Both headers describe the replaced body.
    headers.delete("content-length");
    headers.delete("content-encoding");
    return new Response(JSON.stringify(refusal), { status: response.status, statusText: response.statusText, headers });
  },
};

async function json(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}

/** Returns true if the body is a refusal by the engine itself. */
function isRefusal(body: unknown): body is Refusal {
  return typeof body === "object" && body !== null && "error" in body && "requestId" in body;
}

function codeOf(status: number): ErrorCode {
  switch (status) {
    case 401:
      return "UNAUTHORIZED";
    case 403:
      return "FORBIDDEN";
    case 404:
      return "NOT_FOUND";
    case 405:
      return "METHOD_NOT_ALLOWED";
    case 413:
      return "TOO_LARGE";
    case 429:
      return "RATE_LIMITED";
    default:
      // Other 5xx may be temporary and can be retried. Other 4xx refuse the request itself.
      return status < 500 ? "INVALID_FIELD" : "UNAVAILABLE";
  }
}
