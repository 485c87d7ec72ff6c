"""Calls replayed one by one: nearest free engines, several kinds of them, moves to cover, calls that wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.availability._events import replay_events
from geo.availability.dispatch import DispatchTable, Floats, Ints
from geo.errors import InputError
from geo.messages import name_some
from geo.settings import check_number, check_whole

__all__ = ["Moves", "Replayed", "Rules", "by_kind", "is_reached", "prepare", "replay_calls", "run_calls"]


@dataclass(frozen=True, eq=False)
class Moves:
    """Moves to cover: when the last free engine of a kind leaves a station, another station sends one there.

    The nearest station that keeps ``keep`` free engines of the kind sends one, unless one of the empty
    station is back before. It cannot be sent while it drives, and goes home when an engine of that station
    was due back.

    Parameters
    ----------
    times_s : pandas.DataFrame
        Seconds from station (rows) to station (columns); ``inf`` where none moves.
    keep : int, default 1
        Free engines of the kind that must stay.
    """

    times_s: pd.DataFrame
    keep: int = 1


@dataclass(frozen=True, eq=False)
class Rules:
    """How engines are sent.

    Parameters
    ----------
    is_queued : bool, default False
        Whether what is missing waits for the engine that is free first, or is lost (to help from outside).
    n_drives : int, default 0
        Drives between station and call that the seconds of service do not hold: 0, where they run from the
        dispatch until the engine is free again; 1 (the way there), or 2 (and the way back).
    engines : pandas.DataFrame, optional
        Engines of each station (rows) by kind (columns); the table's crews, all of one kind, when missing.
    moves : Moves, optional
        Moves to cover; none when missing.
    """

    is_queued: bool = False
    n_drives: int = 0
    engines: pd.DataFrame | None = None
    moves: Moves | None = None


PLAIN = Rules()


@dataclass(frozen=True, eq=False)
class Replayed:
    """What became of each call.

    Parameters
    ----------
    calls : pandas.DataFrame
        The calls' rows in the order of time: ``time_s``, ``demand_id``; ``first_s`` and ``full_s`` (seconds
        from the call until the first and the last engine asked for are there; ``inf`` where none, or not all,
        come), ``station_id`` (of the first; None), ``n_sent`` (engines), ``is_reached`` (whether a station
        that has an engine of a kind asked for comes there at all).
    stations : pandas.DataFrame
        Index = station ids: ``engines``, ``n_sent`` (of its engines), ``busy_h`` (hours that they were out).
    kinds : pandas.DataFrame
        The same by station and kind: index ``station_id``, ``kind``, of the kinds that a station has.
    n_moves : int
        Moves to cover.
    """

    calls: pd.DataFrame
    stations: pd.DataFrame
    kinds: pd.DataFrame
    n_moves: int


class Prepared(NamedTuple):
    """A table and rules as the event loop takes them."""

    table: DispatchTable
    first: Any
    kinds: Any
    kind_names: pd.Index
    counts: Ints
    is_kind_reached: NDArray[np.bool_]
    donors: Any
    move_s: Floats
    rules: Rules


def replay_calls(table: DispatchTable, calls: pd.DataFrame, *, rules: Rules = PLAIN) -> Replayed:
    """Send engines to calls that are given, one after the other.

    Parameters
    ----------
    table : DispatchTable
        Made by :func:`dispatch_table`; its calls per hour are not used.
    calls : pandas.DataFrame
        ``time_s`` (seconds), ``demand_id``, ``service_s`` (seconds that each engine is out, see
        ``Rules.n_drives``); a column for each kind of engine with how many are asked for, or ``engines``
        where there is one kind (whole numbers, one engine at least; an empty cell asks for none); one engine
        of the first kind when neither is there. Rows may come in any order.
    rules : Rules
        How engines are sent.

    Raises
    ------
    InputError
        A column is missing, a place unknown, or a number out of its range.

    Examples
    --------
    The second caller finds the near engine out:

    >>> import pandas as pd
    >>> from geo.availability import dispatch_table, replay_calls
    >>> times = pd.DataFrame({"a": [60.0], "b": [300.0]}, index=["x"])
    >>> table = dispatch_table(times, pd.Series({"x": 1.0}))
    >>> calls = pd.DataFrame({"time_s": [0, 900, 4000], "demand_id": "x", "service_s": 3600.0})
    >>> replay_calls(table, calls).calls["station_id"].tolist()
    ['a', 'b', 'a']
    """
    ready = prepare(table, rules)
    ordered = _checked(table, calls)
    place = table.demand_id.get_indexer(pd.Index(ordered["demand_id"]))
    call_s, service_s = (ordered[name].to_numpy(dtype=np.float64) for name in ("time_s", "service_s"))
    # no window: the last engine may come back after the last call
    need = _needs(ordered, ready)
    done = run_calls(ready, call_s, place, service_s, need, (-np.inf, np.inf))
    first_s, full_s, first_from, n_sent, sent, busy_s, n_moves = done
    names = np.array([*table.station_id, None], dtype=object)
    told = pd.DataFrame(
        {
            "time_s": call_s,
            "demand_id": ordered["demand_id"].to_numpy(),
            "first_s": first_s,
            "full_s": full_s,
            "station_id": pd.Series(names[first_from], index=ordered.index, dtype=object),
            "n_sent": n_sent,
            "is_reached": is_reached(ready, place, need),
        },
        index=ordered.index,
    )
    counted = {"engines": ready.counts, "n_sent": sent.astype(np.int64), "busy_h": busy_s / 3600.0}
    kinds, stations = by_kind(ready, counted)
    return Replayed(told, stations, kinds, int(n_moves))


def prepare(table: DispatchTable, rules: Rules) -> Prepared:
    """Check rules against a table, and number engines and donors."""
    check_number("n_drives", rules.n_drives, low=0.0)
    engines = rules.engines
    if engines is None:
        engines = pd.DataFrame({"engines": table.crews}, index=table.station_id)
    missing = table.station_id[~table.station_id.isin(engines.index)]
    if len(missing):
        raise InputError(f"engines has no row for {len(missing)} stations: {name_some(missing)}")
    counts = engines.reindex(table.station_id).to_numpy(dtype=np.float64)
    if not ((counts >= 0.0) & (counts == np.rint(counts))).all():
        raise InputError("engines must be whole numbers >= 0 for each station and kind")
    counts = counts.astype(np.int64)
    kinds = np.concatenate([np.repeat(np.arange(counts.shape[1]), row) for row in counts])
    first = np.concatenate([[0], np.cumsum(counts.sum(axis=1))])
    donors, move_s = _donors(table, rules.moves)
    comes = np.isfinite(table.response_s)
    reached = np.column_stack([comes[:, has_one].any(axis=1) for has_one in (counts > 0).T])
    return Prepared(table, first, kinds, engines.columns, counts, reached, donors, move_s, rules)


def is_reached(ready: Prepared, place: Any, need: Any) -> NDArray[np.bool_]:
    """Tell of each call whether a station with an engine of a kind that it asks for comes there at all."""
    reached = np.zeros(len(place), dtype=bool)
    for kind in range(need.shape[1]):
        reached |= ready.is_kind_reached[:, kind][place] & (need[:, kind] > 0)
    return reached


def by_kind(ready: Prepared, columns: dict[str, Any]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Lay arrays of stations by kinds out as tables: by the kinds that each station has, and by station."""
    pairs = [ready.table.station_id, ready.kind_names]
    index = pd.MultiIndex.from_product(pairs, names=["station_id", "kind"])
    kinds = pd.DataFrame({name: values.ravel() for name, values in columns.items()}, index=index)
    sums = {name: values.sum(axis=1) for name, values in columns.items()}
    return kinds[kinds["engines"] > 0], pd.DataFrame(sums, index=ready.table.station_id)


def run_calls(
    ready: Prepared, call_s: Floats, place: Any, service_s: Floats, need: Any, window_s: tuple[float, float]
) -> Any:
    """Run the event loop; see :func:`geo.availability._events.replay_events` for what comes back."""
    table, rules = ready.table, ready.rules
    return replay_events(
        call_s,
        place,
        service_s,
        need,
        table.order,
        table.n_reached,
        table.response_s,
        ready.first,
        ready.kinds,
        ready.donors,
        ready.move_s,
        rules.moves.keep if rules.moves else 0,
        float(rules.n_drives),
        rules.is_queued,
        np.array(window_s),
    )


def _donors(table: DispatchTable, moves: Moves | None) -> tuple[Any, Floats]:
    """Give for each station the others that may send it an engine, nearest first, and the seconds."""
    n = len(table.station_id)
    if moves is None:
        return np.zeros((n, 0), dtype=np.int64), np.zeros((n, n))
    check_whole("keep", moves.keep, low=0)
    move_s = moves.times_s.reindex(index=table.station_id, columns=table.station_id).to_numpy(np.float64)
    if not (move_s >= 0.0).all():
        raise InputError("the times of moves need a number >= 0 (inf for none) for each pair of stations")
    to = move_s.T.copy()
    np.fill_diagonal(to, np.inf)
    return np.argsort(to, axis=1, kind="stable")[:, : n - 1], move_s


def _checked(table: DispatchTable, calls: pd.DataFrame) -> pd.DataFrame:
    missing = [name for name in ("time_s", "demand_id", "service_s") if name not in calls]
    if missing:
        raise InputError(f"the calls have no column {', '.join(missing)}")
    strange = ~calls["demand_id"].isin(table.demand_id)
    if strange.any():
        unknown = pd.Index(calls["demand_id"][strange].unique())
        raise InputError(f"calls from places that are not in the table of times: {name_some(unknown)}")
    numbers = calls[["time_s", "service_s"]].to_numpy(dtype=np.float64)
    if not np.isfinite(numbers).all() or (numbers[:, 1] < 0.0).any():
        raise InputError("time_s and service_s of the calls must be numbers, service_s >= 0")
    return calls.sort_values("time_s", kind="stable")


def _needs(calls: pd.DataFrame, ready: Prepared) -> Any:
    """Give how many engines of each kind every call asks for."""
    kinds = ready.kind_names
    if not any(kind in calls for kind in kinds):
        need = np.zeros((len(calls), len(kinds)), dtype=np.int64)
        need[:, 0] = 1
        return need
    asked = calls.reindex(columns=kinds, fill_value=0).fillna(0).to_numpy(dtype=np.float64)
    is_wrong = ~(np.isfinite(asked) & (asked >= 0.0) & (asked == np.rint(asked))).all(axis=1)
    is_wrong |= asked.sum(axis=1) == 0.0
    if is_wrong.any():
        raise InputError(
            f"{int(is_wrong.sum())} calls do not ask for whole numbers of engines, one at least: "
            f"{name_some(calls.index[is_wrong])}"
        )
    return asked.astype(np.int64)
