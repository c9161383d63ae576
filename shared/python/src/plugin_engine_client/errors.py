"""The exceptions of the client. A failed action is none: its result has `success` false."""

from .types import Refusal, Task


class Refused(Exception):
    """A refused request."""

    def __init__(self, refusal: Refusal, status: int) -> None:
        super().__init__(refusal["error"]["message"])
        self.refusal = refusal
        self.status = status

    @property
    def code(self) -> str:
        """The error's code, such as `RATE_LIMITED`."""
        return self.refusal["error"]["code"]


class NotStored(Exception):
    """An upload that the bucket did not take."""

    def __init__(self, file_id: str, status: int) -> None:
        super().__init__(f"The bytes of {file_id} were not stored: HTTP {status}")
        self.status = status


class TimeLimit(Exception):
    """A task that neither ended nor needs a person within the time limit. `task` is the task as it was last seen."""

    def __init__(self, task_id: str, timeout: float, task: Task | None) -> None:
        super().__init__(f"The task {task_id} did not end within {timeout:g} s")
        self.task = task
