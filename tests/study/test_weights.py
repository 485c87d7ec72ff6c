"""Which notes can change a number: "no faults found" stands beside none of them, in check and run."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.cli import main
from geo.messages import Message
from geo.outputs import summarise
from geo.study import check_study, count_doubts, read_study, run_study, tell_doubts, tell_remarks
from geo.study.weights import STATEMENTS, can_change
from geo.words import LANGS, say
from tests.studies import CRS, changed, frame, points, town_study, write_study, write_town

LAYERS = Path(__file__).parents[2] / "layers"
CLEAN = {"en": "No faults found", "zh": "没有发现问题"}


def verdict(folder: Path, lang: str = "en", **changes: Any) -> str:
    return check_study(town_study(folder, **changes), lang=lang).text.rstrip().splitlines()[-1]  # type: ignore[arg-type]


@pytest.mark.parametrize("key", sorted(STATEMENTS))
def test_each_statement_is_a_note_there_is(key: str) -> None:
    room, _, name = key.partition(".")
    words = tomllib.loads((LAYERS / "words" / f"{room}.toml").read_text(encoding="utf-8"))
    assert set(LANGS) <= set(words[name])
    assert not can_change(Message(key))


def unknown_classes(folder: Path) -> dict[str, Any]:
    roads = gpd.read_file(folder / "roads.gpkg", layer="links")
    roads.loc[roads["name"] == "Side Road", "highway"] = "某种道路"
    roads.to_file(folder / "roads.gpkg", layer="links")
    return {}


def people_twice(folder: Path) -> dict[str, Any]:
    frame(points((1000, 0), (1000, 0)), name=["a", "a"], heads=[12, 12]).to_file(folder / "villages.gpkg")
    return {}


def no_column_of_directions(folder: Path) -> dict[str, Any]:
    roads = gpd.read_file(folder / "roads.gpkg", layer="links")
    roads.drop(columns="oneway").to_file(folder / "roads.gpkg", layer="links")
    return {}


def roads_in_pieces(folder: Path) -> dict[str, Any]:
    lines = [shapely.LineString([(100 * k, 300), (100 * k + 60, 300)]) for k in range(80)]
    scraps = frame(lines).assign(highway="tertiary", oneway="no")
    roads = gpd.read_file(folder / "roads.gpkg", layer="links")
    both = pd.concat([roads, scraps.to_crs(roads.crs)])
    gpd.GeoDataFrame(both, crs=roads.crs).to_file(folder / "roads.gpkg", layer="links")
    return {}


@pytest.mark.parametrize("spoil", [unknown_classes, people_twice, roads_in_pieces, no_column_of_directions])
def test_no_verdict_is_clean_beside_a_strong_note(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, spoil: Any
) -> None:
    path = write_study(tmp_path, changed(write_town(tmp_path), **spoil(tmp_path)))
    study = read_study(path)
    checked = {lang: check_study(study, lang=lang) for lang in LANGS}
    result = run_study(study)
    told = [*tell_remarks(result.inputs, lang="en")]
    told += tell_doubts(result.study, result.inputs, result.coverage, lang="en")
    n = count_doubts(told)
    assert n > 0
    assert summarise(result)["notes_that_can_change_a_number"] == n
    for lang, report in checked.items():
        assert report.n_doubts == n
        assert report.n_faults == 0
        assert CLEAN[lang] not in report.text
        last = report.text.rstrip().splitlines()[-1]
        assert last == say("study.doubts_alone", lang=lang, n=n)
        # each note that counts stands before the verdict with its mark, and no other
        marked = [line for line in report.text.splitlines() if line.startswith("! ")]
        assert len(marked) == n
    for words in (("check", path), ("run", path, "--out", tmp_path / "out")):
        monkeypatch.setattr("sys.argv", ["geo", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            main()
        out = capsys.readouterr().out
        assert not end.value.code  # nothing is to be mended: docs/exit-codes.md
        assert f"{n} notes above" in out
        for remark in told:
            if remark.weight == "doubt":
                assert f"! {remark.text.removeprefix('! ')}" in out


def test_a_clean_town_is_clean(tmp_path: Path) -> None:
    assert {lang: verdict(tmp_path, lang).rstrip("。.") for lang in LANGS} == CLEAN


def test_faults_and_notes_are_both_counted(tmp_path: Path) -> None:
    frame(points((1000, 0), (1000, 0), (0, 0)), name=["a", "a", "b"], heads=["12", "12", "x"]).to_file(
        tmp_path / "v.gpkg"
    )
    text = check_study(
        town_study(tmp_path, demand=[{"path": "v.gpkg", "people": "heads", "crs": CRS}]), lang="en"
    ).text
    first, second = text.rstrip().splitlines()[-2:]
    assert first.startswith("1 faults in all")
    assert second.endswith("can change a number: look at each before you show a figure.")


def test_sums_count_only_where_people_are_lost_for_another_reason_than_a_choice() -> None:
    chosen, lost = Message("study.left_where"), Message("layers.no_geometry")
    for reasons, is_open in (((chosen,), False), ((chosen, lost), True)):
        parts = tuple(Message("study.people_left", {"n": 1, "people": 5.0, "reason": why}) for why in reasons)
        assert can_change(Message("study.people_sum_left", {"parts": parts})) is is_open
    assert not can_change(Message("study.water_unheeded", {"n": 0, "near_km2": 0.01}))
    assert can_change(Message("study.water_unheeded", {"n": 0, "near_km2": 1.0}))


def test_records_that_lack_some_stamps_are_as_usual_and_many_are_a_doubt() -> None:
    counts = {"measure": "driving", "n_rows": 100, "others": ()}
    assert not can_change(Message("calls.note_counts", {**counts, "n": 80}))
    assert can_change(Message("calls.note_counts", {**counts, "n": 79}))
