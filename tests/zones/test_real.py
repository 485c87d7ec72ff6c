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
from geo.zones.faces import RIGHT_M
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


@pytest.fixture(scope="module")
def liechtenstein(tmp_path_factory: pytest.TempPathFactory) -> tuple[Inputs, Coverage, Zoning]:
    pbf = str(real("liechtenstein/liechtenstein-240304.osm.pbf"))
    sections = {
        "study": {"name": "Liechtenstein", "lang": "en"},
        "roads": {"path": pbf},
        "facilities": [{"path": pbf}],
        "demand": [{"path": pbf, "method": "places"}],
    }
    folder = tmp_path_factory.mktemp("liechtenstein")
    return zones_of(parse_study(sections, folder=folder))


def test_the_people_of_liechtenstein_live_in_the_zone_of_their_first_station(
    liechtenstein: tuple[Inputs, Coverage, Zoning],
) -> None:
    inputs, coverage, zoning = liechtenstein
    table = zoning.table
    # Without land the ground ends 500 m from a road, drawn 5 m coarse: a house just outside is in no zone.
    assert share_in_own_zone(coverage, zoning) >= 0.9995
    total = table[["people", "people_unreached"]].sum().sum()
    assert total == pytest.approx(inputs.demand["people"].sum())
    assert shapely.union_all(table.geometry.array).area / 1e6 == pytest.approx(
        table["area_km2"].sum(), rel=1e-6
    )


def test_every_spot_of_liechtenstein_is_in_the_zone_of_its_nearest_road_to_two_metres(
    liechtenstein: tuple[Inputs, Coverage, Zoning],
) -> None:
    """Spots anywhere and beside the borders, against the distances that GEOS gives to all roads."""
    _, _, zoning = liechtenstein
    lines = shapely.linestrings(np.stack([zoning.roads.xy, zoning.roads.to_xy], axis=1))
    owner, table = zoning.roads.owner, zoning.table
    n_stations = int(table["facility_id"].notna().sum())
    zones = np.asarray(table.geometry.array)
    borders = shapely.get_parts(shapely.union_all(shapely.boundary(zones[:n_stations])))
    beside = [shapely.line_interpolate_point(line, np.arange(0, line.length, 20.0)) for line in borders]
    low, high = np.array(table.total_bounds).reshape(2, 2)
    rng = np.random.default_rng(11)
    around = shapely.get_coordinates(np.concatenate(beside))
    xy = np.concatenate([around + rng.normal(0.0, 2.0, around.shape), rng.uniform(low, high, (20_000, 2))])
    spots = shapely.points(xy)
    n_held = 0
    for part in zoning.ground:
        here = spots[shapely.intersects(part, spots)]
        # Pieces of road end on the rim of their part, to a rounding.
        on_it = shapely.dwithin(part, lines, 1e-6) & shapely.intersects(part, shapely.centroid(lines))
        if not on_it.any() or not len(here):
            continue
        nearest_m = distance_to_nearest(lines[on_it], here)
        for row in range(n_stations):
            own, inside = on_it & (owner == row), shapely.intersects(zones[row], here)
            if inside.any():
                farther_m = distance_to_nearest(lines[own], here[inside]) - nearest_m[inside]
                assert farther_m.max() <= RIGHT_M + 1e-6
                n_held += int(inside.sum())
    assert n_held > 10_000


def distance_to_nearest(lines: np.ndarray, spots: np.ndarray) -> np.ndarray:
    """Give the metres from each spot to the nearest of some lines."""
    (of, _), metres = shapely.STRtree(lines).query_nearest(spots, return_distance=True, all_matches=False)
    assert len(of) == len(spots)
    return metres
