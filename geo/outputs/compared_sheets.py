"""The sheets of a workbook that holds two runs against each other."""

from __future__ import annotations

import pandas as pd

from geo.outputs.comparison import RunCompared
from geo.outputs.workbook import Sheet
from geo.statistics import OUTSIDE
from geo.words import Lang, say

__all__ = ["comparison_sheets"]


def comparison_sheets(compared: RunCompared, causes: pd.DataFrame | None, *, lang: Lang) -> list[Sheet]:
    """Give a sheet for each table of a comparison.

    Parameters
    ----------
    compared : RunCompared
        As :func:`geo.outputs.compare_runs` gives it.
    causes : DataFrame or None
        As :func:`geo.study.find_causes` gives it; None where the inputs of a run are gone.
    lang : {"zh", "en"}
        Language of headings and words.
    """
    figures = compared.figures.rename(index=lambda name: say(f"outputs.compare_figure_{name}", lang=lang))
    inputs = compared.inputs.assign(
        change=[say(f"outputs.compare_change_{word}", lang=lang) for word in compared.inputs["change"]]
    )
    zones = compared.zones.rename(index={OUTSIDE: say("outputs.outside_zones", lang=lang)})
    tables = {
        "figures": figures.reset_index(),
        "zones": zones.reset_index(),
        "inputs": inputs,
        "settings": compared.settings,
    }
    if compared.targets is not None:
        changes = [
            say(f"scenarios.class_{word.replace(' ', '_')}", lang=lang) for word in compared.targets["change"]
        ]
        shown = compared.targets.assign(name=compared.targets[f"name_{lang}"], change=changes)
        tables["targets"] = shown[["name", "before", "after", "unit", "change"]].reset_index()
    if causes is not None:
        groups = [say(f"outputs.compare_group_{group}", lang=lang) for group in causes["group"]]
        tables["causes"] = causes.assign(group=groups)
    return [
        Sheet(say(f"outputs.compare_{name}", lang=lang), table, headers=_headers(table, lang=lang))
        for name, table in tables.items()
    ]


def _headers(table: pd.DataFrame, *, lang: Lang) -> dict[str, str]:
    return {str(column): say(f"outputs.compare_column_{column}", lang=lang) for column in table.columns}
