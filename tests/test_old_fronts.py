"""What users imported when every module lay in one folder goes on working, as long as its path does."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
import warnings

import pytest

import geo
import geo.scenarios
from tests.house import HOUSE, nodes

OLD = {
    "areas": "AREA_COLUMNS service_areas",
    "cli": "app main",
    "coverage": "Coverage by_band by_zone clock_starts clock_text cover headline summary under",
    "crs": (
        "CRS_CHOICES ShiftedDatum bd09_to_gcj02 bd09_to_wgs84 choose_metric_crs "
        "find_misfits gcj02_to_bd09 gcj02_to_wgs84 parse_crs require_metric require_same "
        "to_metric wgs84_to_bd09 wgs84_to_gcj02"
    ),
    "demand": (
        "DemandNote DemandRead assign_zones demand_from_grid demand_from_points "
        "demand_from_raster demand_from_zones"
    ),
    "depots": "DepotReach reach_depots",
    "errors": (
        "CrsError DownloadError FileError GeoError InfeasibleError InputError NetworkError StudyError"
    ),
    "findings": "Finding Style",
    "ground": "MARGIN Ground Rule divide divide_labelled",
    "hydrants": (
        "HYDRANT_CLASSES STATES HydrantRoads HydrantRules HydrantState LeastPlan "
        "RadiusCover SitePlan Spacing add_proposals best_sites candidate_places "
        "cover_people cover_roads drive_to_water find_gaps gap_table is_short "
        "judge_hydrants least_hydrants load_rules make_roads place_hydrants place_points "
        "require_true_metres states_of uncovered_lines water_short_places"
    ),
    "layers": (
        "LAYER_FORMATS Fault Guess LayerRead LayerReport read_layer write_layer write_layers write_text_whole"
    ),
    "maps": "BASEMAPS coverage_map write_map",
    "network": "Arcs RoadNetwork build_network components from_roads",
    "osm": (
        "ATTRIBUTION FACILITY_TAGS Fetched fetch read_boundaries read_buildings "
        "read_facilities read_places read_roads"
    ),
    "outputs": "FILES NUMBERS summarise write_outputs",
    "plans": "COMPARATORS KINDS LAYERS METHODS Method Plan Project Target list_plans load_plan",
    "routing": "node_table route travel_times",
    "sample": "grid_network write_sample",
    "scenarios": (
        "CHANGES AddSpec CloseRoadsSpec Difference MoveSpec Prepared ScenarioSpec "
        "SlowSpec UpgradeSpec carry_snaps change_inputs close_edges compare_facilities "
        "compare_people compare_stations compare_targets compare_zones naming_scenario "
        "pick_roads prepare preview slow_edges total_figures"
    ),
    "schema": (
        "DEMAND_COLUMNS FACILITY_COLUMNS FACILITY_KINDS FACILITY_STATUSES STATION_CLASSES "
        "ZONE_COLUMNS ZONE_LEVELS Direction check_demand check_facilities check_zones"
    ),
    "settings": "plain read_section read_sections unknown",
    "shelters": (
        "ShelterWalks Sheltering default_levels is_of_level rate_shelters shelter_people "
        "walk_to_shelters weighted_people"
    ),
    "siting": (
        "SITE_STATUSES Alternatives SitingPlan TradeOff alternatives backup_covering "
        "budget_covering build_programme capacitated_covering capacitated_median "
        "greedy_swaps maximal_covering p_centre p_median set_covering trade_off"
    ),
    "standards": ("ResponseStandard SpeedProfile load_profile load_response profile_names response_names"),
    "stations": "find_suspects make_facilities merge_facilities select",
    "study": "run_study",
    "times": "UNREACHED_MS Times is_within to_seconds",
    "words": "LANGS Lang data_dir percent say",
    "zones": "NO_ZONE ZONE_TABLE_COLUMNS Zoning fill_table merge_faces station_zones",
}
"""The modules of that folder whose path is a room today, each with its public names."""

GONE: dict[str, str] = {"demand.DemandNote": "its notes are messages: geo.messages.Message"}
"""``"front.name"`` of what is no more, with the reason."""

MOVED = {
    "geo.study": (
        *("AddSpec", "CloseRoadsSpec", "MoveSpec", "ScenarioSpec", "SlowSpec", "UpgradeSpec"),
        *("change_inputs", "naming_scenario", "pick_roads"),
    ),
    "geo.network": ("carry_snaps", "close_edges", "slow_edges"),
}
"""What ``geo.scenarios`` gave and what lives in other rooms now."""
HOME_OF = {name: home for home, names in MOVED.items() for name in names}


@pytest.mark.parametrize("front", OLD)
def test_every_name_of_an_old_front_is_still_there(front: str) -> None:
    module = importlib.import_module(f"geo.{front}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        missing = [name for name in OLD[front].split() if not hasattr(module, name)]
    assert missing == [name for name in OLD[front].split() if f"{front}.{name}" in GONE]
    assert all(GONE.values())


@pytest.mark.parametrize("name", HOME_OF)
def test_what_moved_comes_with_the_name_of_its_home(name: str) -> None:
    home = HOME_OF[name]
    with pytest.warns(DeprecationWarning, match=f"write: from {home} import {name}") as told:
        taken = getattr(geo.scenarios, name)
    assert taken is getattr(importlib.import_module(home), name)
    assert [warning.filename for warning in told] == [__file__]


def test_the_front_itself_lists_nothing_that_moved() -> None:
    assert not set(HOME_OF) & {*vars(geo.scenarios)["__all__"], *dir(geo.scenarios)}
    with pytest.raises(AttributeError, match=r"change_input$"):
        getattr(geo.scenarios, "change_input")  # noqa: B009


@pytest.mark.thorough
def test_a_user_s_old_line_works_and_is_warned_about_once() -> None:
    code = "from geo.scenarios import change_inputs; print(change_inputs.__module__)"
    done = subprocess.run([sys.executable, "-W", "default", "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "geo.study.scenarios.apply"
    assert done.stderr.count("DeprecationWarning: geo.") == 1


@pytest.mark.thorough
def test_no_module_of_the_house_goes_the_old_way() -> None:
    for path in HOUSE.rglob("*.py"):
        for node in nodes(path):
            if isinstance(node, ast.ImportFrom) and node.module == "geo.scenarios":
                assert not {alias.name for alias in node.names} & set(HOME_OF), path
