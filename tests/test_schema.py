"""Tables checked at the door: every fault collected, one error raised."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.errors import InputError
from geo.schema import DEMAND_COLUMNS, check_demand, check_facilities, check_zones


def _facilities(n=2):
    return gpd.GeoDataFrame(
        {
            "kind": ["fire_station"] * n,
            "status": ["existing"] * n,
            "name": ["一站"] * n,
            "station_class": [None] * n,
            "staff": [np.nan] * n,
            "turnout_s": [60.0] * n,
            "area_m2": [np.nan] * n,
            "places": [np.nan] * n,
            "level": [None] * n,
            "flow_lps": [np.nan] * n,
            "is_working": [None] * n,
            "opened_year": [np.nan] * n,
            "zone": [None] * n,
            "village": [None] * n,
            "source": [f"row {i}" for i in range(n)],
        },
        index=[f"s{i}" for i in range(n)],
        geometry=shapely.points(np.arange(2.0 * n).reshape(n, 2)),
        crs=32651,
    )


def _demand(n=2):
    return gpd.GeoDataFrame(
        {"people": [10.0] * n, "risk": [1.0] * n, "zone": [None] * n, "group": [None] * n},
        index=range(n),
        geometry=shapely.points(np.arange(2.0 * n).reshape(n, 2)),
        crs=32651,
    )


def _zones(n=2):
    return gpd.GeoDataFrame(
        {"name": ["镇"] * n, "level": ["town"] * n, "people": [np.nan] * n},
        index=[f"z{i}" for i in range(n)],
        geometry=[shapely.box(i, 0, i + 1, 1) for i in range(n)],
        crs=32651,
    )


@pytest.mark.parametrize(
    ("make", "check"), [(_facilities, check_facilities), (_demand, check_demand), (_zones, check_zones)]
)
def test_a_right_table_comes_back_as_it_is(make, check):
    for n in (0, 1, 3):
        table = make(n)
        assert check(table) is table


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("kind", "fire house", "none of"),
        ("status", None, "none of"),
        ("station_class", "一级站", "none of"),
        ("turnout_s", -1.0, "0 or more"),
        ("staff", np.inf, "0 or more"),
        ("geometry", None, "geometry"),
        ("geometry", shapely.Point(), "geometry"),
        ("geometry", shapely.Point(np.nan, 1), "geometry"),
        ("geometry", shapely.box(0, 0, 1, 1), "geometry"),
    ],
)
def test_a_wrong_facility_is_named(column, value, words):
    table = _facilities()
    table.loc["s1", column] = value
    with pytest.raises(InputError, match=words) as caught:
        check_facilities(table)
    assert len(caught.value.faults) == 1
    assert "s1" in str(caught.value.faults[0])


@pytest.mark.parametrize(
    ("column", "value"), [("people", -1.0), ("people", np.nan), ("people", np.inf), ("risk", np.nan)]
)
def test_people_are_numbers_and_not_negative(column, value):
    table = _demand()
    table.loc[1, column] = value
    with pytest.raises(InputError, match=column):
        check_demand(table)


def test_every_fault_is_collected_and_the_first_five_are_shown():
    table = _demand(8)
    table["people"] = -1.0
    with pytest.raises(InputError) as caught:
        check_demand(table)
    assert len(caught.value.faults) == 8
    assert "and 3 more" in str(caught.value)


def test_ids_are_unique_and_known():
    for check, table in (
        (check_facilities, _facilities()),
        (check_demand, _demand()),
        (check_zones, _zones()),
    ):
        with pytest.raises(InputError, match="more than once"):
            check(table.set_axis([table.index[0]] * 2))
        with pytest.raises(InputError, match="missing"):
            check(table.set_axis([table.index[0], None]))
    with pytest.raises(InputError, match="no text"):
        check_facilities(_facilities().set_axis(range(2)))


def test_missing_columns_and_systems_are_named():
    with pytest.raises(InputError, match=", ".join(DEMAND_COLUMNS[:2])):
        check_demand(_demand().drop(columns=["people", "risk"]))
    with pytest.raises(InputError, match="coordinate system"):
        check_zones(_zones().set_crs(None, allow_override=True))
    with pytest.raises(InputError, match="geometry"):
        check_demand(_demand().drop(columns="geometry"))


def test_zones_are_valid_polygons():
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    table = _zones()
    table.loc["z0", "geometry"] = bow
    with pytest.raises(InputError, match="z0"):
        check_zones(table)
