"""The server: a planner is answered, what is no question of ours changes nothing, nobody else comes in."""

from __future__ import annotations

import base64
import errno
import http.client
import json
import os
import shutil
import socket
import threading
import time
import tomllib
from collections.abc import Iterable, Mapping
from functools import partial, partialmethod
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from geo.errors import StudyError
from geo.serve import app, slow_readers
from geo.serve.access_control import Rate
from geo.serve.changes import CHANGES
from geo.serve.frames import read_frame
from geo.serve.live_study import LiveStudy
from geo.serve.planner import Planner
from geo.serve.self_test import running, talk_to
from geo.serve.start import Server, serving
from tests.serve.conftest import Serve
from tests.serve.talk import talking
from tests.studies import lonlat

pytestmark = pytest.mark.study
A, C = "A", "C"
"""Ids of the station that answers and of the one that is closed."""


def drain(line: ClientConnection, send: Iterable[str | bytes] = ()) -> None:
    """Send messages, then read until the other side has enough."""
    for message in send:
        line.send(message)
    while True:
        line.recv(timeout=30)


def get(server: Server, path: str = "", method: str = "GET", body: str | None = None, **headers: str) -> Any:
    """Ask for a path below the token, or a whole one; give the answer with its body read."""
    split = urlsplit(server.url)
    line = http.client.HTTPConnection("127.0.0.1", split.port, timeout=30)
    at = path if path.startswith("/") else split.path + path
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    line.request(method, at, body=body, headers=named)
    answer = line.getresponse()
    answer.body = answer.read()  # type: ignore[attr-defined]
    line.close()
    return answer


def test_the_page_comes_whole_and_keeps_to_itself(town: LiveStudy, serve: Serve) -> None:
    server = serve(town)
    page = get(server)
    assert page.status == 200
    assert "Paper Town" in page.body.decode()
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["Referrer-Policy"] == "no-referrer"
    asked = {"main.js", "map.css", "live.css", "words.json", "map.bin"}
    assert {get(server, name).status for name in asked} == {200}
    assert get(server, "main.js").headers["Content-Type"].startswith("text/javascript")
    assert get(server, "../../etc/passwd").status == 404
    assert get(server, "%2e%2e%2fpyproject.toml").status == 404


def test_who_has_not_the_whole_address_finds_nothing(town: LiveStudy, serve: Serve) -> None:
    server = serve(town)
    for path in ("/", "/main.js", "/live", f"/{'x' * 32}/", f"{urlsplit(server.url).path[:-2]}/"):
        answer = get(server, path)
        assert answer.status == 404, path
        assert b"Paper" not in answer.body
    with pytest.raises(InvalidStatus):
        connect(f"ws://127.0.0.1:{server.port}/live", proxy=None)


def test_other_hosts_and_pages_are_refused(town: LiveStudy, serve: Serve) -> None:
    server = serve(town)
    assert get(server, Host=f"evil.example:{server.port}").status == 421
    assert get(server, Host="127.0.0.1").status == 421, "another port is another server"
    assert get(server, Host=f"localhost:{server.port}").status == 200
    assert get(server, Origin="http://evil.example").status == 403
    assert get(server, Origin="null").status == 403
    own = f"http://127.0.0.1:{server.port}"
    assert get(server, Origin=own).status == 200
    address = f"ws{server.url.removeprefix('http')}live"
    with pytest.raises(InvalidStatus):
        connect(address, origin=Origin("http://evil.example"), proxy=None)
    with connect(address, origin=Origin(own), proxy=None, max_size=None) as line:
        assert isinstance(line.recv(timeout=30), bytes)


def test_no_request_has_a_body_and_all_are_gets(town: LiveStudy, serve: Serve) -> None:
    server = serve(town)
    assert get(server, method="POST", body="{}").status == 405
    assert get(server, body="{}").status == 413
    assert get(server, method="HEAD").status == 200


def test_beyond_this_machine_a_password_is_needed(town: LiveStudy, serve: Serve, tmp_path: Path) -> None:
    for password, what in (("", "GEO_SERVE_PASSWORD"), ("short", "at least 8")):
        with (
            pytest.raises(StudyError, match=what),
            serving(town, tmp_path, host="0.0.0.0", password=password),
        ):
            pass
    server = serve(town, password="correct horse")

    def header(password: str) -> str:
        return "Basic " + base64.b64encode(f"anyone:{password}".encode()).decode()

    assert get(server).status == 401
    assert get(server).headers["WWW-Authenticate"].startswith("Basic")
    assert get(server, Authorization=header("correct horse")).status == 200
    assert get(server, Authorization="Basic ###").status == 401
    wrong = [get(server, Authorization=header(f"wrong {i}")).status for i in range(15)]
    assert wrong[0] == 401
    assert wrong[-1] == 429, "guessing is slowed down"
    assert get(server, Authorization=header("correct horse")).status == 200


def test_a_port_that_is_taken_is_told(town: LiveStudy, serve: Serve, tmp_path: Path) -> None:
    server = serve(town)
    with pytest.raises(StudyError, match="--port"), serving(town, tmp_path, port=server.port):
        pass


def test_a_planner_drags_lets_go_takes_back_and_exports(
    town: LiveStudy, serve: Serve, tmp_path: Path
) -> None:
    lon, lat = lonlat((4000, 0))[0]
    with talking(serve(town)) as talk:
        # v1 160 s, v2 360 s, v3 300 s, v4 460 s, v5 on its island: bands of 3, 4, 5, 8 and 15 minutes.
        assert (talk.codes & 15).tolist() == [0, 3, 2, 3, 15]
        assert (talk.codes >> 7).tolist() == [1, 0, 1, 0, 0]
        dragged = talk.ask("drag", lon=lon, lat=lat)
        assert dragged["figures"]["covered_people"] == 1500.0
        assert dragged["figures"]["served_people"] == [1500.0, 500.0]
        assert talk.codes[3] == 0 | 1 << 4 | 1 << 7, "in time now and not today, in the first band"
        state = talk.ask("add", lon=lon, lat=lat, name="at v4")
        assert state["order"] == [A, "new-1"]
        assert state["figures"] == dragged["figures"]
        assert talk.next("checked")["n_unlike"] == 0
        text = talk.ask("export", name="西站")["text"]
        assert tomllib.loads(text)["scenarios"][0]["add"][0]["lon"] == round(lon, 7)
        assert (tmp_path / "out" / "live" / "scenario-1.toml").read_text(encoding="utf-8") == text
        assert talk.ask("undo")["figures"]["covered_people"] == 1300.0
        assert talk.codes[3] == 3
        assert talk.ask("redo")["order"] == [A, "new-1"]
        looked = talk.ask("look", x=354_000.0, y=3_500_000.0)
        assert looked["first_id"] == "new-1"
        assert looked["first_s"] == sum(
            looked[f"{part}_s"] for part in ("call", "turnout", "leave", "drive", "access")
        )
        assert talk.ask("look", x=350_500.0, y=3_505_000.0)["reason"] == "island"


def test_an_area_under_water_closes_its_roads_and_dries_again(
    town: LiveStudy, serve: Serve, tmp_path: Path
) -> None:
    corners = [(2500, -100), (3500, -100), (3000, 300)]
    drawn = [{"x": 350_000.0 + x, "y": 3_500_000.0 + y} for x, y in corners]
    with talking(serve(town)) as talk:
        state = talk.ask("flood", corners=[*drawn, drawn[0]])
        # Middle Road alone: v3 stands on it and v4 lies behind it.
        assert (talk.codes & 15).tolist() == [0, 3, 15, 15, 15]
        assert [len(state["closed_roads"]), len(state["floods"]), len(state["floods"][0])] == [1, 1, 3]
        assert state["floods"][0][0] == pytest.approx([352_500.0, 3_499_900.0], abs=0.02)
        assert talk.next("checked")["n_unlike"] == 0
        block = tomllib.loads(talk.ask("export", name="flood")["text"])["scenarios"][0]
        assert block["close_roads"] == [{"area": [list(at) for at in lonlat_of(state["changes"][0])]}]
        assert talk.ask("open_roads")["floods"] == []
        assert talk.ask("undo")["floods"] == state["floods"]
        talk.ask("undo")
        assert talk.ask("redo")["figures"] == state["figures"]
        crossed = [drawn[i] for i in (0, 1, 2)] + [{"x": 351_000.0, "y": 3_500_000.0}]
        crossed[1:3] = [crossed[2], crossed[1]]
        assert "crosses itself" in talk.ask("flood", corners=crossed)["why"]
        at_sea = [{"x": row["x"] + 9000.0, "y": row["y"]} for row in drawn]
        assert "no road fits" in talk.ask("flood", corners=at_sea)["why"]


def lonlat_of(change: Mapping[str, Any]) -> list[list[float]]:
    return [list(corner) for corner in change["area"]]


def test_a_plan_is_taken_over_in_one_step(town: LiveStudy, serve: Serve) -> None:
    places = lonlat((4000, 0), (2000, 900))
    sites = [{"lon": lon, "lat": lat, "name": f"site {i}"} for i, (lon, lat) in enumerate(places)]
    with talking(serve(town)) as talk:
        state = talk.ask("add_all", sites=sites)
        assert state["order"] == [A, "new-1", "new-2"]
        assert state["n_undo"] == 1
        assert state["free_id"] == "new-3"
        assert talk.ask("add_all", sites=[{**sites[0], "id": "new-1"}])["kind"] == "error"
        assert talk.ask("undo")["order"] == [A]
        assert talk.ask("redo")["figures"] == state["figures"]


def test_the_second_station_is_shown_when_the_first_is_out(town: LiveStudy, serve: Serve) -> None:
    lon, lat = lonlat((4000, 0))[0]
    with talking(serve(town)) as talk:
        talk.ask("add", lon=lon, lat=lat)
        talk.ask("view", which="second")
        # From A: v4 460 s; from the new one: v1 60 + 300 s, v3 220 s comes first there, so A's 300 s.
        assert (talk.codes & 15).tolist() == [3, 3, 2, 3, 15]


def test_two_planners_do_not_mix(town: LiveStudy, serve: Serve) -> None:
    server = serve(town)
    lon, lat = lonlat((4000, 0))[0]
    with talking(server) as one, talking(server) as two:
        assert one.hello["session"] != two.hello["session"]
        one.ask("add", lon=lon, lat=lat)
        two.ask("set", limit_s=360.0)
        assert one.ask("view", which="first")["limit_s"] == 300.0
        assert two.ask("view", which="first")["order"] == [A]
        assert two.ask("undo")["n_undo"] == 0
        assert one.ask("undo")["n_undo"] == 0


def test_changes_outlive_the_page_and_the_server(town: LiveStudy, serve: Serve) -> None:
    lon, lat = lonlat((4000, 0))[0]
    server = serve(town)
    with talking(server) as talk:
        name = talk.hello["session"]
        talk.ask("add", lon=lon, lat=lat)
        talk.ask("set", limit_s=360.0)
        talk.ask("undo")
    with talking(server, f"?session={name}") as again:
        assert again.hello["order"] == [A, "new-1"]
        assert (again.hello["n_undo"], again.hello["n_redo"]) == (1, 1)
    with talking(serve(town)) as later, talking(serve(town), "?fresh=1") as fresh:
        assert later.hello["session"] == name, "another server of the same folder takes it up"
        assert later.hello["resumed_at"]
        assert fresh.hello["order"] == [A]


def test_who_names_a_session_takes_it_over(town: LiveStudy, serve: Serve) -> None:
    server = serve(town)
    with talking(server) as old:
        old.ask("set", limit_s=360.0)
        with talking(server, f"?session={old.hello['session']}") as new:
            assert new.hello["limit_s"] == 360.0
            with pytest.raises(ConnectionClosed, match="took this session over"):
                old.ask("undo")
            assert new.ask("undo")["limit_s"] == 300.0


MISTAKES: list[dict[str, Any]] = [
    {},
    {"do": "drag"},
    {"do": "no such thing"},
    {"do": None},
    {"do": "drag", "lon": "121", "lat": 31},
    {"do": "drag", "lon": 1e308, "lat": 31},
    {"do": "drag", "lon": 0.0, "lat": 0.0},
    {"do": "drag", "x": 0.0, "y": 1e7},
    {"do": "drag", "x": 350_000.0},
    {"do": "drag", "x": 350_000.0, "y": 3_500_000.0, "station": "West"},
    {"do": "drag", "x": True, "y": 3_500_000.0},
    {"do": "drag", "x": 350_000.0, "y": 3_500_000.0, "station": C},
    {"do": "drag", "x": 350_000.0, "y": 3_500_000.0, "station": [A]},
    {"do": "move", "x": 350_000.0, "y": 3_500_000.0},
    {"do": "move", "x": 350_000.0, "y": 3_500_000.0, "station": "nobody"},
    {"do": "move", "x": 351_000.0, "y": 3_502_900.0, "station": A},
    {"do": "add", "x": 352_000.0, "y": 3_500_000.0, "name": "x" * 81},
    {"do": "add", "x": 352_000.0, "y": 3_500_000.0, "name": "a\u0007"},
    {"do": "add", "x": 352_000.0, "y": 3_500_000.0, "station_class": "royal"},
    {"do": "close", "station": A},
    {"do": "close", "station": A, "more": 1},
    {"do": "upgrade", "station": A, "turnout_s": -1},
    {"do": "set", "limit_s": 60.0},
    {"do": "set", "speed_factor": 0},
    {"do": "set", "limit_s": 300, "try": "yes"},
    {"do": "close_road", "lon": 121.0},
    {"do": "flood"},
    {"do": "flood", "corners": []},
    {"do": "flood", "corners": [{"x": 350_000.0, "y": 3_500_000.0}] * 5},
    {"do": "flood", "corners": [{"x": 350_000.0}] * 3},
    {"do": "flood", "corners": [{"x": 0.0, "y": 0.0}, {"x": 1.0, "y": 0.0}, {"x": 0.0, "y": 1.0}]},
    {"do": "flood", "area": [[121.0, 31.0], [121.1, 31.0], [121.1]]},
    {"do": "flood", "area": [[121.0, 91.0], [121.1, 31.0], [121.1, 31.1]]},
    {"do": "flood", "area": [[0.0, 0.0], [0.1, 0.0], [0.0, 0.1]]},
    {"do": "flood", "area": [[121.4 + i * 1e-5, 31.6 + i % 2 * 1e-5] for i in range(201)]},
    {"do": "add_all", "sites": []},
    {"do": "add_all", "sites": [{"lon": 121.4, "lat": 31.6, "kind": "palace"}]},
    {"do": "add", "x": 352_000.0, "y": 3_500_000.0, "kind": "palace"},
    {"do": "add", "x": 352_000.0, "y": 3_500_000.0, "places": -1},
    {"do": "view", "which": "third"},
    {"do": "export", "name": ""},
    {"do": "look", "x": None, "y": 1},
    {"do": "speak", "lang": "fr"},
    {"do": "build", "station": A},
]


def test_a_mistake_is_told_and_changes_nothing(town: LiveStudy, serve: Serve) -> None:
    server = serve(town)
    with talking(server) as talk:
        for mistake in MISTAKES:
            talk.n += 1
            talk.line.send(json.dumps({"id": talk.n, **mistake}))
            header = talk.answer(talk.n)
            assert header["kind"] == "error", mistake
            assert header["why"].strip(), mistake
        for strange in (-1, 2**60, "1", None, 1.5, True):
            talk.line.send(json.dumps({"id": strange, "do": "undo"}))
            assert talk.answer(None)["kind"] == "error"
        talk.ask("speak", lang="zh")
        assert "时限" in talk.ask("set", limit_s=60.0)["why"]
        state = talk.ask("undo")
        assert (state["n_undo"], state["order"], state["figures"]["covered_people"]) == (0, [A], 1300.0)


@pytest.mark.parametrize("text", ["", "no json", "[]", "1", "null", '{"id": 1,', "[" * 9000, '{"a":' * 2000])
def test_what_is_no_message_ends_the_connection_and_not_the_server(
    town: LiveStudy, serve: Serve, text: str
) -> None:
    server = serve(town)
    with talk_to(server) as line:
        line.recv(timeout=30)
        line.send(text)
        with pytest.raises(ConnectionClosed, match="JSON object"):
            drain(line)
    with talking(server) as talk:
        assert talk.ask("undo")["kind"] == "state"


@pytest.mark.parametrize("do", [None, 7, ["add"], ["results"], {"do": "undo"}])
def test_what_asks_for_nothing_that_is_known_is_told(town: LiveStudy, serve: Serve, do: object) -> None:
    with talking(serve(town)) as talk:
        assert "unknown" in talk.ask(do)["why"]
        assert talk.ask("undo")["kind"] == "state", "the connection is there"


def test_long_and_binary_messages_and_a_flood_end_the_connection(
    town: LiveStudy, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No time passes for the rate: on a slow machine as well all messages come at once.
    monkeypatch.setattr(Rate, "take", partialmethod(Rate.take, now=0.0))
    server = serve(town)
    for message in (json.dumps({"id": 1, "do": "x" * 20_000}), b"\x00\x01", None):
        with talk_to(server) as line, pytest.raises(ConnectionClosed):
            drain(line, send=[message] if message else ['{"id": 1, "do": "undo"}'] * 2000)
    with talking(server) as talk:
        assert talk.ask("undo")["kind"] == "state"


def test_a_flood_ends_the_connection_however_long_the_answers_take(
    town: LiveStudy, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_over = threading.Event()
    answer = Planner.answer

    def answer_at_last(planner: Planner, asked: Mapping[str, Any]) -> bytes:
        is_over.wait(60)
        return answer(planner, asked)

    monkeypatch.setattr(Planner, "answer", answer_at_last)
    server = serve(town)
    try:
        with talk_to(server) as line:
            with pytest.raises(ConnectionClosed) as closed:
                drain(line, send=['{"id": 1, "do": "undo"}'] * 2000)
            assert closed.value.rcvd is not None
            assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1008, "too many messages")
    finally:
        is_over.set()
    with talking(server) as talk:
        assert talk.ask("undo")["kind"] == "state"


def test_who_floods_and_does_not_read_is_cut_off(
    town: LiveStudy, serve: Serve, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Answers that nobody reads fill all that lies between; then no end can be told any more."""
    n_answers, answer = [0], Planner.answer

    def answer_at_length(planner: Planner, asked: Mapping[str, Any]) -> bytes:
        n_answers[0] += 1
        return answer(planner, asked) + bytes(100_000)

    monkeypatch.setattr(Planner, "answer", answer_at_length)
    monkeypatch.setattr(slow_readers, "PATIENCE_S", 0.5)
    server, endings = serve(town), []
    asked = json.dumps({"id": 1, "do": "undo", "more": "x" * 12_000})

    def flood(line: ClientConnection) -> None:
        try:
            for _ in range(400):
                line.send('{"id": 1, "do": "undo"}')
            n_before = -1
            while n_before < n_answers[0]:
                n_before = n_answers[0]
                time.sleep(0.2)
            while True:
                line.send(asked)
        except ConnectionClosed as closed:
            endings.append(closed)

    with talk_to(server) as line:
        flooding = threading.Thread(target=flood, args=[line], daemon=True)
        flooding.start()
        flooding.join(30)
        line.socket.close()  # so that the test ends where the server does not
    assert len(endings) == 1, "it still waits"
    assert n_answers[0] < 400
    assert capfd.readouterr().err == "", "nor does a traceback tell it in the planner's window"
    with talking(server) as talk:
        assert talk.ask("undo")["kind"] == "state"


def test_who_asks_for_the_map_and_does_not_read_it_is_cut_off(
    town: LiveStudy, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_over = threading.Event()
    lost = slow_readers.ImpatientHttp.connection_lost

    def lose(line: slow_readers.ImpatientHttp, why: Exception | None) -> None:
        lost(line, why)
        is_over.set()

    monkeypatch.setattr(app, "scene_frame", lambda _: bytes(50_000_000))
    monkeypatch.setattr(slow_readers, "PATIENCE_S", 0.5)
    monkeypatch.setattr(slow_readers.ImpatientHttp, "connection_lost", lose)
    server = serve(town)
    at = f"{urlsplit(server.url).path}map.bin"
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as line:
        line.sendall(f"GET {at} HTTP/1.1\r\nHost: localhost:{server.port}\r\n\r\n".encode())
        assert is_over.wait(30), "it still waits"
        assert sum(map(len, iter(partial(line.recv, 2**20), b""))) < 50_000_000
    assert len(get(server, "map.bin").body) == 50_000_000, "who reads gets it whole"


def test_of_drags_that_wait_the_last_is_answered(sample: LiveStudy, serve: Serve) -> None:
    with talking(serve(sample)) as talk:
        row = next(row for row in talk.hello["stations"] if row["answers"])
        for k in range(60):
            at = {"x": row["x"] + 5 * k, "y": row["y"]}
            talk.line.send(json.dumps({"id": 1000 + k, "do": "drag", "station": row["id"], **at}))
        last = talk.answer(1059)
        state = talk.ask("move", station=row["id"], lon=last["lon"], lat=last["lat"])
        assert state["figures"] == last["figures"]
        codes = talk.codes.copy()
        talk.ask("view", which="second")
        talk.ask("view", which="first")
        assert (codes == talk.codes).all()


def test_nothing_is_written_outside_the_folder(town: LiveStudy, serve: Serve, tmp_path: Path) -> None:
    before = sorted(town.study.folder.rglob("*"))
    with talking(serve(town)) as talk:
        talk.ask("set", limit_s=360.0)
        talk.ask("export", name="../../x")
        talk.next("checked")
    assert sorted(town.study.folder.rglob("*")) == before
    written = {path.relative_to(tmp_path / "out" / "live").as_posix() for path in tmp_path.rglob("*.*")}
    session = next(name for name in written if name.startswith("session-"))
    assert written == {session, "clock-360s.toml", "scenario-1.toml", "manifest.json"}


def test_the_map_is_that_of_the_study(town: LiveStudy, serve: Serve) -> None:
    header, arrays = read_frame(get(serve(town), "map.bin").body)
    xy = arrays["demand_xy"].reshape(-1, 2) + np.array(header["origin"])
    assert xy.tolist()[:2] == [[351_000.0, 3_500_000.0], [352_000.0, 3_501_000.0]]
    assert arrays["people"].tolist() == [1000.0, 500.0, 300.0, 200.0, 50.0]
    assert len(arrays["road_start"]) == 6


def test_strangers_who_knock_keep_no_planner_out(
    town: LiveStudy, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Rate, "take", partialmethod(Rate.take, now=0.0))  # however long a thousand take
    server = serve(town)
    with talking(server) as talk:
        statuses = {get(server, path).status for path in ["/", "/x/", "/live", "/%00"] * 250}
        assert statuses == {404, 429}, "a thousand without the key"
        assert {get(server, Host="evil.example").status for _ in range(20)} <= {421, 429}
        assert get(server).status == 200
        assert talk.ask("undo")["kind"] == "state"


@pytest.mark.parametrize("failing", ["full", "gone"])
def test_what_cannot_be_kept_is_done_all_the_same_and_said(
    town: LiveStudy, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    with talking(serve(town)) as talk:
        talk.ask("set", limit_s=360.0)
        with monkeypatch.context() as patched:
            if failing == "full":
                patched.setattr(Path, "write_bytes", no_space)
            else:  # somebody put a file in the place of the folder
                shutil.rmtree(tmp_path / "out" / "live")
                (tmp_path / "out" / "live").write_text("")
            state = talk.ask("set", limit_s=420.0)
            assert (state["kind"], state["limit_s"]) == ("state", 420.0)
            assert state["unsaved"]
            assert talk.ask("export", name="x")["kind"] == "error", "what is a file is not told as written"
        if failing == "gone":
            (tmp_path / "out" / "live").unlink()
        state = talk.ask("set", limit_s=480.0)
        assert "unsaved" not in state
        name = talk.hello["session"]
        kept = json.loads((tmp_path / "out" / "live" / f"session-{name}.json").read_text(encoding="utf-8"))
        assert [change["limit_s"] for change in kept["done"]] == [360.0, 420.0, 480.0], "nothing was lost"


def no_space(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _frames() -> st.SearchStrategy[str | bytes]:
    """Draw what anybody may send: questions, nearly questions, and anything at all."""
    words = st.sampled_from([*CHANGES, "drag", "undo", "compare", "results", "cancel", "open_scenario", ""])
    numbers = st.one_of(st.integers(), st.text(max_size=3))
    no_word = st.one_of(st.none(), st.lists(words, max_size=2), st.dictionaries(words, words, max_size=1))
    asked = st.one_of(words, no_word)
    near = st.fixed_dictionaries({"do": asked}, optional={"id": numbers}).map(json.dumps)
    return st.one_of(near, near.map(lambda text: text[:-1]), st.text(), st.binary(max_size=64))


@settings(max_examples=20)
@given(frames=st.lists(_frames(), min_size=1, max_size=6))
def test_whatever_is_sent_the_server_goes_on(
    town: LiveStudy, tmp_path_factory: pytest.TempPathFactory, frames: list[str | bytes]
) -> None:
    """Each connection ends with answers or with a reason, and another planner notices nothing of it."""
    folder = tmp_path_factory.mktemp("live")
    with serving(town, folder, port=0) as (server, made), running(made), talking(server) as other:
        with talk_to(server, "?fresh=1") as line:
            line.recv(timeout=60)
            reason = _send_all(line, frames)
        assert reason in (None, 1003, 1007, 1008)
        assert other.ask("view", which="first")["figures"]["covered_people"] == 1300.0


def _send_all(line: ClientConnection, frames: Iterable[str | bytes]) -> int | None:
    """Send frames and a question at their end; give the code of the end, None where all was answered.

    An end without a word, as after a fault of the server, has the code 1006.
    """
    try:
        for frame in frames:
            line.send(frame)
        line.send('{"id": 99, "do": "view", "which": "first"}')
        while read_frame(bytes(line.recv(timeout=60)))[0].get("re") != 99:
            pass
    except ConnectionClosed as closed:
        return 1006 if closed.rcvd is None else closed.rcvd.code
    return None
