"""What is taken home: a study file that means the same elsewhere, and the files of a run, whole or none."""

from __future__ import annotations

import json
import os
import threading
import tomllib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from geo.cli._folder import folder_of
from geo.errors import InputError
from geo.serve import exporting
from geo.serve.exporting import state_study
from geo.serve.frames import read_frame
from geo.serve.live_study import LiveStudy, open_study
from geo.serve.planner import Planner, Room
from geo.serve.saving import Desk
from geo.serve.study_text import study_text
from geo.study import CloseRoadsSpec, ScenarioSpec, Study, parse_study, read_study
from tests.conftest import Run
from tests.serve.conftest import Serve
from tests.serve.talk import talking
from tests.serve.test_server import get
from tests.studies import lonlat, write_study, write_town

pytestmark = pytest.mark.study


def in_full(study: Study) -> Any:
    """Give the settings of a study with every path as a whole one: two that are equal mean the same."""

    def whole(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: whole(part) for key, part in value.items() if key != "out"}
        if isinstance(value, list | tuple):
            return [whole(part) for part in value]
        if isinstance(value, str) and value and study.file(value).is_file():
            return str(study.file(value))
        return value

    return whole(study.settings())


@pytest.fixture
def own(tmp_path: Path) -> LiveStudy:
    return open_study(read_study(write_study(tmp_path, write_town(tmp_path))))


@pytest.fixture
def planner(own: LiveStudy) -> Planner:
    folder = folder_of(own.study, out=None, asked="study.toml", below="live")
    entered = Room(own, Desk(folder, own.study.study.name, own.study.folder)).enter()
    entered.greet()
    return entered


def ask(planner: Planner, do: str, **values: Any) -> dict[str, Any]:
    return read_frame(planner.answer({"id": 7, "do": do, **values}))[0]


def work(planner: Planner, **values: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Ask for what takes long; give its answer and what it told meanwhile."""
    told: list[bytes] = []
    answer = planner.work({"id": 9, "do": "results", **values}, told.append)
    return read_frame(answer)[0], [read_frame(frame)[0] for frame in told]


def test_a_study_file_from_another_folder_means_the_same(sample: LiveStudy, tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "out" / "live", sample.study.folder / "out" / "live"):
        text = study_text(sample.study, folder, out="results")
        again = parse_study(tomllib.loads(text), folder=folder)
        assert in_full(again) == in_full(sample.study)
        assert again.study.out == "results"
        assert str(tmp_path.parent) not in text, "paths are told from the folder"


def test_words_of_the_study_stay_though_a_file_bears_their_name(own: LiveStudy, tmp_path: Path) -> None:
    data = own.study.settings()
    for word in ("existing", "people", "fire_station", "Paper Town", "name"):
        (tmp_path / word).write_text("a file", encoding="utf-8")
    folder = tmp_path / "out" / "live"
    again = parse_study(tomllib.loads(study_text(own.study, folder, out="x")), folder=folder)
    assert again.study.name == "Paper Town"
    assert [row["kind"] for row in again.settings()["facilities"]] == [
        row["kind"] for row in data["facilities"]
    ]


def test_areas_of_scenarios_are_found_from_elsewhere_too(own: LiveStudy, tmp_path: Path) -> None:
    (tmp_path / "flood.geojson").write_text("{}", encoding="utf-8")
    flooded = ScenarioSpec("flood", close_roads=(CloseRoadsSpec(path="flood.geojson", hazards=False),))
    with_flood = Study(**{**vars(own.study), "scenarios": (flooded,)})
    text = study_text(with_flood, tmp_path / "out" / "live", out="x")
    (scenario,) = tomllib.loads(text)["scenarios"]
    assert scenario["close_roads"][0]["path"] == "../../flood.geojson"


def test_a_run_of_the_exported_study_file_gives_the_numbers_of_the_page(
    planner: Planner, tmp_path: Path, command: Run
) -> None:
    lon, lat = lonlat((4000, 0))[0]
    ask(planner, "add", lon=lon, lat=lat, name="at v4")
    state = ask(planner, "set", limit_s=360.0, turnout_s=45.0)
    told = ask(planner, "export", name="西站", what="study")
    file = tmp_path / "out" / "live" / "study-1.toml"
    assert (told["file"], file.read_text(encoding="utf-8")) == ("study-1.toml", told["text"])
    assert command("run", file, "--quiet")[0] in (0, 2)
    table = pd.read_csv(tmp_path / "out" / "live" / "study-1-out" / "scenario_comparison.csv")
    assert table["name"].tolist()[1] == "西站"
    assert table["covered_people"].tolist()[1] == state["figures"]["covered_people"]
    assert table["gain_people"].tolist()[1] == state["figures"]["gain_people"]


def test_a_scenario_of_the_same_name_gives_way(planner: Planner) -> None:
    ask(planner, "upgrade", station="A", turnout_s=10.0)
    scenario = ScenarioSpec("西站", close=("A",))
    study = Study(**{**vars(planner.live.study), "scenarios": (scenario, ScenarioSpec("b", close=("A",)))})
    told = state_study(study, planner.session.state, planner.desk, "西站")
    assert [one.name for one in told.scenarios] == ["b", "西站"]
    assert told.scenarios[1].upgrade[0].turnout_s == 10.0


def test_the_files_of_a_run_are_those_that_geo_run_writes(
    planner: Planner, tmp_path: Path, command: Run
) -> None:
    lon, lat = lonlat((4000, 0))[0]
    ask(planner, "add", lon=lon, lat=lat, name="at v4")
    answer, told = work(planner, name="西站")
    assert answer["kind"] == "results"
    assert [row["kind"] for row in told] == ["progress"] * len(told)
    assert [row["done"] for row in told[1:]] == list(range(told[-1]["n"])), "every step, and no other"
    folder = tmp_path / "out" / "live" / "results-1"
    names = {name for name, size in answer["files"] if size > 0}
    assert names >= {"results-1/map.html", "results-1/tables.xlsx", "results-1/coverage.csv"}
    assert all((folder.parent / name).is_file() for name in names)

    block = ask(planner, "export", name="西站")["text"]
    study = (tmp_path / "study.toml").read_text(encoding="utf-8")
    (tmp_path / "pasted.toml").write_text(f"{study}\n{block}", encoding="utf-8")
    assert command("run", tmp_path / "pasted.toml", "--quiet")[0] in (0, 2)
    for name in ("scenario_comparison.csv", "coverage.csv", "scenario_changes.csv"):
        assert (folder / name).read_bytes() == (tmp_path / "out" / name).read_bytes(), name
    assert work(planner, name="西站")[0]["folder"] == "results-2", "nothing is overwritten"


def test_the_report_is_that_of_the_exported_state(planner: Planner, tmp_path: Path) -> None:
    lon, lat = lonlat((4000, 0))[0]
    ask(planner, "add", lon=lon, lat=lat, name="at v4")
    answer, told = work(planner, do="report", name="西站")
    assert answer["kind"] == "results"
    assert [row["done"] for row in told[1:]] == list(range(told[-1]["n"])), "every step, and the report"
    folder = tmp_path / "out" / "live" / "results-1"
    names = [name for name, size in answer["files"] if size > 0]
    assert names[:3] == [f"results-1/report.{ending}" for ending in ("pdf", "docx", "html")]
    assert {"results-1/map.html", "results-1/tables.xlsx"} <= set(names)
    assert "西站" in (folder / "report.html").read_text(encoding="utf-8")
    assert (folder / "report.pdf").read_bytes().startswith(b"%PDF")


def test_a_report_that_is_cancelled_leaves_nothing(planner: Planner, tmp_path: Path) -> None:
    ask(planner, "upgrade", station="A", turnout_s=10.0)

    def stop_at_the_report(frame: bytes) -> None:
        header = read_frame(frame)[0]
        if header["done"] == header["n"] - 2:
            ask(planner, "cancel")

    answer = read_frame(planner.work({"id": 9, "do": "report", "name": "x"}, stop_at_the_report))[0]
    assert (answer["kind"], answer["why"]) == ("error", "cancelled; no file was written")
    assert not list((tmp_path / "out" / "live").glob("results-*"))


def test_nothing_is_exported_of_files_that_are_others_by_now(
    planner: Planner, tmp_path: Path, own: LiveStudy
) -> None:
    ask(planner, "upgrade", station="A", turnout_s=10.0)
    assert own.inputs.stamps
    (file, *_) = own.inputs.stamps
    before, stat = file.read_bytes(), file.stat()
    file.write_bytes(before + b"\n")
    for what in ("block", "study"):
        answer = ask(planner, "export", name="x", what=what)
        assert answer["kind"] == "error"
        assert file.name in answer["why"]
    assert file.name in work(planner, name="x")[0]["why"]
    assert not list((tmp_path / "out" / "live").glob("results-*"))
    assert ask(planner, "undo")["kind"] == "state", "the page goes on"
    assert ask(planner, "redo")["kind"] == "state"
    file.write_bytes(before)
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert ask(planner, "export", name="x")["kind"] == "export"
    (tmp_path / "study.toml").unlink()
    assert ask(planner, "export", name="x", what="study")["kind"] == "export", "settings are in memory"
    file.unlink()
    assert ask(planner, "export", name="x")["kind"] == "error"


def test_a_run_that_is_cancelled_or_fails_writes_nothing(planner: Planner, tmp_path: Path) -> None:
    ask(planner, "upgrade", station="A", turnout_s=10.0)
    frames: list[dict[str, Any]] = []

    def stop_at_the_map(frame: bytes) -> None:
        frames.append(read_frame(frame)[0])
        if frames[-1]["done"] == frames[-1]["n"] - 2:
            assert ask(planner, "cancel")["kind"] == "done"

    answer = read_frame(planner.work({"id": 9, "do": "results", "name": "x"}, stop_at_the_map))[0]
    assert (answer["kind"], answer["why"]) == ("error", "cancelled; no file was written")
    assert frames[-1]["done"] == frames[-1]["n"] - 2
    assert not list((tmp_path / "out" / "live").glob("results-*/*"))
    assert work(planner, name="x\ny")[0]["kind"] == "error"
    assert work(planner, what="no such thing")[0]["kind"] == "error"
    assert work(planner, name="x")[0]["kind"] == "results", "another one can be asked for"


def test_one_long_task_at_a_time(planner: Planner, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(planner, "upgrade", station="A", turnout_s=10.0)
    begun, may_end = threading.Event(), threading.Event()

    def wait(*_: object, **__: object) -> None:
        begun.set()
        may_end.wait(60)
        raise InputError("enough")

    monkeypatch.setattr(exporting, "run_ready", wait)
    first = threading.Thread(target=work, args=(planner,), kwargs={"name": "x"})
    first.start()
    assert begun.wait(60)
    assert "not done yet" in work(planner, name="x")[0]["why"]
    assert ask(planner, "undo")["n_undo"] == 0, "the page goes on meanwhile"
    may_end.set()
    first.join(60)


def test_only_what_was_written_for_a_planner_is_given_out(
    serve: Serve, own: LiveStudy, tmp_path: Path
) -> None:
    server = serve(own, tmp_path / "out" / "live")
    (tmp_path / "out" / "live").mkdir(parents=True)
    (tmp_path / "out" / "live" / "secret.txt").write_text("secret", encoding="utf-8")
    with talking(server) as talk:
        talk.ask("upgrade", station="A", turnout_s=10.0)
        talk.ask("export", name="x", what="study")
        talk.line.send(json.dumps({"id": 50, "do": "results", "name": "x"}))
        progress = talk.next("progress")
        assert (progress["re"], progress["done"]) == (50, 0)
        moved = talk.ask("set", limit_s=360.0)
        assert moved["limit_s"] == 360.0
        results = talk.next("results")
    assert results["re"] == 50
    for name in ("study-1.toml", "results-1/map.html"):
        answer = get(server, f"files/{name}")
        assert answer.status == 200
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert "frame-ancestors" in answer.headers["Content-Security-Policy"]
        assert answer.body == (tmp_path / "out" / "live" / name).read_bytes()
    for name in ("secret.txt", "../../study.toml", "results-1/../secret.txt", "", "results-1"):
        assert get(server, f"files/{name}").status == 404, name
