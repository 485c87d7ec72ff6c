"""How a map says a value: people, shares, times and what is missing, in the reader's language."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from functools import cache
from typing import Any, Final

import numpy as np
import pandas as pd

from geo.words import Lang, half_up, percent, say, whole

__all__ = [
    "MISSING",
    "reason_word",
    "say_number",
    "say_people",
    "say_reason",
    "say_road_distance",
    "say_share",
    "say_text",
    "say_time",
    "say_value",
    "say_wan",
    "script_words",
    "unit_of",
]

MISSING: Final = "—"
_UNITS: Final = (
    ("_km2", "km²"),
    ("_m2", "m²"),
    ("_kph", "km/h"),
    ("_lps", "L/s"),
    ("_km", "km"),
    ("_ha", "ha"),
    ("_min", "min"),
    ("_s", "s"),
    ("_m", "m"),
)
"""Endings of columns and their units, the longer before the shorter."""
_KEYS: Final = {unit: re.sub(r"\W", "_", unit.replace("²", "2")) for _, unit in _UNITS}
_MOST_DIGITS: Final = 6
"""Decimals of a number beside a limit that it nearly is."""
_MANY: Final = 10_000.0
"""From here on totals of people are told in ten thousands too, areas in hectares; the exact one is first."""
_PLACEHOLDERS: Final = (
    *("n", "m", "s", "i", "km", "kph", "name", "people", "time", "station", "title", "paper", "date"),
)
REASONS: Final = (
    *("too_far", "across_a_barrier", "no_road", "closed_road"),
    *("island", "no_route", "no_station", "beyond_the_search"),
)
"""Why nobody comes, as the coverage table says it, with _ for blanks."""
_SCRIPT_WORDS: Final = (
    "about",
    "all",
    "and_more",
    "bands",
    "basemap",
    "basemap_none",
    "close",
    "cure",
    "distance_to_road",
    "each_area",
    "evidence",
    "gap_label",
    "gaps",
    "gaps_hint",
    "group_facilities",
    "group_response",
    "hide_panel",
    "home",
    "kilometres",
    "kind_village",
    "kind_zone",
    "legend",
    "legend_of_paper",
    "list_break",
    "load",
    "load_note",
    "map_of",
    "metres",
    "minutes",
    "minutes_seconds",
    "missed_by",
    "more",
    "more_here",
    "n_km",
    "n_kph",
    "n_metres",
    "n_people",
    "nearest_station",
    "no_data",
    "no_gap_here",
    "no_match",
    "north",
    "on_the_map",
    "panel",
    "people",
    "people_here",
    "place_and_more",
    "print",
    "printed_on",
    "response_time",
    "results",
    "route_call",
    "route_note",
    "route_from_facility",
    "route_from_place",
    "route_from_station",
    "route_to",
    "route_to_facility",
    "route_to_place",
    "route_total",
    "route_turnout",
    "route_walk",
    "search",
    "search_hint",
    "seconds",
    "sheets",
    "size_legend",
    "sources",
    "stations",
    "status_candidate",
    "status_closed",
    "status_existing",
    "status_planned",
    "target",
    "targets",
    "targets_of_all",
    "town",
    "union_area",
    "unreachable",
    "unreachable_layer",
    "value",
    "way_to",
    "whole_area",
    "why",
    "zone_names",
    "zone_shading",
    "zoom_in",
    "zoom_out",
)


def say_text(value: Any) -> str:
    """Give a data value as text, with a dash for what is missing.

    Examples
    --------
    >>> say_text(None), say_text(float("nan")), say_text("城桥站")
    ('—', '—', '城桥站')
    """
    return MISSING if value is None or pd.isna(value) or str(value).strip() == "" else str(value)


def say_number(value: Any, *, digits: int = 2, beside: Any = None) -> str:
    """Give a number with at most ``digits`` decimals, thousands apart; a half goes up, as in a spreadsheet.

    It has more of them where it would read like a limit ``beside`` it that it is not.

    Examples
    --------
    >>> say_number(1234.5), say_number(12), say_number(None), say_number(975.885), say_number(-0.001)
    ('1,234.5', '12', '—', '975.89', '0')
    >>> say_number(500.4, digits=0, beside=500), say_number(499, digits=0, beside=500)
    ('500.4', '499')
    """
    if not _is_finite(value):
        return MISSING
    if _is_finite(beside) and value != beside:
        while digits < _MOST_DIGITS and half_up(value, digits) == half_up(beside, digits):
            digits += 1
    shown = f"{half_up(value, digits):,}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def say_people(value: Any, *, lang: Lang) -> str:
    """Give a number of people, whole, with its unit.

    Examples
    --------
    >>> say_people(12345.6, lang="en"), say_people(None, lang="zh")
    ('12,346 people', '—')
    """
    return say("maps.n_people", lang=lang, n=whole(value)) if _is_finite(value) else MISSING


def say_wan(people: Any, *, lang: Lang) -> str:
    """Give a total of people in ten thousands, to stand beside the exact one; in Chinese, from 10,000 on.

    Examples
    --------
    >>> say_wan(637_900, lang="zh"), say_wan(20_650, lang="zh")
    ('63.79 万人', '2.07 万人')
    >>> say_wan(9_999, lang="zh"), say_wan(637_900, lang="en")
    ('', '')
    """
    if lang != "zh" or not _is_finite(people) or abs(people) < _MANY:
        return ""
    wan = half_up(Decimal(repr(float(people))).scaleb(-4), 2)
    return say("maps.in_wan", lang=lang, wan=f"{wan:,}")


def say_share(value: Any) -> str:
    """Give a share (0-1) in per cent, or a dash where there is none.

    Examples
    --------
    >>> say_share(0.99999), say_share(1.0), say_share(0.123456), say_share(None)
    ('99.999%', '100%', '12.3%', '—')
    """
    return percent(float(value)) if _is_finite(value) else MISSING


def say_time(seconds: Any, *, lang: Lang) -> str:
    """Give a time in minutes and seconds, rounded up, so that a time past the limit reads past it.

    Examples
    --------
    >>> say_time(300, lang="en"), say_time(300.2, lang="zh"), say_time(float("inf"), lang="zh")
    ('5 min', '5分01秒', '不可达')
    """
    if seconds is None or pd.isna(seconds):
        return MISSING
    if math.isinf(seconds):
        return say("maps.unreachable", lang=lang)
    minutes, rest = divmod(math.ceil(seconds - 1e-6), 60)
    if minutes == 0:
        return say("maps.seconds", lang=lang, s=rest)
    if rest == 0:
        return say("maps.minutes", lang=lang, m=minutes)
    return say("maps.minutes_seconds", lang=lang, m=minutes, s=f"{rest:02d}")


def reason_word(reason: Any) -> str:
    """Give the word of the words files for a reason of the coverage table why nobody comes.

    Examples
    --------
    >>> reason_word("across a barrier"), reason_word("island"), reason_word(None)
    ('across_a_barrier', 'island', 'unknown')
    """
    word = str(reason).replace(" ", "_")
    return word if word in REASONS else "unknown"


def say_reason(reason: Any, *, lang: Lang) -> str:
    """Say why nobody comes, in the words of the map."""
    return say(f"maps.reason_{reason_word(reason)}", lang=lang)


def say_road_distance(m: Any, max_m: float | None, *, lang: Lang) -> str:
    """Say how far the nearest road is, and how far it may be; a dash where there is none.

    Examples
    --------
    >>> say_road_distance(612.4, 500, lang="en"), say_road_distance(None, 500, lang="zh")
    ('612 m (limit 500 m)', '—')
    >>> say_road_distance(500.4, 500, lang="en")
    '500.4 m (limit 500 m)'
    """
    if not _is_finite(m):
        return MISSING
    shown = say_number(m, digits=0 if m >= 10 else 1, beside=max_m)
    if max_m is None:
        return say("maps.n_metres", lang=lang, m=shown)
    return say("maps.metres_of_limit", lang=lang, m=shown, limit=f"{max_m:g}")


@cache
def unit_of(column: str) -> str:
    """Give the unit that a column's name says: a sign, ``people``, ``n``, ``share``, ``year`` or nothing.

    Examples
    --------
    >>> [unit_of(c) for c in ("first_s", "area_m2", "share_people", "people_lost", "n_points", "name")]
    ['s', 'm²', 'share', 'people', 'n', '']
    """
    if column == "share" or column.startswith("share_"):
        return "share"
    if column == "people" or column.startswith("people_") or column.endswith("_people"):
        return "people"
    if column == "n" or column.startswith("n_"):
        return "n"
    if column == "year" or column.endswith("_year"):
        return "year"
    return next((unit for ending, unit in _UNITS if column.endswith(ending)), "")


def say_value(column: str, given: Any, *, lang: Lang) -> str:
    """Give a value of a table as the map says it, by the unit at the end of its column's name.

    Flags become yes or no, no route 'unreachable', what is missing a dash; a lesser value keeps its minus.

    Examples
    --------
    >>> say_value("worst_s", 301, lang="en"), say_value("share_road", 0.5, lang="en")
    ('5 min 01 s', '50.0%')
    >>> say_value("gain_s", -75, lang="en"), say_value("area_m2", 1234.6, lang="zh")
    ('-1 min 15 s', '1,235 平方米')
    >>> say_value("area_m2", 12_345.0, lang="zh"), say_value("flow_lps", 15.0, lang="en")
    ('12,345 平方米（1.23 公顷）', '15 L/s')
    >>> say_value("is_on", True, lang="zh")
    '是'
    """
    if isinstance(given, float) and given == given:  # most values; nan is not itself
        return _measured(unit_of(column), float(given), lang=lang)
    if given is None or (pd.api.types.is_scalar(given) and pd.isna(given)):
        return MISSING
    if isinstance(given, (bool, np.bool_)):
        return say("maps.yes" if given else "maps.no", lang=lang)
    if isinstance(given, (list, tuple, set, frozenset, np.ndarray)):
        return say("messages.between_names", lang=lang).join(map(str, given)) or MISSING
    if not isinstance(given, (int, float, np.integer, np.floating)):
        return say_text(given)
    return _measured(unit_of(column), float(given), lang=lang)


def _measured(unit: str, given: float, *, lang: Lang) -> str:
    if unit in ("s", "min"):
        seconds = given * (60.0 if unit == "min" else 1.0)
        return "-" + say_time(-seconds, lang=lang) if seconds < 0 else say_time(seconds, lang=lang)
    if unit == "share":
        return say_share(given)
    if unit == "people":
        return say_people(given, lang=lang)
    if unit == "n":
        return say_number(given, digits=0)
    if unit == "year":
        return f"{given:.0f}" if math.isfinite(given) else MISSING
    shown = say_number(given, digits=0 if unit in ("m", "m²") and abs(given) >= 10 else 2)
    if shown == MISSING or not unit:
        return shown
    if unit == "m²" and abs(given) >= _MANY:
        return say("maps.m2_and_ha", lang=lang, m2=shown, ha=say_number(given / _MANY, digits=2))
    return f"{shown} {say(f'maps.unit_{_KEYS[unit]}', lang=lang)}"


def script_words(lang: Lang) -> dict[str, str]:
    """Give the words that the page's own script needs, placeholders left for it to fill."""
    kept = {name: f"{{{name}}}" for name in _PLACEHOLDERS}
    return {word: say(f"maps.{word}", lang=lang, **kept) for word in _SCRIPT_WORDS}


def _is_finite(value: Any) -> bool:
    return value is not None and not pd.isna(value) and math.isfinite(value)
