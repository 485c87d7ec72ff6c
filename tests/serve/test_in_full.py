"""Computations in full beside the answers: one at a time, the newest, and nobody waits for another's."""

from __future__ import annotations

import json
import threading
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from websockets.exceptions import ConnectionClosed

from geo.errors import StudyError
from geo.serve import app, checking
from geo.serve.changes import Set
from geo.serve.checking import Checker
from geo.serve.live_study import LiveStudy, open_study
from geo.serve.planner import Planner
from geo.serve.saving import Desk, Named
from geo.serve.self_test import talk_to
from geo.serve.session import Session
from geo.study import Outcome, assess_targets, read_study
from tests.serve.conftest import Serve
from tests.serve.talk import talking
from tests.serve.test_server import drain
from tests.studies import write_study, write_town
from tests.tongues import latin_words

pytestmark = pytest.mark.study


@pytest.fixture
def checker(town: LiveStudy, tmp_path: Path) -> Checker:
    return Checker(town, Desk(tmp_path / "live", "x", tmp_path))


def with_limit(live: LiveStudy, limit_s: float) -> Session:
    session = Session(live)
    session.apply(Set(limit_s=limit_s))
    return session


def test_of_states_that_rest_one_is_computed_at_a_time_and_then_the_newest(
    town: LiveStudy, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end, asked = threading.Event(), threading.Event(), list[float | None]()
    check = Planner.check

    def check_at_last(planner: Planner, state: Any) -> bytes:
        asked.append(state.plan.limit_s)
        begun.set()
        may_end.wait(60)
        return check(planner, state)

    monkeypatch.setattr(Planner, "check", check_at_last)
    monkeypatch.setattr(app, "_REST_S", 0.0)
    with talking(serve(town)) as talk:
        assert begun.wait(60)
        for i in range(10):
            assert talk.ask("set", limit_s=360.0 + i)["kind"] == "state"
        assert asked == [None], "its thread goes on: no other begins beside it"
        may_end.set()
        assert talk.next("checked")["n_unlike"] == 0
        assert asked == [None, 369.0], "what was overtaken while it waited is left"


def test_targets_have_their_unit_in_both_languages(sample: LiveStudy, serve: Serve) -> None:
    with talking(serve(sample)) as talk:
        targets: list[dict[str, Any]] = talk.next("checked")["targets"]
    units = {row["unit"]: (row["unit_zh"], row["unit_en"]) for row in targets}
    assert units["stations"] == ("个站", "stations")
    assert units["min"] == ("分钟", "min")
    assert units["10,000 people/station"] == ("万人/站", "ten thousand people per station")
    assert {zh: words for zh, _ in units.values() if (words := latin_words(zh))} == {}


def test_what_rests_in_the_hand_is_computed_whatever_else_is_asked(sample: LiveStudy, serve: Serve) -> None:
    with talking(serve(sample)) as talk:
        one = next(one for one in talk.hello["resources"] if one["kind"] == "depot")
        assert talk.ask("drag", station=one["id"], x=one["x"], y=one["y"])["kind"] == "followed"
        number = talk.n
        assert talk.ask("speak", lang="en")["kind"] == "done"
        assert talk.next("checked_in_hand")["of"] == number


def test_nobody_waits_for_today_on_the_clock_of_another(
    town: LiveStudy, checker: Checker, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end = threading.Event(), threading.Event()
    today, other = Session(town).state, with_limit(town, 360.0).state
    checker.check(today)

    def assess_at_last(*asked: Any, **values: Any) -> Outcome:
        begun.set()
        may_end.wait(60)
        return assess_targets(*asked, **values)

    monkeypatch.setattr(checking, "assess_targets", assess_at_last)
    slow = threading.Thread(target=checker.check, args=[other])
    stations = today.inputs.facilities
    shelter = stations.iloc[[0]].set_axis(["new"]).assign(kind="shelter", area_m2=2000.0)
    inputs = replace(today.inputs, facilities=pd.concat([stations, shelter]))
    quick = threading.Thread(target=checker.compare, args=[inputs, today, "new"])
    slow.start()
    assert begun.wait(60)
    quick.start()
    quick.join(30)
    is_done = not quick.is_alive()
    may_end.set()
    slow.join(60)
    quick.join(60)
    assert is_done


def test_today_that_could_not_be_computed_is_tried_again(
    town: LiveStudy, checker: Checker, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = Session(town).state

    def fail(*_: Any, **__: Any) -> Outcome:
        raise StudyError("not now")

    with monkeypatch.context() as patched:
        patched.setattr(checking, "assess_targets", fail)
        with pytest.raises(StudyError, match="not now"):
            checker.check(state)
    assert checker.check(state).n_unlike == 0


@pytest.mark.parametrize("answer", ["work", "follow"])
def test_a_fault_beside_the_answers_ends_the_connection(
    sample: LiveStudy, serve: Serve, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    def fail(*_: Any) -> bytes:
        raise ZeroDivisionError("of our own")

    monkeypatch.setattr(Planner, answer, fail)
    with talking(serve(sample)) as talk:
        one = next(one for one in talk.hello["resources"] if one["kind"] == "depot")
        drag = {"do": "drag", "station": one["id"], "x": one["x"], "y": one["y"]}
        asked = {"do": "results", "name": "x"} if answer == "work" else drag
        talk.line.send(json.dumps({"id": 1, **asked}))
        with pytest.raises(ConnectionClosed):
            drain(talk.line)


def test_files_that_are_others_by_now_are_told_instead_of_numbers(tmp_path: Path) -> None:
    own = open_study(read_study(write_study(tmp_path, write_town(tmp_path))))
    checker, state = Checker(own, Desk(tmp_path / "live", "x", tmp_path)), Session(own).state
    assert checker.check(state).n_unlike == 0
    (file, *_) = own.inputs.stamps
    file.write_bytes(file.read_bytes() + b"\n")
    with pytest.raises(StudyError) as told:
        checker.check(state)
    assert file.name in told.value.say("en")


def test_a_clock_that_is_written_is_left_as_it_is(town: LiveStudy, tmp_path: Path) -> None:
    desk, state = Desk(tmp_path / "live", "x", tmp_path), with_limit(town, 360.0).state
    path = desk.write_clock(state)
    before, text = path.stat(), path.read_text(encoding="utf-8")
    assert desk.write_clock(state) == path
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns), "a run may be reading it"
    path.write_text("other", encoding="utf-8")
    desk.write_clock(state)
    assert path.read_text(encoding="utf-8") == text


def test_nobody_waits_for_one_who_enters(
    town: LiveStudy, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, entering, may_enter = serve(town), threading.Event(), threading.Event()
    load = Desk.load_named

    def load_at_last(desk: Desk, name: str) -> tuple[Named, ...]:
        entering.set()
        may_enter.wait(60)
        return load(desk, name)

    with talking(server) as talk, ExitStack() as entered:
        with talking(server):
            monkeypatch.setattr(Desk, "load_named", load_at_last)
            entered.enter_context(talk_to(server))
            assert entering.wait(60)
        asking = threading.Thread(target=talk.ask, args=["undo"])  # while the one who left is taken off
        asking.start()
        asking.join(30)
        is_done = not asking.is_alive()
        may_enter.set()
        asking.join(60)
    assert is_done
