"""The table of calls: stamps put in order, what is usable, and every row counted by its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.calls.stamps import read_stamps
from geo.errors import InputError
from geo.messages import Message

__all__ = [
    "CALLS",
    "STAMPS",
    "STARTS",
    "CallRecords",
    "check_calls",
    "clean_calls",
    "count_reasons",
    "merge_calls",
    "response_seconds",
]

STAMPS: Final = ("called_at", "dispatched_at", "left_at", "arrived_at", "back_at")
MEASURES: Final[Mapping[str, tuple[str, str, float]]] = {
    "handling": ("called_at", "dispatched_at", 3600.0),
    "turnout": ("dispatched_at", "left_at", 3600.0),
    "driving": ("left_at", "arrived_at", 7200.0),
    "service": ("dispatched_at", "back_at", 43_200.0),
}
"""From which stamp to which, and seconds beyond which the two are no times of one run (assumed)."""
STARTS: Final = {"call": "called_at", "dispatch": "dispatched_at", "departure": "left_at"}
_LONGEST_RESPONSE_S: Final = 10_800.0
DATES: Final = {name: name.replace("_at", "_date") for name in STAMPS} | {"called_at": "date"}
"""Column with the day of each stamp, where the two stand apart."""
_TEXTS: Final = ("call_id", "station_id", "vehicle", "call_type", "risk", "weather")
CALLS: Final = (*_TEXTS, *STAMPS, *(f"{name}_s" for name in MEASURES), "response_s", "geometry")
"""Columns of a table of calls, one row per engine sent."""


@dataclass(frozen=True, eq=False)
class CallRecords:
    """Records of calls that were cleaned.

    Parameters
    ----------
    table : GeoDataFrame
        Columns ``CALLS``; rows as in the file, without doubles and without those outside the period.
    counts : DataFrame
        ``measure`` (``"handling"``, ``"turnout"``, ``"driving"``, ``"service"``, ``"response"``,
        ``"place"``, ``"station"``), ``reason`` (``"usable"``, or why not), ``n_rows``. For each measure they
        add up to the rows read.
    repaired : DataFrame
        ``stamp``, ``repair`` (``"day_month"``, ``"year"``, ``"clock"``), ``n_rows``: stamps read otherwise
        than they stand.
    reasons : DataFrame
        The reason of every row read, by measure; index as of the rows.
    sources : tuple of str
        Where the records come from.
    """

    table: gpd.GeoDataFrame
    counts: pd.DataFrame
    repaired: pd.DataFrame
    reasons: pd.DataFrame
    sources: tuple[str, ...] = ()


def check_calls(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Check a table of calls and give it back.

    Raises
    ------
    InputError
        A column of ``CALLS`` or the CRS is missing.
    """
    _require(table, CALLS)
    return table


def clean_calls(
    rows: gpd.GeoDataFrame,
    *,
    clock_start: str = "call",
    period: tuple[pd.Timestamp | None, pd.Timestamp | None] = (None, None),
    sources: Sequence[str] = (),
) -> CallRecords:
    """Clean rows of call records.

    A clock time without a date is the first such moment at or after the stamp before it, so runs over
    midnight stay whole; ``date`` is the day of the first stamp of a row. A stamp that does not fit the one
    before it is read with day and month changed, or with the year of that one, where exactly one of the two
    makes it fit; else it stays as it is, and the measures that it spoils are left out with their reason.
    Nothing is filled in.

    Parameters
    ----------
    rows : GeoDataFrame
        Raw cells: ``call_id`` and any of the other columns of texts and stamps; ``date`` (and
        ``dispatched_date``, ``left_date``, ``arrived_date``, ``back_date``) hold the day of clock times;
        ``no_station`` why a row has no ``station_id``; empty or missing points are calls without a place.
    clock_start : {"call", "dispatch", "departure"}
        Where ``response_s`` starts.
    period : pair of Timestamp or None
        The first moment that counts, and the first that no longer does; a call without its time stays in.
    sources : sequence of str
        Where the rows come from.

    Raises
    ------
    InputError
        There is no ``call_id``, or no CRS.
    """
    _require(rows, ("call_id",))
    stamps, unreadable, repaired = _read_all(rows)
    texts = {name: rows.get(name, pd.Series(None, rows.index, dtype=object)) for name in _TEXTS}
    table = gpd.GeoDataFrame({**texts, **stamps}, geometry=rows.geometry, crs=rows.crs)
    key = table.drop(columns="geometry").assign(place=table.geometry.to_wkb())
    is_twice = key.duplicated().to_numpy() & table["call_id"].notna().to_numpy()
    first, end = period
    called = table["called_at"]
    is_outside = pd.Series(data=False, index=table.index)
    is_outside |= called < first if first is not None else False
    is_outside |= called >= end if end is not None else False
    left_out = np.where(is_twice, "double", np.where(is_outside, "outside_period", ""))
    reasons = {}
    ends = {**MEASURES, "response": (STARTS[clock_start], "arrived_at", _LONGEST_RESPONSE_S)}
    for name, (start, stop, longest) in ends.items():
        seconds, reason = _measure(table, unreadable, start, stop, longest)
        if name == "driving":
            reason = reason.mask((reason == "usable") & (seconds == 0.0), "no_time_between")
        table[f"{name}_s"] = seconds.where(reason == "usable")
        reasons[name] = reason
    shapes = table.geometry.to_numpy()
    is_unplaced = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    reasons["place"] = pd.Series(np.where(is_unplaced, "no_place", "usable"), table.index, dtype=object)
    reasons["station"] = _station_reason(rows, table)
    own = pd.DataFrame(reasons, index=table.index, dtype=object)
    why = np.where((left_out == "")[:, None], own.to_numpy(), left_out[:, None])
    told = pd.DataFrame(why, own.index, own.columns, dtype=object)
    kept = table[left_out == ""][[*CALLS]]
    return CallRecords(check_calls(kept), count_reasons(told), repaired, told, tuple(sources))


def merge_calls(records: Sequence[CallRecords]) -> CallRecords:
    """Put the records of several files together; a row that stands in two files counts once.

    Parameters
    ----------
    records : sequence of CallRecords
        At least one, in one CRS. Rows are numbered anew.
    """
    reasons = pd.concat([one.reasons for one in records], ignore_index=True)
    first = np.cumsum([0, *(len(one.reasons) for one in records)])
    tables = [
        one.table.set_axis(first[i] + one.reasons.index.get_indexer(one.table.index), axis=0)
        for i, one in enumerate(records)
    ]
    table = gpd.GeoDataFrame(pd.concat(tables), crs=records[0].table.crs)
    key = pd.DataFrame(table.drop(columns="geometry")).assign(place=table.geometry.to_wkb())
    is_twice = key.duplicated().to_numpy() & table["call_id"].notna().to_numpy()
    reasons.loc[table.index[is_twice]] = "double"
    repaired = pd.concat([one.repaired for one in records])
    repaired = repaired.groupby(["stamp", "repair"], as_index=False, sort=False)["n_rows"].sum()
    sources = tuple(dict.fromkeys(source for one in records for source in one.sources))
    return CallRecords(check_calls(table[~is_twice]), count_reasons(reasons), repaired, reasons, sources)


def response_seconds(table: pd.DataFrame, clock_start: str) -> pd.Series:
    """Give the response of each row on another clock than that of its records: nan where it is not usable.

    Parameters
    ----------
    table : DataFrame
        A table of calls.
    clock_start : {"call", "dispatch", "departure"}
        Where the clock starts.
    """
    if clock_start == "departure":
        return table["driving_s"]  # leaving and arriving at one moment is no drive
    seconds = (table["arrived_at"] - table[STARTS[clock_start]]).dt.total_seconds()
    return seconds.where((seconds >= 0.0) & (seconds <= _LONGEST_RESPONSE_S))


def count_reasons(reasons: pd.DataFrame) -> pd.DataFrame:
    """Count rows by measure and reason: ``measure``, ``reason``, ``n_rows``."""
    counts = []
    for measure in reasons.columns:
        n = reasons[measure].value_counts().sort_index()
        reason = n.index.astype(object)
        counts.append(pd.DataFrame({"measure": measure, "reason": reason, "n_rows": n.to_numpy()}))
    return pd.concat(counts, ignore_index=True)


def _station_reason(rows: pd.DataFrame, table: pd.DataFrame) -> pd.Series:
    """Say why a row has no station: what the rows say themselves, else that none stands there."""
    why = rows.get("no_station", pd.Series(None, rows.index, dtype=object))
    why = why.where(why.notna(), "no_station")
    return why.mask(table["station_id"].notna(), "usable").astype(object)


def _require(table: gpd.GeoDataFrame, columns: Sequence[str]) -> None:
    missing = tuple(column for column in columns if column not in table.columns)
    faults = [Message("schema.columns_missing", {"columns": missing})] if missing else []
    if table.crs is None:
        faults.append(Message("schema.no_crs"))
    if faults:
        values = {"what": Message("schema.what_calls"), "n": len(faults)}
        raise InputError(Message("schema.faults", values), faults=faults)


def _read_all(rows: pd.DataFrame) -> tuple[dict[str, pd.Series], dict[str, pd.Series], pd.DataFrame]:
    """Read every stamp, each with the last stamp before it in its row at hand."""
    before = pd.Series(pd.NaT, rows.index, dtype="datetime64[ms]")
    stamps: dict[str, pd.Series] = {}
    unreadable: dict[str, pd.Series] = {}
    repairs = []
    for name in STAMPS:
        cells = rows.get(name, pd.Series(None, rows.index, dtype=object))
        read = read_stamps(cells, _days(rows, name, before))
        at = read["at"].fillna(_after(before, read["clock_s"]))
        unreadable[name] = read["is_unreadable"] | (read["clock_s"].notna() & at.isna())
        at, how = _repair(at, before)
        repairs += [{"stamp": name, "repair": word, "n_rows": int(n)} for word, n in how.items()]
        clocks = int((read["clock_s"].notna() & at.notna()).sum())
        repairs += [{"stamp": name, "repair": "clock", "n_rows": clocks}] if clocks else []
        stamps[name] = at
        before = at.where(at.notna() & ~(at < before), before)
    return stamps, unreadable, pd.DataFrame(repairs, columns=["stamp", "repair", "n_rows"])


def _days(rows: pd.DataFrame, name: str, before: pd.Series) -> pd.Series | None:
    """Give the day that stands beside a stamp; the day of the call only where no stamp is known before it."""
    if DATES[name] in rows or "date" not in rows:
        return rows.get(DATES[name])
    return rows["date"].where(before.isna(), None)


def _after(before: pd.Series, clock_s: pd.Series) -> pd.Series:
    """Give the first moment at or after another at which the clock shows a time."""
    at = before.dt.normalize() + pd.to_timedelta(clock_s, unit="s")
    at = at.where(~(at < before), at + pd.Timedelta(days=1))
    return at.astype("datetime64[ms]")


def _repair(at: pd.Series, before: pd.Series) -> tuple[pd.Series, dict[str, int]]:
    day = pd.Timedelta(days=1)
    is_odd = at.notna() & before.notna() & ((at < before - day) | (at > before + 2 * day))
    fixed, how = at.copy(), {"day_month": 0, "year": 0}
    for row in np.flatnonzero(is_odd):
        stamp, last = at.iloc[row], before.iloc[row]
        fits: dict[str, pd.Timestamp] = {}
        for word, parts in (
            ("day_month", {"month": stamp.day, "day": stamp.month}),
            ("year", {"year": last.year}),
        ):
            try:
                other = stamp.replace(**parts)
            except ValueError:
                continue
            if last <= other <= last + day:
                fits[word] = other
        if len(fits) == 1:
            ((word, other),) = fits.items()
            fixed.iloc[row] = other
            how[word] += 1
    return fixed, {word: n for word, n in how.items() if n}


def _measure(
    table: pd.DataFrame, unreadable: Mapping[str, pd.Series], start: str, stop: str, longest_s: float
) -> tuple[pd.Series, pd.Series]:
    seconds = (table[stop] - table[start]).dt.total_seconds()
    reason = pd.Series("usable", table.index, dtype=object)
    reason[seconds > longest_s] = "too_long"
    reason[seconds < 0.0] = "out_of_order"
    for name in (stop, start):
        reason[table[name].isna()] = f"no_{name}"
        reason[unreadable[name]] = f"unreadable_{name}"
    return seconds, reason
