"""A server that tries itself as a page would: page, map, a station dragged, its numbers computed in full."""

from __future__ import annotations

import json
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import uvicorn
from numpy.typing import NDArray
from websockets.sync.client import ClientConnection, connect

from geo.messages import Message
from geo.serve.frames import read_frame
from geo.serve.live_study import LiveStudy
from geo.serve.start import Server, serving

__all__ = ["running", "talk_to", "try_server"]

_WAIT_S: Final = 60.0
_MOST_S: Final = 1800.0
"""How long a computation in full may take: that of a city on a busy machine takes minutes."""
_AWAY_M: Final = (150.0, 60.0, 0.0)
"""How far a station is moved: nearer where no road lies there."""


def try_server(live: LiveStudy) -> list[Message]:
    """Start a server on this machine, use it as a page does, and stop it.

    Parameters
    ----------
    live : LiveStudy
        The study.

    Returns
    -------
    list of Message
        What went wrong; empty where all is well.
    """
    faults: list[Message] = []
    with (
        tempfile.TemporaryDirectory() as desk,
        serving(live, Path(desk), port=0) as (server, made),
        running(made),
    ):
        with urllib.request.urlopen(server.url, timeout=_WAIT_S) as page:
            if b"main.js" not in page.read():
                faults.append(Message("serve.fault_page"))
        faults += _talk(server)
    return faults


@contextmanager
def running(server: uvicorn.Server) -> Iterator[None]:
    """Run a server in a thread as long as the block lasts.

    Raises
    ------
    TimeoutError
        It does not start.
    """
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + _WAIT_S
    while not server.started:
        if time.monotonic() > until or not thread.is_alive():
            raise TimeoutError("the server does not start")
        time.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(_WAIT_S)


def talk_to(server: Server, query: str = "") -> ClientConnection:
    """Open a planner's connection, as a script does."""
    return connect(f"ws{server.url.removeprefix('http')}live{query}", max_size=None, proxy=None)


def _talk(server: Server) -> Iterator[Message]:
    with talk_to(server) as line:
        hello, arrays = _next(line, "hello")
        if len(arrays["code"]) != hello["study"]["n_points"]:
            yield Message("serve.fault_page")
        station = next(row for row in hello["stations"] if row["answers"])
        for away_m in _AWAY_M:
            place = {"station": station["id"], "x": station["x"] + away_m, "y": station["y"]}
            for do in ("drag", "move"):
                line.send(json.dumps({"id": 1, "do": do, **place}))
            dragged, _ = _next(line, "drag", "error")
            moved, _ = _next(line, "state", "error")
            if moved["kind"] == "state":
                break
        if moved["kind"] == "error" or dragged.get("figures") != moved["figures"]:
            yield Message("serve.fault_drag")
        try:
            checked, _ = _next(line, "checked", wait_s=_MOST_S)  # of this state: an older one is not sent
        except TimeoutError:
            yield Message("serve.fault_slow", {"seconds": _MOST_S})
            return
        if "why" in checked:
            yield Message("serve.fault_full", {"why": checked["why"]})
        elif checked["n_unlike"]:
            yield Message("serve.fault_unlike", {"n": checked["n_unlike"]})


def _next(
    line: ClientConnection, *kinds: str, wait_s: float = _WAIT_S
) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Give the next frame of a kind; others are passed over."""
    while True:
        frame = line.recv(timeout=wait_s)
        header, arrays = read_frame(frame if isinstance(frame, bytes) else frame.encode())
        if header["kind"] in kinds:
            return header, arrays
