"""Who gains and who loses in a scenario, added up."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import pandas as pd

from geo.network import CLOSED_ROAD
from geo.statistics import weighted_mean, weighted_percentile

__all__ = ["total_figures"]

MINUTE_S: Final = 60.0
"""A change of more than this is told in the headline."""


def total_figures(people: pd.DataFrame) -> dict[str, float]:
    """Add up who gains and who loses.

    Parameters
    ----------
    people : DataFrame
        As :func:`geo.scenarios.compare_people` gives it.

    Returns
    -------
    dict of str to float
        ``gain_people`` (in time now), ``lose_people`` (in time no more), ``faster_people``,
        ``slower_people`` (reached before and afterwards, sooner or later, in time or not),
        ``reachable_people``, ``unreachable_people`` (who get their first route or lose their last, in time or
        not), ``on_closed_people`` (of the latter: on a road that is closed now, as far as reasons are given),
        ``second_gain_people``, ``second_lose_people`` (a second station, however late),
        ``faster_minute_people``, ``slower_minute_people`` (of those reached before and afterwards, by more
        than a minute), ``saved_person_s``, ``lost_person_s`` (people x seconds of those faster and slower),
        ``median_saved_s``, ``median_lost_s`` (half of those faster save at most this; nan for nobody),
        ``both_people``, ``both_before_mean_s``, ``both_after_mean_s`` (people reached before and afterwards
        and their means: the means of all who are reached are of other people each time, and fall where the
        farthest are cut off).
    """
    n, change_s = people["people"].to_numpy(dtype=float), people["change_s"].to_numpy(dtype=float)
    was, now = people["was_covered"].to_numpy(dtype=bool), people["is_covered"].to_numpy(dtype=bool)
    had, has = people["was_reachable"].to_numpy(dtype=bool), people["is_reachable"].to_numpy(dtype=bool)
    faster, slower, both = change_s < 0, change_s > 0, had & has
    had_two, has_two = (
        np.isfinite(people[f"{when}_second_s"].to_numpy(float)) for when in ("before", "after")
    )
    on_closed = (
        people["reason"].eq(CLOSED_ROAD).to_numpy() if "reason" in people else np.zeros(len(n), dtype=bool)
    )
    return {
        "gain_people": math.fsum(n[now & ~was]),
        "lose_people": math.fsum(n[was & ~now]),
        "faster_people": math.fsum(n[faster]),
        "slower_people": math.fsum(n[slower]),
        "reachable_people": math.fsum(n[has & ~had]),
        "unreachable_people": math.fsum(n[had & ~has]),
        "on_closed_people": math.fsum(n[had & ~has & on_closed]),
        "second_gain_people": math.fsum(n[has_two & ~had_two]),
        "second_lose_people": math.fsum(n[had_two & ~has_two]),
        "faster_minute_people": math.fsum(n[change_s < -MINUTE_S]),
        "slower_minute_people": math.fsum(n[change_s > MINUTE_S]),
        "saved_person_s": math.fsum(n[faster] * -change_s[faster]),
        "lost_person_s": math.fsum(n[slower] * change_s[slower]),
        "median_saved_s": weighted_percentile(-change_s[faster], n[faster], 0.5),
        "median_lost_s": weighted_percentile(change_s[slower], n[slower], 0.5),
        "both_people": math.fsum(n[both]),
        "both_before_mean_s": weighted_mean(people["before_s"].to_numpy(dtype=float)[both], n[both]),
        "both_after_mean_s": weighted_mean(people["after_s"].to_numpy(dtype=float)[both], n[both]),
    }
