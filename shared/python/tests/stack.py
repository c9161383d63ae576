"""The local stack, and what a person does there."""

import os
from typing import Literal
from urllib.parse import parse_qs, urlsplit

import httpx

from plugin_engine_client import PluginEngine, types

API = os.environ["API"]
TOKEN = os.environ["TOKEN"]
URL = API.removesuffix("/api/plugin-engine")


def redirect(url: str) -> str:
    return httpx.get(url).headers["location"]


def connect_code(auth_url: str) -> str:
    """Consents at the sandbox, and returns the connect code with which the browser arrives."""
    landed = redirect(redirect(f"{auth_url}&auto=allow"))
    return parse_qs(urlsplit(landed).fragment)["connectCode"][0]


def connect(engine: PluginEngine, tool: Literal["gmail", "slack", "notion", "asana"]) -> types.Integration:
    return engine.connect({"connectCode": connect_code(engine.authorize(tool=tool)["authUrl"])})["integration"]


class Clock:
    """A clock in the place of the module `time`, which a pause moves at once."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        return sum(self.pauses)

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
