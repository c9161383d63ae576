"""The typed client of Plugin Engine. Its types and routes are generated from the engine's OpenAPI document."""

from . import types
from .client import AsyncPluginEngine, PluginEngine
from .errors import NotStored, Refused, TimeLimit
from .results import ActResult, ActSuccess

__all__ = [
    "ActResult",
    "ActSuccess",
    "AsyncPluginEngine",
    "NotStored",
    "PluginEngine",
    "Refused",
    "TimeLimit",
    "types",
]
