"""Rooms are asked again only where something that they look at differs, and then answer as from the start."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from geo.assessment import StudyResult, assess
from geo.inputs import read_inputs
from geo.studyfile import read_study


@pytest.fixture(scope="module")
def today() -> StudyResult:
    study = replace(read_study("sample"), scenarios=(), projects=None)
    return assess(study, read_inputs(study), draw_areas=False)


def _same(a: StudyResult, b: StudyResult) -> None:
    assert list(a.findings) == list(b.findings)
    for name, found in a.findings.items():
        pd.testing.assert_frame_equal(pd.DataFrame(found.table), pd.DataFrame(b.findings[name].table))
        assert found.figures == pytest.approx(b.findings[name].figures, nan_ok=True)


@pytest.mark.parametrize("kind", ["shelter", "fire_station", "depot", "hydrant"])
def test_what_is_kept_is_what_would_be_found(today: StudyResult, kind: str) -> None:
    rows = today.inputs.facilities
    gone = rows.index[(rows["kind"] == kind) & (rows["status"] == "existing")][0]
    changed = replace(today.inputs, facilities=rows.drop(gone))
    quick = assess(today.study, changed, draw_areas=False, before=today)
    _same(quick, assess(today.study, changed, draw_areas=False))
    kept = {found.words for name, found in quick.findings.items() if found is today.findings.get(name)}
    looking = {
        "shelter": {"shelters"},
        "fire_station": {"zones", "roads_lost"},
        "depot": {"depots"},
        "hydrant": {"hydrants"},
    }
    every = {"zones", "shelters", "depots", "hydrants", "roads_lost"}
    assert kept == every - looking[kind]


def test_another_road_network_asks_every_room(today: StudyResult) -> None:
    changed = replace(today.inputs, network=replace(today.inputs.network))
    again = assess(today.study, changed, draw_areas=False, before=today)
    assert not [name for name, found in again.findings.items() if found is today.findings[name]]
