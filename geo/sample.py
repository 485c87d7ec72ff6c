"""Synthetic places: an island district for the first run, and street grids of any size.

The district is shaped after published figures of Chongming (towns, people, villages, stations, water
points), but every place and name in it is invented and it lies in the open sea.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.cities import grid_network
from geo.errors import InputError
from geo.island import ISLANDS, Island, lay_towns, lonlat
from geo.settle import name_towns, settle_villages, town_people
from geo.streets import CLASSES, Links, lay_streets
from geo.words import Lang, say

__all__ = ["grid_network", "write_sample"]

_USUAL_NODES: Final = 2_450


def write_sample(
    out: str | os.PathLike[str],
    *,
    towns: int = 18,
    seed: int = 2035,
    nodes: int | None = None,
    lang: Lang = "zh",
) -> Path:
    """Write the layers and the study file of a synthetic island district.

    Parameters
    ----------
    out : path
        Folder; made if missing. Files of the same names are replaced.
    towns : int
        Number of towns, at least 3: one per island.
    seed : int
        The same arguments give the same files, to the byte.
    nodes : int, optional
        About how many road nodes; None for the usual 2,450. More nodes make a larger district with
        closer roads.
    lang : {"zh", "en"}
        Language of names and headers.

    Returns
    -------
    pathlib.Path
        The study file.

    Raises
    ------
    InputError
        Fewer than 3 towns or 500 nodes.
    """
    if towns < 3 or (nodes is not None and nodes < 500):
        raise InputError("a sample needs at least 3 towns, one per island, and 500 nodes")
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    growth = ((nodes or _USUAL_NODES) / _USUAL_NODES) ** 0.25
    islands = [island.scaled(growth) for island in ISLANDS]
    parts = lay_towns(islands, towns, seed=seed)
    links, centre = lay_streets(islands, parts, seed=seed, density=growth, scale=growth)
    villages = settle_villages(links, parts, centre, seed=seed, lang=lang, scale=growth)
    names = [say("sample.town", lang=lang, name=name) for name in name_towns(towns, lang=lang)]
    _write_land(folder, islands, lang=lang)
    _write_towns(folder, [part.ring for part in parts], names, town_people(parts))
    _write_roads(folder, links, lang=lang)
    _write_villages(folder, villages, names, lang=lang)
    _write_stations(folder, centre, np.argsort([part.rank for part in parts]), names, lang=lang)
    study = folder / "study.toml"
    _write(study, _STUDY)
    return study


def _write(path: Path, text: str, *, encoding: str = "utf-8") -> None:
    """Write a text file whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_bytes(text.encode(encoding))
    part.replace(path)


def _feature(kind: str, coordinates: Any, properties: Mapping[str, Any]) -> str:
    kept = {key: value for key, value in properties.items() if value is not None}
    body = {"type": "Feature", "properties": kept, "geometry": {"type": kind, "coordinates": coordinates}}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _write_features(path: Path, features: Sequence[str]) -> None:
    """Write GeoJSON (RFC 7946: WGS 84), one feature a line."""
    head = f'{{"type":"FeatureCollection","name":"{path.stem}","features":[\n'
    _write(path, head + ",\n".join(features) + "\n]}\n")


def _write_land(folder: Path, islands: Sequence[Island], *, lang: Lang) -> None:
    features = [
        _feature(
            "Polygon",
            [lonlat(island.shore()).tolist()],
            {"name": say(f"sample.{island.key}", lang=lang), "synthetic": True},
        )
        for island in islands
    ]
    _write_features(folder / "land.geojson", features)


def _write_towns(
    folder: Path, rings: Sequence[NDArray[np.float64]], names: Sequence[str], people: NDArray[np.int64]
) -> None:
    features = [
        _feature(
            "Polygon",
            [lonlat(ring).tolist()],
            {"zone_id": f"T{i + 1:02d}", "name": names[i], "people": int(people[i])},
        )
        for i, ring in enumerate(rings)
    ]
    _write_features(folder / "towns.geojson", features)


def _write_roads(folder: Path, links: Links, *, lang: Lang) -> None:
    table, names = links.table, _road_names(links, lang=lang)
    node, middle = lonlat(links.node_xy).tolist(), lonlat(links.middle).tolist()
    features = []
    for k, (u, v, rank, line, oneway, bridge) in enumerate(
        table[["u", "v", "rank", "line", "is_oneway", "is_bridge"]].itertuples(index=False)
    ):
        bend = [] if np.isnan(middle[k][0]) else [middle[k]]
        maxspeed = {5: 80, 4: 60}.get(rank) if line % 2 == 0 else None
        properties = {
            "u": u + 1,
            "v": v + 1,
            "highway": CLASSES[rank],
            "name": names.get(line),
            "oneway": "yes" if oneway else None,
            "maxspeed": maxspeed,
            "bridge": "yes" if bridge else None,
        }
        features.append(_feature("LineString", [node[u], *bend, node[v]], properties))
    _write_features(folder / "roads.geojson", features)


def _road_names(links: Links, *, lang: Lang) -> dict[int, str]:
    lines = sorted(set(links.table.loc[links.table["line"] >= 0, "line"]))
    words = name_towns(len(lines) + 40, lang=lang)[40:]
    names = {line: say("sample.road", lang=lang, name=word) for line, word in zip(lines, words, strict=True)}
    trunk = links.table.loc[(links.table["rank"] == 5) & (links.table["line"] >= 0), "line"]
    names.update(dict.fromkeys(trunk, say("sample.trunk_road", lang=lang)))
    names[-2] = say("sample.bridge", lang=lang)
    return names


def _write_table(path: Path, table: pd.DataFrame, *, encoding: str) -> None:
    _write(path, table.to_csv(index=False, lineterminator="\n"), encoding=encoding)


def _write_villages(folder: Path, villages: pd.DataFrame, names: Sequence[str], *, lang: Lang) -> None:
    place = lonlat(villages[["x", "y"]].to_numpy())
    table = pd.DataFrame(
        {
            "序号": np.arange(1, len(villages) + 1),
            "乡镇": [names[town] for town in villages["town"]],
            "村居名称": villages["name"],
            "常住人口": villages["people"],
            "60岁及以上": villages["aged"],
            "经度": place[:, 0],
            "纬度": place[:, 1],
        }
    )
    _write_table(folder / "villages.csv", table, encoding="gb18030")


_STATIONS: Final = (
    ("特勤站", 45),
    ("一级站", 32),
    ("一级站", 30),
    ("二级站", 20),
    ("二级站", 18),
    ("二级站", 18),
    ("二级站", 16),
    ("二级站", 16),
    ("小型站", 15),
    ("小型站", 15),
    ("小型站", 12),
)


def _write_stations(
    folder: Path, centre: NDArray[np.float64], order: NDArray[np.int64], names: Sequence[str], *, lang: Lang
) -> None:
    rows = []
    for k, (kind, staff) in enumerate(_STATIONS[: len(order) - 1]):
        lon, lat = lonlat(centre[order[k]] + np.array([180.0, 90.0]))
        rows.append((say("sample.fire_station", lang=lang, town=names[order[k]][:-1]), kind, staff, lon, lat))
    table = pd.DataFrame(rows, columns=["站名", "类别", "人数", "经度", "纬度"])
    _write_table(folder / "stations.csv", table, encoding="utf-8-sig")


_STUDY: Final = """\
# 虚构示例：岛屿区消防站覆盖研究。所有地名、人口、设施均为虚构。
[study]
name = "澄屿区消防站覆盖（虚构示例）"
lang = "zh"
crs = "auto"
plan = "chongming"
synthetic = true
out = "out"

[roads]
path = "roads.geojson"
profile = "fire_engine"
tolerance_m = 0.5
split_crossings = false
columns = { u = "u", v = "v", highway = "highway", oneway = "oneway", maxspeed = "maxspeed", name = "name" }

[[facilities]]
path = "stations.csv"
kind = "fire_station"
status = "existing"
crs = "EPSG:4326"
columns = { name = "站名" }

[[demand]]
path = "villages.csv"
method = "points"
people = "常住人口"
crs = "EPSG:4326"

[zones]
path = "towns.geojson"
level = "town"

[land]
path = "land.geojson"

[response]
standard = "dispatch-5min"
bands_min = [3, 4, 5, 8, 15]

[snap]
max_m = 500
access_kph = 10
"""
