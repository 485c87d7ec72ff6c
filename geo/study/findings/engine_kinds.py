"""Kinds of engine when they may be out: what is asked for of each, and how often it finds one in time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from geo.availability import HOURS_A_YEAR, Availability, solve_hypercube
from geo.errors import StudyError
from geo.findings import Finding
from geo.messages import Message
from geo.study.availability import Dispatch, KindCalls, calls_of_kind
from geo.study.settings import AvailabilitySpec

__all__ = ["SolvedKind", "engines_per_call", "kind_notes", "report_kinds", "solve_kind", "solve_kinds"]

SolvedKind = tuple[KindCalls, Availability | None]
"""What is asked for of a kind, and what it has to expect; None where no station has one."""


def solve_kind(dispatch: Dispatch, kind: str, *, limit_s: float, is_queued: bool) -> SolvedKind:
    """Solve the hypercube of one kind of engine alone.

    Each engine that is asked for keeps one busy; what follows is told of the calls that ask for the kind,
    each for the first engine of it that is free.
    """
    asked = calls_of_kind(dispatch, kind)
    if asked.table is None:
        return asked, None
    solved = solve_hypercube(asked.table, limit_s=limit_s, is_queued=is_queued)
    calls = solved.places.assign(calls_per_h=asked.calls_per_h.to_numpy())
    return asked, Availability(
        stations=solved.stations,
        places=calls,
        sent=solved.sent,
        limit_s=solved.limit_s,
        is_queued=solved.is_queued,
        is_exact=solved.is_exact,
        all_out_share=solved.all_out_share,
    )


def solve_kinds(
    spec: AvailabilitySpec, dispatch: Dispatch, *, limit_s: float
) -> tuple[Availability, Mapping[str, SolvedKind]]:
    """Solve each kind; the first one is that by which busy engines are told.

    Raises
    ------
    StudyError
        No station on a road has an engine of the first kind.
    """
    kinds = {
        kind: solve_kind(dispatch, kind, limit_s=limit_s, is_queued=spec.is_queued)
        for kind in dispatch.engines.columns
    }
    lead = next(iter(kinds))
    solved = kinds[lead][1]
    if solved is None:
        raise StudyError(Message("availability.no_lead_engines", {"kind": lead}))
    return solved, kinds


def report_kinds(dispatch: Dispatch, kinds: Mapping[str, SolvedKind]) -> tuple[Finding, ...]:
    """Give a row for each kind of engine; nothing where the study tells no kinds."""
    if len(kinds) == 1 and dispatch.types is None:
        return ()
    return (Finding("availability_kinds", "availability", pd.DataFrame(map(_row, kinds.values()))),)


def kind_notes(dispatch: Dispatch, kinds: Mapping[str, SolvedKind]) -> list[Message]:
    """Say by which kind busy engines are told, and what that leaves out."""
    if len(kinds) == 1 and dispatch.types is None:
        return []
    lead = next(iter(kinds))
    asked = kinds[lead][0]
    notes = [Message("availability.note_lead", {"kind": lead})]
    others = float(dispatch.table.calls_per_h.sum() - asked.calls_per_h.sum()) * HOURS_A_YEAR
    if round(others, 6) > 0.0:
        notes.append(Message("availability.note_not_asked", {"kind": lead, "n": others}))
    if dispatch.types is not None and (dispatch.types.needs.to_numpy() > 1).any():
        notes.append(Message("availability.note_several"))
    return notes


def engines_per_call(dispatch: Dispatch, kinds: Mapping[str, SolvedKind]) -> dict[str, float]:
    """Give how many engines of the first kind the calls ask for that ask for it; nothing without types."""
    asked = next(iter(kinds.values()))[0]
    n = float(asked.calls_per_h.sum())
    if dispatch.types is None or asked.table is None or not n:
        return {}
    return {"engines_per_call": round(float(asked.table.calls_per_h.sum()) / n, 6)}


def _row(of: SolvedKind) -> dict[str, object]:
    asked, solved = of
    n = float(asked.calls_per_h.sum())
    row: dict[str, object] = {
        "engine_kind": asked.kind,
        "n_engines_in": asked.n_engines,
        "n_stations": asked.n_stations,
        "calls_per_year": n * HOURS_A_YEAR,
    }
    if solved is None:
        nothing = dict.fromkeys(("share_busy", "expected_s"), np.nan)
        share = 0.0 if n else np.nan
        shares = dict.fromkeys(("share_in_time_if_free", "share_in_time", "share_lost"), share)
        return {**row, **nothing, **shares, "share_unreached": 1.0 if n else np.nan}
    told = solved.figures
    return {
        **row,
        "share_busy": told["busy_share"],
        "expected_s": told["expected_s"] if n else np.nan,
        "share_in_time_if_free": told["share_in_time_if_free"],
        "share_in_time": told["share_in_time"],
        "share_lost": told["lost_per_h"] / n if n else np.nan,
        "share_unreached": told["unreached_per_h"] / n if n else np.nan,
    }
