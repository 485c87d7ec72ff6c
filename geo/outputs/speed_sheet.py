"""The speeds that the roads of a study were driven at, class by class, with their source."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
import pandas as pd

from geo.maps import tell_marks
from geo.network import RoadNetwork
from geo.standards import SpeedProfile, load_profile, profile_names
from geo.study import StudyResult, profile_of
from geo.times import UNREACHED_MS
from geo.words import Lang, say

__all__ = ["driven_speeds", "speed_rows", "speeds_of"]

_ROUNDING_MS: Final = 1.0
COLUMNS: Final = ("highway", "road_km", "from", "speed_kph", "slowest_kph", "fastest_kph", "source")


def speed_rows(result: StudyResult) -> pd.DataFrame:
    """Give the speeds of each class of road: how many kilometres, how fast, and by whose word.

    Roads that take the speed of their class are credited to the speed profile that states it, with its mark
    in words: in a planner's own file, to the profile that it is based on where it says nothing; those that
    take another, such as a limit written in the planner's own layer, are credited to that file.

    Returns
    -------
    DataFrame
        ``COLUMNS``: ``from`` ("class" or "file"), ``speed_kph`` the mean over the kilometres, the slowest
        and the fastest road; the longest classes first.
    """
    lang, study = result.lang, result.study
    profile = profile_of(study, study.roads.profile)
    driven = speeds_of(result)
    of_file = _of_file(result, profile, lang=lang)
    rows = [
        {
            "highway": highway,
            "road_km": own["km"].sum(),
            "from": say(f"outputs.speed_from_{of}", lang=lang),
            "speed_kph": np.average(own["kph"], weights=own["km"]) if own["km"].sum() else own["kph"].mean(),
            "slowest_kph": own["kph"].min(),
            "fastest_kph": own["kph"].max(),
            "source": of_file if of == "file" else _of_profile(result, profile, str(highway), lang=lang),
        }
        for (highway, of), own in driven.groupby(["highway", "from"], sort=False, observed=True)
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.sort_values("road_km", ascending=False, kind="stable", ignore_index=True)


@lru_cache(maxsize=1)
def speeds_of(result: StudyResult) -> pd.DataFrame:
    """Give the speed of each road of a study: workbook, map and summary ask for it."""
    return driven_speeds(result.inputs.network, profile_of(result.study, result.study.roads.profile))


def driven_speeds(network: RoadNetwork, profile: SpeedProfile) -> pd.DataFrame:
    """Give the speed of each road without what junctions cost, and whether it is that of its class.

    Parameters
    ----------
    network : RoadNetwork
        Roads with times, as built from the profile.
    profile : SpeedProfile
        Speeds by class.

    Returns
    -------
    DataFrame
        One row per edge: ``highway``, ``km``, ``kph``, ``from`` ("class" or "file").
    """
    ends = np.concatenate([network.edge_u, network.edge_v])
    delay_s = (np.bincount(ends, minlength=network.n_nodes) >= 3) * profile.junction_delay_s / 2
    fastest = np.minimum(network.edge_ms, network.edge_back_ms).astype(float)
    open_ms = np.where(fastest < UNREACHED_MS, fastest, np.nan)
    driving_ms = open_ms - 1000.0 * (delay_s[network.edge_u] + delay_s[network.edge_v])
    is_of_class = np.zeros(network.n_edges, dtype=bool)
    kph = np.full(network.n_edges, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        np.divide(network.edge_length * 3600.0, driving_ms, out=kph, where=driving_ms > 0)
        for speeds in (profile.speeds_kph, profile.urban_speeds_kph):
            usual = np.array([speeds.get(kind, np.nan) for kind in network.classes])[network.edge_class]
            is_of_class |= np.abs(network.edge_length / usual * 3600.0 - driving_ms) <= _ROUNDING_MS
            kph = np.where(
                np.abs(network.edge_length / usual * 3600.0 - driving_ms) <= _ROUNDING_MS, usual, kph
            )
    table = pd.DataFrame(
        {
            "highway": np.array(network.classes, dtype=object)[network.edge_class],
            "km": network.edge_length / 1000.0,
            "kph": kph,
            "from": np.where(is_of_class, "class", "file"),
        }
    )
    return table[np.isfinite(table["kph"])]


def _of_profile(result: StudyResult, profile: SpeedProfile, highway: str, *, lang: Lang) -> str:
    """Name the profile that states the speed of a class and its source, with its mark in words.

    Those of the package speak both languages.
    """
    is_ours = result.study.roads.profile in profile_names()
    if not is_ours and highway in profile.bases:
        profile, is_ours = load_profile(profile.bases[highway]), True
    source = profile.source
    if is_ours:
        mark = source[source.rindex("[") :] if source.endswith("]") else ""
        source = f"{say(f'outputs.profile_{profile.name}', lang=lang)} {mark}".strip()
    told = tell_marks(source, lang=lang) or say("outputs.speed_no_source", lang=lang)
    return say("outputs.speed_profile", lang=lang, name=profile.name, source=told)


def _of_file(result: StudyResult, profile: SpeedProfile, *, lang: Lang) -> str:
    """Name the file and its column that roads take their own speeds from."""
    file = result.study.roads.path.replace("\\", "/").rpartition("/")[2]
    headers = [
        str(note.values["header"])
        for note in result.inputs.network.notes
        if note.key == "network.road_column" and str(note.values.get("column", "")).startswith("maxspeed")
    ]
    if profile.maxspeed_factor is None:
        return say("outputs.speed_times", lang=lang, file=file)
    if headers:
        header, factor = headers[0], f"{profile.maxspeed_factor:g}"
        return say("outputs.speed_column", lang=lang, file=file, header=header, factor=factor)
    return say("outputs.speed_tags", lang=lang, file=file, factor=f"{profile.maxspeed_factor:g}")
