"""Towns as a filter: each town's own figures, from every point of people, by hand on the island."""

from __future__ import annotations

import numpy as np
import pytest

from geo.maps.towns import town_rows
from tests.island import frame, points, tables

BANDS = (180, 240, 300, 480, 900)


def rows(lang="en", **changes):
    given = tables() | changes
    return town_rows(
        given["zones"], given["demand"], given["stations"], bands_s=BANDS, limit_s=300.0, lang=lang
    )


def test_each_town_has_its_own_figures():
    # Dongmen: 12,000 at 120 s and 6,000 at 300 s, all in time: mean (12 * 120 + 6 * 300) / 18 = 180 s.
    # Xiqiao: 9,000 at 240 s in time, 8,000 at 600 s late: 9 / 17 = 52.9 %, mean 409.4 s.
    dongmen, xiqiao = rows()
    assert (dongmen["name"], dongmen["zone"]) == ("东门镇", 0)
    assert [figure["value"] for figure in dongmen["figures"]] == [
        "100%",
        "0 people",
        "3 min",
        "0 people",
        "1",
    ]
    assert [figure["value"] for figure in xiqiao["figures"]] == [
        "52.9%",
        "8,000 people",
        "6 min 50 s",
        "0 people",
        "1",
    ]
    assert [band["people"] for band in xiqiao["bands"]] == ["0", "9,000", "0", "0", "8,000", "0", "0"]


def test_the_towns_together_are_all_the_people_that_have_a_town():
    given = tables()
    counted = sum(float(band["people"].replace(",", "")) for town in rows() for band in town["bands"])
    assert counted == given["demand"].loc[given["demand"]["zone"].notna(), "people"].sum() == 35_000


def test_stations_count_where_they_stand():
    # s3 stands on the border of both towns and is planned: within neither.
    stations = tables()["stations"].assign(status="existing")
    assert [town["figures"][-1]["value"] for town in rows(stations=stations)] == ["1", "1"]
    town = rows(stations=None)[0]
    assert len(town["figures"]) == 4


def test_a_town_without_people_and_two_towns_of_one_name_cannot_be_chosen():
    zones = tables()["zones"]
    assert [town["name"] for town in rows()] == ["东门镇", "西桥镇"]  # nobody lives on 小沙洲
    assert rows(zones=zones.assign(name=["东门镇", "东门镇", "小沙洲"])) == []


def test_people_whom_no_road_reaches_are_told_in_their_town():
    demand = frame(
        points((100, 100), (200, 200)),
        people=[300.0, 100.0],
        zone=["东门镇", "东门镇"],
        first_s=[np.inf, 200.0],
        is_covered=[False, True],
    )
    (town,) = rows(demand=demand)
    told = [figure["value"] for figure in town["figures"][:4]]
    assert told == ["25.0%", "300 people", "3 min 20 s", "300 people"]
    assert town["bands"][-1] == {"people": "300", "share": 0.75, "share_text": "75.0%"}


@pytest.mark.parametrize("table", ["zones", "demand"])
def test_nothing_to_choose_from_an_empty_table(table):
    given = tables()
    assert rows(**{table: given[table].iloc[:0]}) == []
