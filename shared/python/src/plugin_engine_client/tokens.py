"""The caller's bearer token, and its renewal: once for the requests that are refused for the same token."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

Token: TypeAlias = str | Callable[[bool], str]
AsyncToken: TypeAlias = str | Callable[[bool], str | Awaitable[str]]


@dataclass(frozen=True, eq=False)
class Renewal:
    """The token that replaced a rejected one."""

    rejected: str
    token: str


class Tokens:
    """The tokens of the sync client. Its requests can run in several threads."""

    def __init__(self, token: Token) -> None:
        self._token = token
        self.renewable = callable(token)
        self._lock = threading.Lock()
        self.latest: Renewal | None = None

    def current(self) -> str:
        """The token for a request."""
        return self._ask(False)

    def instead_of(self, rejected: str, known: Renewal | None) -> str:
        """The token after a 401. `known` is the latest renewal before the request: a later one is shared."""
        with self._lock:
            if self.latest is not None and self.latest is not known and self.latest.rejected == rejected:
                return self.latest.token
            current = self._ask(False)
            if current != rejected:
                return current
            self.latest = Renewal(rejected, self._ask(True))
            return self.latest.token

    def _ask(self, renew: bool) -> str:
        return self._token(renew) if callable(self._token) else self._token


class AsyncTokens:
    """The tokens of the async client."""

    def __init__(self, token: AsyncToken) -> None:
        self._token = token
        self.renewable = callable(token)
        self._lock = asyncio.Lock()
        self.latest: Renewal | None = None

    async def current(self) -> str:
        """The token for a request."""
        return await self._ask(False)

    async def instead_of(self, rejected: str, known: Renewal | None) -> str:
        """The token after a 401. `known` is the latest renewal before the request: a later one is shared."""
        async with self._lock:
            if self.latest is not None and self.latest is not known and self.latest.rejected == rejected:
                return self.latest.token
            current = await self._ask(False)
            if current != rejected:
                return current
            self.latest = Renewal(rejected, await self._ask(True))
            return self.latest.token

    async def _ask(self, renew: bool) -> str:
        token = self._token(renew) if callable(self._token) else self._token
        return token if isinstance(token, str) else await token
