"""Planners that drag their stations until they are told to end: ``python -m bench.planners URL N``.

Each has its station at another place 20 times a second, and waits for the answer before the next place, as
the page does. At the end the milliseconds of all answers are written, in the order in which they came.
"""

from __future__ import annotations

import json
import sys
import threading
import time

from websockets.sync.client import connect

from geo.serve import read_frame

MOVE_S = 1 / 20
WAIT_S = 600
N_FIRST = 20


def drag(url: str, k: int, begin: threading.Barrier, is_over: threading.Event, taken_ms: list[float]) -> None:
    """Drag the k-th station to and fro."""
    with connect(f"ws{url.removeprefix('http')}live?fresh=1", max_size=None, proxy=None) as line:
        hello, _ = read_frame(bytes(line.recv(timeout=WAIT_S)))
        while read_frame(bytes(line.recv(timeout=WAIT_S)))[0]["kind"] != "checked":
            pass  # the full computation of today takes all cores
        there = [row for row in hello["stations"] if row["answers"]]
        one, i = there[7 * k % len(there)], 0

        def ask() -> float:
            at = {"x": one["x"] + 3.0 * (i % 100), "y": one["y"]}
            start = time.perf_counter()
            line.send(json.dumps({"id": i, "do": "drag", "station": one["id"], "area": True, **at}))
            while b'"re":%d,' % i not in bytes(line.recv(timeout=WAIT_S))[:400]:
                pass
            return time.perf_counter() - start

        begin.wait(WAIT_S)
        while not is_over.is_set():
            i += 1
            taken_s = ask()
            if i > N_FIRST:  # what comes before takes the station into the hand
                taken_ms.append(1000.0 * taken_s)
            time.sleep(max(MOVE_S - taken_s, 0.0))


def main(url: str, n: int) -> None:
    """Let n planners drag until the standard input ends."""
    begin, is_over, taken_ms = threading.Barrier(n + 1), threading.Event(), list[float]()
    planners = [threading.Thread(target=drag, args=[url, k, begin, is_over, taken_ms]) for k in range(n)]
    for planner in planners:
        planner.start()
    begin.wait(WAIT_S)
    print("dragging", flush=True)
    sys.stdin.read()
    is_over.set()
    for planner in planners:
        planner.join()
    print(json.dumps(taken_ms))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
