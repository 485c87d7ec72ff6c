"""The plan of the synthetic district: targets of the five plans, with stations of its own."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Final

import pandas as pd

from geo.schema import STATION_CLASSES
from geo.words import Lang, data_dir, say

__all__ = ["sample_plan"]

_TAKEN: Final = (
    ("chongming", "CM-1 CM-1b CM-2 CM-3 CM-4 CM-5 CM-6 CM-6b CM-7 CM-7b CM-9"),
    ("jinshan", "JS-1 JS-1b JS-1c JS-2 JS-3 JS-4 JS-5"),
    ("shanghai", "SH-1 SH-4 ALL-1 ALL-2"),
    ("songjiang", "SJ-4"),
    ("yangpu", "YP-1 YP-2"),
)
"""Targets that are taken over, by plan; their sources stay those of the plans."""


def sample_plan(tables: Mapping[str, pd.DataFrame], *, lang: Lang) -> str:
    """Write the plan: targets of every room, and the district's own planned stations.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Tables of ``services.equip``: ``stations`` and ``stations_planned``.
    lang : {"zh", "en"}
        Language of the comments.
    """
    planned = tables["stations_planned"]
    parts = [say("sample.plan", lang=lang).strip("\n")]
    for plan, ids in _TAKEN:
        blocks = _blocks(plan)
        parts += [blocks[target_id] for target_id in ids.split()]
        if plan == "chongming":
            parts.append(_stations(pd.concat([planned, tables["stations"].iloc[-1:]]), lang=lang))
    parts += [
        say("sample.plan_station", lang=lang, id=f"station-{i}", name=name, station_class=word).strip("\n")
        for i, (name, word) in enumerate(zip(planned["name"], _classes(planned, lang=lang), strict=True), 1)
    ]
    parts += [say(f"sample.plan_{kind}", lang=lang).strip("\n") for kind in ("hydrants", "water_points")]
    return "\n\n".join(parts) + "\n"


def _stations(wanted: pd.DataFrame, *, lang: Lang) -> str:
    """Write the target of the district's own stations: all that are planned, and the newest that exists."""
    rows = zip(wanted["name"], _classes(wanted, lang=lang), strict=True)
    listed = "\n".join(f'  {{ name = "{name}", station_class = "{word}" }},' for name, word in rows)
    names = ("、" if lang == "zh" else ", ").join(wanted["name"])
    return say("sample.plan_stations", lang=lang, n=len(wanted), names=names, stations=listed).strip("\n")


def _classes(stations: pd.DataFrame, *, lang: Lang) -> list[str]:
    words = {say(f"sample.class_{word}", lang=lang): word for word in STATION_CLASSES}
    return [words[own_class] for own_class in stations["station_class"]]


def _blocks(plan: str) -> dict[str, str]:
    """Give the text of each target of an embedded plan, by its id."""
    text = (data_dir() / "plans" / f"{plan}.toml").read_text(encoding="utf-8").split("\n# What the plan")[0]
    parts = re.split(r"\n(?=\[\[target\]\])", text)[1:]
    return {tomllib.loads(part)["target"][0]["id"]: part.strip() for part in parts}
