"""Answers of the map services of China: places of Amap, Tencent, Baidu and Tianditu; lists of records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from geo.errors import InputError
from geo.layers.report import RawLayer
from geo.messages import Message

__all__ = ["Places", "find_places", "read_places"]

_LISTS: Final = ("pois", "geocodes", "results", "data", "tips", "records", "rows", "list", "items")


@dataclass(frozen=True)
class Places:
    """A list of places as a service gives it.

    Parameters
    ----------
    records : list of mapping
        One a place.
    service : str
        ``"Amap"``, ``"Tencent"``, ``"Baidu"``, ``"Tianditu"``, or empty for records of any other source.
    n_stated : int
        How many places the answer says there are.
    """

    records: list[Mapping[str, Any]] = field(default_factory=list)
    service: str = ""
    n_stated: int = 0


_SYSTEMS: Final = {"Amap": "GCJ-02", "Tencent": "GCJ-02", "Tianditu": "EPSG:4490"}
"""What the service says of its coordinates. Baidu gives BD-09 or, when asked, GCJ-02, and says not which."""


def find_places(content: Any) -> Places | None:
    """Find the places in an answer, or in a list of answers; None where there are none."""
    if isinstance(content, list):
        answers = [
            find_places(answer) for answer in content if isinstance(answer, Mapping) and _has_list(answer)
        ]
        if answers and len(answers) == len(content):
            return _join([answer for answer in answers if answer is not None])
        if content and all(isinstance(record, Mapping) for record in content):
            return Places(content, _service({}, content, ""))
        return None
    if not isinstance(content, Mapping):
        return None
    for name in _LISTS:
        records = content.get(name)
        if isinstance(records, list) and all(isinstance(record, Mapping) for record in records):
            n_stated = next(
                (int(content[key]) for key in ("count", "total") if str(content.get(key)).isdigit()), 0
            )
            return Places(records, _service(content, records, name), n_stated)
    for name in ("result", "data", "poiList"):  # one level down, as web pages wrap it
        if isinstance(content.get(name), Mapping):
            return find_places(content[name])
    return None


def _has_list(answer: Mapping[str, Any]) -> bool:
    return any(isinstance(answer.get(name), list) for name in _LISTS)


def _join(answers: Sequence[Places]) -> Places:
    services = {answer.service for answer in answers}
    records = [record for answer in answers for record in answer.records]
    n_stated = max((answer.n_stated for answer in answers), default=0)
    return Places(records, services.pop() if len(services) == 1 else "", n_stated)


def _service(content: Mapping[str, Any], records: Sequence[Mapping[str, Any]], name: str) -> str:
    """Tell the service by the fields that only it has."""
    first = records[0] if records else {}
    location = first.get("location")
    if "lonlat" in first and name == "pois":
        return "Tianditu"
    if isinstance(location, str) and {"typecode", "adcode", "cityname", "citycode"} & set(first):
        return "Amap"
    if isinstance(location, Mapping) and "lat" in location:
        if "request_id" in content or "ad_info" in first:
            return "Tencent"
        if name == "results" or "uid" in first:
            return "Baidu"
    return ""


def read_places(places: Places, what: str) -> RawLayer:
    """Make a table of places, with longitude and latitude as columns.

    Raises
    ------
    InputError
        There is no record.
    """
    if not places.records:
        raise InputError(Message("layers.no_rows", {"file": what}))
    frame = pd.DataFrame([_flat(record) for record in places.records])
    form = f"{places.service or 'records'} JSON".strip()
    notes: list[Message] = []
    if places.n_stated > len(frame):
        notes.append(Message("layers.pages_missing", {"n": len(frame), "n_stated": places.n_stated}))
    hint = Message("layers.baidu_system") if places.service == "Baidu" else None
    return RawLayer(frame, form, notes=tuple(notes), crs_said=_SYSTEMS.get(places.service, ""), crs_hint=hint)


def _flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """Give the fields of a place as columns; its place as lon and lat."""
    row: dict[str, Any] = {}
    for name, value in record.items():
        pair = _pair(value) if name in ("location", "lonlat") else None
        if pair is not None:
            row["lon"], row["lat"] = pair
        elif isinstance(value, Mapping):
            row.update({f"{name}.{key}": _plain(inner) for key, inner in value.items()})
        else:
            row[name] = _plain(value)
    return row


def _pair(value: Any) -> tuple[Any, Any] | None:
    if isinstance(value, str) and value.count(",") == 1:
        lon, lat = value.split(",")
        return lon.strip(), lat.strip()
    if isinstance(value, Mapping) and "lat" in value:
        return value.get("lng", value.get("lon")), value["lat"]
    if isinstance(value, list) and len(value) == 2:
        return value[0], value[1]
    return None


def _plain(value: Any) -> Any:
    if isinstance(value, list | Mapping):
        return ";".join(str(entry) for entry in value) if value else None
    return value
