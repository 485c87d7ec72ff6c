"""The map of a study: base maps by choice, planned stations shown, Tianditu only with a key."""

from __future__ import annotations

from dataclasses import replace

import pytest

from geo.errors import StudyError
from geo.outputs import draw_map
from geo.study import StudyResult, read_study, run_study
from geo.study.settings.layers import MapSpec


@pytest.fixture(scope="module")
def result() -> StudyResult:
    return run_study(read_study("sample"), lang="zh")


def _page(result: StudyResult, *basemaps: str) -> str:
    study = replace(result.study, map=MapSpec(basemaps=list(basemaps)))  # type: ignore[arg-type]
    return draw_map(replace(result, study=study)).get_root().render()


def test_only_the_base_maps_that_were_chosen_may_be_loaded(result: StudyResult) -> None:
    assert "tile.openstreetmap.org" not in _page(result)
    assert "tile.openstreetmap.org" in _page(result, "osm")
    assert "autonavi" not in _page(result, "osm")


def test_tianditu_needs_its_key_from_the_environment(
    result: StudyResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TIANDITU_KEY", raising=False)
    with pytest.raises(StudyError, match="TIANDITU_KEY"):
        _page(result, "tianditu")
    monkeypatch.setenv("TIANDITU_KEY", "0123abcd")
    assert "0123abcd" in _page(result, "tianditu")


def test_planned_stations_are_shown_and_not_counted(result: StudyResult) -> None:
    page = _page(result)
    planned = result.inputs.facilities.query("kind == 'fire_station' and status == 'planned'")
    assert len(planned) == 3
    for name in planned["name"]:
        assert name not in set(result.coverage.stations["name"])
        assert name in page or name.encode("unicode_escape").decode() in page
