"""The typed client of Plugin Engine. Its types and routes are generated from the engine's OpenAPI document."""

from . import types
from .calls import CallRequest, CallResult
from .client import AsyncPluginEngine, PluginEngine
from .errors import Refused, TimeLimit
from .results import ActResult, ActSuccess

__all__ = [
    "ActResult",
    "ActSuccess",
    "AsyncPluginEngine",
    "CallRequest",
    "CallResult",
    "PluginEngine",
    "Refused",
    "TimeLimit",
    "types",
]
