"""What takes long, beside the planner's other questions: it tells how far it is, and stops when asked to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Event
from typing import Any

from geo.errors import InputError
from geo.messages import Message
from geo.serve.frames import make_frame

__all__ = ["Task"]


class Task:
    """A long computation of one planner, in a thread of its own.

    Parameters
    ----------
    re : int
        Number of the question that it answers.
    send : callable
        Takes a frame to the page, from any thread.
    """

    def __init__(self, re: int, send: Callable[[bytes], None]) -> None:
        self.re, self._send, self._is_stopped = re, send, Event()

    def tell(self, text: str, done: int, n: int) -> None:
        """Say what is being done and how many of the steps are; nothing more is done where it was stopped.

        Raises
        ------
        InputError
            It was stopped.
        """
        self.require_going()
        self._send(make_frame({"kind": "progress", "re": self.re, "text": text, "done": done, "n": n}))

    def require_going(self) -> None:
        """Check that it was not stopped.

        Raises
        ------
        InputError
            It was.
        """
        if self.is_stopped():
            raise InputError(Message("serve.stopped"))

    def send(self, told: Mapping[str, Any]) -> None:
        """Send a frame beside the answer: it bears the number of the question as ``of``."""
        self._send(make_frame({**told, "re": None, "of": self.re}))

    def is_stopped(self) -> bool:
        """Say whether it is to end."""
        return self._is_stopped.is_set()

    def stop(self) -> None:
        """Let it end at its next step; what it writes is written whole or not at all."""
        self._is_stopped.set()
