"""Kinds of engine and types of call of a study, as :mod:`geo.availability` takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.availability import CallTypes
from geo.errors import StudyError
from geo.messages import Message, name_some
from geo.study.inputs import engine_column
from geo.study.recorded_calls import MIN_CALLS, RecordedCalls
from geo.study.settings import AvailabilitySpec
from geo.words import Lang

__all__ = [
    "PLAIN_KIND",
    "call_types",
    "count_engines",
    "engines_asked",
    "riders_of",
    "say_engines",
    "station_names",
    "type_codes",
]

PLAIN_KIND = "engines"
"""The kind of all engines, where the study tells no kinds."""


def count_engines(spec: AvailabilitySpec, stations: gpd.GeoDataFrame) -> tuple[pd.DataFrame, list[Message]]:
    """Give the engines of each station by kind, and say where they come from.

    Returns
    -------
    engines : DataFrame
        Stations by kinds, whole numbers; one kind ``PLAIN_KIND`` where the study tells none.
    notes : list of Message
        What the lists say, and what is assumed.

    Raises
    ------
    StudyError
        A station's list says no whole number of engines, or of its only kind 0; or nothing of any kind, and
        none is assumed.
    """
    if not spec.engines:
        crews, notes = _plain_crews(spec, stations)
        return crews.to_frame(PLAIN_KIND), notes
    table, notes = {}, []
    is_told = pd.Series(data=False, index=stations.index)
    for i, kind in enumerate(spec.engines):
        column = engine_column(i)
        told = stations[column].astype(float) if column in stations else pd.Series(np.nan, stations.index)
        is_told |= told.notna()
        wrong = told.index[told % 1.0 > 0.0]
        if len(wrong):
            values = {"n": len(wrong), "kind": kind.name, "names": station_names(stations, wrong)}
            raise StudyError(Message("availability.engines_wrong", values))
        table[kind.name] = told.fillna(float(kind.n)).astype(np.int64)
        n_told = int(told.notna().sum())
        values = {"kind": kind.name, "n": int(table[kind.name].sum()), "n_stations": n_told, "each": kind.n}
        word = "told" if n_told == len(told) else "each" if kind.column is None else "partly"
        notes.append(Message(f"availability.note_kind_{word}", {**values, "n_blank": len(told) - n_told}))
    engines = pd.DataFrame(table, index=stations.index)
    idle = engines.index[engines.sum(axis=1) == 0]
    silent = idle[~is_told[idle]]
    if len(silent):  # such as one that a scenario adds: taken for empty it would help nobody, without a word
        values = {"n": len(silent), "names": station_names(stations, silent)}
        raise StudyError(Message("availability.engines_unknown", values))
    if len(idle):
        values = {"n": len(idle), "names": station_names(stations, idle)}
        notes.append(Message("availability.note_no_engines", values))
    return engines, notes


def _plain_crews(spec: AvailabilitySpec, stations: gpd.GeoDataFrame) -> tuple[pd.Series, list[Message]]:
    """Give the engines with a crew of each station, all of one kind."""
    told = stations["crews"].astype(float) if "crews" in stations else pd.Series(np.nan, stations.index)
    wrong = told.index[(told == 0.0) | (told % 1.0 > 0.0)]
    if len(wrong):
        values = {"n": len(wrong), "names": station_names(stations, wrong)}
        raise StudyError(Message("availability.crews_wrong", values))
    n_told = int(told.notna().sum())
    notes = []
    if n_told:
        notes.append(Message("availability.note_crews_told", {"n": n_told}))
    if n_told < len(told):
        values = {"n": len(told) - n_told, "crews": spec.crews}
        notes.append(Message("availability.note_crews_assumed", values))
    return told.fillna(float(spec.crews)).astype(np.int64), notes


def riders_of(spec: AvailabilitySpec, engines: pd.DataFrame) -> pd.Series:
    """Give how many firefighters the engines of each station can carry."""
    usual = spec.riders_per_engine
    most = {kind.name: usual if kind.riders is None else kind.riders for kind in spec.engines}
    seats: pd.Series = sum(
        (engines[kind] * most.get(kind, usual) for kind in engines), pd.Series(0.0, engines.index)
    )
    return seats


def type_codes(spec: AvailabilitySpec, words: pd.Series) -> np.ndarray[Any, Any]:
    """Give the number of the type that each word of the records means, -1 where it means none."""
    of_word = {word: i for i, each in enumerate(spec.call_types) for word in each.meant}
    said = words.astype("string").str.strip().str.casefold()
    codes: np.ndarray[Any, Any] = said.map(of_word).fillna(-1).to_numpy(dtype=np.int64)
    return codes


def engines_asked(spec: AvailabilitySpec, calls: pd.DataFrame, kinds: pd.Index) -> pd.DataFrame:
    """Give the engines of each kind that recorded calls ask for.

    Parameters
    ----------
    spec : AvailabilitySpec
        Its types of call.
    calls : DataFrame
        ``engines`` (that were sent), ``call_type``.
    kinds : Index
        Kinds of engine.

    Returns
    -------
    DataFrame
        Calls by kinds: what a call of a known type asks for; of the first kind as many as were sent to one
        of another.
    """
    needs = np.zeros((len(calls), len(kinds)), dtype=np.int64)
    needs[:, 0] = calls["engines"].to_numpy()
    if spec.call_types:
        code = type_codes(spec, calls["call_type"])
        of_type = np.array([[each.engines.get(kind, 0) for kind in kinds] for each in spec.call_types])
        needs = np.where(code[:, None] >= 0, of_type[code], needs)
    return pd.DataFrame(needs, index=calls.index, columns=kinds)


def call_types(
    spec: AvailabilitySpec,
    demand: gpd.GeoDataFrame,
    calls: pd.Series,
    *,
    recorded: RecordedCalls | None,
    service_min: float,
) -> tuple[CallTypes | None, list[Message]]:
    """Give the types of call of each place, and say where they come from; None where the study has none.

    Parameters
    ----------
    spec : AvailabilitySpec
        Its types.
    demand : GeoDataFrame
        Places with their ``risk``.
    calls : Series
        Calls of each place.
    recorded : RecordedCalls or None
        Tells the shares that the study leaves out.
    service_min : float
        Minutes of service of a type that says none.

    Raises
    ------
    StudyError
        No recorded call is of a type, or a place that calls has a risk for which there is none.
    """
    types = spec.call_types
    if not types:
        return None, []
    names = [each.name for each in types]
    shares, note = _shares(spec, recorded)
    risk = demand["risk"].to_numpy(dtype=float)
    may_be = np.column_stack(
        [
            (risk >= each.risk_from) & (risk < (np.inf if each.risk_below is None else each.risk_below))
            for each in types
        ]
    )
    weights = pd.DataFrame(may_be * shares, index=demand.index, columns=names)
    none = (weights.sum(axis=1).to_numpy() <= 0.0) & (calls.to_numpy() > 0.0)
    if none.any():
        found = sorted(set(risk[none]))
        values = {"n": int(none.sum()), "risks": name_some(pd.Index([f"{each:g}" for each in found]))}
        raise StudyError(Message("availability.type_missing", values))
    kinds = [kind.name for kind in spec.engines]
    needs = pd.DataFrame([[each.engines.get(kind, 0) for kind in kinds] for each in types], names, kinds)
    minutes = pd.Series([each.service_min or service_min for each in types], index=names)
    return CallTypes(needs, weights, minutes), [note, *_asked_notes(spec, minutes)]


def _shares(spec: AvailabilitySpec, recorded: RecordedCalls | None) -> tuple[np.ndarray[Any, Any], Message]:
    """Give the share of each type of all calls: of the study, or counted in the records."""
    types = spec.call_types
    if all(each.share is not None for each in types):
        shares = np.array([float(each.share or 0.0) for each in types])
        shares = shares / shares.sum()
        return shares, Message("availability.note_types", {"types": _told(types, shares)})
    if recorded is None:
        raise StudyError(Message("settings.type_shares_without"))
    code = type_codes(spec, recorded.calls["call_type"])
    n = np.bincount(code[code >= 0], minlength=len(types)).astype(float)
    if not n.sum() >= MIN_CALLS:
        values = {"n": int(n.sum()), "n_calls": len(code)}
        raise StudyError(Message("availability.types_not_recorded", values))
    told = {"types": _told(types, n / n.sum()), "n": int(n.sum()), "n_others": int((code < 0).sum())}
    return n / n.sum(), Message("availability.note_types_recorded", told)


def _told(types: Sequence[Any], shares: np.ndarray[Any, Any]) -> tuple[Message, ...]:
    return tuple(
        Message("availability.type_share", {"name": each.name, "share": float(100.0 * share)})
        for each, share in zip(types, shares, strict=True)
    )


def _asked_notes(spec: AvailabilitySpec, minutes: pd.Series) -> list[Message]:
    """Say what each type asks for, and for how long."""
    return [
        Message(
            "availability.note_type",
            {
                "name": each.name,
                "engines": _engines(each.engines),
                "minutes": float(minutes[each.name]),
            },
        )
        for each in spec.call_types
    ]


def _engines(engines: Mapping[str, int]) -> tuple[Message, ...]:
    return tuple(
        Message("availability.type_engines", {"kind": kind, "n": n}) for kind, n in engines.items() if n
    )


def say_engines(engines: Mapping[str, int], *, lang: Lang) -> str:
    """Say so many engines of each kind."""
    return ("、" if lang == "zh" else ", ").join(each.say(lang) for each in _engines(engines))


def station_names(stations: gpd.GeoDataFrame, ids: pd.Index) -> Message:
    """Name stations, by their ids where they have no name."""
    called = stations["name"].reindex(ids)
    return name_some(pd.Index(called.where(called.notna(), ids.to_numpy()).astype(str)))
