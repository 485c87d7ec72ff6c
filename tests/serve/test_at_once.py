"""Many planners at once: each is told what a run of his change gives, whoever else drags meanwhile."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from geo.serve.changes import Move
from geo.serve.frames import plain_json
from geo.serve.live_study import LiveStudy
from geo.serve.session import Session
from geo.serve.telling import tell_figures
from tests.serve.conftest import Serve
from tests.serve.talk import talking
from tests.serve.test_session import exported, require_equal

pytestmark = pytest.mark.study
N_PLANNERS = 12
N_PLACES = 9


@contextmanager
def together(works: list[threading.Thread]) -> Iterator[None]:
    for work in works:
        work.start()
    yield
    for work in works:
        work.join(120)
        assert not work.is_alive()


def test_each_is_told_what_a_run_of_his_change_gives_while_all_drag(
    sample: LiveStudy, serve: Serve, tmp_path: Path
) -> None:
    """Planners of one station each, some of the same one; every other one colours by the second station."""
    server, stations, nodes = serve(sample), sample.today().stations, sample.inputs.network.node_xy
    begin, told = threading.Barrier(N_PLANNERS), {}

    def drag(k: int) -> None:
        station, random = str(stations.index[k // 2 % len(stations)]), np.random.default_rng(k)
        with talking(server, "?fresh=1") as talk:
            talk.ask("view", which="second" if k % 2 else "first")
            begin.wait(60)
            for n in range(N_PLACES):
                lon, lat = sample.lonlat(*nodes[random.integers(len(nodes))])
                for ahead in range(3):  # overtaken: they get no answer, or theirs
                    place = {"station": station, "lon": lon, "lat": lat - 0.001 * ahead}
                    talk.line.send(json.dumps({"id": 900 + ahead, "do": "drag", **place}))
                told[k, n] = (
                    Move(station, lon, lat),
                    talk.ask("drag", station=station, lon=lon, lat=lat),
                    talk.codes.copy(),
                )

    with together([threading.Thread(target=drag, args=[k]) for k in range(N_PLANNERS)]):
        pass
    assert len(told) == N_PLANNERS * N_PLACES
    for (k, n), (move, header, codes) in told.items():
        state = Session(sample).attempt(move)
        assert header["is_on_road"]
        assert header["figures"] == as_told(sample, state.figures)
        assert (codes == sample.codes(state, second=bool(k % 2))).all()
        if n == N_PLACES - 1:
            require_equal(sample, state, exported(sample, state, tmp_path))


def as_told(live: LiveStudy, figures: Any) -> dict[str, Any]:
    """Give figures as a frame has them."""
    told: dict[str, Any] = plain_json(tell_figures(figures, live.people.total))
    return told


def test_one_station_in_two_hands_is_at_two_places(sample: LiveStudy) -> None:
    """Two sessions search the same roads in turns, back and forth: neither leaves anything to the other."""
    nodes, station = sample.inputs.network.node_xy, str(sample.today().stations.index[0])
    places = [sample.lonlat(*nodes[i]) for i in (0, len(nodes) // 2, len(nodes) - 1)]
    held = [Session(sample).hold(station), Session(sample).hold("")]
    alone = [[sample.drag(hand, *place) for place in places] for hand in held]
    for again in (places, places[::-1]):
        for place in again:
            for hand, before in zip(held, alone, strict=True):
                now, then = sample.drag(hand, *place), before[places.index(place)]
                assert (now.codes() == then.codes()).all()
                assert as_told(sample, now.figures) == as_told(sample, then.figures)
                assert (now.best().first_ms == then.best().first_ms).all()
