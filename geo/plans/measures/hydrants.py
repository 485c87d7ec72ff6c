"""Hydrants held against a plan's targets, from plain tables and numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import pandas as pd

from geo.messages import Message
from geo.plans.evidence import Facts, Measure
from geo.plans.plan import Target

__all__ = ["MEASURES"]


def _working_share(target: Target, facts: Facts) -> Measure:
    """Share of the existing hydrants in working order, in percent (CM-6b)."""
    rows = _existing(facts)
    n = len(rows)
    if not n:
        return Measure(needs=(("hydrants", "status = existing"),))
    works = rows["is_working"].astype("boolean")
    n_working, n_broken = int((works == True).sum()), int((works == False).sum())  # noqa: E712 (may be missing)
    unknown = n - n_working - n_broken
    value, best = 100.0 * n_working / n, 100.0 * (n - n_broken) / n
    # Those not known to work are counted as broken: enough to say 'met', and 'missed' only when even all
    # of them working would not do.
    is_open = unknown > 0 and value < target.value <= best
    numbers = {"n": n, "n_working": n_working, "n_broken": n_broken, "unknown": unknown, "value": value}
    to_mend = math.ceil(round(target.value / 100.0 * n, 9)) - n_working
    return Measure(
        value=value,
        evidence=(
            Message("plans.hydrants_working", numbers),
            *([Message("plans.hydrants_unknown", numbers)] if unknown else []),
        ),
        if_missed=(Message("plans.hydrants_to_mend", {"n": to_mend}),),
        needs=(("hydrants", f"is_working ({unknown} / {n})"),) if is_open else (),
        places="hydrants",
    )


def _hydrant_siting(target: Target, facts: Facts) -> Measure:
    """Count the existing hydrants opened after ``new_since``, else after the base year (CM-6, JS-6)."""
    rows, since = _existing(facts), target.settings.get("new_since", facts.base_year)
    if since is None:
        return Measure(needs=(("hydrants", "base_year"),))
    opened = pd.to_numeric(rows["opened_year"], errors="coerce")
    n_new, unknown = int((opened > since).sum()), int(opened.isna().sum())
    is_open = unknown > 0 and n_new < target.value <= n_new + unknown
    numbers = {"n": len(rows), "n_new": n_new, "since": since, "unknown": unknown}
    return Measure(
        value=float(n_new),
        evidence=(
            Message("plans.hydrants_new", numbers),
            *([Message("plans.hydrants_undated", numbers)] if unknown else []),
            *_where(facts),
        ),
        if_missed=(Message("plans.hydrants_short", {"n": math.ceil(target.value) - n_new}),),
        needs=(("hydrants", f"opened_year ({unknown} / {len(rows)})"),) if is_open else (),
        places="hydrant_proposals",
    )


def _where(facts: Facts) -> list[Message]:
    """Tell what lacks a hydrant, and what the proposals would do."""
    gaps, sites = facts.figures.get("hydrant_gaps"), facts.figures.get("hydrant_proposals")
    notes = [Message("plans.hydrant_gaps", dict(gaps))] if gaps else []
    if sites and sites["n_proposed"]:
        notes.append(Message("plans.hydrant_proposals", dict(sites)))
    return notes


def _existing(facts: Facts) -> pd.DataFrame:
    rows = facts.facilities.reindex(columns=["kind", "status", "is_working", "opened_year"])
    return rows[(rows["kind"] == "hydrant") & (rows["status"] == "existing")]


MEASURES: Final[Mapping[str, Callable[[Target, Facts], Measure]]] = MappingProxyType(
    {
        "hydrant_siting": _hydrant_siting,
        "working_share": _working_share,
    }
)
"""Each computed method of ``plans.METHODS`` that this room answers."""
