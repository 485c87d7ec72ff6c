"""A planner's side of the connection, for tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from websockets.sync.client import ClientConnection

from geo.serve.frames import read_frame
from geo.serve.self_test import talk_to
from geo.serve.start import Server


class Talk:
    """A connection, and what the page would know: the code of every demand point."""

    def __init__(self, line: ClientConnection) -> None:
        self.line, self.n, self.codes = line, 0, np.empty(0, np.uint8)
        self.hello = self.next("hello")

    def ask(self, do: object, **values: Any) -> dict[str, Any]:
        self.n += 1
        self.line.send(json.dumps({"id": self.n, "do": do, **values}))
        return self.answer(self.n)

    def answer(self, re: int | None) -> dict[str, Any]:
        while (header := self.next())["kind"] == "checked" or header["re"] != re:
            pass
        return header

    def next(self, *kinds: str) -> dict[str, Any]:
        while True:
            frame = self.line.recv(timeout=300)
            assert isinstance(frame, bytes)
            header, arrays = read_frame(frame)
            if "index" in arrays:
                self.codes[arrays["index"]] = arrays["code"]
            elif "code" in arrays:
                self.codes = arrays["code"].copy()
            if not kinds or header["kind"] in kinds:
                return header


@contextmanager
def talking(server: Server, query: str = "") -> Iterator[Talk]:
    with talk_to(server, query) as line:
        yield Talk(line)
