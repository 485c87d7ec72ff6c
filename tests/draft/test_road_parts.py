"""Roads in several files: parts of one network are read together, versions never are."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

from geo.draft import Answer, Draft, Question, draft_study, take_best, write_draft
from geo.study import read_network, read_study
from tests.draft import district
from tests.draft.district import write_plain

OTHERS = [layer for layer in district.LAYERS if layer != "roads"]


def write(folder: Path, **layers: gpd.GeoDataFrame) -> None:
    write_plain(folder, *OTHERS)
    for name, layer in layers.items():
        layer.to_file(folder / f"{name}.geojson", driver="GeoJSON")


def by_town() -> dict[str, gpd.GeoDataFrame]:
    roads = district.roads()
    is_north = roads.geometry.centroid.y > roads.total_bounds[[1, 3]].mean()
    return {"城北镇道路": roads[is_north], "城南镇道路": roads[~is_north]}


def by_class() -> dict[str, gpd.GeoDataFrame]:
    roads = district.roads()
    return {f"道路_{word}": rows for word, rows in roads.groupby("highway")}


def roads_of(draft: Draft) -> dict[str, Any]:
    return tomllib.loads(draft.text)["roads"]


@pytest.mark.parametrize("parts", [by_town, by_class], ids=["towns", "classes"])
def test_parts_make_the_network_of_one_file(tmp_path: Path, parts: Any) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "parts").mkdir()
    write_plain(tmp_path / "one")
    write(tmp_path / "parts", **parts())
    networks = []
    for folder in (tmp_path / "one", tmp_path / "parts"):
        draft = draft_study(folder)
        write_draft(draft)
        networks.append(read_network(read_study(folder / "study.toml")))
    assert len(roads_of(draft)["more"]) == 1
    assert not [unused.look.source.label for unused in draft.unused if "道路" in unused.look.source.label]
    one, together = networks
    assert len(together.edge_ms) == len(one.edge_ms) == len(district.roads())
    assert sorted(together.edge_ms.tolist()) == sorted(one.edge_ms.tolist())
    # a second look at the folder finds nothing new
    again = draft_study(tmp_path / "parts")
    assert (again.entries, again.gone) == ((), ())


@pytest.mark.parametrize("moved_m", [0.0, 480.0], ids=["again", "of another datum"])
def test_two_versions_are_never_read_together_by_themselves(tmp_path: Path, moved_m: float) -> None:
    roads = district.roads()
    asked: list[Question] = []

    def ask(question: Question) -> Answer:
        asked.append(question)
        return take_best(question)

    later = roads.assign(geometry=roads.translate(moved_m, moved_m / 2))
    write(tmp_path, 道路_2023=roads, 道路_2024=later)
    draft = draft_study(tmp_path, ask=ask)
    assert "more" not in roads_of(draft)
    of_roads = next(question for question in asked if question.about == "roads")
    together = [choice.key == "draft.choice_roads_together" for choice in of_roads.choices]
    assert not together[0]
    if not moved_m:  # each road is there twice: that is not even offered
        assert not any(together)


def test_a_newer_version_with_a_road_more_is_no_part(tmp_path: Path) -> None:
    # 0.05 degrees farther south: scaled by its own latitude, each version would stand 6 km from the other
    roads = district.roads().to_crs(4326)
    more = roads.iloc[[0]].assign(geometry=roads.iloc[[0]].translate(0.0, -0.05))
    newer = gpd.GeoDataFrame(pd.concat([roads, more], ignore_index=True), crs=roads.crs)
    write(tmp_path, 道路_2023=roads, 道路_2024=newer)
    assert "more" not in roads_of(draft_study(tmp_path))


def test_other_headers_of_classes_are_not_read_together(tmp_path: Path) -> None:
    north, south = by_town().values()
    write(tmp_path, 北片道路=north, 南片道路=south.rename(columns={"highway": "fclass"}))
    assert "more" not in roads_of(draft_study(tmp_path))
