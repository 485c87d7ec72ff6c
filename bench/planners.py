"""Planners that drag their stations until they are told to end: ``python -m bench.planners URL N``."""

from __future__ import annotations

import json
import sys
import threading
import time

from websockets.sync.client import connect

from geo.serve import read_frame

FRAME_S = 1 / 60
WAIT_S = 600


def drag(url: str, k: int, begin: threading.Barrier, is_over: threading.Event) -> None:
    """Drag the k-th station to and fro, as a page does: ask again a frame after the last answer."""
    with connect(f"ws{url.removeprefix('http')}live?fresh=1", max_size=None, proxy=None) as line:
        hello, _ = read_frame(bytes(line.recv(timeout=WAIT_S)))
        there = [row for row in hello["stations"] if row["answers"]]
        one, i = there[k % len(there)], 0
        begin.wait(WAIT_S)
        while not is_over.is_set():
            i += 1
            at = {"x": one["x"] + 3.0 * (i % 100), "y": one["y"]}
            line.send(json.dumps({"id": i, "do": "drag", "station": one["id"], **at}))
            while b'"re":%d' % i not in bytes(line.recv(timeout=WAIT_S))[:400]:
                pass
            time.sleep(FRAME_S)


def main(url: str, n: int) -> None:
    """Let n planners drag until the standard input ends."""
    begin, is_over = threading.Barrier(n + 1), threading.Event()
    planners = [threading.Thread(target=drag, args=(url, k, begin, is_over)) for k in range(n)]
    for planner in planners:
        planner.start()
    begin.wait(WAIT_S)
    print("dragging", flush=True)
    sys.stdin.read()
    is_over.set()
    for planner in planners:
        planner.join()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
