"""Times of call records, as people write them."""

from __future__ import annotations

from datetime import datetime, time

import pandas as pd
import pytest

from geo.calls import read_stamps


@pytest.mark.parametrize(
    ("cell", "at"),
    [
        ("2024-03-05 13:05:09", "2024-03-05 13:05:09"),
        ("2024/3/5 13:05", "2024-03-05 13:05:00"),
        ("2024-03-05T13:05:09.250", "2024-03-05 13:05:09"),
        ("2024年3月5日 13时05分", "2024-03-05 13:05:00"),
        ("2024年3月5日13时05分09秒", "2024-03-05 13:05:09"),
        ("２０２４－０３－０５　１３：０５", "2024-03-05 13:05:00"),
        ("20240305130509", "2024-03-05 13:05:09"),
        ("2024-02-28 24:00", "2024-02-29 00:00:00"),  # a leap year
        (datetime(2024, 3, 5, 13, 5), "2024-03-05 13:05:00"),
        # 45356 is 2024-03-05 (45292 is 2024-01-01; 31 + 29 + 4 days later); .5 is noon
        (45356.5, "2024-03-05 12:00:00"),
        ("45356.5", "2024-03-05 12:00:00"),
    ],
)
def test_a_time_in_any_of_these_ways_is_that_time(cell: object, at: str) -> None:
    read = read_stamps(pd.Series([cell], dtype=object))
    assert read["at"].iloc[0] == pd.Timestamp(at)
    assert not read["is_unreadable"].iloc[0]


@pytest.mark.parametrize(
    "cell",
    ["13:05", "1899-12-30 13:05:00", "1900-01-00 13:05", time(13, 5), 785 / 1440, "13时05分", "13点5分"],
)
def test_a_clock_time_alone_takes_its_day_from_the_column_of_dates(cell: object) -> None:
    cells = pd.Series([cell], dtype=object)
    alone = read_stamps(cells)
    assert alone["at"].isna().all()
    assert alone["clock_s"].iloc[0] == 13 * 3600 + 5 * 60
    dated = read_stamps(cells, pd.Series(["2024年3月5日"]))
    assert dated["at"].iloc[0] == pd.Timestamp("2024-03-05 13:05")


@pytest.mark.parametrize(
    "cell",
    [
        "2024-03-05",
        "2024-02-30 10:00",
        "25:00",
        "24:01",
        "13:61",
        "早上",
        "1e400",
        7,
        "2024-03-05 13:05Z",
        "2024-03-05 13:05+08:00",
        pd.Timestamp("2024-03-05 13:05", tz="UTC"),
    ],
)
def test_what_is_no_time_is_told_and_not_guessed(cell: object) -> None:
    read = read_stamps(pd.Series([cell], dtype=object))
    assert read["is_unreadable"].iloc[0]
    assert read[["at", "clock_s"]].isna().all(axis=None)


@pytest.mark.parametrize("cell", [None, "", " ", "-", "/", "无", float("nan"), pd.NaT])
def test_an_empty_cell_is_missing_and_not_unreadable(cell: object) -> None:
    read = read_stamps(pd.Series([cell], dtype=object))
    assert not read["is_unreadable"].iloc[0]
    assert read[["at", "clock_s"]].isna().all(axis=None)


def test_no_rows_give_no_rows() -> None:
    assert len(read_stamps(pd.Series([], dtype=object))) == 0
