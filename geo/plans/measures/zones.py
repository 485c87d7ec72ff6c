"""The measure behind targets on zones of responsibility, from plain tables (tables only)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import pandas as pd

from geo.messages import Message
from geo.plans.evidence import Facts, Measure, Need
from geo.plans.plan import Target

__all__ = ["MEASURES"]

_AREA: Final = "area"
_TIME: Final = "edge_time"


def _jurisdictions(target: Target, facts: Facts) -> Measure:
    """Share of the stations with a zone that conform, in percent (YP-2).

    A station conforms when its zone's area and the time to its edge both keep the standard, 'should' and
    'must' alike, or its area is set by a recorded risk assessment.
    """
    zones, checks = facts.tables.get("station_zones"), facts.tables.get("zone_checks")
    if zones is None or checks is None:
        return Measure(needs=(("stations", "station_class"),))
    zones = zones[zones["facility_id"].notna()]
    n = len(zones)
    if not n:
        return Measure(needs=(("stations", "status = existing"),))
    kinds = checks["check"].where(checks["check"] == _TIME, checks["check"].str.split("_").str[0])
    asked = checks.assign(kind=kinds)[kinds.isin([_AREA, _TIME])]
    states = asked.pivot_table(index="facility_id", columns="kind", values="state", aggfunc="first")
    states = states.reindex(index=zones["facility_id"], columns=[_AREA, _TIME])
    is_failed = (states == "missed").any(axis=1)
    is_open = ~is_failed & (states.isna() | (states == "no_data")).any(axis=1)
    ok, unknown = int((~is_failed & ~is_open).sum()), int(is_open.sum())
    numbers = {"ok": ok, "n": n, "exempt": int((states[_AREA] == "exempt").sum()), **_counts(asked)}
    called = zones["name"].where(zones["name"].notna(), zones["facility_id"])
    failing = [str(name) for name in called[is_failed.to_numpy()]]
    names = (*failing[:5], *(["…"] if len(failing) > 5 else []))
    return Measure(
        value=100.0 * ok / n,
        evidence=(
            Message("plans.jurisdictions", numbers),
            *([Message("plans.jurisdictions_failing", {"names": names})] if len(failing) else []),
        ),
        if_missed=(Message("plans.short_jurisdictions", {"n": n - ok}),),
        needs=_needs(target, states[is_open], ok=ok, unknown=unknown, n=n),
        places="station_zones",
    )


def _counts(asked: pd.DataFrame) -> dict[str, int]:
    """Count what is missed, 'should' and 'must' apart."""
    missed = asked[asked["state"] == "missed"]
    is_area, is_should = missed["kind"] == _AREA, missed["level"] == "should"
    return {
        "should": int((is_area & is_should).sum()),
        "must": int((is_area & ~is_should).sum()),
        "late": int((~is_area).sum()),
    }


def _needs(target: Target, states: pd.DataFrame, *, ok: int, unknown: int, n: int) -> tuple[Need, ...]:
    """Name what is missing when the stations that could not be checked would decide the target."""
    if not unknown or 100.0 * ok / n >= target.value or 100.0 * (ok + unknown) / n < target.value:
        return ()
    without_class = int(states[_AREA].isna().sum())
    if without_class:
        return (("stations", f"station_class ({without_class} / {n})"),)
    return (("roads", f"({unknown} / {n})"),)


MEASURES: Final[Mapping[str, Callable[[Target, Facts], Measure]]] = MappingProxyType(
    {"jurisdictions": _jurisdictions}
)
"""Each computed method of this room."""
