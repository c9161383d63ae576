"""Tests of the tools for SDKs. The lists are those of the local stack. The calls are answered here, so that each one is seen."""

import asyncio
import json
import os
from typing import Any

import anthropic.types
import google.genai.types
import httpx
import openai.types.chat
import openai.types.responses
import pytest
from pydantic import TypeAdapter

from plugin_engine_client import AsyncPluginEngine, PluginEngine, Refused
from plugin_engine_client.tools import Form

URL = os.environ["API"].removesuffix("/api/plugin-engine")
TOKEN = os.environ["TOKEN"]
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
    # Plain arguments are no call of a model.
    assert tool.invoke(CALL["args"]) == "the content"
    assert "callId" not in calls[1]


def test_async_tools_for_langchain_run_with_the_id_of_the_call() -> None:
    calls: list[dict[str, Any]] = []

    async def scenario() -> str:
        http = httpx.AsyncClient(transport=seen(calls, DONE))
        async with AsyncPluginEngine(URL, TOKEN, http=http) as engine:
            [tool] = await engine.langchain_tools(FILTERS, agentId="agent_1", conversationId="thread_1")
            return str((await tool.ainvoke(CALL)).content)

    assert asyncio.run(scenario()) == "the content"
    assert calls == [EXPECTED]


def test_a_refusal_is_for_the_model_except_one_of_the_caller() -> None:
    def invoke(status: int, code: str) -> Any:
        error = {"code": code, "message": "Later", "outcome": "none", "action": "retry"}
        transport = seen([], {"error": error, "requestId": "r"}, status)
        engine = PluginEngine(URL, TOKEN, http=httpx.Client(transport=transport))
        [tool] = engine.langchain_tools(FILTERS, agentId="agent_1")
        return tool.invoke(CALL).content

    assert invoke(429, "RATE_LIMITED") == "RATE_LIMITED: Later"
    with pytest.raises(Refused):
        invoke(403, "FORBIDDEN")
