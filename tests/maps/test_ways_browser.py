"""Ways beside those of the engines: on foot to a shelter, and those of a scenario, clicked in Chromium."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.maps import write_map
from geo.outputs import draw_map
from geo.outputs.scenarios import draw_difference
from geo.study import StudyResult, run_study
from tests.studies import frame, points, town_study

pytestmark = [pytest.mark.browser, pytest.mark.study]


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    """A shelter for 600 people, 500 m from v1 and 900 m from v3, and a station that may be built."""
    folder = tmp_path_factory.mktemp("ways")
    frame(points((1500, 0)), name=["小学"], kind=["shelter"], places=[600.0]).to_file(
        folder / "shelters.gpkg"
    )
    study = town_study(
        folder,
        study={"lang": "zh"},
        facilities=[{"path": "stations.gpkg"}, {"path": "shelters.gpkg", "kind": "shelter"}],
        shelters={"reach_m": 600},
        scenarios=[{"name": "建成", "build": ["P"]}],
    )
    return run_study(study)


def open_at(page, name: str) -> str:
    page.locator(".geo-search input").fill(name)
    page.locator(".geo-search input").press("Enter")
    page.wait_for_timeout(400)  # the pop-up before it fades
    return page.locator(".leaflet-popup-content").inner_text()


def test_a_place_shows_the_way_on_foot_to_its_shelter_or_why_there_is_none(
    result: StudyResult, open_page, tmp_path: Path
):
    page = open_page(write_map(draw_map(result), tmp_path / "map.html")).page
    text = open_at(page, "v1")
    assert "步行到小学" in text
    assert "范围内的 1 处避难场所已满，400人没有位置" in text
    totals = [" ".join(total.split()) for total in page.locator(".geo-total").all_inner_texts()]
    # The engine drives 1,000 m in 100 s after 60 s; people walk 500 m at 4 km/h, 450 s.
    assert totals == [
        "合计 1.00 公里 2分40秒",
        "合计 0.50 公里 7分30秒",
    ]
    assert page.locator("path.geo-way-line").count() == 2
    text = open_at(page, "v3")
    assert "步行 9.0 分钟内没有避难场所，300人没有位置" in text
    assert "0.90 公里" in text
    assert "没有步行可通的路通到任何避难场所" in open_at(page, "v5")
    assert page.locator("path.geo-way-line").count() == 0


def test_a_place_on_a_scenario_map_shows_the_ways_of_today_and_then(
    result: StudyResult, open_page, tmp_path: Path
):
    page = open_page(write_map(draw_difference(result, result.scenarios[0]), tmp_path / "map.html")).page
    text = open_at(page, "v4")
    assert "情景：East Fire Station到此处的路线" in text
    assert "现状：West Fire Station到此处的路线" in text
    totals = [" ".join(total.split()) for total in page.locator(".geo-total").all_inner_texts()]
    assert totals == ["合计 2.00 公里 4分20秒", "合计 4.00 公里 7分40秒"]
    assert page.locator("path.geo-way-line").count() == 2
    assert "与现状相同" in open_at(page, "v1")
    assert page.locator("path.geo-way-line").count() == 1
    assert "情景：不可达" in open_at(page, "v5")


def test_without_a_limit_of_the_walk_the_nearest_shelter_is_shown_and_that_is_said(open_page, tmp_path: Path):
    frame(points((1500, 0)), name=["小学"], kind=["shelter"]).to_file(tmp_path / "shelters.gpkg")
    facilities = [{"path": "stations.gpkg"}, {"path": "shelters.gpkg", "kind": "shelter"}]
    study = town_study(tmp_path, study={"lang": "zh"}, facilities=facilities)
    page = open_page(write_map(draw_map(run_study(study)), tmp_path / "map.html")).page
    text = open_at(page, "v1")
    assert "步行到小学" in text
    assert "研究未设步行上限" in text
