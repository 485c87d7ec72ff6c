"""Ways beside those of the engines: each set of them once in a map's file, whatever layers point to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.findings import TracedWays, Ways
from geo.maps.geometry import draw_points, pack_numbers
from geo.maps.legend import colour_of
from geo.maps.packed_routes import pack_legs, pack_starts, trace_fitting, whole_numbers
from geo.words import Lang, say

__all__ = ["WayBook"]

MOST_VERTICES: Final = 60_000
"""Corners of all lines of one set; engines' ways, which most readers ask for, may have more."""


@dataclass
class WayBook:
    """The sets of ways that the layers of one map point to, in the order in which they were first asked for.

    Parameters
    ----------
    sets : list of (Ways, dict)
        Each set, with the position of each place in it.
    """

    sets: list[tuple[Ways, dict[Any, int]]] = field(default_factory=list)

    def point_to(self, ways: Sequence[Ways], ids: pd.Index) -> list[dict[str, Any]]:
        """Say for each set of ways which it is, and where in it the way of each row of a layer stands."""
        rows = []
        for each in ways:
            numbers = [number for number, (known, _) in enumerate(self.sets) if known is each]
            if not numbers:
                self.sets.append((each, {}))
                numbers = [len(self.sets) - 1]
            places = self.sets[numbers[0]][1]
            at = [places.setdefault(i, len(places)) if i in each.places.index else -1 for i in ids]
            rows.append({"set": numbers[0], "at": at})
        return rows

    def draw(self, notes: list[str], *, lang: Lang) -> list[dict[str, Any]]:
        """Give the sets as a file holds them; what had to be left out is added to the notes."""
        return [
            _draw(ways, pd.Index(list(places), dtype=object), notes, lang=lang) for ways, places in self.sets
        ]


def _draw(ways: Ways, ids: pd.Index, notes: list[str], *, lang: Lang) -> dict[str, Any]:
    """Give one set, as :func:`geo.maps.packed_routes.draw_routes` gives those of engines, with its goals."""
    told: dict[Any, Any] = {}

    def trace(some: pd.Index) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
        traced: TracedWays = ways.trace(some)
        if traced.notes is not None and not told:
            told.update(traced.notes.to_dict())
        return traced.legs, traced.ways

    legs, found, lines, _ = trace_fitting(trace, ids, most=MOST_VERTICES)
    found = found.reindex(ids)
    leg = found["leg"].fillna(-1).astype(int).to_numpy()
    n_asked, n_drawn = len(found), int((leg >= 0).sum())
    label = say(f"{ways.words}.ways_{ways.name}", lang=lang)
    notes.append(say("maps.about_ways", lang=lang, ways=label, n=f"{n_drawn:,}", total=f"{n_asked:,}"))
    x, y = draw_points(ways.places.loc[ids], "places")
    facility_id = pd.Index(found["facility_id"].dropna().unique())
    facilities = ways.facilities.loc[facility_id]
    fx, fy = draw_points(facilities, "facilities")
    return {
        "heading": say(f"{ways.words}.way_{ways.name}", lang=lang, facility="{facility}"),
        "none": say(f"{ways.words}.no_way_{ways.name}", lang=lang),
        "colour": colour_of(f"way.{ways.name}"),
        "is_to_facility": ways.is_to_facility,
        "kph": ways.access_kph,
        **pack_legs(legs, lines, lang=lang),
        "leg": pack_numbers(leg),
        "ms": pack_numbers(whole_numbers(found["access_ms"])),
        "stations": pack_starts(found, facility_id, ways.call_s),
        "goals": {
            "x": x,
            "y": y,
            "station": facility_id.get_indexer(found["facility_id"]).tolist(),
            "note": _texts([told.get(i) for i in ids], lang=lang),
        },
        "facilities": {
            "x": fx,
            "y": fy,
            "name": [str(i if pd.isna(name) else name) for i, name in facilities["name"].items()],
        },
    }


def _texts(messages: Sequence[Any], *, lang: Lang) -> Mapping[str, Any]:
    """Say the notes, each different text once."""
    said = np.array([message.say(lang) if message is not None else "" for message in messages], dtype=object)
    at, texts = pd.factorize(said)
    return {"texts": list(texts), "at": at.tolist()}
