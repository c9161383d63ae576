"""Tool definitions for models, in the form that each SDK takes. LangChain runs tools itself: its tools run through `call`."""

from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from typing import Any, Literal, TypeAlias, cast

from .calls import CallResult
from .errors import Refused
from .steps import Request, engine_request

Form: TypeAlias = Literal["openai", "openai-responses", "anthropic", "gemini"]
"""The forms of definitions that an SDK takes as they are. The program passes each call of the model to `call`."""

# The model's id of the call that runs in this context.
CALL_ID: ContextVar[str | None] = ContextVar("plugin_engine_call_id", default=None)

Call: TypeAlias = Callable[..., CallResult]
AsyncCall: TypeAlias = Callable[..., Awaitable[CallResult]]


def listing(form: Form | Literal["langchain"], filters: Mapping[str, Any]) -> Request:
    """The request that lists the definitions for a form."""
    engines = "mcp" if form == "langchain" else form
    return engine_request("GET", "/api/plugin-engine", query={**filters, "format": engines})


def call_arguments(fields: Mapping[str, Any], name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a model's call that runs in this context."""
    call_id = CALL_ID.get()
    return {**fields, "name": name, "arguments": arguments, **({"callId": call_id} if call_id else {})}


def refused_content(refused: Refused) -> str:
    """The answer for the model to a refused call. A refusal of the caller itself is not for the model: it ends the loop."""
    if refused.status in (401, 403):
        raise refused
    return f"{refused.code}: {refused}"


def langchain_tools(
    definitions: list[Mapping[str, Any]],
    fields: Mapping[str, Any],
    call: Call | None = None,
    async_call: AsyncCall | None = None,
) -> list[Any]:
    """The definitions as tools of `langchain-core`, which run through one of the two calls."""
    from langchain_core.tools import StructuredTool

    class EngineTool(StructuredTool):
        """A tool that knows the model's id of the call, which LangChain does not pass to the function."""

        def invoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
            token = CALL_ID.set(id_of(input))
            try:
                return super().invoke(input, config, **kwargs)
            finally:
                CALL_ID.reset(token)

        async def ainvoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
            token = CALL_ID.set(id_of(input))
            try:
                return await super().ainvoke(input, config, **kwargs)
            finally:
                CALL_ID.reset(token)

    def tool(definition: Mapping[str, Any]) -> EngineTool:
        name = cast(str, definition["name"])

        def run(**arguments: Any) -> str:
            assert call is not None
            try:
                return call(**call_arguments(fields, name, arguments))["content"]
            except Refused as refused:
                return refused_content(refused)

        async def run_async(**arguments: Any) -> str:
            assert async_call is not None
            try:
                return (await async_call(**call_arguments(fields, name, arguments)))["content"]
            except Refused as refused:
                return refused_content(refused)

        return EngineTool(
            name=name,
            description=definition["description"],
            args_schema=definition["inputSchema"],
            func=run if call else None,
            coroutine=run_async if async_call else None,
        )

    return [tool(definition) for definition in definitions]


def id_of(call: Any) -> str | None:
    """The id of a call as LangChain passes it to `invoke`; `None` of plain arguments."""
    return call.get("id") if isinstance(call, dict) and call.get("type") == "tool_call" else None
