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

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.errors import InputError
from geo.files import InputFiles, find_same, require_own_folder, write_text_whole, writing_folder
from geo.layers import write_layer
from geo.messages import Message
from geo.sample import surroundings
from geo.sample.calls import calls, tell_truth
from geo.sample.facilities import equip
from geo.sample.grid_city import grid_network
from geo.sample.ground import Ground
from geo.sample.island import Island, lonlat
from geo.sample.people import Settlement, empty_places, move_out, name_towns, settle_villages, town_people
from geo.sample.plan import sample_plan
from geo.sample.streets import CLASSES, Links
from geo.settings import shown
from geo.words import Lang, say

__all__ = ["grid_network", "write_sample"]

_STUDY: Final = "study.toml"
_MOST_TEXT_LINKS: Final = 50_000
_MOST_TOWNS: Final = 1000
_MOST_NODES: Final = 1_000_000
_LAKES: Final = 2
_REMOTE: Final = 4
"""Villages that are too far from any road to be reached."""
_FACILITIES: Final = (
    ("stations", "fire_station", "existing"),
    ("stations_planned", "fire_station", "planned"),
    ("micro_stations", "micro_station", "existing"),
    ("shelters", "shelter", "existing"),
    ("depots", "depot", "existing"),
    ("bases", "base", "existing"),
    ("teams", "team", "existing"),
    ("gas_repair", "gas_repair", "existing"),
    ("hydrants", "hydrant", "existing"),
    ("water_points", "water_point", "existing"),
)
"""File, kind and status of each layer of facilities."""


def write_sample(
    out: str | os.PathLike[str],
    *,
    towns: int = 18,
    seed: int = 2035,
    nodes: int | None = None,
    lang: Lang = "zh",
    force_folder: bool = False,
) -> Path:
    """Write the layers and the study file of a synthetic island district: all files, or none.

    Parameters
    ----------
    out : path
        Folder; made if missing. A file that is there already stays: the same one may, another is refused.
    towns : int
        Number of towns, at least 3: one per island.
    seed : int
        The same arguments give the same files, to the byte.
    nodes : int, optional
        How many road nodes, within 5 %; None for the usual district of about 2,500 for 18 towns. More
        nodes make a larger district with closer roads.
    lang : {"zh", "en"}
        Language of names and headers.
    force_folder : bool
        Write also into a folder that holds other files; none of them is replaced.

    Returns
    -------
    pathlib.Path
        The study file.

    Raises
    ------
    InputError
        Fewer than 3 towns or 500 nodes, or too few nodes for so many towns.
    FileError
        The folder may not be written, or holds other files.
    """
    if not 3 <= towns <= _MOST_TOWNS or (nodes is not None and not 500 <= nodes <= _MOST_NODES):
        raise InputError(Message("sample.size_wrong", {"towns": _MOST_TOWNS, "nodes": _MOST_NODES}))
    if not 0 <= seed < 2**31:
        raise InputError(Message("sample.seed_wrong", {"most": 2**31 - 1, "seed": shown(seed)}))
    with writing_folder(Path(out), find_same) as folder:
        _write_all(folder, towns=towns, seed=seed, nodes=nodes, lang=lang)
        home = Path(out)
        require_own_folder(
            home, names=(), earlier=find_same(home.resolve()), inputs=InputFiles(), is_forced=force_folder
        )
    return Path(out) / _STUDY


def _write_all(folder: Path, *, towns: int, seed: int, nodes: int | None, lang: Lang) -> None:
    ground = Ground.lay(towns, seed=seed) if nodes is None else Ground.of_size(nodes, towns, seed=seed)
    growth, islands, parts = ground.growth, ground.islands, ground.towns
    links, centre = ground.links, ground.centre
    empty = empty_places(links, islands, n=_LAKES + _REMOTE)
    villages = settle_villages(links, parts, centre, seed=seed, lang=lang, scale=growth)
    villages = move_out(villages, parts, empty[_LAKES:])
    words = name_towns(towns, lang=lang)
    order = np.argsort([part.rank for part in parts])
    place = Settlement(links, villages, words, centre, order, seed, lang)
    tables = equip(place)
    names = [say("sample.town", lang=lang, name=word) for word in words]
    _write_land(folder, islands, lang=lang)
    _write_water(folder, islands, empty[:_LAKES], lang=lang)
    _write_towns(folder, [part.ring for part in parts], names, town_people(parts))
    roads = _write_roads(folder, links, lang=lang)
    _write_villages(folder, villages, names, lang=lang)
    for name, table in {**tables, **surroundings.sensitive(place)}.items():
        _write_places(folder / f"{name}.csv", _with_town(table, lang=lang), lang=lang)
    records, counts = calls(place, tables["stations"])
    _write_places(folder / "calls.csv", records, lang=lang, encoding="gb18030" if lang == "zh" else "utf-8")
    _write(folder / "calls_truth.toml", tell_truth(place, tables["stations"], counts))
    shapes = surroundings.areas(place, islands, scale=growth)
    shapes |= {"expressway": surroundings.expressway(place), "plots": surroundings.plots(place, parts)}
    for name, features in shapes.items():
        _write_shapes(folder / f"{name}.geojson", features)
    _write(folder / "plan.toml", sample_plan(tables, lang=lang))
    _write(folder / _STUDY, _study(roads, lang=lang))


def _with_town(table: pd.DataFrame, *, lang: Lang) -> pd.DataFrame:
    """Write the name of the town out where a table has one."""
    if "zone" not in table:
        return table
    return table.assign(zone=[say("sample.town", lang=lang, name=name) for name in table["zone"]])


def _write_shapes(path: Path, shapes: Sequence[surroundings.Shape]) -> None:
    features = []
    for shape in shapes:
        corners = lonlat(shape.xy).tolist()
        coordinates = [corners] if shape.kind == "Polygon" else corners
        features.append(_feature(shape.kind, coordinates, shape.properties))
    _write_features(path, features)


def _write(path: Path, text: str, *, encoding: str = "utf-8") -> None:
    write_text_whole(path, text.encode(encoding))


def _feature(kind: str, coordinates: Any, properties: Mapping[str, Any]) -> str:
    body = {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": kind, "coordinates": coordinates},
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _write_features(path: Path, features: Sequence[str]) -> None:
    """Write GeoJSON (RFC 7946: WGS 84), one feature a line."""
    head = f'{{"type":"FeatureCollection","name":"{path.stem}","features":[\n'
    _write(path, head + ",\n".join(features) + "\n]}\n")


def _write_land(folder: Path, islands: Sequence[Island], *, lang: Lang) -> None:
    features = [
        _feature(
            "Polygon", [lonlat(island.shore()).tolist()], {"name": say(f"sample.{island.key}", lang=lang)}
        )
        for island in islands
    ]
    _write_features(folder / "land.geojson", features)


def _write_water(folder: Path, islands: Sequence[Island], lakes: NDArray[np.float64], *, lang: Lang) -> None:
    """Write the sea, with a hole for each island, and lakes that keep clear of every road."""
    shores = [island.shore() for island in islands]
    every = np.concatenate(shores)
    (west, south), (east, north) = every.min(axis=0) - 6_000.0, every.max(axis=0) + 6_000.0
    corners = np.array([[west, south], [east, south], [east, north], [west, north], [west, south]])
    sea = [lonlat(ring).tolist() for ring in (corners, *(shore[::-1] for shore in shores))]
    features = [_feature("Polygon", sea, {"name": say("sample.sea", lang=lang)})]
    turn = np.linspace(0.0, 2.0 * np.pi, 33)
    words = name_towns(140 + len(lakes), lang=lang)[140:]
    for (x, y, clear), word in zip(lakes, words, strict=True):
        reach = clear * (0.48 + 0.10 * np.sin(2.0 * turn + x) + 0.06 * np.sin(3.0 * turn + y))
        ring = np.column_stack([x + reach * np.cos(turn), y + reach * np.sin(turn)])
        ring[-1] = ring[0]
        features.append(
            _feature("Polygon", [lonlat(ring).tolist()], {"name": say("sample.lake", lang=lang, name=word)})
        )
    _write_features(folder / "water.geojson", features)


def _write_towns(
    folder: Path, rings: Sequence[NDArray[np.float64]], names: Sequence[str], people: NDArray[np.int64]
) -> None:
    features = [
        _feature(
            "Polygon",
            [lonlat(ring).tolist()],
            {"zone_id": f"T{i + 1:02d}", "name": names[i], "level": "town", "people": int(people[i])},
        )
        for i, ring in enumerate(rings)
    ]
    _write_features(folder / "towns.geojson", features)


def _write_roads(folder: Path, links: Links, *, lang: Lang) -> str:
    """Write the roads as text, or as FlatGeobuf when they are many; give the file's name."""
    columns = _road_columns(links, lang=lang)
    if len(columns) <= _MOST_TEXT_LINKS:
        _write_features(folder / "roads.geojson", _road_features(links, columns))
        return "roads.geojson"
    node, middle = lonlat(links.node_xy), lonlat(links.middle)
    xy = np.stack([node[columns["u"] - 1], middle, node[columns["v"] - 1]], axis=1).reshape(-1, 2)
    line = np.repeat(np.arange(len(columns)), 3)
    kept = ~np.isnan(xy[:, 0])
    shapes = shapely.linestrings(xy[kept], indices=line[kept])
    write_layer(gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326"), folder / "roads.fgb")
    return "roads.fgb"


def _road_columns(links: Links, *, lang: Lang) -> pd.DataFrame:
    table = links.table
    signed = table["rank"].map({5: 80, 4: 60}).where((table["line"] >= 0) & (table["line"] % 2 == 0))
    return pd.DataFrame(
        {
            "u": table["u"] + 1,
            "v": table["v"] + 1,
            "highway": np.array(CLASSES, dtype=object)[table["rank"]],
            "name": table["line"].map(_road_names(links, lang=lang)).astype(object),
            "oneway": table["is_oneway"].map({True: "yes"}),
            "maxspeed": signed.astype("Int64"),
            "bridge": table["is_bridge"].map({True: "yes"}),
        }
    )


def _road_features(links: Links, columns: pd.DataFrame) -> list[str]:
    node, middle = lonlat(links.node_xy).tolist(), lonlat(links.middle).tolist()
    bends = [[] if vertex[0] != vertex[0] else [vertex] for vertex in middle]
    features = []
    for bend, row in zip(bends, columns.itertuples(index=False), strict=True):
        properties = {
            key: int(value) if isinstance(value, int | np.integer) else value
            for key, value in row._asdict().items()
            if not pd.isna(value)
        }
        features.append(_feature("LineString", [node[row.u - 1], *bend, node[row.v - 1]], properties))
    return features


def _road_names(links: Links, *, lang: Lang) -> dict[int, str]:
    """Name the main roads: the bridge is line -2, the trunk road has one name."""
    lines = sorted(set(links.table.loc[links.table["line"] >= 0, "line"]))
    words = name_towns(len(lines) + 40, lang=lang)[40:]
    names = {line: say("sample.road", lang=lang, name=word) for line, word in zip(lines, words, strict=True)}
    trunk = links.table.loc[(links.table["rank"] == 5) & (links.table["line"] >= 0), "line"]
    names.update(dict.fromkeys(trunk, say("sample.trunk_road", lang=lang)))
    names[-2] = say("sample.bridge", lang=lang)
    return names


def _write_places(path: Path, table: pd.DataFrame, *, lang: Lang, encoding: str = "utf-8-sig") -> None:
    """Write points as a spreadsheet with a planner's headers."""
    place = lonlat(table[["x", "y"]].to_numpy())
    placed = table.drop(columns=["x", "y"]).assign(lon=place[:, 0], lat=place[:, 1])
    own = {
        "level": f"level_{path.stem}",
        "name": "village" if path.stem == "villages" else "name",
        "village": "own_village",
    }
    headers = [say(f"sample.column_{own.get(column, column)}", lang=lang) for column in placed.columns]
    _write(path, placed.set_axis(headers, axis=1).to_csv(index=False, lineterminator="\n"), encoding=encoding)


def _write_villages(folder: Path, villages: pd.DataFrame, names: Sequence[str], *, lang: Lang) -> None:
    """Write the villages; in Chinese as spreadsheet programs export them, in GB 18030."""
    table = villages[["name", "people", "aged", "x", "y"]]
    table.insert(0, "zone", [names[town] for town in villages["town"]])
    _write_places(folder / "villages.csv", table, lang=lang, encoding="gb18030" if lang == "zh" else "utf-8")


def _study(roads: str, *, lang: Lang) -> str:
    sections = [
        f'[[facilities]]\npath = "{name}.csv"\nkind = "{kind}"\nstatus = "{status}"\ncrs = "EPSG:4326"\n'
        for name, kind, status in _FACILITIES
    ]
    return say("sample.study", lang=lang, roads=roads, facilities="\n".join(sections))
