"""A model's call of a tool."""

from collections.abc import Mapping
from typing import Any, Literal, NotRequired, TypedDict

from .steps import Request, engine_request


class CallFields(TypedDict):
    """What each call of a model carries beside the tool's name and arguments."""

    agentId: str
    """The agent that the model works for."""
    conversationId: NotRequired[str]
    """The conversation within which `callId` is unique. Without it a call is answered again for ten minutes."""
    account: NotRequired[str]
    """The account: its id, label or address."""
    view: NotRequired[Literal["full", "model"]]
    """`model` makes the answer short: no bytes, names instead of ids, at most `maxChars`."""
    maxChars: NotRequired[int]
    """The longest `content` with the view `model`."""


class CallRequest(CallFields):
    """A call of a tool as a model makes it."""

    name: str
    """The tool's name, for example `gmail_send_email`."""
    arguments: Mapping[str, Any] | str
    """The arguments, as an object or as the JSON text that the model wrote."""
    callId: NotRequired[str]
    """The model's id of the call. The same call with the same id is run once, and answered again."""


class CallResult(TypedDict):
    """The answer to a model's call."""

    content: str
    """The answer as a text for the model."""
    isError: bool
    """True if the call failed, and the content says what the model can do."""
    structured: NotRequired[dict[str, Any]]
    """The data of the result."""
    replayed: NotRequired[bool]
    """True if an earlier answer to the same call was repeated."""
    taskId: NotRequired[str]
    """The task that journals the action."""


def call_request(request: Mapping[str, Any]) -> Request:
    """The request that runs a model's call."""
    return engine_request("POST", "/api/plugin-engine/call", body=request)
