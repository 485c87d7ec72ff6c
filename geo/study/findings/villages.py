"""What a study finds about villages: which has a depot of its own, which has none, town by town."""

from __future__ import annotations

import math
from typing import Final

import geopandas as gpd
import pandas as pd

from geo.demand import HOW, assign_zones, match_villages, name_key, town_key, villages_served
from geo.errors import StudyError
from geo.findings import Finding, Style
from geo.messages import Message
from geo.plans import LEVELS, read_levels
from geo.settings import unknown
from geo.study.inputs import Inputs
from geo.study.settings import DepotsSpec

__all__ = ["list_villages", "match_depots", "report_villages"]

_WORDS: Final = "depots"
_NO_TOWN: Final = "–"


def list_villages(inputs: Inputs, towns: gpd.GeoDataFrame) -> pd.DataFrame | None:
    """Give the villages of a study: its list, else its zones of level village; None without either.

    A listed village without a place takes that of the most people who bear its name in its town.

    Returns
    -------
    DataFrame or None
        RangeIndex; ``name``, ``zone`` (town: as listed, else the one it lies in), ``people``; with
        ``geometry`` where any village has a place.
    """
    listed = inputs.context.villages
    if listed is None:
        drawn = inputs.zones[inputs.zones["level"] == "village"]
        if not len(drawn):
            return None
        listed = drawn.assign(zone=None)[["name", "zone", "people", "geometry"]].reset_index(drop=True)
    if not isinstance(listed, gpd.GeoDataFrame):
        return _placed(listed, inputs.demand)
    if not (towns["level"] == "town").any() or listed["zone"].notna().all():
        return listed
    middle = listed.set_geometry(listed.geometry.representative_point())
    return listed.assign(zone=listed["zone"].where(listed["zone"].notna(), assign_zones(middle, towns)))


def _placed(listed: pd.DataFrame, demand: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give villages the place of the demand point of their name and town where most people live."""
    if "name" not in demand:
        return listed
    homes = demand.sort_values("people", ascending=False, kind="stable")
    keys = [(name_key(name), town_key(zone)) for name, zone in zip(homes["name"], homes["zone"], strict=True)]
    place = dict(zip(reversed(keys), reversed(homes.geometry.to_list()), strict=True))
    own = [
        (name_key(name), town_key(zone)) for name, zone in zip(listed["name"], listed["zone"], strict=True)
    ]
    places = [place.get(key) for key in own]
    if not any(point is not None for point in places):
        return listed
    return gpd.GeoDataFrame(listed, geometry=places, crs=demand.crs)


def match_depots(depots: pd.DataFrame, villages: pd.DataFrame, asked: DepotsSpec) -> pd.DataFrame:
    """Give each depot its village; see :func:`geo.demand.match_villages`.

    Raises
    ------
    StudyError
        A level of ``[depots] village_levels`` is unknown.
    """
    for level in asked.village_levels:
        if level not in LEVELS:
            raise StudyError(unknown("[depots] village_levels", level, set(LEVELS)))
    return match_villages(depots, villages, reach_m=asked.village_reach_m)


def report_villages(
    villages: pd.DataFrame, depots: pd.DataFrame, matches: pd.DataFrame, asked: DepotsSpec
) -> tuple[Finding, ...]:
    """Find the villages with and without a depot of their own.

    A depot counts when its level is one of ``asked.village_levels``; one without a level that is understood
    is told apart and does not count, unless no depot has one.

    Returns
    -------
    tuple of Finding
        ``village_depots`` (every village), ``villages_without_depot`` and ``village_depots_by_town``.
    """
    levels = read_levels(depots["level"])
    counts = levels.isin(asked.village_levels) if levels.notna().any() else levels.isna()
    own = matches[counts.to_numpy()]
    table = villages_served(villages, own)
    lacking = table["n_depots"] == 0
    figures = {
        "n_villages": float(len(table)),
        "n_with": float((~lacking).sum()),
        "n_without": float(lacking.sum()),
        "n_several": float((table["n_depots"] > 1).sum()),
        "n_depots": float(len(own)),
        "n_unmatched": float(own["village"].isna().sum()),
        "people_without": math.fsum(table.loc[lacking, "people"].fillna(0.0)),
    }
    notes = (*_notes(own, levels, asked), *_unmatched(depots, own))
    return (
        Finding("village_depots", _WORDS, table.rename_axis("village_id"), None, figures, notes),
        _without(villages, table[lacking]),
        Finding("village_depots_by_town", _WORDS, _by_town(table), None),
    )


def _without(villages: pd.DataFrame, lacking: pd.DataFrame) -> Finding:
    name, rows = "villages_without_depot", lacking[["name", "zone", "people"]]
    if not isinstance(villages, gpd.GeoDataFrame):
        return Finding(name, _WORDS, rows.reset_index(drop=True))
    places = villages.geometry.loc[rows.index].representative_point()
    table = gpd.GeoDataFrame(rows, geometry=places, crs=villages.crs).reset_index(drop=True)
    return Finding(
        name, _WORDS, table, Style({"": "village_without_depot"}, columns=("zone", "people"), size=5.0)
    )


def _by_town(table: pd.DataFrame) -> pd.DataFrame:
    """Count the villages of each town, in the order of the list."""
    town = table["zone"].where(table["zone"].notna(), _NO_TOWN)
    lacking = table["n_depots"] == 0
    grouped = table.assign(is_without=lacking).groupby(town.to_numpy(dtype=object), sort=False)
    names = table["name"].where(lacking).groupby(town.to_numpy(dtype=object), sort=False)
    return (
        pd.DataFrame(
            {
                "n_villages": grouped.size(),
                "n_with": grouped.size() - grouped["is_without"].sum(),
                "n_without": grouped["is_without"].sum().astype(int),
                "share_with": 1.0 - grouped["is_without"].mean(),
                "without": names.apply(lambda own: "; ".join(own.dropna())),
            }
        )
        .rename_axis("name")
        .reset_index()
    )


def _notes(own: pd.DataFrame, levels: pd.Series, asked: DepotsSpec) -> list[Message]:
    """Say how the depots were given to villages, each guess by its number."""
    how = own["how"].value_counts()
    notes: list[Message] = [
        Message(f"depots.note_how_{word}", {"n": int(how[word]), "reach_m": asked.village_reach_m or 0.0})
        for word in HOW
        if how.get(word, 0)
    ]
    on_border = int(((own["how"] == "inside") & (own["n_fits"] > 1)).sum())
    if on_border:
        notes.append(Message("depots.note_on_border", {"n": on_border}))
    if len(levels) and levels.isna().all():
        notes.append(Message("depots.note_no_levels", {"n": len(levels)}))
    elif levels.isna().any():
        notes.append(Message("depots.note_level_unknown", {"n": int(levels.isna().sum())}))
    return notes


def _unmatched(depots: pd.DataFrame, own: pd.DataFrame) -> list[Message]:
    lost = own.index[own["village"].isna()]
    if not len(lost):
        return []
    names = depots.loc[lost, "name"].astype(object).where(depots.loc[lost, "name"].notna(), lost.to_numpy())
    return [Message("depots.note_unmatched", {"n": len(lost), "names": tuple(map(str, names[:5]))})]
