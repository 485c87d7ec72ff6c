"""The check and the run give one verdict: the same faults, all at once, and the same exit code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from geo.cli import main
from geo.errors import FaultsError, GeoError
from geo.outputs import summarise, write_outputs
from geo.study import check_study, count_faults, make_ready, read_study, run_study, tell_doubts, tell_remarks
from geo.words import LANGS
from tests.studies import changed, frame, points, town_study, write_study, write_town

Spoil = Callable[[Path], dict[str, Any]]


def faulty_people(folder: Path) -> dict[str, Any]:
    shapes = points((1000, 0), (2000, 0))
    frame(shapes, name=["a", "b"], heads=["12", "about 30"]).to_file(folder / "villages.gpkg")
    return {}


def station_off_the_roads(folder: Path) -> dict[str, Any]:
    shapes = points((0, 0), (4000, 3000))
    frame(shapes, name=["West", "Lost"], id=["A", "L"]).to_file(folder / "stations.gpkg")
    return {}


def no_station(folder: Path) -> dict[str, Any]:
    return {"response": {"standard": "clock.toml", "facility_status": ["candidate"]}}


def unknown_clock(folder: Path) -> dict[str, Any]:
    return {"response": {"standard": "no-such-clock"}}


def unknown_scenario_place(folder: Path) -> dict[str, Any]:
    return {"scenarios": [{"name": "x", "close": ["No Such Station"]}]}


def scenario_without_stations(folder: Path) -> dict[str, Any]:
    return {"scenarios": [{"name": "x", "close": ["A"]}]}


def hydrants_on_no_road(folder: Path) -> dict[str, Any]:
    frame(points((10, 0), (200, 0)), name=["h1", "h2"]).to_file(folder / "hydrants.gpkg")
    layers = [{"path": "stations.gpkg"}, {"path": "hydrants.gpkg", "kind": "hydrant"}]
    return {"facilities": layers, "hydrants": {"classes": ["motorway"]}}


def unknown_plan(folder: Path) -> dict[str, Any]:
    return {"study": {"name": "Paper Town", "lang": "en", "crs": "EPSG:32651", "plan": "no-such-plan"}}


def templates_nowhere(folder: Path) -> dict[str, Any]:
    return {"report": {"template": "nowhere"}}


def template_that_is_no_word_file(folder: Path) -> dict[str, Any]:
    (folder / "own").mkdir()
    (folder / "own" / "report.docx").write_bytes(b"PK\x03\x04 no Word file")
    return {"report": {"template": "own"}}


def template_with_a_fault(folder: Path) -> dict[str, Any]:
    (folder / "own").mkdir()
    (folder / "own" / "report.html").write_text("{% for x in %}", encoding="utf-8")
    return {"report": {"template": "own"}}


def faces_of_nobody(folder: Path) -> dict[str, Any]:
    return {"report": {"fonts": ["No Such Face"]}, "atlas": {"fonts": ["Nor This One"]}}


def nothing(folder: Path) -> dict[str, Any]:
    return {}


SPOILT = [
    (nothing, 0),
    (faulty_people, 3),
    (station_off_the_roads, 3),
    (no_station, 1),
    (unknown_clock, 1),
    (unknown_scenario_place, 1),
    (scenario_without_stations, 1),
    (hydrants_on_no_road, 1),
    (unknown_plan, 1),
]
PAPERS = [
    (templates_nowhere, ["[report] template = nowhere is no folder"]),
    (template_that_is_no_word_file, ["[report] the template report.docx cannot be opened as a Word file"]),
    (template_with_a_fault, ["[report] the template report.html has a fault"]),
    (
        faces_of_nobody,
        ["[report] this computer has none of the faces No Such Face", "[atlas] this computer has"],
    ),
]


def ends(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr("sys.argv", ["geo", *map(str, words)])
    with pytest.raises(SystemExit) as end:
        main()
    return int(end.value.code or 0)


@pytest.mark.parametrize(("spoil", "code"), SPOILT, ids=lambda value: getattr(value, "__name__", ""))
def test_check_and_run_end_alike(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    spoil: Spoil,
    code: int,
) -> None:
    path = write_study(tmp_path, changed(write_town(tmp_path), **spoil(tmp_path)))
    assert ends(monkeypatch, "check", path) == code
    checked = capsys.readouterr()
    assert ends(monkeypatch, "run", path, "--out", tmp_path / "out") == code
    ran = capsys.readouterr()
    assert ("No faults found" in checked.out) == (code == 0)
    if code == 1:
        # What stops the run stands in the check too, word for word.
        reason = ran.err.strip().removeprefix("geo: ").splitlines()[0]
        assert reason in checked.out + checked.err


@pytest.mark.parametrize(("spoil", "told"), PAPERS, ids=lambda value: getattr(value, "__name__", ""))
def test_what_will_stop_the_report_is_told_by_check_and_run(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    spoil: Spoil,
    told: list[str],
) -> None:
    path = write_study(tmp_path, changed(write_town(tmp_path), **spoil(tmp_path)))
    assert ends(monkeypatch, "check", path) == 3
    checked = capsys.readouterr().out
    assert ends(monkeypatch, "run", path, "--out", tmp_path / "out") == 3
    ran = capsys.readouterr().err
    for fault in told:
        assert f"! {fault}" in checked
        assert f"! {fault}" in ran
    assert f"{len(told)} faults in all" in checked
    assert (tmp_path / "out" / "summary.json").is_file()


def test_a_check_of_sites_ends_as_their_search_would(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    siting = {"siting": {"goal": "best", "n": 1, "forced_in": ["No Such Candidate"]}}
    path = write_study(tmp_path, changed(write_town(tmp_path), **siting))
    assert ends(monkeypatch, "check", path) == 1
    assert "No Such Candidate" in capsys.readouterr().out
    assert ends(monkeypatch, "site", path, "--out", tmp_path / "out") == 1


def test_all_layers_that_cannot_be_used_are_told_at_once(tmp_path: Path) -> None:
    study = town_study(
        tmp_path,
        study={"plan": "no-such-plan"},
        facilities=[{"path": "none.csv"}, {"path": "stations.gpkg"}],
        demand=[{"path": "villages.gpkg", "people": "nobody"}, {"path": "gone.gpkg", "people": 1}],
        zones=[{"path": "lost.gpkg", "level": "town"}],
        hazards=[{"path": "flood.gpkg"}],
    )
    with pytest.raises(FaultsError) as told:
        make_ready(study)
    sections = [str(error).split("]")[0].lstrip("[") for error in told.value.errors]
    assert sections == ["study", "facilities 1", "zones 1", "demand 1", "demand 2", "hazards 1"]
    with pytest.raises(FaultsError, match="6 faults stop this study"):
        check_study(study, lang="en")
    with pytest.raises(FaultsError, match="6 faults stop this study"):
        run_study(study)


def test_a_fault_of_another_layer_hides_none_of_the_calls(tmp_path: Path) -> None:
    study = town_study(tmp_path, calls=[{"path": "none.csv"}], hazards=[{"path": "flood.gpkg"}])
    with pytest.raises(FaultsError) as told:
        make_ready(study)
    sections = [str(error).split("]")[0].lstrip("[") for error in told.value.errors]
    assert sections == ["hazards 1", "calls 1"]


def test_a_folder_of_results_that_holds_inputs_stops_the_check_as_it_stops_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_study(tmp_path, changed(write_town(tmp_path), study={"out": "."}))
    before = sorted(tmp_path.iterdir())
    assert ends(monkeypatch, "check", path) == 1
    assert "input files of this study" in capsys.readouterr().out
    assert sorted(tmp_path.iterdir()) == before
    assert ends(monkeypatch, "run", path) == 1
    # Beside a layer that cannot be used both are told.
    study = changed(write_town(tmp_path), study={"out": "."}, demand=[{"path": "none.csv", "people": 1}])
    assert ends(monkeypatch, "check", write_study(tmp_path, study)) == 1
    told = "".join(capsys.readouterr())
    assert "input files of this study" in told
    assert "none.csv" in told


def test_where_the_roads_cannot_be_used_the_other_layers_are_judged_all_the_same(tmp_path: Path) -> None:
    study = town_study(
        tmp_path,
        roads={"path": "none.gpkg"},
        facilities=[{"path": "stations.gpkg"}, {"path": "none.csv"}],
        land={"path": "no-land.gpkg"},
        demand=[{"path": "villages.gpkg", "people": "nobody"}],
    )
    with pytest.raises(FaultsError) as told:
        make_ready(study)
    sections = [str(error).split("]")[0].lstrip("[") for error in told.value.errors]
    assert sections == ["roads", "facilities 2", "land", "demand 1"]


def test_a_check_goes_on_behind_a_scenario_that_cannot_be_used(tmp_path: Path) -> None:
    frame(points((10, 0), (200, 0)), name=["h1", "h2"]).to_file(tmp_path / "hydrants.gpkg")
    frame(points((1000, 0), (2000, 0)), name=["a", "b"], heads=["12", "about 30"]).to_file(
        tmp_path / "v.gpkg"
    )
    study = town_study(
        tmp_path,
        facilities=[{"path": "stations.gpkg"}, {"path": "hydrants.gpkg", "kind": "hydrant"}],
        demand=[{"path": "v.gpkg", "people": "heads"}],
        hydrants={"classes": ["motorway"]},
        scenarios=[{"name": "x", "close": ["No Such Station"]}],
    )
    told = check_study(study, lang="en")
    assert [str(error).split("]")[0].lstrip("[") for error in told.errors] == ["scenarios 'x'", "hydrants"]
    assert (told.n_faults, "row 2, heads 'about 30'" in told.text) == (1, True)
    with pytest.raises(GeoError, match="No Such Station"):
        run_study(study)


def test_one_error_stays_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(GeoError) as told:
        make_ready(town_study(tmp_path, facilities=[{"path": "none.csv"}]))
    assert not isinstance(told.value, FaultsError)
    assert str(told.value).startswith("[facilities 1] ")


def test_what_can_change_a_number_is_told_by_the_run_in_both_languages(tmp_path: Path) -> None:
    shapes = points(*[(100 * i, 0) for i in range(1, 7)])
    frame(shapes, name=list("abcdef"), heads=["12", "x", "y", "z", "w", "30"]).to_file(tmp_path / "v.gpkg")
    study = town_study(tmp_path, demand=[{"path": "v.gpkg", "people": "heads"}])
    result = run_study(study)
    said = {lang: [told.text for told in tell_remarks(result.inputs, lang=lang)] for lang in LANGS}
    assert [text for text in said["en"] if text.startswith("[demand 1] row ")] == [
        text for text in said["en"] if "is not a number" in text
    ]
    # Three of the four rows, and which more there are.
    assert sum("is not a number" in text for text in said["en"]) == 3
    assert "[demand 1] 1 more like that of row 2: rows 5" in said["en"]
    assert "[demand 1] 另有 1 处与第 2 行同类：第 5 行" in said["zh"]
    assert count_faults(result.inputs, result.coverage) == 4
    # Whoever is handed the map or the workbook alone is told as well.
    written = write_outputs(result, tmp_path / "out")
    # The map says the section of the study file in words.
    assert '"People 1: 1 more like that of row 2: rows 5"' in written["map.html"].read_text(encoding="utf-8")
    last = {
        "en": "[demand 1] 1 more like that of row 2: rows 5",
        "zh": "[demand 1] 另有 1 处与第 2 行同类：第 5 行",
    }
    assert last in summarise(result)["remarks"]
    assert [told.text for told in tell_doubts(study, result.inputs, result.coverage, lang="en")] == [
        "the layers have 4 faults, see geo check"
    ]


def test_the_sample_has_nothing_to_mend_and_tells_its_sums() -> None:
    ready = make_ready(read_study("sample"))
    assert sum(len(report.faults) for _, report in ready.inputs.reports) == 0
    # Its expressway goes over the streets without a column that says so, and no engine takes its two ferries.
    of_roads = {"network.roads_cross", "network.ferries_closed"}
    assert {note.key for _, note in ready.inputs.notes} == {
        "study.own_statuses",
        "study.own_conditions",
        "study.people_sum",
        "study.datum_open",  # what the check says of each study in China whose places do not stand at roads
        *of_roads,
    }
    said = list(tell_remarks(ready.inputs, lang="zh"))
    assert said[-1].text == "[demand 1] 人口核对：villages.csv 共 637,900 人 = 计入 637,900 人 + 未计入 0 人"
