"""Roads of Overture Maps: rules in nested columns, which may hold for a part of a road only.

The schema is that of https://docs.overturemaps.org/schema/reference/transportation/segment. A road is cut
where a rule begins or ends, and its rules are said as tags of OpenStreetMap, from which they were made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.messages import Message
from geo.network._line_flags import LINKED
from geo.network._packed_tags import plain_value
from geo.words import read_data

__all__ = ["plain_overture"]

_Rule: TypeAlias = Mapping[str, Any]
_NESTED: Final = (
    "road_flags",
    "level_rules",
    "speed_limits",
    "subclass_rules",
    "access_restrictions",
    "prohibited_transitions",
)
_SAME_M: Final = 0.1
"""A rule that begins this near to a vertex begins there."""
_EARTH_M: Final = 111_320.0
"""Metres in a degree of latitude: only the proportion of lengths counts."""


def plain_overture(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Message]]:
    """Give the roads of Overture with their rules as columns of tags; other layers as they are.

    Parameters
    ----------
    frame : GeoDataFrame
        Any road layer. Rules are nested as Parquet gives them, or texts in JSON, as other formats keep them.

    Returns
    -------
    (GeoDataFrame, list of Message)
        A row for each part of a road with rules of its own, and notes.
    """
    headers = {str(name).casefold(): str(name) for name in frame.columns}
    nested: dict[str, str] = {name: headers[name] for name in _NESTED if name in headers}
    if not nested or not {"class", "subtype"} & set(headers):
        return _plain_classes(frame, headers), []
    cells: dict[str, list[Any]] = {
        name: [plain_value(cell) for cell in frame[header]] for name, header in nested.items()
    }
    notes = _unread(frame, nested, cells)
    rules = {name: [_rules(cell) for cell in column] for name, column in cells.items()}
    banned = sum(map(bool, rules.pop("prohibited_transitions", [])))
    cuts = [_cuts(row) for row in zip(*rules.values(), strict=True)] if rules else [[0.0, 1.0]] * len(frame)
    parts = [(i, a, b) for i, at in enumerate(cuts) for a, b in pairwise(at)]
    rows = np.array([i for i, _, _ in parts], dtype=np.int64)
    tags = [_tags({name: rules[name][i] for name in rules}, (a + b) / 2) for i, a, b in parts]
    shapes = _shapes(frame, cuts)
    plain = frame.drop(columns=list(nested.values())).iloc[rows].set_geometry(shapes, crs=frame.crs)
    numbers = {"n": len(frame), "n_cut": len(parts) - len(frame), "turns": banned}
    return _with_columns(plain, headers, tags), [*notes, Message("network.overture_rules", numbers)]


def _plain_classes(frame: gpd.GeoDataFrame, headers: Mapping[str, str]) -> gpd.GeoDataFrame:
    """Give ramps, ferries and trains of a table without nested rules their own classes.

    Overture keeps ``link`` in ``subclass``, beside the class of the road itself: a ramp would be driven as
    the motorway is.
    """
    if "class" not in headers or not {"subclass", "subtype"} & set(headers):
        return frame
    kinds = frame[headers["class"]].astype(object)
    if "subclass" in headers:
        is_link = (frame[headers["subclass"]] == "link") & kinds.isin(LINKED)
        kinds = kinds.where(~is_link, kinds.astype(str) + "_link")
    if "subtype" in headers:
        for subtype, kind in (("water", "ferry"), ("rail", "railway")):
            kinds = kinds.where(frame[headers["subtype"]] != subtype, kind)
    return frame.assign(**{headers["class"]: kinds})


def _unread(
    frame: gpd.GeoDataFrame, nested: Mapping[str, str], cells: Mapping[str, Sequence[Any]]
) -> list[Message]:
    """Note cells that hold something that is no JSON, such as the text that Python prints of a list."""
    notes = []
    for name, header in nested.items():
        texts = frame[header].map(lambda cell: isinstance(cell, str) and cell.strip() not in ("", "null"))
        n = int(sum(is_text and cell is None for is_text, cell in zip(texts, cells[name], strict=True)))
        if n:
            notes.append(Message("network.overture_unread", {"n": n, "header": header}))
    return notes


def _rules(cell: Any) -> list[_Rule]:
    return [rule for rule in cell if isinstance(rule, Mapping)] if isinstance(cell, list) else []


def _between(rule: _Rule) -> tuple[float, float]:
    """Give the part of the road for which a rule holds, as fractions of its length."""
    between = rule.get("between")
    if not isinstance(between, list) or len(between) != 2:
        return 0.0, 1.0
    start, end = (0.0 if between[0] is None else float(between[0])), between[1]
    return start, 1.0 if end is None else float(end)


def _cuts(row: Sequence[Sequence[_Rule]]) -> list[float]:
    """Give the fractions at which a road is cut, its two ends among them."""
    inside = {round(at, 9) for rules in row for rule in rules for at in _between(rule) if 0 < at < 1}
    return [0.0, *sorted(inside), 1.0]


def _shapes(frame: gpd.GeoDataFrame, cuts: Sequence[Sequence[float]]) -> list[shapely.Geometry]:
    is_geographic = bool(frame.crs is not None and frame.crs.is_geographic)
    shapes = []
    for line, at in zip(frame.geometry, cuts, strict=True):
        if len(at) == 2:
            shapes.append(line)
        elif isinstance(line, shapely.LineString):
            shapes += _pieces(line, at, is_geographic=is_geographic)
        else:  # nothing, or several parts, of which no fraction is known
            shapes += [line, *[None] * (len(at) - 2)]
    return shapes


def _pieces(
    line: shapely.LineString, at: Sequence[float], *, is_geographic: bool
) -> list[shapely.LineString]:
    """Cut a line at fractions of its length, at a vertex where one is near."""
    xy = shapely.get_coordinates(line)
    scale = np.array([np.cos(np.radians(xy[:, 1].mean())), 1.0]) * _EARTH_M if is_geographic else np.ones(2)
    metres = np.concatenate([[0.0], np.cumsum(np.hypot(*(np.diff(xy, axis=0) * scale).T))])
    spots = [_spot(metres, fraction * metres[-1]) for fraction in at]
    places = np.array([[np.interp(spot, metres, xy[:, axis]) for axis in (0, 1)] for spot in spots])
    pieces = []
    for (a, b), (start, end) in zip(pairwise(spots), pairwise(places), strict=True):
        inner = xy[(metres > a) & (metres < b)]
        pieces.append(shapely.LineString(np.vstack([start, inner, end])))
    return pieces


def _spot(metres: NDArray[np.float64], at: float) -> float:
    nearest = float(metres[np.abs(metres - at).argmin()])
    return nearest if abs(nearest - at) <= _SAME_M else at


def _tags(rules: Mapping[str, Sequence[_Rule]], middle: float) -> dict[str, str]:
    """Give the rules that hold in the middle of a part as tags; later ones win over earlier ones."""
    tags: dict[str, str] = {}
    readers = {
        "road_flags": _flag_tags,
        "level_rules": _level_tags,
        "speed_limits": _speed_tags,
        "subclass_rules": _subclass_tags,
        "access_restrictions": _access_tags,
    }
    for name, read in readers.items():
        for rule in rules.get(name, ()):
            start, end = _between(rule)
            if start <= middle <= end:
                _take(tags, read(rule))
    return tags


def _take(tags: dict[str, str], more: Mapping[str, str]) -> None:
    """Add tags: what is said of all users takes the place of what was said of some.

    A road that is closed in one direction and then in the other is closed.
    """
    if "access" in more:
        for mode in read_data("standards/access")["overture"]["modes"].values():
            tags.pop(mode, None)
    for key, value in more.items():
        if key == "oneway" and {tags.get(key), value} == {"yes", "-1"}:
            tags["access"] = "no"
        tags[key] = value


def _flag_tags(rule: _Rule) -> dict[str, str]:
    known = read_data("standards/access")["overture"]["flags"]
    pairs = [known[flag].split("=", 1) for flag in rule.get("values") or () if flag in known]
    return dict(pairs)


def _level_tags(rule: _Rule) -> dict[str, str]:
    value = rule.get("value")
    return {} if value is None else {"layer": str(value)}


def _subclass_tags(rule: _Rule) -> dict[str, str]:
    return {"subclass": str(rule["value"])} if rule.get("value") else {}


def _speed_tags(rule: _Rule) -> dict[str, str]:
    limit, when = rule.get("max_speed"), rule.get("when") or {}
    modes = when.get("mode") or ()
    if not isinstance(limit, Mapping) or limit.get("value") is None:
        return {}
    if modes and not {"vehicle", "motor_vehicle", "car"} & set(modes):
        return {}
    heading = when.get("heading")
    key = f"maxspeed:{heading}" if heading in ("forward", "backward") else "maxspeed"
    value = f"{limit['value']} {limit.get('unit') or 'km/h'}"
    if _other_conditions(when):
        return {f"{key}:conditional": f"{value} @ ({_told(when)})"}
    return {key: value}


def _other_conditions(when: Mapping[str, Any]) -> bool:
    """Whether a rule holds at some hours, for some uses or for some vehicles only."""
    return any(when.get(key) for key in ("during", "using", "recognized", "vehicle"))


def _told(when: Mapping[str, Any]) -> str:
    parts = [f"{key} {when[key]}" for key in ("during", "using", "recognized", "vehicle") if when.get(key)]
    return ", ".join(parts)


def _access_tags(rule: _Rule) -> dict[str, str]:
    """Say a restriction as tags of access, one-way or size."""
    words = read_data("standards/access")["overture"]
    when = rule.get("when") or {}
    modes = [words["modes"][mode] for mode in when.get("mode") or () if mode in words["modes"]]
    if when.get("mode") and not modes:
        return {}  # of bicycles, horses and the like
    kind = rule.get("access_type")
    if when.get("during"):
        keys = modes or ["access"]
        return {f"{key}:conditional": f"{_value(kind)} @ ({_told(when)})" for key in keys}
    if when.get("vehicle"):
        return _size_tags(kind, when)
    uses = [*(when.get("using") or ()), *(when.get("recognized") or ())]
    if uses and kind == "denied":
        return {f"{key}:conditional": f"no @ ({_told(when)})" for key in modes or ["access"]}
    value = next((words["uses"][use] for use in uses if use in words["uses"]), _value(kind))
    if heading := when.get("heading"):
        return _direction_tags(heading, value, modes)
    return dict.fromkeys(modes or ["access"], value)


def _value(kind: object) -> str:
    return {"denied": "no", "designated": "designated"}.get(str(kind), "yes")


def _direction_tags(heading: str, value: str, modes: Sequence[str]) -> dict[str, str]:
    """Say what holds in one direction: a one-way road, or the users who may go against it."""
    if value == "no":
        if modes and not {"vehicle", "motor_vehicle", "motorcar"} & set(modes):
            return {}
        return {"oneway": "yes" if heading == "backward" else "-1"}
    if not modes and value == "yes":
        return {"oneway": "no"}
    freed = {"emergency", "bus", "psv", "hgv", "motorcar", "motor_vehicle", "vehicle"} & set(modes)
    return {f"oneway:{mode}": "no" for mode in sorted(freed)}


def _size_tags(kind: object, when: Mapping[str, Any]) -> dict[str, str]:
    """Say a limit of height, width or weight; others are told as conditions."""
    tags = {}
    for limit in when["vehicle"]:
        dimension, compared = limit.get("dimension"), str(limit.get("comparison"))
        is_limit = kind == "denied" and compared.startswith("greater") and limit.get("value") is not None
        if is_limit and dimension in ("height", "width", "weight"):
            tags[f"max{dimension}"] = f"{limit['value']} {limit.get('unit') or ''}".strip()
        else:
            tags["access:conditional"] = f"{_value(kind)} @ ({_told(when)})"
    return tags


def _with_columns(
    frame: gpd.GeoDataFrame, headers: Mapping[str, str], tags: Sequence[Mapping[str, str]]
) -> gpd.GeoDataFrame:
    """Add a column for each tag, and the class of each road with its subclass."""

    def column(name: str) -> list[Any]:
        return frame[headers[name]].tolist() if name in headers else [None] * len(frame)

    classes = [
        _class(*row) for row in zip(column("subtype"), column("class"), column("subclass"), tags, strict=True)
    ]
    keys = [
        key for key in dict.fromkeys(key for row in tags for key in row) if key not in ("highway", "subclass")
    ]
    columns: dict[str, Any] = {key: [row.get(key) for row in tags] for key in keys}
    if "names" in headers:
        names = [plain_value(cell) for cell in frame[headers["names"]]]
        columns["name"] = [name.get("primary") if isinstance(name, Mapping) else None for name in names]
    taken = [headers[name] for name in ("class", "subclass", "subtype", "names") if name in headers]
    plain: gpd.GeoDataFrame = frame.drop(columns=taken).assign(highway=classes)
    filled = {key: pd.Series(cells, index=plain.index, dtype=object) for key, cells in columns.items()}
    return plain.assign(**filled)


def _class(subtype: object, kind: object, subclass: object, tags: Mapping[str, str]) -> str | None:
    if subtype in ("rail", "water"):
        return "railway" if subtype == "rail" else "ferry"
    if "highway" in tags:  # under construction, abandoned
        return tags["highway"]
    subclass_text = tags.get("subclass") or (subclass if isinstance(subclass, str) else "")
    plain = kind if isinstance(kind, str) else None
    has_links = plain in LINKED
    return f"{plain}_link" if subclass_text == "link" and has_links else plain
