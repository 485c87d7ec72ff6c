"""What takes long, beside the planner's other questions: it tells how far it is, and stops when asked to."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

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
        if self._is_stopped.is_set():
            raise InputError(Message("serve.stopped"))
        self._send(make_frame({"kind": "progress", "re": self.re, "text": text, "done": done, "n": n}))

    def stop(self) -> None:
        """Let it end at its next step; what it writes is written whole or not at all."""
        self._is_stopped.set()
