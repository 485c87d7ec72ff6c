"""The map of one scenario: who gains and who loses, with the figures of before and after in its panel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import folium
import geopandas as gpd
import pandas as pd

from geo import mapwords
from geo.assessment import StudyResult
from geo.coverage import clock_text
from geo.differences import CHANGES, Difference
from geo.findings import Finding
from geo.maps import coverage_map
from geo.scenarioreport import difference_findings
from geo.words import Lang, say

__all__ = ["draw_difference", "figure_rows"]

_FLIPS: Final = ("now met", "now missed")


def draw_difference(result: StudyResult, difference: Difference) -> folium.Map:
    """Draw one scenario against today.

    Parameters
    ----------
    result : StudyResult
        Today, with its scenarios.
    difference : Difference
        One of them.
    """
    lang, inputs = result.lang, result.inputs
    names = [scenario.name for scenario in result.scenarios]
    number = names.index(difference.name) + 1 if difference.name in names else 1
    standard = result.coverage.standard
    return coverage_map(
        title=say(
            "scenarios.title", lang=lang, study=result.study.study.name, n=number, name=difference.name
        ),
        lang=lang,
        roads=inputs.network.edges,
        land=inputs.land,
        stations=_stations_then(difference),
        findings=[_in_drawing_order(finding) for finding in difference_findings(difference, inputs.zones)],
        figures=figure_rows(difference, limit_s=standard.limit_s, lang=lang),
        bands_s=result.coverage.bands_s,
        limit_s=standard.limit_s,
        standard_text=say("scenarios.clock", lang=lang, clock=clock_text(standard, lang=lang)),
        attribution=result.attribution,
        sources=[say("scenarios.note_kept", lang=lang)],
        is_synthetic=result.is_synthetic,
    )


def figure_rows(difference: Difference, *, limit_s: float, lang: Lang) -> list[dict[str, str]]:
    """Give the headline figures of a scenario, before and after: ``label``, ``value``, ``note``, ``tone``."""
    was, now, figures = difference.before, difference.after, difference.figures
    people = {name: f"{value:,.0f}" for name, value in figures.items() if name.endswith("_people")}
    limit = mapwords.time(limit_s, lang=lang)
    rows = [
        _figure(
            "covered",
            mapwords.share(was["share_covered"]),
            mapwords.share(now["share_covered"]),
            {"limit": limit, "gain": people["gain_people"], "lose": people["lose_people"]},
            tone="main",
            lang=lang,
        ),
        _figure(
            "mean",
            mapwords.time(was["mean_s"], lang=lang),
            mapwords.time(now["mean_s"], lang=lang),
            {"faster": people["faster_people"], "slower": people["slower_people"]},
            lang=lang,
        ),
        _figure(
            "unreachable",
            f"{was['people_unreachable']:,.0f}",
            mapwords.people(now["people_unreachable"], lang=lang),
            {"reachable": people["reachable_people"], "cut_off": people["unreachable_people"]},
            tone="alert" if now["people_unreachable"] > was["people_unreachable"] else "",
            lang=lang,
        ),
        _figure(
            "over",
            str(int(difference.stations["was_over"].sum())),
            str(int(difference.stations["is_over"].sum())),
            {"second": people["second_lose_people"]},
            lang=lang,
        ),
    ]
    if difference.targets is None:
        return rows
    median = [mapwords.time(figures[f"median_{word}_s"], lang=lang) for word in ("saved", "lost")]
    return [
        *rows,
        _target_figure(difference.targets, lang=lang),
        # No before and after: both are changes, of different people.
        {**_figure("median", "", "", {}, lang=lang), "value": " / ".join(median)},
    ]


def _target_figure(targets: pd.DataFrame, *, lang: Lang) -> dict[str, str]:
    flips = targets.index[targets["change"].isin(_FLIPS)]
    ids = ", ".join(map(str, flips)) or say("scenarios.no_flips", lang=lang)
    met = [int((targets[f"status_{state}"] == "met").sum()) for state in ("before", "after")]
    return _figure("targets", str(met[0]), str(met[1]), {"ids": ids}, lang=lang)


def _figure(
    name: str, before: str, after: str, values: Mapping[str, str], *, lang: Lang, tone: str = ""
) -> dict[str, str]:
    return {
        "label": say(f"scenarios.figure_{name}", lang=lang, **values),
        "value": say("scenarios.before_after", lang=lang, before=before, after=after),
        "note": say(f"scenarios.figure_{name}_note", lang=lang, **values),
        "tone": tone,
    }


def _stations_then(difference: Difference) -> gpd.GeoDataFrame:
    """Give the stations as the map draws them: with the load of the scenario."""
    then = {
        "after_people": "people_served",
        "after_mean_s": "mean_s",
        "after_worst_s": "worst_s",
        "share_after": "share_of_limit",
    }
    return difference.stations.rename(columns=then)


def _in_drawing_order(finding: Finding) -> Finding:
    """Give the people with strong changes last, so that they lie above the weak ones."""
    if finding.name != "difference_people":
        return finding
    middle = CHANGES.index("same")
    strength = finding.table["change"].map({word: abs(i - middle) for i, word in enumerate(CHANGES)})
    order = strength.argsort(kind="stable")
    return replace(finding, table=finding.table.iloc[order])
