"""How a map says a value: people, shares, times and what is missing, in the reader's language."""

from __future__ import annotations

import math
from typing import Any, Final

import pandas as pd

from geo.words import Lang, percent, say

__all__ = ["MISSING", "number", "people", "script_words", "share", "text", "time"]

MISSING: Final = "—"
_SCRIPT_WORDS: Final = (
    "about",
    "bands",
    "basemap",
    "basemap_none",
    "each_area",
    "gaps",
    "gaps_hint",
    "hide_panel",
    "legend",
    "load",
    "load_note",
    "minutes",
    "minutes_seconds",
    "more",
    "n_people",
    "nearest_station",
    "no_data",
    "no_match",
    "people",
    "people_here",
    "response_time",
    "search",
    "search_hint",
    "seconds",
    "size_legend",
    "stations",
    "status_candidate",
    "status_closed",
    "status_existing",
    "status_planned",
    "target",
    "targets",
    "union_area",
    "unreachable",
    "unreachable_layer",
    "value",
    "why",
    "zone_names",
    "zone_shading",
)


def text(value: Any) -> str:
    """Give a data value as text, with a dash for what is missing.

    Examples
    --------
    >>> text(None), text(float("nan")), text("城桥站")
    ('—', '—', '城桥站')
    """
    return MISSING if value is None or pd.isna(value) or str(value).strip() == "" else str(value)


def number(value: Any, *, digits: int = 2) -> str:
    """Give a number with at most ``digits`` decimals, thousands apart.

    Examples
    --------
    >>> number(1234.5), number(12), number(None)
    ('1,234.5', '12', '—')
    """
    if not _is_finite(value):
        return MISSING
    shown = f"{float(value):,.{digits}f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def people(value: Any, *, lang: Lang) -> str:
    """Give a number of people, whole, with its unit.

    Examples
    --------
    >>> people(12345.6, lang="en"), people(None, lang="zh")
    ('12,346 people', '—')
    """
    return say("maps.n_people", lang=lang, n=f"{value:,.0f}") if _is_finite(value) else MISSING


def share(value: Any) -> str:
    """Give a share (0-1) in per cent, or a dash where there is none.

    Examples
    --------
    >>> share(0.99999), share(1.0), share(0.123456), share(None)
    ('99.9%', '100%', '12.3%', '—')
    """
    return percent(float(value)) if _is_finite(value) else MISSING


def time(seconds: Any, *, lang: Lang) -> str:
    """Give a time in minutes and seconds, rounded up, so that a time past the limit reads past it.

    Examples
    --------
    >>> time(300, lang="en"), time(300.2, lang="zh"), time(float("inf"), lang="zh")
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


def script_words(lang: Lang) -> dict[str, str]:
    """Give the words that the page's own script needs, placeholders left for it to fill."""
    return {word: say(f"maps.{word}", lang=lang, n="{n}", m="{m}", s="{s}") for word in _SCRIPT_WORDS}


def _is_finite(value: Any) -> bool:
    return value is not None and not pd.isna(value) and math.isfinite(value)
