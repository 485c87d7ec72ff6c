"""Villages without coordinates find the layer that has their names; pairs of coordinates are asked about."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from geo.draft import draft_study, write_draft
from geo.study import read_inputs, read_study
from tests.draft import district
from tests.draft.test_drafting import answering

pytestmark = pytest.mark.study

TOTAL = int(district.villages()["人口"].sum())


def write_folder(
    folder: Path, people: pd.DataFrame, places: gpd.GeoDataFrame, *, name: str = "村界.gpkg"
) -> None:
    district.write_plain(folder, "roads", "stations")
    people.to_csv(folder / "各村人口.csv", index=False, encoding="gbk")
    places.to_file(folder / name)


def bare_people() -> pd.DataFrame:
    """Write the villages as a statistics office does: 村民委员会 behind, no coordinates."""
    table = pd.DataFrame(district.villages().drop(columns="geometry"))
    return table.assign(名称=table["名称"] + "村民委员会")


@pytest.mark.parametrize("shape", ["points", "polygons"])
def test_villages_stand_at_the_places_that_have_their_names(tmp_path: Path, shape: str) -> None:
    places = district.villages().drop(columns="人口")
    if shape == "polygons":
        places = places.set_geometry(places.buffer(40))
    write_folder(tmp_path, bare_people(), places)
    draft = draft_study(tmp_path)
    write_draft(draft)
    assert 'places = "村界.gpkg"' in draft.text
    assert "36 行中对上 36 行，对不上 0 行" in draft.text
    demand = read_inputs(read_study(tmp_path / "study.toml")).demand
    assert demand["people"].sum() == pytest.approx(TOTAL)
    demand = demand[demand["people"] > 0]
    west, south, east, north = places.total_bounds
    x, y = demand.to_crs(places.crs).geometry.x, demand.to_crs(places.crs).geometry.y
    assert (x.between(west - 1, east + 1) & y.between(south - 1, north + 1)).all()


def test_villages_that_fit_none_or_several_are_asked_about_counted_and_left_out(tmp_path: Path) -> None:
    people, places = bare_people(), district.villages().drop(columns="人口")
    people.loc[0, "名称"] = "外地村"
    twin = places.iloc[[1]].assign(所属乡镇="泽北镇" if places["所属乡镇"][1] == "泽南镇" else "泽南镇")
    places = gpd.GeoDataFrame(pd.concat([places, twin]), crs=places.crs)
    write_folder(tmp_path, people.drop(columns="所属乡镇"), places)
    asked, ask = answering(places=0)
    draft = draft_study(tmp_path, ask=ask)
    told = [q.choices[0].say("zh") for q in asked if q.about == "places"]
    assert told == ["“村界.gpkg”：36 行中对上 34 行，对不上 1 行，几处同名 1 行"]
    write_draft(draft)
    inputs = read_inputs(read_study(tmp_path / "study.toml"))
    lost = people["人口"].iloc[:2].sum()
    assert inputs.demand["people"].sum() == pytest.approx(TOTAL - lost)
    assert inputs.people_left_out == pytest.approx(lost)
    (sentence,) = [note.say("zh") for _, note in inputs.notes if note.key == "study.people_sum_left"]
    assert "1 行" in sentence
    assert "边界图层中没有这个名称" in sentence
    assert "没有几何" not in sentence


def test_the_town_of_a_row_decides_between_places_of_one_name(tmp_path: Path) -> None:
    people, places = bare_people(), district.villages().drop(columns="人口")
    other = "泽北镇" if places["所属乡镇"][1] == "泽南镇" else "泽南镇"
    places = gpd.GeoDataFrame(pd.concat([places, places.iloc[[1]].assign(所属乡镇=other)]), crs=places.crs)
    write_folder(tmp_path, people, places)
    draft = draft_study(tmp_path)
    assert not [each for each in draft.answered if each.question.about == "places"]
    assert "36 行中对上 36 行" in draft.text


@pytest.mark.parametrize(("choice", "system"), [(0, "EPSG:4326"), (1, "GCJ-02")])
def test_pairs_of_coordinates_are_asked_about(tmp_path: Path, choice: int, system: str) -> None:
    district.write_plain(tmp_path, "roads", "villages")
    table = district.as_table(district.stations(), system="GCJ-02", x="高德经度", y="高德纬度")
    plain = district.as_table(district.stations())
    table.assign(经度=plain["经度"], 纬度=plain["纬度"]).to_excel(tmp_path / "消防站.xlsx", index=False)
    asked, ask = answering(coordinates=choice)
    draft = draft_study(tmp_path, ask=ask)
    (question,) = [each for each in asked if each.about == "coordinates"]
    assert len(question.choices) == 2
    assert question.choices[1].say("zh").startswith("高德经度、高德纬度（表头写明 GCJ-02")
    write_draft(draft)
    stations = read_inputs(read_study(tmp_path / "study.toml")).facilities
    assert f'crs = "{system}"' in draft.text
    # Either pair is where the stations are, read in its own system.
    there = district.stations().to_crs(stations.crs).geometry
    assert max(a.distance(b) for a, b in zip(stations.geometry, there, strict=True)) < 5


def test_pairs_that_say_the_same_are_not_asked_about(tmp_path: Path) -> None:
    district.write_plain(tmp_path, "roads", "villages")
    table = district.as_table(district.stations())
    table.assign(经度2=table["经度"], 纬度2=table["纬度"]).to_excel(tmp_path / "消防站.xlsx", index=False)
    draft = draft_study(tmp_path)
    assert not [each for each in draft.answered if each.question.about == "coordinates"]


def test_an_unanswered_pair_is_marked(tmp_path: Path) -> None:
    district.write_plain(tmp_path, "roads", "villages")
    table = district.as_table(district.stations())
    second = table.assign(经度2=table["经度"] + 0.001, 纬度2=table["纬度"])
    second.to_excel(tmp_path / "消防站.xlsx", index=False)
    text = draft_study(tmp_path).text
    (line,) = [line for line in text.splitlines() if line.startswith("columns")]
    assert 'lon = "经度", lat = "纬度"' in line
    assert "请核对" in line


def test_coordinates_of_a_web_map_alone_are_taken_with_their_system(tmp_path: Path) -> None:
    district.write_plain(tmp_path, "roads", "villages")
    table = district.as_table(district.stations(), system="GCJ-02", x="高德经度", y="高德纬度")
    table.to_excel(tmp_path / "消防站.xlsx", index=False)
    text = draft_study(tmp_path).text
    assert 'columns = { lon = "高德经度", lat = "高德纬度" }' in text
    assert 'crs = "GCJ-02"' in text
