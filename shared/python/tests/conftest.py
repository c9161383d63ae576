"""The fixtures of several files."""

import pytest
from stack import Clock

from plugin_engine_client import calls, client, steps


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock for the sync client."""
    clock = Clock()
    for module in (calls, client, steps):
        monkeypatch.setattr(module, "time", clock)
    return clock
