"""Which speeds the times of a study are made of, from which file, in the lines beside its map."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from geo.messages import Message
from geo.network import name_classes
from geo.outputs.speed_sheet import speed_rows, speeds_of
from geo.study import StudyResult, profile_of
from geo.words import say

__all__ = ["speed_figures", "tell_speeds"]


def speed_figures(result: StudyResult) -> list[dict[str, Any]]:
    """Give kilometres and mean speed of each class of road as plain data, by whose word: class or file."""
    driven = speeds_of(result)
    driven = driven.assign(km_kph=driven["km"] * driven["kph"])
    sums = driven.groupby(["highway", "from"])[["km", "km_kph"]].sum()
    return [
        {"highway": highway, "from": of, "km": round(km, 3), "kph": round(total / km, 1) if km else None}
        for (highway, of), km, total in zip(sums.index, sums["km"], sums["km_kph"], strict=True)
    ]


def tell_speeds(result: StudyResult) -> Iterator[str]:
    """Say for each source of speeds the kilometres and the speed of each class, the longest class first.

    The speeds are those of :func:`geo.outputs.speed_sheet.speed_rows`; what junctions cost and the speed off
    the roads are told after them.
    """
    lang, study = result.lang, result.study
    rows = speed_rows(result)
    between = say("outputs.between_speeds", lang=lang)
    for source, own in rows.groupby("source", sort=False):
        classes = [
            say(
                "outputs.speed_of_class",
                lang=lang,
                name=_in_words(name, result),
                kph=f"{kph:.0f}",
                km=f"{km:,.1f}",
            )
            for name, kph, km in zip(own["highway"], own["speed_kph"], own["road_km"], strict=True)
        ]
        km = f"{own['road_km'].sum():,.1f}"
        yield say("outputs.speed_line", lang=lang, source=source, km=km, classes=between.join(classes))
    yield say(
        "outputs.speed_beside",
        lang=lang,
        kph=f"{study.snap.access_kph:g}",
        delay=f"{profile_of(study, study.roads.profile).junction_delay_s:g}",
    )


def _in_words(highway: str, result: StudyResult) -> str:
    (name,) = name_classes([highway])
    return name.say(result.lang) if isinstance(name, Message) else name
