"""What a room finds, kept for later runs: the same as found anew, and asked again where its layers change."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import geopandas as gpd
import pandas as pd
import pytest

from geo.findings import Finding
from geo.study import make_ready, parse_study
from geo.study.findings import registry
from geo.study.findings.hydrants import report_hydrants
from tests.digests import digest_of
from tests.study.inputs.test_keeping import town

HYDRANTS = tuple(room for room in registry._ROOMS if room.words == "hydrants")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(registry, "_ROOMS", HYDRANTS)  # no other room keeps what it finds
    return tmp_path / "cache" / "emergency-geo"


def find(
    sections: dict[str, Any], folder: Path, *, use_cache: bool = True
) -> tuple[Mapping[str, Finding], bool]:
    """Give what the room of hydrants finds, and whether it was asked."""
    study = parse_study(sections, folder=folder)
    ready = make_ready(study, use_cache=use_cache)
    coverage: Any = None  # says nothing of hydrants
    with mock.patch.object(registry, "report_hydrants", wraps=report_hydrants) as asked:
        findings = registry.find_resources(study, ready.inputs, coverage, keeper=ready.keeper)
    assert findings
    return findings, asked.called


def digest(findings: Mapping[str, Finding]) -> dict[str, str]:
    return {
        name: digest_of([finding.table, dict(finding.figures), finding.notes, finding.style])
        for name, finding in findings.items()
    }


def shift(file: Path, metres: float) -> None:
    table = gpd.read_file(file)
    table.set_geometry(table.translate(xoff=metres)).to_file(file)


def test_hydrants_are_asked_again_only_where_their_layers_change(tmp_path: Path) -> None:
    sections = town(tmp_path)
    first, was_asked = find(sections, tmp_path)
    assert was_asked
    shift(tmp_path / "stations.gpkg", 7.0)
    (tmp_path / "posts.csv").unlink()  # shelters, before the hydrants in the table
    sections["facilities"] = [spec for spec in sections["facilities"] if spec["path"] != "posts.csv"]
    again, was_asked = find(sections, tmp_path)
    assert not was_asked
    anew, _ = find(sections, tmp_path, use_cache=False)
    assert digest(again) == digest(anew) == digest(first)
    for edit in (
        lambda: shift(tmp_path / "hydrants.shp", 40.0),
        lambda: sections.update(hydrants={"radius_m": 90.0}),
    ):
        edit()
        now, was_asked = find(sections, tmp_path)
        assert was_asked
        anew, _ = find(sections, tmp_path, use_cache=False)
        assert digest(now) == digest(anew) != digest(again)
        again = now


def test_nothing_found_is_taken_where_a_file_changes_after_it_was_read(tmp_path: Path) -> None:
    sections = town(tmp_path)
    find(sections, tmp_path)
    study = parse_study(sections, folder=tmp_path)
    ready = make_ready(study)
    shift(tmp_path / "villages.gpkg", 40.0)
    coverage: Any = None
    with mock.patch.object(registry, "report_hydrants", wraps=report_hydrants) as asked:
        registry.find_resources(study, ready.inputs, coverage, keeper=ready.keeper)
    assert asked.called


def test_what_is_found_of_recorded_calls_is_not_kept(tmp_path: Path, cache: Path) -> None:
    sections = town(tmp_path)
    call = {"id": "1", "received": "2024-01-01 10:00", "lon": 121.0, "lat": 31.0}
    pd.DataFrame([call]).to_csv(tmp_path / "calls.csv", index=False)
    study = parse_study({**sections, "calls": [{"path": "calls.csv"}]}, folder=tmp_path)
    ready = make_ready(parse_study(sections, folder=tmp_path))
    coverage: Any = None
    registry.find_resources(study, ready.inputs, coverage, keeper=ready.keeper)
    assert not [file for file in cache.iterdir() if "hydrants" in file.name]
