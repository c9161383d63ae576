"""The sync and the async client."""

import asyncio
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack, cast

import httpx

from . import steps
from .calls import CallFields, call_request
from .files import UNKNOWN_TYPE, file_request, stored
from .routes import AsyncRoutes, Routes
from .steps import Pause, Request, Steps
from .tokens import AsyncToken, AsyncTokens, Token, Tokens
from .tools import Form, langchain_tools, listing
from .types import CallAnswer, CallRequest, Task

Result = TypeVar("Result")

# The engine holds a request for a task up to 20 s.
TIMEOUT = httpx.Timeout(30.0)


class PluginEngine(Routes):
    """The typed API, sync: a method for each route, `act`, and helpers. Requests and results are dictionaries, as on the wire.

    `token` is the user's bearer token, or a function that returns it. The function is called with `False` before every request.
    After a 401 it is called again, with `True` if it still returns the rejected token, and the request is repeated once. Requests
    that are refused at the same time share one renewal.
    """

    def __init__(self, base_url: str, token: Token, *, http: httpx.Client | None = None) -> None:
        self._url = base_url.rstrip("/")
        self._tokens = Tokens(token)
        self._http = http or httpx.Client(timeout=TIMEOUT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def call(self, **request: Unpack[CallRequest]) -> CallAnswer:
        """Runs a model's call of a tool. The same call with the same `callId` is run once."""
        return cast(CallAnswer, self._send(call_request(request)))

    def tools_for(self, form: Form, **filters: Any) -> list[Any]:
        """The definitions of the tools in the form that an SDK takes. The filters are those of `list_tools`."""
        return cast(list[Any], self._send(listing(form, filters))["tools"])

    def langchain_tools(self, filters: Mapping[str, Any] | None = None, **fields: Unpack[CallFields]) -> list[Any]:
        """The tools for LangChain, whose calls have the model's id as `callId`. A lost answer is asked for again."""
        listed = self._send(listing("langchain", filters or {}))
        return langchain_tools(listed["tools"], fields, run=self._run)

    def upload_file(self, filename: str, content: bytes, content_type: str = UNKNOWN_TYPE) -> str:
        """Uploads a file and returns its id: an action takes `{"file": id}`. Raises `NotStored` if the bytes are refused."""
        registered = self.register_file(file_request(filename, content, content_type))
        # The link is the permission: the user's token is not for the bucket.
        link = registered["upload"]
        response = self._http.request(link["method"], link["url"], headers=link["headers"], content=content)
        return stored(registered, response)

    def until(self, task_id: str, timeout: float = 600.0) -> Task:
        """Waits until a task ends or needs a person. Raises `TimeLimit` after `timeout` seconds, at once if it is due later."""
        return self._run(steps.until(task_id, timeout))

    def _send(self, request: Request) -> Any:
        return steps.body_of(self._respond(request))

    def _respond(self, request: Request) -> httpx.Response:
        known, token = self._tokens.latest, self._tokens.current()
        response = self._attempt(request, token)
        # A request that is refused for its token had no effect.
        if response.status_code == httpx.codes.UNAUTHORIZED and self._tokens.renewable:
            response = self._attempt(request, self._tokens.instead_of(token, known))
        return response

    def _attempt(self, request: Request, token: str) -> httpx.Response:
        return self._http.request(request.method, self._url + request.path, **steps.arguments(request, token))

    def _perform(self, step: Request | Pause) -> httpx.Response | None:
        if isinstance(step, Pause):
            time.sleep(step.seconds)
            return None
        try:
            return self._respond(step)
        except httpx.RequestError as error:
            return steps.unanswered(error)

    def _run(self, work: Steps[Result]) -> Result:
        try:
            step = next(work)
            while True:
                step = work.send(self._perform(step))
        except StopIteration as end:
            return cast(Result, end.value)


class AsyncPluginEngine(AsyncRoutes):
    """The typed API, async: as `PluginEngine`, with a `token` function that may be async."""

    def __init__(self, base_url: str, token: AsyncToken, *, http: httpx.AsyncClient | None = None) -> None:
        self._url = base_url.rstrip("/")
        self._tokens = AsyncTokens(token)
        self._http = http or httpx.AsyncClient(timeout=TIMEOUT)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def call(self, **request: Unpack[CallRequest]) -> CallAnswer:
        """Runs a model's call of a tool. The same call with the same `callId` is run once."""
        return cast(CallAnswer, await self._send(call_request(request)))

    async def tools_for(self, form: Form, **filters: Any) -> list[Any]:
        """The definitions of the tools in the form that an SDK takes. The filters are those of `list_tools`."""
        return cast(list[Any], (await self._send(listing(form, filters)))["tools"])

    async def langchain_tools(self, filters: Mapping[str, Any] | None = None, **fields: Unpack[CallFields]) -> list[Any]:
        """The tools for LangChain, whose calls have the model's id as `callId`. A lost answer is asked for again."""
        listed = await self._send(listing("langchain", filters or {}))
        return langchain_tools(listed["tools"], fields, run_async=self._run)

    async def upload_file(self, filename: str, content: bytes, content_type: str = UNKNOWN_TYPE) -> str:
        """Uploads a file and returns its id: an action takes `{"file": id}`. Raises `NotStored` if the bytes are refused."""
        registered = await self.register_file(file_request(filename, content, content_type))
        # The link is the permission: the user's token is not for the bucket.
        link = registered["upload"]
        response = await self._http.request(link["method"], link["url"], headers=link["headers"], content=content)
        return stored(registered, response)

    async def until(self, task_id: str, timeout: float = 600.0) -> Task:  # noqa: ASYNC109
        """Waits until a task ends or needs a person. Raises `TimeLimit` after `timeout` seconds, at once if it is due later."""
        return await self._run(steps.until(task_id, timeout))

    async def _send(self, request: Request) -> Any:
        return steps.body_of(await self._respond(request))

    async def _respond(self, request: Request) -> httpx.Response:
        known, token = self._tokens.latest, await self._tokens.current()
        response = await self._attempt(request, token)
        # A request that is refused for its token had no effect.
        if response.status_code == httpx.codes.UNAUTHORIZED and self._tokens.renewable:
            response = await self._attempt(request, await self._tokens.instead_of(token, known))
        return response

    async def _attempt(self, request: Request, token: str) -> httpx.Response:
        return await self._http.request(request.method, self._url + request.path, **steps.arguments(request, token))

    async def _perform(self, step: Request | Pause) -> httpx.Response | None:
        if isinstance(step, Pause):
            await asyncio.sleep(step.seconds)
            return None
        try:
            return await self._respond(step)
        except httpx.RequestError as error:
            return steps.unanswered(error)

    async def _run(self, work: Steps[Result]) -> Result:
        try:
            step = next(work)
            while True:
                step = work.send(await self._perform(step))
        except StopIteration as end:
            return cast(Result, end.value)
