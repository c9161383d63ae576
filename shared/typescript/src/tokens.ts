// The bearer token, and its renewal: once for the requests that are refused for the same token.

/** The bearer token, or a function that returns it. */
export type Token = string | ((options: { renew: boolean }) => string | Promise<string>);

/** Sends a request, as `fetch` does. */
export type Send = (request: Request) => Promise<Response>;

interface Renewal {
  rejected: string;
  token: Promise<string>;
  ended: boolean;
}

/** Sends the token with every request. After a 401 the request is repeated once: a refusal for its token had no effect. */
export function authorized(token: Token): (send: Send) => Send {
  if (typeof token === "string") {
    return (send) => (request) => send(withToken(request, token));
  }
  let latest: Renewal | undefined;
  /** The token after a 401. `known` is the renewal that had ended before the request: a later one is shared. */
  const insteadOf = async (rejected: string, known: Renewal | undefined): Promise<string> => {
    const current = await token({ renew: false });
    if (current !== rejected) {
      return current;
    }
    if (!latest || latest === known || latest.rejected !== rejected) {
      latest = renewal(rejected, Promise.resolve(token({ renew: true })));
    }
    return latest.token;
  };
  return (send) => async (request) => {
    const repetition = request.clone();
    const known = latest?.ended ? latest : undefined;
    const current = await token({ renew: false });
    const response = await send(withToken(request, current));
    if (response.status !== 401) {
      return response;
    }
    await response.body?.cancel();
    return send(withToken(repetition, await insteadOf(current, known)));
  };
}

function renewal(rejected: string, token: Promise<string>): Renewal {
  const started = { rejected, token, ended: false };
  const end = () => void (started.ended = true);
  token.then(end, end);
  return started;
}

function withToken(request: Request, token: string): Request {
  request.headers.set("authorization", `Bearer ${token}`);
  return request;
}
