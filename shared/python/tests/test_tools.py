"""Tests of the tools for SDKs. The lists are those of the local stack. The calls are answered here, so that each one is seen."""

import asyncio
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import anthropic.types
import google.genai.types
import httpx
import openai.types.chat
import openai.types.responses
import pytest
from pydantic import TypeAdapter
from stack import TOKEN, URL, Clock, connect

from plugin_engine_client import AsyncPluginEngine, PluginEngine, Refused, client
from plugin_engine_client.calls import UNCERTAIN
from plugin_engine_client.tools import Form

DONE = {"content": "the content", "isError": False, "structured": {}}


def seen(calls: list[dict[str, Any]], answer: dict[str, Any], status: int = 200) -> Any:
    """Answers the calls, and passes every other request on to the stack."""

    def respond(request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/call"):
            with httpx.Client() as http:
                return httpx.Response(200, json=http.send(request).json())
        calls.append(json.loads(request.content))
        return httpx.Response(status, json=answer)

    return httpx.MockTransport(respond)


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ("openai", openai.types.chat.ChatCompletionFunctionToolParam),
        ("openai-responses", openai.types.responses.FunctionToolParam),
        ("anthropic", anthropic.types.ToolParam),
        ("gemini", google.genai.types.Tool),
    ],
)
def test_each_sdk_takes_all_definitions(form: Form, kind: type[Any]) -> None:
    with PluginEngine(URL, TOKEN) as engine:
        tools = engine.tools_for(form, tier="all")
    assert tools
    for tool in tools:
        TypeAdapter(kind).validate_python(tool)
        with pytest.raises(ValueError):
            TypeAdapter(kind).validate_python({**tool, "name": 1, "function": 1, "functionDeclarations": 1})


CALL = {"type": "tool_call", "id": "call_1", "name": "slack_send_message", "args": {"channel": "general", "text": "Hi"}}
EXPECTED = {
    "agentId": "agent_1",
    "conversationId": "thread_1",
    "name": "slack_send_message",
    "arguments": CALL["args"],
    "callId": "call_1",
}
FILTERS = {"actions": "slack_send_message"}


def test_tools_for_langchain_run_with_the_id_of_the_call() -> None:
    calls: list[dict[str, Any]] = []
    engine = PluginEngine(URL, TOKEN, http=httpx.Client(transport=seen(calls, DONE)))
    [tool] = engine.langchain_tools(FILTERS, agentId="agent_1", conversationId="thread_1")
    assert tool.invoke(CALL).content == "the content"
    assert calls == [EXPECTED]
    # Plain arguments are no call of a model: each execution has an id of its own.
    assert tool.invoke(CALL["args"]) == tool.invoke(CALL["args"]) == "the content"
    assert len({call["callId"] for call in calls}) == 3


def test_async_tools_for_langchain_run_with_the_id_of_the_call() -> None:
    calls: list[dict[str, Any]] = []

    async def scenario() -> str:
        http = httpx.AsyncClient(transport=seen(calls, DONE))
        async with AsyncPluginEngine(URL, TOKEN, http=http) as engine:
            [tool] = await engine.langchain_tools(FILTERS, agentId="agent_1", conversationId="thread_1")
            return str((await tool.ainvoke(CALL)).content)

    assert asyncio.run(scenario()) == "the content"
    assert calls == [EXPECTED]


def refusal(status: int, code: str, **fields: Any) -> httpx.Response:
    error = {"code": code, "message": "Later", "outcome": "none", "action": "retry", **fields}
    return httpx.Response(status, json={"error": error, "requestId": "r"})


Lose = Callable[[httpx.Request, httpx.Response], httpx.Response]


def reset(request: httpx.Request, _: httpx.Response) -> httpx.Response:
    raise httpx.ReadError("reset", request=request)


LOSSES: list[Lose] = [
    reset,
    lambda *_: httpx.Response(502, text="<html>"),
    lambda *_: httpx.Response(200, text='{"content": "half'),
    lambda *_: refusal(409, "IDEMPOTENCY_IN_PROGRESS", retryAfterMs=2500),
    lambda *_: refusal(429, "RATE_LIMITED"),
]


def losing(served: list[dict[str, Any]], calls: list[dict[str, Any]]) -> httpx.MockTransport:
    """Passes every request on to the stack, and loses the first answers to a call."""
    losses = iter(LOSSES)

    def respond(request: httpx.Request) -> httpx.Response:
        with httpx.Client() as http:
            response = httpx.Response(200, json=http.send(request).json())
        if not request.url.path.endswith("/call"):
            return response
        calls.append(json.loads(request.content))
        served.append(response.json())
        lose = next(losses, None)
        return lose(request, response) if lose else response

    return httpx.MockTransport(respond)


def assert_done_once(content: str, served: list[dict[str, Any]], calls: list[dict[str, Any]], pauses: list[float]) -> None:
    assert [answer.get("replayed", False) for answer in served] == [False] + len(LOSSES) * [True]
    assert len({answer["taskId"] for answer in served}) == 1
    assert content == served[0]["content"] and not served[0]["isError"]
    assert all(call == calls[0] for call in calls) and calls[0]["callId"]
    assert pauses == [1, 2, 4, 2.5, 16]


def test_a_lost_answer_is_asked_for_again_with_the_same_id(clock: Clock) -> None:
    served: list[dict[str, Any]] = []
    calls: list[dict[str, Any]] = []
    with PluginEngine(URL, TOKEN, http=httpx.Client(transport=losing(served, calls))) as engine:
        connect(engine, "slack")
        [tool] = engine.langchain_tools(FILTERS, agentId="agent_lost")
        assert_done_once(tool.invoke(CALL["args"]), served, calls, clock.pauses)


def test_an_async_lost_answer_is_asked_for_again_with_the_same_id(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    served: list[dict[str, Any]] = []
    calls: list[dict[str, Any]] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    async def scenario() -> str:
        http = httpx.AsyncClient(transport=losing(served, calls))
        async with AsyncPluginEngine(URL, TOKEN, http=http) as engine:
            [tool] = await engine.langchain_tools(FILTERS, agentId="agent_lost_async")
            return str(await tool.ainvoke(CALL["args"]))

    with PluginEngine(URL, TOKEN) as engine:
        connect(engine, "slack")
    monkeypatch.setattr(client, "asyncio", SimpleNamespace(sleep=sleep))
    assert_done_once(asyncio.run(scenario()), served, calls, pauses)


def invoke(*answers: httpx.Response | None) -> Any:
    """What a tool gives to the model after these answers. `None` is a lost one, and the last is given again and again."""
    rest = list(answers)

    def respond(request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/call"):
            with httpx.Client() as http:
                return httpx.Response(200, json=http.send(request).json())
        answer = rest.pop(0) if len(rest) > 1 else rest[0]
        if answer is None:
            raise httpx.ReadError("reset")
        return answer

    engine = PluginEngine(URL, TOKEN, http=httpx.Client(transport=httpx.MockTransport(respond)))
    [tool] = engine.langchain_tools(FILTERS, agentId="agent_1")
    return tool.invoke(CALL)


def test_what_may_have_been_done_is_not_repeated_by_the_model(clock: Clock) -> None:
    message = invoke(None)
    assert (message.content, message.status) == (UNCERTAIN, "error")
    assert clock.pauses == [1, 2, 4, 8, 16, 32, 57]
    # A refusal of the repetition says nothing about the first request.
    assert invoke(None, refusal(403, "FORBIDDEN")).content == UNCERTAIN


def test_a_refusal_is_for_the_model_except_one_of_the_token(clock: Clock) -> None:
    for status, code in [(403, "FORBIDDEN"), (400, "INVALID_FIELD"), (409, "LIMIT_REACHED")]:
        message = invoke(refusal(status, code))
        assert (message.content, message.status) == (f"{code}: Later", "error")
    assert clock.pauses == []
    # What is refused for its rate was not done, and a pause beyond the limit is not made.
    assert invoke(refusal(429, "RATE_LIMITED", retryAfterMs=3_600_000)).content == "RATE_LIMITED: Later"
    assert clock.pauses == []
    assert invoke(refusal(429, "RATE_LIMITED", retryAfterMs=50_000)).content == "RATE_LIMITED: Later"
    assert clock.pauses == [50, 50]
    with pytest.raises(Refused):
        invoke(refusal(401, "UNAUTHORIZED"))
