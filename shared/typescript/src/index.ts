import createClient, { type Client, type Middleware } from "openapi-fetch";
import type { ErrorCode, paths, Refusal } from "./api.js";

export type * from "./api.js";

/** The address of the engine and the caller's credentials. */
export interface Options {
  /** The API's origin, for example `https://abc.execute-api.eu-central-1.amazonaws.com`. All paths begin with `/api/plugin-engine`. */
  baseUrl: string;
  /** The user's bearer token, or a function that returns it. The function is called before every request, so that it can renew the token. */
  token: string | (() => string | Promise<string>);
  /** A replacement for `fetch`, for example that of a framework or of a test. */
  fetch?: (request: Request) => Promise<Response>;
}

/**
 * The typed API. Each method returns `{ data, error, response }` with either `data` or `error`. `error` is a `Refusal`, identified by
 * its code. A failed action is not a refused request: its result is `data`, with `data.success` false.
 */
export type PluginEngine = Client<paths, "application/json">;

/** Creates a client. Its methods throw only the exceptions of `fetch` and `token`, for example if the network is down. */
export function createPluginEngine({ baseUrl, token, fetch }: Options): PluginEngine {
  const client = createClient<paths, "application/json">({ baseUrl, ...(fetch && { fetch }) });
  client.use(authorize(token), normalizeRefusals);
  return client;
}

function authorize(token: Options["token"]): Middleware {
  return {
    async onRequest({ request }) {
      request.headers.set("authorization", `Bearer ${typeof token === "string" ? token : await token()}`);
      return request;
    },
  };
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
