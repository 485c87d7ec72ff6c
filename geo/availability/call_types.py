"""Types of call: how often each comes at each place, which engines it asks for, and how long it lasts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.availability.dispatch import DispatchTable, Floats, Ints
from geo.errors import InputError
from geo.messages import name_some

__all__ = ["CallTypes", "ReadyTypes", "calls_asking", "ready_types"]


@dataclass(frozen=True, eq=False)
class CallTypes:
    """What calls are of.

    Parameters
    ----------
    needs : pandas.DataFrame
        Index = types, columns = kinds of engine: how many of each a call asks for; whole numbers, one engine
        at least in each row.
    weights : pandas.DataFrame
        Index = demand ids, columns = types: how often a call of the place is of each type, >= 0, in any unit.
    service_min : pandas.Series
        Mean minutes by type from the dispatch of an engine until it is free again, above 0.
    """

    needs: pd.DataFrame
    weights: pd.DataFrame
    service_min: pd.Series


@dataclass(frozen=True, eq=False)
class ReadyTypes:
    """Types as arrays: needs (types by kinds), shares of each place summed up, and hours of service."""

    names: pd.Index
    needs: Ints
    shares: Floats
    service_h: Floats

    def draw(self, place: Ints, seed: tuple[int, ...]) -> Ints:
        """Draw the type of each call; the same seed, places and shares give the same types."""
        chance = np.random.default_rng(seed).random(len(place))
        upto = np.cumsum(self.shares, axis=1)
        code = (chance[:, None] >= upto[place]).sum(axis=1)
        # shares add up to one only to a rounding: the last type of the place takes what is over
        last = self.shares.shape[1] - 1 - np.argmax(self.shares[:, ::-1] > 0.0, axis=1)
        return np.asarray(np.minimum(code, last[place]), dtype=np.int64)


def ready_types(types: CallTypes, table: DispatchTable, kinds: pd.Index) -> ReadyTypes:
    """Check types against places and kinds of engine.

    Raises
    ------
    InputError
        A kind is unknown, a number is none of those above, or a place that calls has no type of call.
    """
    needs, weights, minutes = types.needs, types.weights, types.service_min
    if not needs.index.is_unique or not len(needs):
        raise InputError("types of call need names, each once")
    strange = needs.columns[~needs.columns.isin(kinds)]
    if len(strange):
        raise InputError(f"types of call ask for unknown kinds of engine: {name_some(strange)}")
    asked = needs.reindex(columns=kinds, fill_value=0).to_numpy(dtype=np.float64)
    is_wrong = ~(np.isfinite(asked) & (asked >= 0.0) & (asked == np.rint(asked))).all(axis=1)
    is_wrong |= ~(asked.sum(axis=1) >= 1.0)
    if is_wrong.any():
        raise InputError(
            "types of call must ask for whole numbers of engines, one at least: "
            f"{name_some(needs.index[is_wrong])}"
        )
    by_place = weights.reindex(index=table.demand_id, columns=needs.index).to_numpy(dtype=np.float64)
    if not (np.isfinite(by_place) & (by_place >= 0.0)).all():
        raise InputError("the weights of types need a number >= 0 for each place and type")
    total = by_place.sum(axis=1)
    none = (total <= 0.0) & (table.calls_per_h > 0.0)
    if none.any():
        raise InputError(f"places that call have no type of call: {name_some(table.demand_id[none])}")
    service = minutes.reindex(needs.index).to_numpy(dtype=np.float64)
    if not (np.isfinite(service) & (service > 0.0)).all():
        raise InputError("service_min must be a number > 0 for each type of call")
    shares = np.divide(by_place, total[:, None], out=np.zeros_like(by_place), where=total[:, None] > 0.0)
    return ReadyTypes(needs.index, asked.astype(np.int64), shares, service / 60.0)


def calls_asking(types: CallTypes, calls: pd.Series, kind: str) -> pd.DataFrame:
    """Give what each place asks for of one kind of engine.

    Parameters
    ----------
    types : CallTypes
        With the places of ``calls``.
    calls : pandas.Series
        Calls by demand id, in any unit of time.
    kind : str
        Kind of engine.

    Returns
    -------
    pandas.DataFrame
        By demand id: ``calls`` (those that ask for the kind), ``engines`` (of the kind, that they ask for in
        all), ``service_min`` (their mean; nan where none is asked for).

    Examples
    --------
    One call in four asks for two ladders, for two hours:

    >>> import pandas as pd
    >>> from geo.availability import CallTypes, calls_asking
    >>> types = CallTypes(
    ...     pd.DataFrame({"ladder": [2, 0]}, index=["fire", "rescue"]),
    ...     pd.DataFrame({"fire": [1.0], "rescue": [3.0]}, index=["x"]),
    ...     pd.Series({"fire": 120.0, "rescue": 30.0}),
    ... )
    >>> calls_asking(types, pd.Series({"x": 8.0}), "ladder").loc["x"].tolist()
    [2.0, 4.0, 120.0]
    """
    weights = types.weights.reindex(index=calls.index, columns=types.needs.index)
    shares = weights.div(weights.sum(axis=1), axis=0).fillna(0.0).to_numpy(dtype=np.float64)
    need = types.needs[kind].to_numpy(dtype=np.float64)
    minutes = types.service_min.reindex(types.needs.index).to_numpy(dtype=np.float64)
    n = calls.to_numpy(dtype=np.float64)
    engines = n * (shares @ need)
    busy = n * (shares @ (need * minutes))
    return pd.DataFrame(
        {
            "calls": n * (shares @ (need > 0.0)),
            "engines": engines,
            "service_min": np.divide(busy, engines, out=np.full(len(n), np.nan), where=engines > 0.0),
        },
        index=calls.index,
    )
