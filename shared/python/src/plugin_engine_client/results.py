"""The result of an action with the type of its data."""

from typing import Any, Generic, Literal, NotRequired, TypeAlias, TypedDict, TypeVar

from .types import PluginFailure, Warning

Output = TypeVar("Output")


class ActSuccess(TypedDict, Generic[Output]):
    """`PluginSuccess`, with the type of the action's data."""

    success: Literal[True]
    message: str
    data: NotRequired[Output]
    externalId: NotRequired[str]
    metadata: NotRequired[dict[str, Any]]
    warnings: NotRequired[list[Warning]]


ActResult: TypeAlias = ActSuccess[Output] | PluginFailure
