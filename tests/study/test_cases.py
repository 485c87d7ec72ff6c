"""The cases of planners that run as they are: how many people are in time.

The district has 47,010 people, of whom 27,690 are in time; one thing of it is as it is really handed over.
Where another number stands, it was worked out from the input files with networkx, without this program.
"""

from __future__ import annotations

import pytest

from geo.study import read_inputs, read_study
from geo.study.assessment import assess
from tests.shared import case

pytestmark = [pytest.mark.real, pytest.mark.study]

IN_TIME = {
    "a_ascii_grid_declared": (25_160, 47_010),  # people at the centres of cells of 500 m
    "a_island_path": (28_690, 48_010),  # the village beside the scrap, 1,000 people, is reached
    "a_island_station": (31_200, 48_010),  # the station stands elsewhere, put on the network beside the scrap
    "a_josm_mixed": (26_690, 47_010),  # the new road bends 3 m off: 1,000 people are reached after 300.4 s
    "a_josm_pos_deleted": (26_690, 47_010),
    "a_maxspeed_m1": (21_520, 47_010),  # a car; -1 is no limit
    "a_osm_barriers": (26_690, 47_010),  # 横7路 is closed to an engine of 3.5 m and 18 t
    "a_regular_blocks": (52_000, 72_000),
    "a_regular_centres": (29_000, 72_000),
    "a_road_class_cn": (34_540, 47_010),  # 主干路 60, 次干路 50 km/h
    "a_towns_gcj": (27_690, 47_010),
    "a_towns_right": (27_690, 47_010),
    "b_amap_poi_json": (22_120, 47_010),  # the stations are declared as GCJ-02
    "b_csv_dms_variants": (27_250, 47_010),  # whole seconds move a station by 12 m
    "b_hydrant_status2": (27_690, 47_010),
    "b_josm": (27_690, 47_010),
    "c_hydrant_status_words": (27_690, 47_010),
    "c_mixed_road_classes": (27_690, 47_010),
    "c_nav_direction": (21_520, 47_010),  # a car; 16 streets are one-way
    "c_stations_really_gcj": (18_390, 47_010),  # as they stand; told
    "c_status_duty": (8_100, 47_010),  # one station of three is on duty
    "c_unsplit_roads": (27_690, 47_010),
    "p_access": (100, 600),  # behind a busway; the other spurs are closed, or farther than 300 s
    "p_spread": (1_000, 1_000),
    "p_twice_way": (1_000, 1_000),
}


@pytest.mark.parametrize("name", IN_TIME)
def test_people_in_time(name: str) -> None:
    study = read_study(case(name) / "study.toml")
    table = assess(study, read_inputs(study), lang="en", draw_areas=False).coverage.table
    in_time = table.loc[table["is_covered"], "people"].sum()
    assert (in_time, table["people"].sum()) == pytest.approx(IN_TIME[name], abs=0.01)
