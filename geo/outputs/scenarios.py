"""The map of one scenario: who gains and who loses, with the figures of before and after in its panel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import folium
import geopandas as gpd
import pandas as pd

from geo.coverage import clock_text
from geo.findings import Finding, Ways
from geo.maps import (
    FindingLayer,
    LandLayer,
    MapText,
    RoadLayer,
    StationLayer,
    coverage_map,
    say_credit,
    say_people,
    say_share,
    say_time,
    write_map,
)
from geo.outputs.files import write_table
from geo.outputs.folder import SCENARIO_FOLDER, SCENARIO_LAYERS, folder_name
from geo.outputs.package import name_layers, write_package
from geo.outputs.package_layers import difference_layers
from geo.outputs.route_layer import difference_ways
from geo.outputs.wording import Wording
from geo.scenarios import CHANGES, Difference
from geo.standards import ResponseStandard
from geo.study import StudyResult, difference_findings
from geo.words import Lang, say

__all__ = ["draw_difference", "figure_rows", "write_scenarios"]

_FLIPS: Final = ("now met", "now missed")


def draw_difference(
    result: StudyResult, difference: Difference, *, roads: RoadLayer | None = None
) -> folium.Map:
    """Draw one scenario against today.

    Parameters
    ----------
    result : StudyResult
        Today, with its scenarios.
    difference : Difference
        One of them.
    roads : RoadLayer, optional
        The roads of today, where another map shows them too.
    """
    lang, inputs = result.lang, result.inputs
    names = [scenario.name for scenario in result.scenarios]
    number = names.index(difference.name) + 1 if difference.name in names else 1
    standard = result.coverage.standard
    findings = difference_findings(difference, inputs.zones)
    ways = difference_ways(result.coverage, difference, access_kph=result.study.snap.access_kph)
    return coverage_map(
        [
            roads or RoadLayer(inputs.network.edges),
            LandLayer(inputs.land),
            StationLayer(_stations_then(difference)),
            *(FindingLayer(_as_drawn(finding, ways)) for finding in findings),
        ],
        title=say(
            "scenarios.title", lang=lang, study=result.study.study.name, n=number, name=difference.name
        ),
        lang=lang,
        text=MapText(
            standard=_clock(difference, standard, lang=lang),
            attribution=say_credit(result.attribution, lang=lang),
            sources=[say("scenarios.note_kept", lang=lang)],
            is_synthetic=result.is_synthetic,
        ),
        figures=figure_rows(difference, limit_s=standard.limit_s, lang=lang),
    )


def _clock(difference: Difference, standard: ResponseStandard, *, lang: Lang) -> str:
    """Say the clock, and what of it or of all speeds is another in the scenario."""
    clock = say("scenarios.clock", lang=lang, clock=clock_text(standard, lang=lang))
    return " ".join([clock, *(note.say(lang) for note in difference.notes)])


def figure_rows(difference: Difference, *, limit_s: float, lang: Lang) -> list[dict[str, str]]:
    """Give the headline figures of a scenario, before and after: ``label``, ``value``, ``note``, ``tone``."""
    rows = [_covered_figure(difference, limit_s=limit_s, lang=lang), *_other_figures(difference, lang=lang)]
    if difference.targets is None:
        return rows
    median = [say_time(difference.figures[f"median_{word}_s"], lang=lang) for word in ("saved", "lost")]
    return [
        *rows,
        _target_figure(difference.targets, lang=lang),
        # No before and after: both are changes, of different people.
        {**_figure("median", "", "", {}, lang=lang), "value": " / ".join(median)},
    ]


def _covered_figure(difference: Difference, *, limit_s: float, lang: Lang) -> dict[str, str]:
    figures = difference.figures
    return _figure(
        "covered",
        say_share(difference.before["share_covered"]),
        say_share(difference.after["share_covered"]),
        {
            "limit": say_time(limit_s, lang=lang),
            "gain": f"{figures['gain_people']:,.0f}",
            "lose": f"{figures['lose_people']:,.0f}",
        },
        tone="main",
        lang=lang,
    )


def _other_figures(difference: Difference, *, lang: Lang) -> list[dict[str, str]]:
    """Give the figures that hang on no limit: means, who is not reached, loads."""
    was, now, figures = difference.before, difference.after, difference.figures
    people = {name: f"{value:,.0f}" for name, value in figures.items() if name.endswith("_people")}
    return [
        _figure(
            "mean",
            say_time(figures["both_before_mean_s"], lang=lang),
            say_time(figures["both_after_mean_s"], lang=lang),
            {
                "both": people["both_people"],
                "faster": people["faster_minute_people"],
                "slower": people["slower_minute_people"],
            },
            lang=lang,
        ),
        _figure(
            "unreachable",
            f"{was['people_unreachable']:,.0f}",
            say_people(now["people_unreachable"], lang=lang),
            {
                "reachable": people["reachable_people"],
                "cut_off": people["unreachable_people"],
                "on_closed": people["on_closed_people"],
            },
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


def _as_drawn(finding: Finding, ways: Sequence[Ways]) -> Finding:
    """Give the people their ways, and strong changes last, so that they lie above the weak ones."""
    if finding.name != "difference_people":
        return finding
    middle = CHANGES.index("same")
    strength = finding.table["change"].map({word: abs(i - middle) for i, word in enumerate(CHANGES)})
    order = strength.argsort(kind="stable")
    return replace(finding, table=finding.table.iloc[order], ways=tuple(ways))


def write_scenarios(result: StudyResult, folder: Path, *, roads: RoadLayer | None = None) -> dict[str, Path]:
    """Write each scenario into ``scenarios/<number>-<name>``: its map, tables and layers.

    Parameters
    ----------
    result : StudyResult
        With its scenarios.
    folder : Path
        Of the results.
    roads : RoadLayer, optional
        The roads of today, where another map shows them too.

    Returns
    -------
    dict of str to Path
        The map of each scenario, by its path from the folder.

    Raises
    ------
    FileError
        A file may not be written.
    """
    written, wording = {}, Wording.of(result.study, result.lang)
    for number, difference in enumerate(result.scenarios, start=1):
        own = folder / SCENARIO_FOLDER / folder_name(number, difference.name)
        for finding in difference_findings(difference, result.inputs.zones):
            table = _file_table(finding.table)
            write_table(table, own / f"{finding.name}.csv", words=finding.words, wording=wording)
        layers = name_layers(difference_layers(difference, result.inputs.zones, lang=result.lang), wording)
        if layers:
            write_package(layers, own / SCENARIO_LAYERS)
        path = write_map(draw_difference(result, difference, roads=roads), own / "map.html")
        written[path.relative_to(folder).as_posix()] = path
    return written


def _file_table(table: pd.DataFrame) -> pd.DataFrame:
    """Give a table for a file: points in degrees, other shapes left out."""
    if isinstance(table, gpd.GeoDataFrame):
        is_point = len(table) > 0 and bool((table.geometry.geom_type == "Point").all())
        return table.to_crs(4326) if is_point else pd.DataFrame(table.drop(columns="geometry"))
    return table
