"""Tests of the client against the local stack: `cargo local with .local/venv-python/bin/pytest shared/python` starts it."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from stack import TOKEN, URL, Clock, connect, connect_code

from plugin_engine_client import ActSuccess, AsyncPluginEngine, NotStored, PluginEngine, Refused, TimeLimit, types
from plugin_engine_client.calls import CallFields
from plugin_engine_client.steps import engine_request


@pytest.fixture
def engine() -> Iterator[PluginEngine]:
    with PluginEngine(URL, TOKEN) as engine:
        yield engine


def tomorrow() -> str:
    return (datetime.now(UTC) + timedelta(days=1)).isoformat()


def answering(*answers: httpx.Response) -> httpx.Client:
    """A connection that answers these in order, and nothing more."""
    rest = list(answers)
    return httpx.Client(transport=httpx.MockTransport(lambda request: rest.pop(0)))


MAIL: types.GmailSendEmailContext = {"to": "sam@example.com", "subject": "Hello", "body": "Sent by an agent."}


def test_an_unconnected_tool_is_a_result_with_an_error_code(engine: PluginEngine) -> None:
    result = engine.act(agentId="agent_py", tool="gmail", intent="send_email", context=MAIL)
    assert result["success"] is False
    assert result["error"]["code"] == "NOT_CONNECTED"
    assert result["error"]["outcome"] == "none"


def test_a_file_is_uploaded_by_its_link_without_the_token(engine: PluginEngine) -> None:
    content = b"month,visits\n"
    file_id = engine.upload_file("numbers.csv", content, "text/csv")
    found = cast(Any, engine.list_files(fileId=file_id))["file"]
    assert (found["filename"], found["contentType"], found["size"]) == ("numbers.csv", "text/csv", len(content))
    assert httpx.get(found["download"]["url"]).content == content

    async def upload() -> str:
        async with AsyncPluginEngine(URL, TOKEN) as engine:
            return await engine.upload_file("a.txt", b"hi")

    assert asyncio.run(upload()).startswith("file_")
    sent: list[httpx.Request] = []
    link = {"method": "PUT", "url": "https://bucket.example/in/file_1", "headers": {}, "expiresAt": tomorrow()}

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        registered = {"success": True, "fileId": "file_1", "upload": link}
        return httpx.Response(403) if request.method == "PUT" else httpx.Response(200, json=registered)

    with PluginEngine(URL, TOKEN, http=httpx.Client(transport=httpx.MockTransport(answer))) as refused:
        with pytest.raises(NotStored):
            refused.upload_file("a.txt", b"hi")
    assert [(request.method, "authorization" in request.headers) for request in sent] == [("POST", True), ("PUT", False)]


def test_connect_act_schedule_until_cancel(engine: PluginEngine) -> None:
    assert connect(engine, "slack")["status"] == "active"
    context: types.SlackSendMessageContext = {"channel": "general", "text": "Hi"}

    def act() -> types.PluginFailure | ActSuccess[types.SlackSendMessageOutput]:
        key = "python-hi"
        return engine.act(agentId="agent_py", tool="slack", intent="send_message", context=context, idempotency_key=key)

    sent, again = act(), act()
    assert sent["success"] is True and again["success"] is True
    assert sent["externalId"] == again["externalId"]
    ended = engine.until(sent["metadata"]["taskId"])
    assert ended["status"] == "completed"

    later: types.ScheduleRequest = {
        "agentId": "agent_py",
        "tool": "slack",
        "intent": "send_message",
        "context": dict(context),
        "executeAt": tomorrow(),
    }
    task_id = engine.schedule_intent(later)["taskId"]
    with pytest.raises(TimeLimit) as limit:
        engine.until(task_id)
    assert limit.value.task is not None and limit.value.task["status"] == "scheduled"
    assert engine.cancel_task(taskId=task_id)["success"]
    assert engine.until(task_id)["status"] == "cancelled"
    listed = cast(types.TasksTasks, engine.list_tasks(agentId="agent_py", limit=10))
    assert [task["taskId"] for task in listed["tasks"]] == [task_id]


def test_the_async_client_does_the_same() -> None:
    async def scenario() -> None:
        async with AsyncPluginEngine(URL, TOKEN) as engine:
            auth_url = (await engine.authorize(tool="asana"))["authUrl"]
            await engine.connect({"connectCode": connect_code(auth_url)})
            listed = await engine.act(agentId="agent_py", tool="asana", intent="list_workspaces", context={})
            assert listed["success"] is True
            found = await engine.act(agentId="agent_py", tool="slack", intent="list_channels", context={})
            assert "data" in found
            scheduled = await engine.schedule_intent(
                {"agentId": "agent_py", "tool": "asana", "intent": "list_workspaces", "executeAt": tomorrow()}
            )
            with pytest.raises(TimeLimit):
                await engine.until(scheduled["taskId"])
            await engine.cancel_task(taskId=scheduled["taskId"])
            assert (await engine.until(scheduled["taskId"]))["status"] == "cancelled"

    asyncio.run(scenario())


def test_a_refused_request_raises_its_code(engine: PluginEngine) -> None:
    with pytest.raises(Refused) as refused:
        engine.until("task_none")
    assert (refused.value.status, refused.value.code) == (404, "NOT_FOUND")
    with pytest.raises(Refused) as unknown:
        engine.process_intent({"agentId": "a", "tool": "fax", "intent": "send"})  # type: ignore[typeddict-item]
    assert unknown.value.code == "UNKNOWN_TOOL"


def test_the_token_is_renewed_once_after_a_401() -> None:
    calls: list[bool] = []

    def asked(token: Callable[[bool], str]) -> Callable[[bool], str]:
        def ask(renew: bool) -> str:
            calls.append(renew)
            return token(renew)

        return ask

    with PluginEngine(URL, asked(lambda renew: TOKEN if renew else "expired")) as engine:
        assert engine.integration_status(tool="notion")["connected"] is False
        assert calls == [False, False, True]
        # The body is sent again as well.
        result = engine.act(agentId="agent_py", tool="notion", intent="search", context={"query": "x"})
        assert result["success"] is False and result["error"]["code"] == "NOT_CONNECTED"
    calls.clear()
    with PluginEngine(URL, asked(lambda renew: "expired")) as engine, pytest.raises(Refused) as refused:
        engine.list_agents()
    assert refused.value.code == "UNAUTHORIZED" and calls == [False, False, True]


def test_the_async_token_is_renewed_once_after_a_401() -> None:
    async def token(renew: bool) -> str:
        return TOKEN if renew else "expired"

    async def scenario() -> Any:
        async with AsyncPluginEngine(URL, token) as engine:
            return await engine.list_agents()

    assert "agents" in asyncio.run(scenario())


def rejecting(old: str, wait: Callable[[], Any]) -> Callable[[httpx.Request], httpx.Response]:
    """Rejects a token, after a pause."""

    def respond(request: httpx.Request) -> httpx.Response:
        if request.headers["authorization"] != f"Bearer {old}":
            return httpx.Response(200, json={"agents": []})
        wait()
        return httpx.Response(401)

    return respond


@pytest.mark.parametrize("stored", [True, False])
def test_ten_threads_share_a_renewal(stored: bool) -> None:
    renewals: list[str] = []

    def token(renew: bool) -> str:
        if renew:
            renewals.append("new")
        return "new" if renew or (stored and renewals) else "old"

    # Every request has been sent before the first is rejected.
    http = httpx.Client(transport=httpx.MockTransport(rejecting("old", threading.Barrier(10).wait)))
    with PluginEngine(URL, token, http=http) as engine, ThreadPoolExecutor(10) as threads:
        answers = [threads.submit(engine.list_agents) for _ in range(10)]
        assert all("agents" in answer.result() for answer in answers)
    assert renewals == ["new"]


@pytest.mark.parametrize("stored", [True, False])
def test_ten_async_requests_share_a_renewal(stored: bool) -> None:
    renewals: list[str] = []

    async def token(renew: bool) -> str:
        await asyncio.sleep(0)
        if renew:
            renewals.append("new")
        return "new" if renew or (stored and renewals) else "old"

    async def scenario() -> list[types.Agents]:
        sent = asyncio.Barrier(10)
        respond = rejecting("old", lambda: None)

        async def all_sent(request: httpx.Request) -> httpx.Response:
            response = respond(request)
            if response.status_code == 401:
                await sent.wait()
            return response

        async with AsyncPluginEngine(URL, token, http=httpx.AsyncClient(transport=httpx.MockTransport(all_sent))) as engine:
            return await asyncio.gather(*(engine.list_agents() for _ in range(10)))

    assert all("agents" in answer for answer in asyncio.run(scenario()))
    assert renewals == ["new"]


def test_a_token_that_was_renewed_elsewhere_is_used() -> None:
    tokens = ["old", "new"]

    def token(renew: bool) -> str:
        assert not renew
        return tokens.pop(0)

    http = httpx.Client(transport=httpx.MockTransport(rejecting("old", lambda: None)))
    assert PluginEngine(URL, token, http=http).list_agents()["agents"] == []


def test_until_pauses_as_long_as_a_refusal_says() -> None:
    error = {"code": "RATE_LIMITED", "message": "Later", "outcome": "none", "action": "retry", "retryAfterMs": 1}
    busy = httpx.Response(429, json={"error": error, "requestId": "r"})
    ended = httpx.Response(200, json={"task": {"status": "completed"}})
    assert PluginEngine(URL, "t", http=answering(busy, ended)).until("task_1")["status"] == "completed"


def test_until_asks_again_after_a_lost_answer(clock: Clock) -> None:
    page = "<html>"
    lost: list[Exception | httpx.Response] = [
        httpx.ReadError("reset"),
        httpx.Response(502, text=page),
        httpx.Response(200, text=page),
    ]
    ended = httpx.Response(200, json={"task": {"status": "completed"}})

    def respond(request: httpx.Request) -> httpx.Response:
        answer = lost.pop(0) if lost else ended
        if isinstance(answer, Exception):
            raise answer
        return answer

    http = httpx.Client(transport=httpx.MockTransport(respond))
    assert PluginEngine(URL, "t", http=http).until("task_1")["status"] == "completed"
    assert clock.pauses == [1, 1, 1]
    lost = [httpx.ReadError("reset")] * 100
    with pytest.raises(TimeLimit):
        PluginEngine(URL, "t", http=http).until("task_1", timeout=10)
    assert sum(clock.pauses) < 3 + 10


def test_until_pauses_an_hour_at_most(clock: Clock) -> None:
    month = 30 * 86_400
    due = httpx.Response(200, json={"task": {"status": "scheduled"}, "retryAfterMs": month * 1000})
    ended = httpx.Response(200, json={"task": {"status": "cancelled"}})
    engine = PluginEngine(URL, "t", http=answering(due, due, ended))
    assert engine.until("task_1", timeout=2 * month)["status"] == "cancelled"
    assert clock.pauses == [3600, 3600]


def test_a_refusal_by_a_gateway_is_converted_to_an_error_code() -> None:
    answers = [(401, '{"message":"Unauthorized"}', "UNAUTHORIZED"), (502, "<html>", "UNAVAILABLE"), (429, "", "RATE_LIMITED")]
    for status, body, code in answers:
        response = httpx.Response(status, text=body, headers={"apigw-requestid": "r1"})
        with pytest.raises(Refused) as refused:
            PluginEngine(URL, "t", http=answering(response)).list_agents()
        assert (refused.value.code, refused.value.refusal["requestId"]) == (code, "r1")


def test_the_typed_success_has_the_fields_of_the_document() -> None:
    assert ActSuccess.__annotations__.keys() == types.PluginSuccess.__annotations__.keys()


def test_each_type_has_the_fields_of_its_schema() -> None:
    document = Path(__file__).parents[3] / "functions/plugin-engine/src/openapi.json"
    schemas = json.loads(document.read_text())["components"]["schemas"]
    objects = {name: schema["properties"].keys() for name, schema in schemas.items() if schema.get("properties")}
    assert len(objects) > 200
    # Fields with names that Python reserves make a type of another form, without annotations.
    typed = {name: getattr(types, name).__annotations__.keys() for name in objects}
    assert typed == objects


def test_the_fields_of_each_call_are_those_of_the_document() -> None:
    assert CallFields.__annotations__.keys() == types.CallRequest.__annotations__.keys() - {"name", "arguments", "callId"}


def test_a_list_in_a_query_is_separated_by_commas() -> None:
    request = engine_request("GET", "/api/plugin-engine", query={"tools": ["gmail", "slack"], "q": None, "strict": True})
    assert request.query == {"tools": "gmail,slack", "strict": True}
