"""Rows of call records, each usable or counted by its reason."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.calls import CALLS, CallRecords, check_calls, clean_calls
from geo.errors import InputError

RIGHT = {
    "call_id": "A1",
    "station_id": "S1",
    "called_at": "2024-03-05 23:58:00",
    "dispatched_at": "2024-03-05 23:59:00",
    "left_at": "2024-03-06 00:00:10",
    "arrived_at": "2024-03-06 00:06:10",
    "back_at": "2024-03-06 01:00:00",
}


def _rows(*rows: dict[str, object], at: object = shapely.Point(1, 2)) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        pd.DataFrame(list(rows), dtype=object), geometry=[at] * len(rows), crs="EPSG:32651"
    )


def _n(records: CallRecords, measure: str) -> dict[str, int]:
    part = records.counts[records.counts["measure"] == measure]
    return dict(zip(part["reason"], part["n_rows"], strict=True))


def test_the_times_of_a_whole_row() -> None:
    row = clean_calls(_rows(RIGHT)).table.iloc[0]
    # 23:58:00 - 23:59:00 - 00:00:10 - 00:06:10, back 01:00:00
    assert (row["handling_s"], row["turnout_s"], row["driving_s"]) == (60.0, 70.0, 360.0)
    assert (row["service_s"], row["response_s"]) == (3660.0, 490.0)


@pytest.mark.parametrize(
    ("start", "response_s"), [("call", 490.0), ("dispatch", 430.0), ("departure", 360.0)]
)
def test_the_response_is_on_the_clock_of_the_study(start: str, response_s: float) -> None:
    assert clean_calls(_rows(RIGHT), clock_start=start).table["response_s"].iloc[0] == response_s


def test_clock_times_alone_run_over_midnight_with_the_day_of_the_call() -> None:
    clocks = {name: str(value).split()[1] if name.endswith("_at") else value for name, value in RIGHT.items()}
    records = clean_calls(_rows({**clocks, "date": "2024年3月5日"}))
    whole = clean_calls(_rows(RIGHT)).table
    pd.testing.assert_frame_equal(pd.DataFrame(records.table), pd.DataFrame(whole))
    assert "clock" in set(records.repaired["repair"])


@pytest.mark.parametrize(
    ("wrong", "how"),
    # 6 March as 3 June; and the year before, as in a January
    [("2024-06-03 00:06:10", "day_month"), ("2023-03-06 00:06:10", "year")],
)
def test_a_typing_error_that_can_be_read_in_one_way_only_is_mended_and_told(wrong: str, how: str) -> None:
    records = clean_calls(_rows({**RIGHT, "arrived_at": wrong}))
    assert records.table["driving_s"].iloc[0] == 360.0
    repaired = records.repaired.set_index(["stamp", "repair"])["n_rows"]
    assert repaired.loc["arrived_at", how] == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"arrived_at": None}, "no_arrived_at"),
        ({"arrived_at": "到了"}, "unreadable_arrived_at"),
        ({"arrived_at": "2024-03-06 00:00:09"}, "out_of_order"),
        ({"arrived_at": "2024-03-06 00:00:10"}, "no_time_between"),
        ({"arrived_at": "2024-03-06 02:00:10"}, "usable"),  # 7200 s: the limit itself
        ({"arrived_at": "2024-03-06 02:00:11"}, "too_long"),
        ({"left_at": None}, "no_left_at"),
    ],
)
def test_what_spoils_a_drive_is_counted_by_its_reason(change: dict[str, object], reason: str) -> None:
    records = clean_calls(_rows({**RIGHT, **change}))
    assert _n(records, "driving") == {reason: 1}
    assert np.isnan(records.table["driving_s"].iloc[0]) == (reason != "usable")
    assert records.table["handling_s"].iloc[0] == 60.0  # the others stay


def test_doubles_go_and_several_engines_of_a_call_stay() -> None:
    records = clean_calls(_rows(RIGHT, RIGHT, {**RIGHT, "station_id": "S2"}))
    assert records.table["station_id"].tolist() == ["S1", "S2"]
    assert _n(records, "driving") == {"double": 1, "usable": 2}


def test_the_period_has_its_first_moment_and_not_its_end() -> None:
    at = pd.Timestamp(str(RIGHT["called_at"]))
    assert len(clean_calls(_rows(RIGHT), period=(at, None)).table) == 1
    late = clean_calls(_rows(RIGHT), period=(None, at))
    assert len(late.table) == 0
    assert _n(late, "place") == {"outside_period": 1}


@pytest.mark.parametrize("at", [None, shapely.Point()])
def test_a_call_without_a_place_is_counted_and_its_times_stay(at: object) -> None:
    records = clean_calls(_rows(RIGHT, at=at))
    assert _n(records, "place") == {"no_place": 1}
    assert records.table["driving_s"].iloc[0] == 360.0


CELLS = st.sampled_from(
    [None, "", "x", "13:05", "24:00", "2024-03-05 13:05", "2024-05-03 13:05", 45356.5, "2023-03-05 1:0"]
)


@given(st.lists(st.tuples(st.sampled_from(["1", "2", None]), CELLS, CELLS, CELLS, CELLS, CELLS), max_size=12))
def test_the_counts_of_each_measure_add_up_to_the_rows_read(cells: list[tuple[object, ...]]) -> None:
    rows = pd.DataFrame(cells, columns=["call_id", *list(RIGHT)[2:]], dtype=object)
    read = gpd.GeoDataFrame(rows, geometry=[None] * len(rows), crs="EPSG:32651")
    records = clean_calls(read, period=(pd.Timestamp("2024-03-01"), pd.Timestamp("2024-05-01")))
    for measure in ("handling", "turnout", "driving", "service", "response"):
        n = _n(records, measure)
        assert sum(n.values()) == len(rows)
        assert n.get("usable", 0) == records.table[f"{measure}_s"].notna().sum()
        assert not (records.table[f"{measure}_s"] < 0).any()
    assert sum(_n(records, "place").values()) == len(rows)


def test_a_table_without_ids_or_columns_is_refused() -> None:
    with pytest.raises(InputError, match="call_id"):
        clean_calls(_rows({"called_at": "2024-03-05 13:05"}))
    with pytest.raises(InputError, match="response_s"):
        check_calls(_rows(RIGHT))
    assert tuple(clean_calls(_rows(RIGHT)).table.columns) == CALLS


def test_a_clock_before_the_one_it_follows_is_no_long_service() -> None:
    # back at 23:58 after a dispatch at 23:59 of the day before: 23 h 59 min, and surely a typing error
    records = clean_calls(_rows({**RIGHT, "back_at": "23:58"}))
    assert _n(records, "service") == {"too_long": 1}
