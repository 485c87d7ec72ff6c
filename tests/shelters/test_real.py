"""Shelters of real places: Chongming's parks and schools, the census of Yangpu's subdistricts."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pyproj import CRS
from scipy.optimize import linprog

from geo.demand import assign_zones
from geo.findings import Finding
from geo.plans import area_by_town, judge_areas
from geo.routing import snap
from geo.study import Inputs, parse_study, read_inputs
from geo.study.findings.shelters import report_shelters
from tests.independent import slow_times
from tests.shared import real
from tests.study.test_real_studies import chongming_sections

pytestmark = pytest.mark.real
REACH_M, M2 = 3000.0, 30.0
"""Invented for the test: the roads are secondary and above, and whole parks are not usable area."""


@pytest.fixture(scope="module")
def chongming(tmp_path_factory: pytest.TempPathFactory) -> tuple[Inputs, dict[str, Finding]]:
    folder: Path = tmp_path_factory.mktemp("chongming")
    sections = chongming_sections(folder)
    pois = {"path": str(real("chongming/osm_chongming_2026-03-29.gpkg")), "layer": "pois", "kind": "shelter"}
    sections["facilities"].append({**pois, "where": {"fclass": ["park", "school"]}})
    sections["shelters"] = {"reach_m": REACH_M, "m2_per_person": M2, "target_m2": 0.77}
    study = parse_study(sections, folder=folder)
    inputs = read_inputs(study)
    return inputs, {finding.name: finding for finding in report_shelters(study, inputs)}


def test_chongming_s_parks_and_schools_are_counted(chongming: tuple[Inputs, dict[str, Finding]]):
    inputs, findings = chongming
    shelters = inputs.facilities[inputs.facilities["kind"] == "shelter"]
    assert len(shelters) == 45 + 61
    figures = findings["shelters"].figures
    assert (figures["n_shelters"], figures["n_area_unknown"]) == (106, 1)  # one school is a bare node
    assert figures["area_m2"] == pytest.approx(10_728_770.0 + 2_031_746.2)
    assert figures["m2_per_person"] == pytest.approx(12_760_516.2 / 637_900)
    places = np.floor(shelters["area_m2"].dropna() / M2)
    assert figures["places"] == places.sum()


def test_nobody_walks_to_hengsha(chongming: tuple[Inputs, dict[str, Finding]]):
    left = chongming[1]["shelter_people"].table
    assert set(left.loc[left["name"] == "横沙乡", "reason"]) == {"unreachable"}


def test_chongming_s_people_are_sent_as_the_linear_programme_sends_them(
    chongming: tuple[Inputs, dict[str, Finding]],
):
    """Walks from networkx on the split graph; the most people, then the least walking, by HiGHS."""
    inputs, findings = chongming
    shelters = inputs.facilities[inputs.facilities["kind"] == "shelter"]
    assert inputs.walking is not None
    at = [snap(table, inputs.walking, max_m=3000, access_kph=4.0) for table in (shelters, inputs.demand)]
    seconds = slow_times(inputs.walking, *at, direction="to_facility").to_numpy()
    in_reach = np.rint(seconds * 1000) <= REACH_M / 4.0 * 3600
    room = np.floor(shelters["area_m2"] / M2).fillna(0.0).to_numpy()
    left = findings["shelter_people"].table
    people = inputs.demand["people"].to_numpy()
    home, shelter = np.nonzero(in_reach)
    entry = np.arange(len(home))
    limits = np.zeros((len(people) + len(room), len(home)))
    limits[home, entry] = limits[len(people) + shelter, entry] = 1.0
    most = linprog(-np.ones(len(home)), A_ub=limits, b_ub=np.concatenate([people, room]))
    figures = findings["shelter_people"].figures
    # The towns' people come in fractions here; whole persons may differ by one a point.
    assert figures["people_sheltered"] == pytest.approx(-most.fun, abs=len(people) / 2)
    assert 0 < figures["people_sheltered"] < 637_900
    assert figures["people_sheltered"] + left["left_over"].sum() == 637_900
    least = linprog(
        seconds[home, shelter],
        A_ub=limits,
        b_ub=np.concatenate([people, room]),
        A_eq=np.ones((1, len(home))),
        b_eq=[-most.fun],
    )
    assert figures["mean_walk_s"] == pytest.approx(least.fun / -most.fun, rel=1e-3)


def test_yangpu_s_twelve_subdistricts_are_held_against_their_census():
    census = pd.read_csv(real("shanghai/population_yangpu_subdistricts_2020.csv"))
    people = census.set_index("name")["population_2020"].astype(float)
    assert len(people) == 12
    # Shelters that are invented: exactly 0.77 m2 a person in every other subdistrict, half of it elsewhere.
    area = 0.77 * people * np.where(np.arange(12) % 2 == 0, 1.0, 0.5)
    shelters = pd.DataFrame({"status": "existing", "area_m2": area.to_numpy(), "zone": people.index})
    table = area_by_town(shelters, people)
    judged = judge_areas(table, target_m2=0.77)
    assert judged["state"].tolist() == ["met", "below"] * 6
    assert judged["lacks_m2"].sum() == pytest.approx(0.385 * people[1::2].sum(), rel=1e-9)
    whole = table["area_m2"].sum() / table["people"].sum()
    assert whole == pytest.approx(area.sum() / 1_242_600)


def test_a_shelter_belongs_to_the_subdistrict_in_which_it_stands():
    areas = gpd.read_file(real("shanghai/town_polygons_partial_osm.gpkg")).to_crs(CRS.from_epsg(32651))
    areas = areas[(areas["district"] == "杨浦区") & areas["admin_aligned"]]
    inside = gpd.GeoDataFrame(geometry=areas.representative_point().to_numpy(), crs=areas.crs)
    assert assign_zones(inside, areas).tolist() == areas["name"].tolist()
