"""Three more stations for real places: on a road, on land, near people, and as good as the plan says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.outputs import write_sites
from geo.study import SiteResult, build_sites, figures, parse_study, report_sites, site_study
from geo.study.response import cover_people
from tests.shared import real
from tests.study.test_real_studies import chongming_sections

pytestmark = pytest.mark.real

ROADS = ["primary", "secondary", "tertiary", "unclassified", "residential"]


def solved(sections: dict[str, Any], folder: Path) -> SiteResult:
    return site_study(parse_study(sections, folder=folder))


@pytest.fixture(scope="module")
def liechtenstein(tmp_path_factory: pytest.TempPathFactory) -> SiteResult:
    pbf = str(real("liechtenstein/liechtenstein-240304.osm.pbf"))
    sections = {
        "study": {"name": "Liechtenstein", "lang": "en"},
        "roads": {"path": pbf},
        "facilities": [{"path": pbf}],
        "demand": [{"path": pbf, "method": "places"}],
        "candidates": {"source": "roads", "spacing_m": 300.0, "classes": ROADS},
        "siting": {"goal": "best", "n": 3},
    }
    return solved(sections, tmp_path_factory.mktemp("li"))


@pytest.fixture(scope="module")
def chongming(tmp_path_factory: pytest.TempPathFactory) -> SiteResult:
    folder = tmp_path_factory.mktemp("chongming")
    sections = chongming_sections(folder)
    sections["candidates"] = {"source": "roads", "spacing_m": 500.0, "apart_m": 2000.0}
    sections["siting"] = {"goal": "best", "n": 3}
    return solved(sections, folder)


def check_sense(result: SiteResult) -> gpd.GeoDataFrame:
    plan, told = result.answer.plan, figures(result)
    assert plan.is_proven
    # The coverage with the sites built is an independent way to the plan's value.
    assert told["people_after"] == pytest.approx(plan.value)
    table = report_sites(result)[0].table
    assert table["people_new"].sum() == pytest.approx(told["people_new"])
    assert (table["people_new"].diff().dropna() <= 1e-6).all()
    snaps = result.after.station_snaps.loc[table.index]
    assert snaps["snap_m"].max() < 1e-3
    people = result.inputs.demand
    near = shapely.STRtree(np.asarray(people.geometry.array))
    for site in table.geometry:
        assert people["people"].to_numpy()[near.query(site, predicate="dwithin", distance=2000.0)].sum() > 500
    return table


def test_liechtenstein_gains_where_nobody_came_in_time(liechtenstein: SiteResult) -> None:
    table = check_sense(liechtenstein).to_crs(4326)
    # The valley's villages without a station of their own in reach: Balzers-Mäls, Ruggell, Triesen's north.
    assert table.geometry.y.min() < 47.08
    assert table.geometry.y.max() > 47.22
    assert (table["station_m"] > 1000.0).all()
    assert figures(liechtenstein)["share_after"] > figures(liechtenstein)["share_before"] + 0.15


def test_chongming_gains_on_land_and_not_beside_a_station(chongming: SiteResult) -> None:
    table = check_sense(chongming)
    land = chongming.inputs.land
    assert land is not None
    assert table.geometry.intersects(land.union_all()).all()
    assert (table["station_m"] >= 2000.0).all()
    rules = chongming.sifted.rules.set_index("rule")
    # Nobody builds on the G40 and its bridges.
    assert not chongming.sifted.kept["highway"].isin(["motorway", "motorway_link"]).any()
    assert rules.loc["near_station", "n_removed"] > 0
    # Nobody can reach Hengsha, and that is said.
    assert figures(chongming)["people_out_of_reach"] > 30_000


def test_chongming_sites_are_drawn_and_written(chongming: SiteResult, tmp_path: Path) -> None:
    written = write_sites(chongming, tmp_path)
    assert "建议新站" in written["map.html"].read_text(encoding="utf-8")
    sites = gpd.read_file(written["sites.gpkg"], layer="缺口与建议")
    assert (sites["layer"] == "建议新站").sum() == 3


def test_values_of_candidates_are_those_of_the_coverage_with_the_site_built(
    liechtenstein: SiteResult,
) -> None:
    """The values come from the table of times; the coverage with one more station is searched anew."""
    result, values = liechtenstein, liechtenstein.values
    before = figures(result)["people_before"]
    chosen = set(result.answer.plan.site_ids)
    others = [site for site in values.sort_values("people_alone").index[::60] if site not in chosen]
    for site in [*result.answer.plan.site_ids[:1], *others[-4:]]:
        new = build_sites(result.sifted.kept.loc[[site]], result.study)
        stations = gpd.GeoDataFrame(pd.concat([result.before.stations, new]), crs=new.crs)
        table = cover_people(result.study, result.inputs, stations, standard=result.before.standard).table
        gained = table.loc[table["is_covered"], "people"].sum() - before
        assert values.at[site, "people_alone"] == pytest.approx(gained, abs=1e-6)
    assert (values[["people_alone", "people_beside"]] >= -1e-6).all(axis=None)
    assert (values["people_beside"] <= values["people_alone"] + 1e-6).all()
    assert (values["people_exchanged"] <= 1e-6).all()  # the plan is proven
    assert set(values.index[values["standing"] == "chosen"]) == chosen
