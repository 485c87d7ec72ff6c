"""A whole study against sums made by hand; the town and its times are drawn in tests/studies.py."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo import coverage as covering
from geo.cli.headline import print_headline
from geo.errors import NetworkError, StudyError
from geo.outputs import draw_map, summarise, write_outputs
from geo.study import Study, StudyResult, parse_study, run_study
from geo.study.settings.layers import SnapSpec
from tests.studies import PEOPLE, STANDARD, VILLAGES, frame, points, town_study, write_town

PLAN = """
[plan]
id = "paper"
name_zh = "纸上规划"
name_en = "Paper plan"
document = "by hand"
target_year = 2035
[[target]]
id = "T-1"
name_zh = "五分钟覆盖"
name_en = "Within five minutes"
comparator = ">="
value = 60
unit = "%"
kind = "goal"
method = "covered_share"
settings = { standard = "STANDARD" }
layers = { stations = [], roads = [], people = ["people"] }
source = "by hand"
[[target]]
id = "T-2"
name_zh = "平均行车时间"
name_en = "Mean driving time"
comparator = "<"
value = 3
unit = "min"
kind = "goal"
method = "mean_travel"
settings = { standard = "drive-5min" }
layers = { stations = [], roads = [], people = ["people"] }
source = "by hand"
[[target]]
id = "T-3"
name_zh = "人员配比"
name_en = "Firefighters per 1,000 people"
comparator = ">="
value = 1
unit = "‰"
kind = "goal"
method = "staff_per_people"
layers = { stations = ["staff"], people = ["people"] }
source = "by hand"
"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    folder = tmp_path_factory.mktemp("town")
    (folder / "plan.toml").write_text(PLAN.replace("STANDARD", "dispatch-5min"), encoding="utf-8")
    frame([shapely.box(0, -50, 6000, 50)]).to_file(folder / "land.gpkg")
    study = town_study(
        folder,
        study={"plan": "plan.toml"},
        land={"path": "land.gpkg"},
    )
    return run_study(beside_the_road(study))


def beside_the_road(study: Study) -> Study:
    """Let the way to the road take no time that counts: faster than a study file may say."""
    return replace(study, snap=SnapSpec(max_m=50, access_kph=36_000))


def test_each_village_has_its_time(town: StudyResult) -> None:
    table = town.coverage.table.set_index("name")
    assert table["first_s"].to_dict() == {"v1": 160, "v2": 360, "v3": 300, "v4": 460, "v5": np.inf}
    assert table["first_travel_s"].to_dict() == {"v1": 100, "v2": 300, "v3": 240, "v4": 400, "v5": np.inf}
    # v3 is reached in exactly five minutes, which is in time.
    assert table.index[table["is_covered"]].tolist() == ["v1", "v3"]
    # Bands of 3, 4, 5, 8, 15 min: 160 s is in the first, 300 s in the third, 360 and 460 s in the fourth.
    assert table["band"].to_dict() == {"v1": 0, "v2": 3, "v3": 2, "v4": 3, "v5": -1}


def test_the_sums_over_people_are_those_by_hand(town: StudyResult) -> None:
    figures = covering.summary(town.coverage)
    assert figures["people"] == 2050
    assert figures["people_covered"] == 1000 + 300
    assert figures["people_unreachable"] == 50
    # (1000 * 160 + 500 * 360 + 300 * 300 + 200 * 460) / 2000 = 522,000 / 2000
    assert figures["mean_s"] == pytest.approx(261.0)
    assert figures["mean_travel_s"] == pytest.approx(201.0)
    # Half of 2050 is 1025: 1000 people have 160 s, the next 300 have 300 s.
    assert figures["median_s"] == 300
    assert figures["worst_s"] == np.inf
    assert figures["worst_reached_s"] == 460


def test_road_within_the_limit_is_measured_along_part_edges(town: StudyResult) -> None:
    # 2,400 m along the main road and 400 m up the side road, of 6,000 + 1,000 + 1,000 (island) m.
    assert town.reached.share_road == pytest.approx(2800 / 8000)
    zones = town.reached.zones.set_index("name")
    assert zones.loc["West", "road_covered_km"] == pytest.approx(2.8)
    assert zones.loc["East", "road_covered_km"] == 0


def test_land_within_the_limit_is_the_strip_along_the_road(town: StudyResult) -> None:
    # The land is 50 m each side of the main road; the first 2,400 m of 6,000 m are in time.
    assert town.reached.share_land == pytest.approx(2400 / 6000, abs=0.5 / 6000)


def test_zones_tell_their_people(town: StudyResult) -> None:
    zones = town.reached.zones.set_index("name")
    assert zones["people"].to_dict() == {"West": 1800, "East": 200, "outside all zones": 50}
    assert zones["people_covered"].to_dict() == {"West": 1300, "East": 0, "outside all zones": 0}
    assert zones.loc["West", "share_people"] == pytest.approx(1300 / 1800)


def test_roads_outside_the_zones_have_a_row_where_nobody_lives(tmp_path: Path) -> None:
    sections = write_town(tmp_path)
    lived = list(VILLAGES)[:4]  # without v5: only a road is left on the island
    frame(points(*(VILLAGES[name] for name in lived)), name=lived, heads=PEOPLE[:4]).to_file(
        tmp_path / "villages.gpkg"
    )
    reached = run_study(parse_study(sections, folder=tmp_path)).reached
    zones = reached.zones.set_index("name")
    # West: West Road 2 km, half of Middle Road 1, Side Road 1; East: 1 + 2 of East Road; Island Road 1.
    assert zones["road_km"].to_dict() == pytest.approx({"West": 4.0, "East": 3.0, "outside all zones": 1.0})
    assert zones["road_covered_km"].sum() / zones["road_km"].sum() == pytest.approx(reached.share_road)
    assert zones.loc["outside all zones", ["n_points", "people"]].tolist() == [0, 0]
    assert zones["people"].sum() == 2000


def test_gaps_are_places_ranked_by_people(town: StudyResult) -> None:
    # v2 and v4 are 2,236 m apart: two places, not one. v5 is on an island.
    told = town.gaps[["people", "nearest_id", "nearest_s", "reason"]].to_numpy().tolist()
    first = "A"
    assert told == [[500, first, 360, ""], [200, first, 460, ""], [50, None, np.inf, "island"]]


def test_targets_of_an_own_plan_have_the_values_by_hand(town: StudyResult) -> None:
    assert town.targets is not None
    status, value = town.targets["status"], town.targets["value"]
    assert status.to_dict() == {"T-1": "met", "T-2": "missed", "T-3": "met"}
    assert value["T-1"] == pytest.approx(100 * 1300 / 2050)
    assert value["T-2"] == pytest.approx(201 / 60)
    assert town.targets.loc["T-2", "missed_by"] == pytest.approx(201 / 60 - 3)
    assert value["T-3"] == pytest.approx(1000 * 4 / 2050)


def test_closed_and_planned_stations_do_not_answer(town: StudyResult) -> None:
    assert town.coverage.stations.index.tolist() == ["A"]
    assert sorted(town.inputs.facilities["status"]) == ["closed", "existing", "planned"]


def test_planned_stations_answer_when_asked(tmp_path: Path) -> None:
    response = {"facility_status": ["existing", "planned"]}
    result = run_study(town_study(tmp_path, response=response))
    first = result.coverage.table.set_index("name")["first_s"]
    # P stands at 6,000 m, 2,000 m from v4: 60 + 200.
    assert first["v4"] == 260
    assert first["v1"] == 160


def test_the_other_reading_stands_beside(town: StudyResult) -> None:
    # drive-5min: 300 s of travel, so v2 (300 s, exactly) is in time too: 1000 + 500 + 300.
    beside = covering.summary(town.beside["drive-5min"])
    assert beside["people_covered"] == 1800
    told = {clock["name"]: clock["people_covered"] for clock in summarise(town)["beside"]}
    assert told["drive-5min"] == 1800


def test_a_longer_clock_of_ones_own_reaches_farther(tmp_path: Path) -> None:
    clock = STANDARD.replace("turnout_s = 60", "turnout_s = 30").replace("travel_s = 240", "travel_s = 330")
    study = town_study(tmp_path)
    (tmp_path / "clock.toml").write_text(clock, encoding="utf-8")
    result = run_study(study)
    # Turnout 30 s, limit 360 s: v1 130, v2 330, v3 270 are in time, v4 430 is not.
    assert covering.summary(result.coverage)["people_covered"] == 1800
    assert result.coverage.standard.limit_s == 360


def test_without_a_plan_and_zones_everything_else_is_there(tmp_path: Path) -> None:
    result = run_study(town_study(tmp_path, zones=None))
    assert result.targets is None
    assert covering.summary(result.coverage)["people_covered"] == 1300
    assert np.isnan(result.reached.share_land)
    written = write_outputs(result, tmp_path / "out")
    assert "targets.csv" not in written
    assert summarise(result)["share_land"] is None


@pytest.mark.parametrize(("lang", "word"), [("zh", "全部结果"), ("en", "all results")])
def test_the_headline_speaks_both_languages(
    tmp_path: Path, town: StudyResult, lang: str, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from rich.console import Console

    result = run_study(town.study, lang=lang)  # type: ignore[arg-type]
    written = {"map.html": tmp_path / "map.html"}
    print_headline(result, written, console=Console(width=200))
    told = capsys.readouterr().out
    assert word in told
    assert "1,300" in told
    assert "63.4" in told


def test_a_station_without_a_name_is_called_by_its_id(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from rich.console import Console

    study = town_study(tmp_path)
    frame(points((0, 0)), id=["A"]).to_file(tmp_path / "stations.gpkg")
    result = run_study(study)
    print_headline(result, {"map.html": tmp_path / "map.html"}, console=Console(width=200))
    told = capsys.readouterr().out
    assert "nearest A" in told
    assert "nan" not in told
    assert "None" not in told


def test_stations_that_all_stand_off_the_roads_stop_the_run(tmp_path: Path) -> None:
    study = town_study(tmp_path)
    frame(points((0, 9000)), id=["A"]).to_file(tmp_path / "stations.gpkg")
    with pytest.raises(NetworkError, match=r"none of the 1 stations stands on the network.*4,000 m"):
        run_study(study)


def test_no_station_that_answers_is_told(tmp_path: Path) -> None:
    study = town_study(tmp_path)
    frame(points((0, 0)), id=["A"], status=["planned"]).to_file(tmp_path / "stations.gpkg")
    with pytest.raises(
        StudyError,
        match=r"there are no fire stations with status Existing; there are: 1 fire stations \(Planned\)",
    ):
        run_study(study)


def test_an_unknown_standard_or_plan_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"\[response\].*dispatch-5min"):
        run_study(town_study(tmp_path, response={"standard": "dispatch"}))
    with pytest.raises(StudyError, match=r"\[study\].*chongming"):
        run_study(town_study(tmp_path, study={"plan": "chonming"}))


def test_the_order_of_rows_does_not_matter(tmp_path: Path, town: StudyResult) -> None:
    study = beside_the_road(town_study(tmp_path))
    for name in ("roads.gpkg", "villages.gpkg", "stations.gpkg"):
        rows = gpd.read_file(tmp_path / name)[::-1]
        layer = "links" if name == "roads.gpkg" else None
        (tmp_path / name).unlink()
        rows.to_file(tmp_path / name, layer=layer)
    again = run_study(study).coverage.table.set_index("name")
    assert again["first_s"].to_dict() == town.coverage.table.set_index("name")["first_s"].to_dict()


def test_a_logistics_station_is_drawn_and_does_not_answer(tmp_path: Path) -> None:
    study = town_study(tmp_path)
    one = run_study(study)
    stations = gpd.read_file(tmp_path / "stations.gpkg")
    existing = stations[stations["status"] == "existing"]
    second = existing.assign(name="保障站", id="L", station_class="战勤保障站")
    gpd.GeoDataFrame(pd.concat([stations, second]), crs=stations.crs).to_file(tmp_path / "stations.gpkg")
    two = run_study(study)
    assert len(two.inputs.facilities) == len(one.inputs.facilities) + 1
    assert two.coverage.stations.index.tolist() == one.coverage.stations.index.tolist()
    pd.testing.assert_frame_equal(
        pd.DataFrame(two.coverage.table), pd.DataFrame(one.coverage.table), check_like=True
    )
    assert "保障站" in draw_map(two).get_root().render()
    asked = replace(study, response=replace(study.response, without_classes=[]))
    assert len(run_study(asked).coverage.stations) == len(one.coverage.stations) + 1


def test_a_mistyped_class_is_named() -> None:
    with pytest.raises(StudyError, match="did you mean 'logistics'"):
        parse_study(
            {
                "study": {"name": "t"},
                "roads": {"path": "r.gpkg"},
                "facilities": [{"path": "s.gpkg"}],
                "demand": [{"path": "d.gpkg", "people": 1.0}],
                "response": {"without_classes": ["logistic"]},
            },
            folder=Path(),
        )
