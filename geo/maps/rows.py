"""The rows that a coverage map shows, ready to draw: places in steps of a degree, values as text."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.maps import legend
from geo.maps.geometry import draw_points, draw_polygons, pack_shape, thin_points
from geo.maps.plain import say_plainly
from geo.maps.text import (
    MISSING,
    reason_word,
    say_number,
    say_people,
    say_reason,
    say_road_distance,
    say_share,
    say_text,
    say_time,
    say_value,
)
from geo.words import Lang, say, say_if_there, whole

__all__ = [
    "area_rows",
    "column_of",
    "demand_columns",
    "facility_groups",
    "gap_rows",
    "is_off_roads",
    "station_rows",
    "target_rows",
    "unreached_columns",
    "zone_rows",
]

UNREACHED_POINTS: Final = 150
"""More unreachable points than this are gathered, so that each cross can be seen."""
AREA_TOLERANCE_M: Final = 5.0
ZONE_TOLERANCE_M: Final = 10.0
MOST_OTHERS: Final = 5_000
"""Named places that are gathered under others and found by the search box all the same."""
MOST_VILLAGES: Final = 8
"""A gap of more villages names this many of them, those of most people."""
_TARGET_ORDER: Final = ("missed", "met", "told", "no data", "not computed")


def station_rows(
    stations: gpd.GeoDataFrame, *, lang: Lang, max_m: float | None = None
) -> list[dict[str, Any]]:
    """Give one marker per station: place, name, status, class letter, pop-up lines and load.

    One that stands off the roads serves nobody: it says so, with its distance to a road and the limit, max_m.
    """
    x, y = draw_points(stations, "stations")
    records = stations.drop(columns=stations.geometry.name).to_dict("records")
    return [{"x": x[i], "y": y[i], **_station(record, max_m, lang=lang)} for i, record in enumerate(records)]


def is_off_roads(record: Mapping[Any, Any]) -> bool:
    """Whether an existing station stands off the roads, and so does not count."""
    snapped = record.get("is_snapped")
    is_known = snapped is not None and not pd.isna(snapped)
    return is_known and not snapped and _word(record.get("status"), "existing") == "existing"


def _station(record: Mapping[Any, Any], max_m: float | None, *, lang: Lang) -> dict[str, Any]:
    status = _word(record.get("status"), "existing")
    of_class = _word(record.get("station_class"), "")
    words = [f"class_{of_class}"] if of_class else []
    load = _float(record.get("share_of_limit"))
    off = []
    if is_off_roads(record):
        off = [
            [say("maps.off_roads", lang=lang), say_reason(record.get("reason"), lang=lang)],
            [
                say("maps.distance_to_road", lang=lang),
                say_road_distance(record.get("snap_m"), max_m, lang=lang),
            ],
        ]
    return {
        "name": say_text(record.get("name")),
        "status": status,
        "letter": say(f"maps.letter_{of_class}", lang=lang) if of_class else "",
        "about": " · ".join(say(f"maps.{word}", lang=lang) for word in [*words, f"status_{status}"]),
        "rows": [
            *off,
            [say("maps.people_served", lang=lang), say_people(record.get("people_served"), lang=lang)],
            [say("maps.mean_time", lang=lang), say_time(record.get("mean_s"), lang=lang)],
            [say("maps.worst_time", lang=lang), say_time(record.get("worst_s"), lang=lang)],
        ],
        "load": round(load, 4) if np.isfinite(load) else None,
        "load_text": say_share(load),
    }


_FACILITY_COLUMNS: Final = ("area_m2", "places", "flow_lps", "level")


def facility_groups(facilities: gpd.GeoDataFrame, *, lang: Lang) -> list[dict[str, Any]]:
    """Give the other facilities by kind: kind, label and points with their pop-up lines."""
    groups = []
    shown = [name for name in ("name", "status", *_FACILITY_COLUMNS) if name in facilities]
    for kind, rows in facilities.groupby("kind", sort=True):
        x, y = draw_points(rows, "facilities")
        places = [
            {
                "x": x[i],
                "y": y[i],
                "name": say_text(record.get("name")),
                "about": say(f"maps.status_{_word(record.get('status'), 'existing')}", lang=lang),
                "rows": _facility_values(record, lang=lang),
            }
            for i, record in enumerate(rows[shown].to_dict("records"))
        ]
        groups.append({"kind": kind, "label": say(f"maps.kind_{kind}", lang=lang), "places": places})
    return groups


def _facility_values(record: Mapping[Any, Any], *, lang: Lang) -> list[list[str]]:
    return [
        [
            say(f"maps.{column}", lang=lang),
            say_text(record[column]) if column == "level" else say_value(column, record[column], lang=lang),
        ]
        for column in _FACILITY_COLUMNS
        if column in record and not pd.isna(record[column])
    ]


def demand_columns(
    demand: gpd.GeoDataFrame, stations: gpd.GeoDataFrame | None, *, bands_s: Sequence[float]
) -> tuple[dict[str, Any], pd.Index, int | None]:
    """Give the reached demand points as columns, greatest first, their ids, and the cell width if gathered.

    Columns: ``x``, ``y``, ``people``, ``s`` (response, whole seconds rounded up), ``band``,
    ``station`` (position in the stations, -1 if not among them), ``zone`` (position in ``zones``), ``name``
    (position in ``names``, -1 for none) and ``n`` (points that it stands for; only where some are gathered,
    with ``others``: columns of the places whose names are gathered under those of greater ones).
    """
    # Points of zones that got nobody, without a name, would be specks that mean nothing.
    is_there = (demand["people"] > 0) | column_of(demand, "name").notna()
    reached = demand[np.isfinite(demand["first_s"].to_numpy(dtype=float)) & is_there.to_numpy(dtype=bool)]
    reached = reached.assign(band=legend.band_of(reached["first_s"].to_numpy(dtype=float), bands_s))
    drawn, width_m = thin_points(reached, by="band")
    drawn = drawn.sort_values("people", ascending=False, kind="stable")
    x, y = draw_points(drawn, "demand points")
    index = stations.index if stations is not None else pd.Index([])
    zone, zones = pd.factorize(column_of(drawn, "zone"))
    name, names = pd.factorize(column_of(drawn, "name"))
    return (
        {
            "x": x,
            "y": y,
            "people": [round(float(n), 1) for n in drawn["people"]],
            "s": np.ceil(drawn["first_s"].to_numpy(dtype=float) - 1e-6).astype(int).tolist(),
            "band": drawn["band"].tolist(),
            "station": index.get_indexer(column_of(drawn, "first_id")).tolist(),
            "zone": zone.tolist(),
            "zones": [str(name) for name in zones],
            "name": name.tolist(),
            "names": [str(name) for name in names],
            **(
                {}
                if width_m is None
                else {"n": drawn["n_points"].tolist(), "others": _others(reached, drawn)}
            ),
        },
        drawn.index,
        width_m,
    )


def _others(reached: gpd.GeoDataFrame, drawn: gpd.GeoDataFrame) -> dict[str, list[Any]]:
    """Give the places that are named and not drawn themselves, where most people of each name live."""
    names = column_of(reached, "name")
    is_text = names.map(lambda name: isinstance(name, str) and name != "").astype(bool)
    is_named = is_text & ~names.isin(column_of(drawn, "name"))
    rows = reached[is_named.to_numpy(dtype=bool)].sort_values("people", ascending=False, kind="stable")
    rows = rows.assign(zone=column_of(rows, "zone")).drop_duplicates(["name", "zone"]).head(MOST_OTHERS)
    x, y = draw_points(rows, "places")
    return {
        "x": x,
        "y": y,
        "name": rows["name"].tolist() if len(rows) else [],
        "zone": [zone if isinstance(zone, str) else "" for zone in rows["zone"]],
        "people": [round(float(n), 1) for n in rows["people"]],
        "s": np.ceil(rows["first_s"].to_numpy(dtype=float) - 1e-6).astype(int).tolist(),
    }


def unreached_columns(
    unreached: gpd.GeoDataFrame, *, lang: Lang, max_m: float | None = None
) -> tuple[dict[str, Any], pd.Index, int | None]:
    """Give the unreachable points as columns, their ids, and the cell width if gathered.

    Columns: place, ``people``, ``zone``, ``name``, ``n``, ``why``, ``cure`` (what may mend it) and ``m``
    (text: how far the road is, and how far it may be). They are gathered sooner than others (see
    ``UNREACHED_POINTS``): a few big crosses are seen.
    """
    reason = column_of(unreached, "reason").map(reason_word)
    drawn, width_m = thin_points(unreached.assign(_why=reason), by="_why", max_points=UNREACHED_POINTS)
    drawn = drawn.sort_values("people", ascending=False, kind="stable")
    x, y = draw_points(drawn, "unreachable points")
    columns = {
        "x": x,
        "y": y,
        "people": [round(float(n), 1) for n in drawn["people"]],
        "zone": [say_text(name) for name in column_of(drawn, "zone")],
        "name": [name if isinstance(name, str) else "" for name in column_of(drawn, "name")],
        "n": drawn["n_points"].tolist(),
        "why": [say(f"maps.reason_{word}", lang=lang) for word in drawn["_why"]],
        "cure": [say(f"maps.cure_{word}", lang=lang) for word in drawn["_why"]],
        "m": [say_road_distance(m, max_m, lang=lang) for m in column_of(drawn, "snap_m")],
    }
    return columns, drawn.index, width_m


def zone_rows(zones: gpd.GeoDataFrame, *, lang: Lang) -> list[dict[str, Any]]:
    """Give each zone: name, place of its label, shape, class of its covered share, pop-up lines."""
    x, y = draw_points(zones.set_geometry(zones.geometry.representative_point()), "zones")
    shapes = draw_polygons(zones, "zones", tolerance_m=ZONE_TOLERANCE_M)
    columns = [column_of(zones, name) for name in ("name", "people", "people_covered", "share_people")]
    return [
        {
            "x": x[i],
            "y": y[i],
            "shape": shapes[i],
            "name": say_text(name),
            "class": legend.zone_class(_float(covered)),
            "people": 0.0 if pd.isna(n) else float(n),
            "rows": [
                [say("maps.share_covered", lang=lang), say_share(covered)],
                [say("maps.people_covered", lang=lang), say_people(n_covered, lang=lang)],
                [say("maps.people", lang=lang), say_people(n, lang=lang)],
            ],
        }
        for i, (name, n, n_covered, covered) in enumerate(zip(*columns, strict=True))
    ]


def area_rows(
    areas: gpd.GeoDataFrame, stations: gpd.GeoDataFrame | None, *, lang: Lang
) -> dict[str, list[dict[str, Any]]]:
    """Give the service areas: ``union`` (widest limit first) and ``each`` (by station position)."""
    ordered = areas.sort_values("limit_s", ascending=False, kind="stable")
    shapes = draw_polygons(ordered, "service areas", tolerance_m=AREA_TOLERANCE_M)
    index = stations.index if stations is not None else pd.Index([])
    rows: dict[str, list[dict[str, Any]]] = {"union": [], "each": []}
    for shape, owner, limit_s in zip(shapes, ordered["facility_id"], ordered["limit_s"], strict=True):
        if pd.isna(owner):
            label = say("maps.within", lang=lang, time=say_time(limit_s, lang=lang))
            rows["union"].append({"shape": pack_shape(shape), "label": label})
        else:
            station = int(index.get_indexer([owner])[0])
            rows["each"].append({"shape": pack_shape(shape), "station": station})
    return rows


def gap_rows(
    gaps: gpd.GeoDataFrame, stations: gpd.GeoDataFrame | None, *, lang: Lang
) -> list[dict[str, Any]]:
    """Give each gap in its rank: place, name, people, its villages, nearest station, mean and worst time."""
    x, y = draw_points(gaps, "gaps")
    names = stations["name"].to_dict() if stations is not None else {}
    records = gaps.drop(columns=gaps.geometry.name).to_dict("records")
    return [{"x": x[i], "y": y[i], **_gap(record, names, lang=lang)} for i, record in enumerate(records)]


def _gap(record: Mapping[Any, Any], names: Mapping[Any, Any], *, lang: Lang) -> dict[str, Any]:
    seconds = _float(record.get("mean_s", record.get("nearest_s")))
    nearest, zone, people = (record.get(name) for name in ("nearest_id", "zone", "people"))
    reason = _word(record.get("reason"), "")
    rows = [[say("maps.zone", lang=lang), say_text(zone)]]
    if villages := _word(record.get("villages"), ""):
        rows.append([say("maps.villages", lang=lang), _villages(villages, _float(people), lang=lang)])
    rows.append([say("maps.people", lang=lang), say_people(people, lang=lang)])
    if "mean_s" not in record:
        rows.append([say("maps.response_time", lang=lang), say_time(seconds, lang=lang)])
    elif np.isfinite(seconds):
        rows.append([say("maps.nearest_station", lang=lang), say_text(names.get(nearest, nearest))])
        rows.append([say("maps.mean_time", lang=lang), say_time(seconds, lang=lang)])
        rows.append([say("maps.worst_time", lang=lang), say_time(record.get("worst_s"), lang=lang)])
    else:
        rows.append([say("maps.why", lang=lang), say_reason(reason, lang=lang)])
        rows.append([say("maps.cure", lang=lang), say(f"maps.cure_{reason_word(reason)}", lang=lang)])
    return {
        "name": _gap_name(record, villages, lang=lang),
        "people": say_people(people, lang=lang),
        "time": say_time(seconds, lang=lang),
        "is_unreached": bool(np.isinf(seconds)),
        "zone": say_text(zone),
        "rows": rows,
    }


def _villages(told: str, people: float, *, lang: Lang) -> str:
    """Say the villages of a gap with their people; the table has ``"name number; name number"``."""
    parts = [part.rpartition(" ") for part in told.split("; ")]
    named = [(name, int(n)) for name, _, n in parts if n.isdigit()]
    shown = [
        say("maps.village_people", lang=lang, name=name, n=f"{n:,}") for name, n in named[:MOST_VILLAGES]
    ]
    text = say("messages.between_names", lang=lang).join(shown)
    if len(named) > MOST_VILLAGES:
        text += say("maps.and_others", lang=lang, n=len(named))
    unnamed = people - sum(n for _, n in named)
    if unnamed >= len(named):  # less is what rounding takes off
        text += say("maps.and_unnamed", lang=lang, n=whole(unnamed))
    return text


def _gap_name(record: Mapping[Any, Any], villages: str, *, lang: Lang) -> str:
    """Name a gap by its village of most people; the people beside it are those of all its villages."""
    name = _place(record.get("name"), record.get("zone"), lang=lang)
    n = len(villages.split("; "))
    return say("maps.gap_villages", lang=lang, name=name, n=n) if n > 1 else name


def _place(name: Any, zone: Any, *, lang: Lang) -> str:
    """Name a gap; a bare number, the id of a point without a name, is told as such."""
    given = say_text(name if isinstance(name, str) and name else zone)
    return say("maps.point_named", lang=lang, name=given) if given.isdigit() else given


def target_rows(targets: pd.DataFrame, *, lang: Lang, layers: Collection[str] = ()) -> list[dict[str, Any]]:
    """Give the targets as text, missed ones first; ``places`` names one of ``layers`` or is empty."""
    rank = targets["status"].map({status: i for i, status in enumerate(_TARGET_ORDER)})
    ordered = targets.iloc[rank.argsort(kind="stable")]
    return [
        _target(str(target_id), record, layers, lang=lang)
        for target_id, record in zip(ordered.index, ordered.to_dict("records"), strict=True)
    ]


def _target(
    target_id: str, record: Mapping[Any, Any], layers: Collection[str], *, lang: Lang
) -> dict[str, Any]:
    status, unit = str(record["status"]), _word(record.get("unit"), "")
    evidence, needs = record.get(f"evidence_{lang}"), record.get("needs")
    missed = _value(record.get("missed_by"), unit, lang=lang, kind="gap")
    has_target = isinstance(record.get("target"), str) or not pd.isna(record.get("target"))
    comparator = _word(record.get("comparator"), "").replace(">=", "≥").replace("<=", "≤")
    target = f"{comparator} {_value(record.get('target'), unit, lang=lang)}" if has_target else ""
    return {
        "id": target_id,
        "status": status,
        "status_text": say(f"maps.target_{status.replace(' ', '_')}", lang=lang),
        "name": say_text(record.get(f"name_{lang}")),
        "value": _value(record.get("value"), unit, lang=lang),
        "target": target,
        "missed_by": "" if missed == MISSING else missed,
        "beside": _word(record.get(f"beside_{lang}"), ""),
        "evidence": say_plainly(say_text(needs if pd.isna(evidence) else evidence), lang=lang),
        "places": place if (place := _word(record.get("places"), "")) in layers else "",
    }


def _value(value: Any, unit: str, *, lang: Lang, kind: str = "unit") -> str:
    """Give a value with its unit; a difference of shares is told in points (``kind="gap"``)."""
    if isinstance(value, str):
        return value
    if np.isinf(_float(value)):
        return say("maps.unreachable", lang=lang)
    shown = say_number(value)
    if shown == MISSING or not unit:
        return shown
    if unit == "%" and kind == "unit":
        return f"{shown}%"
    own = say_if_there(f"plans.{kind}_{unit}", lang=lang)
    return f"{shown} {own or unit}"  # a planner's own plan has units of its own


def column_of(table: pd.DataFrame, name: str) -> pd.Series:
    """Give a column, all missing if the table does not have it."""
    if name in table:
        return table[name].astype(object)
    return pd.Series([None] * len(table), index=table.index, dtype=object)


def _float(value: Any) -> float:
    return float("nan") if value is None or pd.isna(value) else float(value)


def _word(value: Any, default: str) -> str:
    return value if isinstance(value, str) and value else default
