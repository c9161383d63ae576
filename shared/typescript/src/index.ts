import createClient, { type Client, type Middleware } from "openapi-fetch";
import type { ErrorCode, paths, Refusal } from "./api.js";

export type * from "./api.js";

/** Where the engine is, and who calls it. */
export interface Options {
  /** The API's origin, as `https://abc.execute-api.eu-central-1.amazonaws.com`; paths begin with `/api/plugin-engine`. */
  baseUrl: string;
  /** The user's bearer token, or what gives one; it is asked before every request, so that it can renew the token. */
  token: string | (() => string | Promise<string>);
  /** Another `fetch`, as of a framework or a test. */
  fetch?: (request: Request) => Promise<Response>;
}

/**
 * The API with its types. Each method answers `{ data, error, response }`, of which `data` or `error` is there: `error` is a
 * `Refusal`, told apart by its `error.code`. Whether an action was done is said by `data.success`, which is no error of the request.
 */
export type PluginEngine = Client<paths, "application/json">;

/** Makes a client. It throws only what `fetch` and `token` throw, as when the network is down. */
export function createPluginEngine({ baseUrl, token, fetch }: Options): PluginEngine {
  const client = createClient<paths, "application/json">({ baseUrl, ...(fetch && { fetch }) });
  client.use(authorize(token), explain);
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

/** What stands before the engine (a gateway, a proxy) refuses in words of its own: they become a `Refusal` as well. */
const explain: Middleware = {
  async onResponse({ response }) {
    if (response.status < 400 || isRefusal(await json(response.clone()))) {
      return undefined;
    }
    const refusal: Refusal = {
      error: { code: codeOf(response.status), message: response.statusText || `HTTP ${response.status}`, outcome: "none" },
      requestId: response.headers.get("x-request-id") ?? response.headers.get("apigw-requestid") ?? "",
    };
    const headers = new Headers(response.headers);
    headers.set("content-type", "application/json");
    // The length and the coding are those of the body it had.
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

/** Whether an answer's body is a refusal of the engine itself. */
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
      // What cannot be told from here is worth another try, except where the request itself was refused.
      return status < 500 ? "INVALID_FIELD" : "UNAVAILABLE";
  }
}
