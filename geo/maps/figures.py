"""What the panel of a coverage map says of people: the response bands and the headline figures."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.maps import legend
from geo.maps.rows import column_of, is_off_roads
from geo.maps.text import MISSING, say_number, say_people, say_share, say_time, say_wan
from geo.words import Lang, say, whole

__all__ = ["band_labels", "band_rows", "figure_rows", "zone_labels"]


def band_labels(bands_s: Sequence[float], *, lang: Lang) -> list[str]:
    """Give the label of each response band and of what is slower than the last.

    Everybody is in one band, and the labels say so: "3–4 min" is above 3 and at most 4.

    Examples
    --------
    >>> band_labels([180, 255], lang="en")
    ['≤ 3 min', '3–4.25 min', '> 4.25 min']
    """
    ends = [say_number(s / 60) for s in bands_s]
    between = [say("maps.from_to", lang=lang, low=low, m=m) for low, m in pairwise(ends)]
    return [say("maps.up_to", lang=lang, m=ends[0]), *between, say("maps.beyond", lang=lang, m=ends[-1])]


def zone_labels(*, lang: Lang) -> list[str]:
    """Give the label of each class of ``ZONE_CLASSES``, in per cent."""
    bounds = [say_number(bound * 100) for bound, _ in legend.ZONE_CLASSES[:-1]]
    between = [say("maps.between", lang=lang, low=low, high=high) for low, high in pairwise(bounds)]
    return [say("maps.below", lang=lang, share=bounds[0]), *between, "100%"]


def band_rows(
    demand: gpd.GeoDataFrame, *, bands_s: Sequence[float], limit_s: float, lang: Lang
) -> list[dict[str, Any]]:
    """Give each response band: label, colour, people and share; the last is the unreachable."""
    seconds = demand["first_s"].to_numpy(dtype=float)
    band = legend.band_of(seconds, bands_s)
    band[~np.isfinite(seconds)] = len(bands_s) + 1
    people = np.bincount(band, weights=demand["people"].to_numpy(dtype=float), minlength=len(bands_s) + 2)
    labels = [*band_labels(bands_s, lang=lang), say("maps.unreachable", lang=lang)]
    colours = [*legend.band_colours(bands_s, limit_s), legend.colour_of("unreached")]
    return [
        {
            "label": label,
            "colour": colour,
            "people": whole(n),
            "share": round(float(n / max(people.sum(), 1e-9)), 5),
            "share_text": say_share(n / people.sum() if people.sum() else None),
        }
        for label, colour, n in zip(labels, colours, people, strict=True)
    ]


def figure_rows(
    demand: gpd.GeoDataFrame,
    stations: gpd.GeoDataFrame | None,
    *,
    limit_s: float,
    lang: Lang,
    left_out: float = 0.0,
) -> list[dict[str, str]]:
    """Give the headline figures: people in time and beyond it, mean time, unreachable, stations."""
    people = demand["people"].to_numpy(dtype=float)
    seconds = demand["first_s"].to_numpy(dtype=float)
    reached, covered = np.isfinite(seconds), demand["is_covered"].to_numpy(dtype=bool)
    rows = [
        _covered(float(people[covered].sum()), float(people.sum()), left_out, limit_s=limit_s, lang=lang),
        _beyond(people, reached, covered, limit_s=limit_s, lang=lang),
        _mean_time(demand, people, reached, lang=lang),
        _unreachable(float(people[~reached].sum()), float(people.sum()), lang=lang),
    ]
    return rows if stations is None else [*rows, _stations(stations, lang=lang)]


def _covered(n: float, total: float, left_out: float, *, limit_s: float, lang: Lang) -> dict[str, str]:
    counted = {"n": whole(n), "total": whole(total), "left": whole(left_out)}
    note = "note_left_out" if left_out > 0 else "note"
    return {
        "label": say("maps.figure_covered", lang=lang, limit=say_time(limit_s, lang=lang)),
        "value": say_share(n / total if total else None),
        "note": _with_wan(say(f"maps.figure_covered_{note}", lang=lang, **counted), n, lang=lang),
        "tone": "main",
    }


def _beyond(
    people: NDArray[np.float64],
    reached: NDArray[np.bool_],
    covered: NDArray[np.bool_],
    *,
    limit_s: float,
    lang: Lang,
) -> dict[str, str]:
    n, late = float(people[~covered].sum()), float(people[~covered & reached].sum())
    counted = {"late": whole(late), "unreachable": whole(n - late)}
    return {
        "label": say("maps.figure_beyond", lang=lang, limit=say_time(limit_s, lang=lang)),
        "value": say_people(n, lang=lang),
        "note": _with_wan(say("maps.figure_beyond_note", lang=lang, **counted), n, lang=lang),
        "tone": "",
    }


def _mean_time(
    demand: gpd.GeoDataFrame, people: NDArray[np.float64], reached: NDArray[np.bool_], *, lang: Lang
) -> dict[str, str]:
    drive = say_time(_mean(column_of(demand, "first_travel_s"), people, reached), lang=lang)
    note = "note" if drive == MISSING else "driving"
    return {
        "label": say("maps.figure_mean", lang=lang),
        "value": say_time(_mean(demand["first_s"], people, reached), lang=lang),
        "note": say(f"maps.figure_mean_{note}", lang=lang, time=drive),
        "tone": "",
    }


def _unreachable(n: float, total: float, *, lang: Lang) -> dict[str, str]:
    share = say_share(n / total if total else None)
    return {
        "label": say("maps.figure_unreachable", lang=lang),
        "value": say_people(n, lang=lang),
        "note": _with_wan(say("maps.figure_unreachable_note", lang=lang, share=share), n, lang=lang),
        "tone": "alert" if n > 0 else "",
    }


def _with_wan(note: str, people: float, *, lang: Lang) -> str:
    """Put a total in ten thousands before its note, as Chinese readers say it, beside the exact one."""
    wan = say_wan(people, lang=lang)
    return say("maps.first_then", lang=lang, first=wan, then=note) if wan else note


def _stations(stations: gpd.GeoDataFrame, *, lang: Lang) -> dict[str, str]:
    count = column_of(stations, "status").fillna("existing").value_counts()
    planned = int(count.get("planned", 0))
    n_off = sum(map(is_off_roads, stations.drop(columns=stations.geometry.name).to_dict("records")))
    notes = [
        *([say("maps.figure_stations_off", lang=lang, n=n_off)] if n_off else []),
        *([say("maps.figure_stations_note", lang=lang, n=planned)] if planned else []),
    ]
    return {
        "label": say("maps.figure_stations", lang=lang),
        "value": say("maps.n_stations", lang=lang, n=int(count.get("existing", 0))),
        "note": "；".join(notes) if lang == "zh" else "; ".join(notes),
        "tone": "alert" if n_off else "",
    }


def _mean(seconds: pd.Series, weights: NDArray[np.float64], rows: NDArray[np.bool_]) -> float | None:
    """Give the weighted mean of some rows, None if nobody is there."""
    if weights[rows].sum() <= 0:
        return None
    return float(np.average(seconds.to_numpy(dtype=float)[rows], weights=weights[rows]))
