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
from geo.study.inputs import Inputs
from geo.study.recorded_calls import RecordedCalls
from geo.study.response import snap_rules
from geo.study.settings import AvailabilitySpec, Study
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
        if name == "recorded":
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
                "share_in_time_timed": _share(in_time if name == "recorded" else in_time[timed]),
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
    crews: pd.Series,
    recorded: RecordedCalls,
) -> Replayed:
    """Send the engines of a state to the recorded calls.

    Each call is at its own place on the roads, asks for as many engines as were sent, and keeps each of them
    as long as it did.

    Parameters
    ----------
    study, spec
        What is asked.
    inputs, coverage
        The state.
    crews : Series
        Engines of its stations.
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
    times = times_of_stations(spec, coverage, snaps)
    table = dispatch_table(times, pd.Series(0.0, times.index), crews=crews[is_placed])
    calls = pd.DataFrame(recorded.calls[["time_s", "service_s", "engines"]])
    usual = calls["service_s"].fillna(60.0 * spec.service_min)
    rules = Rules(is_queued=spec.is_queued, moves=moves_to_cover(spec, coverage))
    return replay_calls(table, calls.assign(demand_id=calls.index, service_s=usual), rules=rules)
