"""Recorded calls sent to once more: the same ones today and in each scenario, beside what was recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from geo.availability import Replayed, Rules, dispatch_table, replay_calls
from geo.coverage import Coverage
from geo.errors import StudyError
from geo.messages import Message
from geo.study.availability import MOST_PAIRS, moves_to_cover, times_of_stations
from geo.study.engines import engines_asked
from geo.study.inputs import Inputs
from geo.study.recorded_calls import RecordedCalls
from geo.study.response import snap_rules
from geo.study.settings import RECORDED, AvailabilitySpec, Study
from geo.times import is_within

__all__ = ["Replay", "on_roads", "replay_state"]


@dataclass(frozen=True, eq=False)
class Replay:
    """What became of the recorded calls in each state.

    Parameters
    ----------
    recorded : RecordedCalls
        The calls that stand on roads today.
    states : mapping of str to Replayed
        Today, then each scenario, in the names of the simulation.
    limit_s : float
        What is in time.
    n_off : int
        Calls whose place is on no road, which are left out of all states.
    """

    recorded: RecordedCalls
    states: Mapping[str, Replayed]
    limit_s: float
    n_off: int = 0

    def figures(self, name: str) -> pd.Series:
        """Give the figures of a state, or of the records under the name ``"recorded"``.

        Returns
        -------
        Series
            ``n_replayed`` (calls); ``share_in_time`` (first engine), ``share_full_in_time`` (all that were
            sent), ``share_lost`` (all engines that come were out), ``share_unreached`` (no station comes
            there), of the calls; ``mean_s``, ``median_s``, ``p90_s`` of the calls to which one
            came.
            Of the records the calls with a recorded response count, and none of these was lost.
            ``share_in_time_timed`` is that of the calls whose response was recorded, and
            ``n_calls_timed`` their number: what is to be set beside the records.
        """
        timed = self.recorded.calls["recorded_s"].notna().to_numpy()
        if name == RECORDED:
            first = self.recorded.calls["recorded_s"].to_numpy()[timed]
            lost = unreached = full = np.nan
        else:
            calls = self.states[name].calls
            first = calls["first_s"].to_numpy()
            full = _share(is_within(calls["full_s"].to_numpy(), self.limit_s))
            is_reached = calls["is_reached"].to_numpy()
            lost, unreached = _share(~np.isfinite(first) & is_reached), _share(~is_reached)
        in_time = is_within(first, self.limit_s)
        came = np.sort(first[np.isfinite(first)])
        return pd.Series(
            {
                "n_replayed": float(len(first)),
                "share_in_time": _share(in_time),
                "share_full_in_time": full,
                "share_lost": lost,
                "share_unreached": unreached,
                "mean_s": float(came.mean()) if len(came) else np.nan,
                "median_s": _percentile(came, 0.5),
                "p90_s": _percentile(came, 0.9),
                "n_calls_timed": float(timed.sum()),
                "share_in_time_timed": _share(in_time if name == RECORDED else in_time[timed]),
            }
        )


def _share(flags: np.ndarray) -> float:
    return float(flags.mean()) if len(flags) else float("nan")


def _percentile(ordered: np.ndarray, share: float) -> float:
    """Give the value that this share keeps, one that was observed."""
    if not len(ordered):
        return float("nan")
    return float(np.quantile(ordered, share, method="inverted_cdf"))


def on_roads(
    study: Study, inputs: Inputs, coverage: Coverage, recorded: RecordedCalls
) -> tuple[RecordedCalls, int]:
    """Keep the calls whose places stand on the roads of today, and count the others."""
    snaps = snap_rules(study, inputs).snap(recorded.calls[["geometry"]], coverage.network)
    is_on = snaps["is_snapped"].to_numpy(dtype=bool)
    kept = recorded.calls[is_on].reset_index(drop=True)
    return replace(recorded, calls=kept), int((~is_on).sum())


def replay_state(
    study: Study,
    spec: AvailabilitySpec,
    inputs: Inputs,
    coverage: Coverage,
    engines: pd.DataFrame,
    recorded: RecordedCalls,
) -> Replayed:
    """Send the engines of a state to the recorded calls.

    Each call is at its own place on the roads, and keeps each engine as long as it did. A call of a type that
    the study knows asks for what the type asks for, any other for as many engines of the first kind as were
    sent.

    Parameters
    ----------
    study, spec
        What is asked.
    inputs, coverage
        The state.
    engines : DataFrame
        Engines of its stations by kind.
    recorded : RecordedCalls
        The calls, the same for all states.

    Raises
    ------
    StudyError
        There are too many pairs of calls and stations.
    """
    snaps = snap_rules(study, inputs).snap(recorded.calls[["geometry"]], coverage.network)
    is_placed = coverage.station_snaps["is_snapped"].to_numpy(dtype=bool)
    if is_placed.sum() * len(snaps) > MOST_PAIRS:
        values = {"calls": len(snaps), "stations": int(is_placed.sum())}
        raise StudyError(Message("availability.too_many_recorded", values))
    crews = engines.sum(axis=1)[is_placed]
    crews = crews[crews > 0]
    times = times_of_stations(spec, coverage, snaps)[crews.index]
    table = dispatch_table(times, pd.Series(0.0, times.index), crews=crews)
    calls = pd.DataFrame(recorded.calls[["time_s", "service_s", "engines", "call_type"]])
    usual = calls["service_s"].fillna(60.0 * spec.service_min)
    asked = engines_asked(spec, calls, engines.columns)
    # kinds bear names of the study's: they must not meet the columns that a replay reads
    plain = [f"kind {i}" for i in range(len(engines.columns))]
    told = calls[["time_s"]].assign(demand_id=calls.index, service_s=usual)
    told[plain] = asked.to_numpy()
    rules = Rules(
        is_queued=spec.is_queued,
        engines=engines.set_axis(plain, axis=1),
        moves=moves_to_cover(spec, coverage),
    )
    done = replay_calls(table, told, rules=rules)
    named = done.kinds.rename(index=dict(zip(plain, engines.columns, strict=True)), level="kind")
    return replace(done, kinds=named)
