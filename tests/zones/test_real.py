"""Zones of real districts: they fill the land, hold their own people, and leave Hengsha without a station."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from geo.coverage import Coverage, cover
from geo.routing import SnapRules
from geo.standards import load_response
from geo.stations import select
from geo.study import Inputs, Study, parse_study, read_inputs
from geo.zones import Zoning, station_zones
from tests.shared import real
from tests.study.test_real_studies import chongming_sections

pytestmark = pytest.mark.real


def zones_of(study: Study) -> tuple[Inputs, Coverage, Zoning]:
    inputs = read_inputs(study)
    coverage = cover(
        inputs.network,
        select(inputs.facilities, kind="fire_station", status=["existing"]),
        inputs.demand,
        standard=load_response("dispatch-5min"),
        snapping=SnapRules(max_m=study.snap.max_m),
    )
    zoning = station_zones(coverage, land=inputs.land, places=inputs.zones, max_snap_m=study.snap.max_m)
    return inputs, coverage, zoning


def share_in_own_zone(coverage: Coverage, zoning: Zoning) -> float:
    """Give the share of the points that are reached which lie in the zone of their own first station."""
    points = np.asarray(coverage.table.geometry.array)
    is_reached = coverage.table["is_reachable"].to_numpy(bool)
    point, face = shapely.STRtree(np.asarray(zoning.faces.geometry.array)).query(
        points, predicate="intersects"
    )
    is_own = np.zeros(len(points), dtype=bool)
    is_own[point[zoning.faces["row"].to_numpy()[face] == zoning.demand["row"].to_numpy()[point]]] = True
    return float(is_own[is_reached].mean())


def test_the_zones_of_chongming_fill_its_land(tmp_path: Path) -> None:
    inputs, coverage, zoning = zones_of(parse_study(chongming_sections(tmp_path), folder=tmp_path))
    table = zoning.table
    assert inputs.land is not None
    assert table["area_km2"].sum() == pytest.approx(inputs.land.union_all().area / 1e6, rel=1e-3)
    assert shapely.union_all(table.geometry.array).area / 1e6 == pytest.approx(
        table["area_km2"].sum(), rel=1e-6
    )
    assert table[["people", "people_unreached"]].sum().sum() == pytest.approx(637_900)
    # No station is logistics: zones serve whom the coverage says.
    served = coverage.stations["people_served"].reindex(table["facility_id"].dropna())
    assert table["people"][: len(served)].tolist() == pytest.approx(served.tolist())
    assert share_in_own_zone(coverage, zoning) == 1.0


def test_hengsha_is_a_zone_without_a_station(tmp_path: Path) -> None:
    _, coverage, zoning = zones_of(parse_study(chongming_sections(tmp_path), folder=tmp_path))
    bare = zoning.table[zoning.table["facility_id"].isna()]
    hengsha = bare[bare["area_km2"] > 50]
    assert hengsha["reason"].tolist() == ["no road"]
    place = coverage.table.loc[coverage.table["name"] == "横沙乡"]
    assert hengsha.geometry.iloc[0].contains(place.geometry.iloc[0])
    assert hengsha["people_unreached"].iloc[0] >= place["people"].sum() > 0
    own = zoning.table.query("name == '横沙乡消防救援站'")
    assert own["area_km2"].tolist() == [0]


def test_the_people_of_liechtenstein_live_in_the_zone_of_their_first_station(tmp_path: Path) -> None:
    pbf = str(real("liechtenstein/liechtenstein-240304.osm.pbf"))
    sections = {
        "study": {"name": "Liechtenstein", "lang": "en"},
        "roads": {"path": pbf},
        "facilities": [{"path": pbf}],
        "demand": [{"path": pbf, "method": "places"}],
    }
    inputs, coverage, zoning = zones_of(parse_study(sections, folder=tmp_path))
    table = zoning.table
    # Without land the ground ends 500 m from a road, drawn 5 m coarse: a house just outside is in no zone.
    assert share_in_own_zone(coverage, zoning) >= 0.9995
    total = table[["people", "people_unreached"]].sum().sum()
    assert total == pytest.approx(inputs.demand["people"].sum())
    assert shapely.union_all(table.geometry.array).area / 1e6 == pytest.approx(
        table["area_km2"].sum(), rel=1e-6
    )
