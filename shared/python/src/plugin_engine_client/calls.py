"""A model's call of a tool, and its repetition after a lost answer."""

import time
import uuid
from collections.abc import Mapping
from typing import Any, Literal, NotRequired, TypedDict, cast

import httpx

from .errors import Refused
from .steps import Pause, Request, Steps, body_of, engine_request, retry_pause
from .types import CallAnswer


class CallFields(TypedDict):
    """The fields of `CallRequest` beside the tool's name, the arguments and the id: what each call of a model carries."""

    agentId: str
    """The agent that the model works for."""
    conversationId: NotRequired[str | None]
    """The conversation within which `callId` is unique. Without it a call is answered again for ten minutes."""
    account: NotRequired[str | None]
    """The account: its id, label or address."""
    userId: NotRequired[str | None]
    """The user; by default the token's subject."""
    view: NotRequired[Literal["full", "model"] | None]
    """`model` makes the answer short: no bytes, names instead of ids, at most `maxChars`."""
    maxChars: NotRequired[int | None]
    """The longest `content` with the view `model`."""


class ToolAnswer(TypedDict):
    """What a model receives as the result of its call."""

    content: str
    isError: bool


# The time after which an unanswered call is given up, in seconds.
REPEATED_FOR = 120.0
# The text for a model whose call may have been done.
UNCERTAIN = "It is not certain whether this was done. Do not repeat it: look with a reading tool, or let the person look."


def call_request(request: Mapping[str, Any]) -> Request:
    """The request that runs a model's call."""
    return engine_request("POST", "/api/plugin-engine/call", body=request)


def answered(fields: Mapping[str, Any], name: str, arguments: Mapping[str, Any], call_id: str | None) -> Steps[ToolAnswer]:
    """Makes a model's call, and repeats it with the same id until it is answered: the engine runs an id once."""
    request = call_request({**fields, "name": name, "arguments": arguments, "callId": call_id or str(uuid.uuid4())})
    limit = time.monotonic() + REPEATED_FOR
    pause = 1.0
    uncertain = False
    while True:
        response = yield request
        try:
            answer = cast(CallAnswer, body_of(response))
            return {"content": answer["content"], "isError": answer["isError"]}
        except Refused as refused:
            # The caller is not known: no text helps the model.
            if refused.status == httpx.codes.UNAUTHORIZED:
                raise
            uncertain = uncertain or is_unanswered(refused)
            left, wait = limit - time.monotonic(), retry_pause(refused, pause)
            repeatable = is_unanswered(refused) or refused.status == httpx.codes.TOO_MANY_REQUESTS
            # Of a call that may have been done, the last moment of the limit is used as well.
            if not repeatable or left <= 0 or (wait > left and not uncertain):
                return {"content": UNCERTAIN if uncertain else f"{refused.code}: {refused}", "isError": True}
            yield Pause(min(left, wait))
            pause *= 2


def is_unanswered(refused: Refused) -> bool:
    """True if the call may have been done, or may still run."""
    return refused.status >= 500 or refused.code == "IDEMPOTENCY_IN_PROGRESS"
