"""Tool definitions for models, in the form that each SDK takes. LangChain runs tools itself: its tools run through `answered`."""

from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from typing import Any, Literal, TypeAlias, cast

from .calls import ToolAnswer, answered
from .steps import Request, Steps, engine_request

Form: TypeAlias = Literal["openai", "openai-responses", "anthropic", "gemini"]
"""The forms of definitions that an SDK takes as they are. The program passes each call of the model to `call`."""

# The model's id of the call that runs in this context.
CALL_ID: ContextVar[str | None] = ContextVar("plugin_engine_call_id", default=None)

Run: TypeAlias = Callable[[Steps[ToolAnswer]], ToolAnswer]
AsyncRun: TypeAlias = Callable[[Steps[ToolAnswer]], Awaitable[ToolAnswer]]


def listing(form: Form | Literal["langchain"], filters: Mapping[str, Any]) -> Request:
    """The request that lists the definitions for a form."""
    engines = "mcp" if form == "langchain" else form
    return engine_request("GET", "/api/plugin-engine", query={**filters, "format": engines})


def langchain_tools(
    definitions: list[Mapping[str, Any]],
    fields: Mapping[str, Any],
    run: Run | None = None,
    run_async: AsyncRun | None = None,
) -> list[Any]:
    """The definitions as tools of `langchain-core`, whose calls run in one of the two ways."""
    from langchain_core.tools import StructuredTool, ToolException

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

    def successful(answer: ToolAnswer) -> str:
        # LangChain marks what is raised as an error for the model.
        if answer["isError"]:
            raise ToolException(answer["content"])
        return answer["content"]

    def tool(definition: Mapping[str, Any]) -> EngineTool:
        name = cast(str, definition["name"])

        def func(**arguments: Any) -> str:
            assert run is not None
            return successful(run(answered(fields, name, arguments, CALL_ID.get())))

        async def coroutine(**arguments: Any) -> str:
            assert run_async is not None
            return successful(await run_async(answered(fields, name, arguments, CALL_ID.get())))

        return EngineTool(
            name=name,
            description=definition["description"],
            args_schema=definition["inputSchema"],
            func=func if run else None,
            coroutine=coroutine if run_async else None,
            handle_tool_error=True,
        )

    return [tool(definition) for definition in definitions]


def id_of(call: Any) -> str | None:
    """The id of a call as LangChain passes it to `invoke`; `None` of plain arguments."""
    return call.get("id") if isinstance(call, dict) and call.get("type") == "tool_call" else None
