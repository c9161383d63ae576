"""What a helper does, as steps without input and output: the sync and the async client run the same steps."""

import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar, cast

import httpx

from .errors import Refused, TimeLimit
from .types import ErrorCode, Refusal, Task

Result = TypeVar("Result")


@dataclass(frozen=True)
class Request:
    """A request to the engine."""

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Pause:
    """A pause of so many seconds."""

    seconds: float


# A step that is a request receives its response, or that of `unanswered`.
Steps: TypeAlias = Generator[Request | Pause, Any, Result]

# The longest time that the engine holds a request, in seconds.
LONGEST_WAIT = 20
# The pause after a refusal that does not say when a retry makes sense, in seconds.
PAUSE = 1.0
# The longest pause of a wait, in seconds. A task can be due in months, or cancelled before.
LONGEST_PAUSE = 3600.0


def engine_request(
    method: str,
    path: str,
    *,
    query: Mapping[str, Any] | None = None,
    body: Mapping[str, Any] | None = None,
    idempotency_key: str | None = None,
) -> Request:
    """A request to a route. Fields that are `None` are left out of the query, and a list is separated by commas."""
    present = {name: _parameter(value) for name, value in (query or {}).items() if value is not None}
    headers = {} if idempotency_key is None else {"idempotency-key": idempotency_key}
    return Request(method, path, present, body, headers)


def _parameter(value: Any) -> Any:
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else value


def arguments(request: Request, token: str) -> dict[str, Any]:
    """The keywords of httpx for a request."""
    headers = {**request.headers, "authorization": f"Bearer {token}"}
    return {"params": dict(request.query), "json": request.body, "headers": headers}


def act_request(intent: Mapping[str, Any], idempotency_key: str | None) -> Request:
    """The request that processes an intent."""
    return engine_request("POST", "/api/plugin-engine", body=intent, idempotency_key=idempotency_key)


def until(task_id: str, timeout: float) -> Steps[Task]:
    """Waits until a task ends or needs a person."""
    limit = time.monotonic() + timeout
    task: Task | None = None
    while True:
        wait = min(LONGEST_WAIT, max(1, int(limit - time.monotonic())))
        response = yield engine_request("GET", "/api/plugin-engine/tasks", query={"taskId": task_id, "wait": wait})
        try:
            answer = body_of(response)
            task, milliseconds = cast(Task, answer["task"]), answer.get("retryAfterMs")
            if milliseconds is None:
                return task
            pause = milliseconds / 1000
        except Refused as refused:
            if refused.refusal["error"]["action"] != "retry" and refused.status < 500:
                raise
            pause = retry_pause(refused, PAUSE)
        # A task that is due after the limit is not waited for.
        if time.monotonic() + pause >= limit:
            raise TimeLimit(task_id, timeout, task)
        yield Pause(min(pause, LONGEST_PAUSE))


def retry_pause(refused: Refused, otherwise: float) -> float:
    """The seconds until a retry makes sense, by the refusal if it says so."""
    milliseconds = refused.refusal["error"].get("retryAfterMs")
    return otherwise if milliseconds is None else milliseconds / 1000


def unanswered(error: httpx.RequestError) -> httpx.Response:
    """The response that stands for a lost one, as a gateway would answer."""
    return httpx.Response(httpx.codes.GATEWAY_TIMEOUT, extensions={"reason_phrase": type(error).__name__.encode()})


def body_of(response: httpx.Response) -> Any:
    """The body of an answer. A refusal raises `Refused`, also one by a gateway or proxy in front of the engine."""
    try:
        body = response.json()
    except ValueError:
        body = None
    if response.is_success and body is not None:
        return body
    if isinstance(body, dict) and "error" in body and "requestId" in body:
        raise Refused(cast(Refusal, body), response.status_code)
    # The engine answers in JSON: a page of a proxy, or half an answer, is none.
    status = httpx.codes.BAD_GATEWAY if response.is_success else response.status_code
    raise Refused(gateway_refusal(response, status), status)


CODES: dict[int, ErrorCode] = {
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    413: "TOO_LARGE",
    429: "RATE_LIMITED",
}


def gateway_refusal(response: httpx.Response, status: int) -> Refusal:
    """The refusal by a gateway or proxy, in the engine's form."""
    # Other 5xx may be temporary and can be retried. Other 4xx refuse the request itself.
    code: ErrorCode = CODES.get(status, "INVALID_FIELD" if status < 500 else "UNAVAILABLE")
    return {
        "error": {
            "code": code,
            "message": response.reason_phrase or f"HTTP {status}",
            "outcome": "none" if status < 500 else "unknown",
            "action": "fix" if status < 500 and status != 429 else "retry",
        },
        "requestId": response.headers.get("x-request-id", response.headers.get("apigw-requestid", "")),
    }
