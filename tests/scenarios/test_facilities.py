"""Facilities added, moved, upgraded, closed, built: new tables, and errors that name what could be meant."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS

from geo.crs import wgs84_to_gcj02
from geo.errors import CrsError, InputError
from geo.scenarios import (
    add_facility,
    build_facility,
    close_facility,
    find_facility,
    move_facility,
    place_point,
    upgrade_facility,
)
from geo.stations import make_facilities, merge_facilities
from tests.towns import METRIC, places


def stations() -> gpd.GeoDataFrame:
    rows = places(
        {"F01": (0, 0), "F02": (1000, 0), "P1": (2000, 0)},
        id=["F01", "F02", "P1"],
        name=["枕云消防救援站", "枕云南消防救援站", "听澜消防救援站"],
        status=["existing", "existing", "planned"],
        staff=[45, 12, 20],
    ).reset_index(drop=True)
    made, _ = make_facilities(rows, kind="fire_station", crs=METRIC, prefix="fire_station-1")
    depots = places({"a": (0, 500)}, id=["D1"], name=["听澜应急物资库"]).reset_index(drop=True)
    more, _ = make_facilities(depots, kind="depot", crs=METRIC, prefix="depot-2")
    return merge_facilities(made, more)


AT = shapely.Point(350_500, 3_500_000)


@pytest.mark.parametrize(
    ("which", "found"),
    [
        ("fire_station-1-F02", "fire_station-1-F02"),
        ("F02", "fire_station-1-F02"),
        ("f02", "fire_station-1-F02"),
        ("枕云消防救援站", "fire_station-1-F01"),
        ("枕云南", "fire_station-1-F02"),
        (" 听澜 ", "fire_station-1-P1"),
        ("物资库", "depot-2-D1"),
    ],
)
def test_a_facility_is_found_by_id_name_or_part_of_a_name(which: str, found: str) -> None:
    assert find_facility(stations(), which, first="fire_station") == found


def test_an_ambiguous_name_names_those_it_may_mean() -> None:
    with pytest.raises(InputError, match="'枕云' is the name of 2 facilities; give the id") as error:
        find_facility(stations(), "枕云")
    assert "fire_station-1-F01 枕云消防救援站" in str(error.value)
    assert "fire_station-1-F02 枕云南消防救援站" in str(error.value)
    # Without a kind that comes first, a station and a depot are as good as each other.
    with pytest.raises(InputError, match="2 facilities"):
        find_facility(stations(), "听澜")


def test_an_unknown_name_tells_the_nearest() -> None:
    with pytest.raises(InputError, match="nearest names are") as error:
        find_facility(stations(), "听栏消防救援站")
    assert "听澜消防救援站" in str(error.value)
    with pytest.raises(InputError, match="no facility has the id or name ''"):
        find_facility(stations(), "")
    with pytest.raises(InputError, match="none that could be meant"):
        find_facility(stations().iloc[:0], "F01")


def test_a_facility_is_added_in_the_last_row_with_its_own_id() -> None:
    before = stations()
    more = add_facility(
        before, kind="fire_station", name="圆沙", at=AT, values={"staff": 20, "turnout_s": 60}
    )
    assert more.index.tolist() == [*before.index, "new-1"]
    assert len(before) == 4, "the table given is not changed"
    assert more.loc["new-1", "status"] == "existing"
    assert more.loc["new-1", ["staff", "turnout_s"]].tolist() == [20, 60]
    assert more.dtypes.equals(before.dtypes)
    again = add_facility(more, kind="shelter", name="公园", at=AT)
    assert again.index[-1] == "new-2"
    with pytest.raises(InputError, match="'new-1' is taken"):
        add_facility(more, kind="shelter", name="公园", at=AT, facility_id="new-1")
    with pytest.raises(InputError, match="has no colour"):
        add_facility(more, kind="shelter", name="公园", at=AT, values={"colour": "red"})
    with pytest.raises(InputError, match="station_class 'huge'"):
        add_facility(more, kind="fire_station", name="大", at=AT, values={"station_class": "huge"})
    with pytest.raises(InputError, match="staff is -1"):
        add_facility(more, kind="fire_station", name="大", at=AT, values={"staff": -1})


def test_each_change_touches_one_row_and_one_thing() -> None:
    before = stations()
    moved = move_facility(before, "fire_station-1-F02", at=AT)
    assert moved.geometry["fire_station-1-F02"] == AT
    assert (moved.geometry.geom_equals(before.geometry)).tolist() == [True, False, True, True]
    better = upgrade_facility(before, "fire_station-1-F02", {"station_class": "first", "staff": 40})
    assert better["staff"].iloc[:3].tolist() == [45, 40, 20]
    assert better["station_class"].iloc[1] == "first"
    closed = close_facility(before, "fire_station-1-F01")
    assert closed["status"].tolist() == ["closed", "existing", "planned", "existing"]
    built = build_facility(before, "fire_station-1-P1")
    assert built["status"].tolist() == ["existing"] * 4
    assert before["status"].tolist() == ["existing", "existing", "planned", "existing"]
    with pytest.raises(InputError, match="it is there already"):
        build_facility(before, "fire_station-1-F01")
    with pytest.raises(InputError, match="no facility with the id 'F9'"):
        close_facility(before, "F9")


def test_coordinates_are_read_in_the_system_they_are_said_to_be_in() -> None:
    target = CRS.from_epsg(32651)
    lon, lat = 121.7, 31.4
    right = place_point(lon, lat, crs="EPSG:4326", target=target)
    shifted = [float(value[0]) for value in wgs84_to_gcj02(np.array([lon]), np.array([lat]))]
    assert place_point(*shifted, crs="GCJ-02", target=target).distance(right) < 0.5
    # Taken for WGS 84 the same numbers lie some 500 m off.
    assert 300 < place_point(*shifted, crs="EPSG:4326", target=target).distance(right) < 700
    assert place_point(right.x, right.y, crs="EPSG:32651", target=target).distance(right) < 0.01
    with pytest.raises(CrsError, match="exchanged"):
        place_point(lat, lon, crs="EPSG:4326", target=target)
    with pytest.raises(CrsError):
        place_point(350_000, 3_500_000, crs="EPSG:4326", target=target)


def test_a_station_that_is_rebuilt_elsewhere_does_not_count_twice() -> None:
    planned = add_facility(stations(), kind="fire_station", name="枕云消防救援站", at=AT, status="planned")
    built = build_facility(planned, "new-1")
    assert built["status"].to_dict() == {
        "fire_station-1-F01": "closed",
        "fire_station-1-F02": "existing",
        "fire_station-1-P1": "planned",
        "depot-2-D1": "existing",
        "new-1": "existing",
    }


def test_a_hydrant_that_is_added_works_and_a_planned_one_says_nothing_of_it() -> None:
    more = add_facility(stations(), kind="hydrant", name="新栓", at=AT)
    more = add_facility(more, kind="hydrant", name="规划栓", at=AT, status="planned")
    more = add_facility(more, kind="hydrant", name="坏栓", at=AT, values={"is_working": False})
    more = add_facility(more, kind="depot", name="库", at=AT)
    assert more["is_working"].tail(4).tolist() == [True, pd.NA, False, pd.NA]
