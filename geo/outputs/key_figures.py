"""The figures that are asked for in a meeting, each in a cell of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import pandas as pd

from geo.coverage import summary
from geo.study import StudyResult
from geo.words import say

__all__ = ["key_figures"]

COLUMNS: Final = ("what", "value", "unit", "share", "where")
_WAN: Final = 10_000.0


class _Figure(NamedTuple):
    """A figure: its word, its value, the word of its unit, what it is a share of, and its table."""

    name: str
    value: float
    unit: str = "people"
    of: float = 0.0
    table: str = ""


def key_figures(result: StudyResult) -> pd.DataFrame:
    """Give the figures of a study that stand for themselves: people in time, late, beyond shelters, ...

    Returns
    -------
    DataFrame
        ``what``, ``value`` (a number), ``unit``, ``share`` (0-1, nan where it is a share of nothing) and
        ``where`` (the name of the table behind it); in Chinese also ``wan`` (ten thousands of
        people, from 10,000 on).
    """
    lang = result.lang
    figures = [*_of_coverage(result), *_of_shelters(result), *_of_depots(result), *_of_others(result)]
    titles = {name: say(f"{finding.words}.{name}", lang=lang) for name, finding in result.findings.items()}
    rows = pd.DataFrame(
        {
            "what": [say(f"outputs.key_{figure.name}", lang=lang) for figure in figures],
            "value": [figure.value for figure in figures],
            "unit": [say(f"outputs.unit_{figure.unit}", lang=lang) for figure in figures],
            "share": [figure.value / figure.of if figure.of else float("nan") for figure in figures],
            "where": [titles.get(figure.table, say("outputs.sheet_places", lang=lang)) for figure in figures],
        }
    )
    if lang == "zh":
        is_many = [figure.unit == "people" and figure.value >= _WAN for figure in figures]
        wan = [f.value / _WAN if many else float("nan") for f, many in zip(figures, is_many, strict=True)]
        rows.insert(3, "wan", wan)
    return rows


def _of_coverage(result: StudyResult) -> Iterator[_Figure]:
    figures = summary(result.coverage)
    people = figures["people"]
    late = people - figures["people_covered"] - figures["people_unreachable"]
    yield _Figure("people", people)
    yield _Figure("in_time", figures["people_covered"], of=people)
    yield _Figure("late", late, of=people)
    yield _Figure("unreachable", figures["people_unreachable"], of=people)
    yield _Figure("two", figures["people_two"], of=people)
    if result.inputs.people_left_out > 0:
        yield _Figure("left_out", result.inputs.people_left_out, table="people_left_out")


def _of_shelters(result: StudyResult) -> Iterator[_Figure]:
    if (people := _figures(result, "shelter_people")) and "people_left_over" in people:
        beyond = people["people_out_of_reach"] + people["people_unreachable"]
        yield _Figure("beyond_shelters", beyond, of=people["people"], table="shelter_people")
        yield _Figure("no_place", people["people_left_over"], of=people["people"], table="shelter_people")
    if (towns := _figures(result, "shelter_towns")) and "n_below" in towns:
        yield _Figure("towns_below", towns["n_below"], "towns", towns["n_towns"], "shelter_towns")


def _of_depots(result: StudyResult) -> Iterator[_Figure]:
    reach = _figures(result, "depot_reach")
    for way in ("drive", "walk"):
        if f"{way}_people" in reach:
            people = reach[f"{way}_people"]
            beyond = people - reach[f"{way}_people_in_time"]
            yield _Figure(f"beyond_depots_{way}", beyond, of=people, table="depot_reach")
    if "village_depots" in result.findings:
        finding = result.findings["village_depots"]
        n = finding.figures["n_villages"]
        yield _Figure("villages_with", finding.figures["n_with"], "villages", n, "village_depots")
        yield _Figure("villages_without", finding.figures["n_without"], "villages", n, "village_depots")
        if len(finding.table):
            least = float(finding.table["n_depots"].min())
            yield _Figure("fewest_depots", least, "depots", table="village_depots")
        yield _Figure("people_without", finding.figures["people_without"], table="village_depots")


def _of_others(result: StudyResult) -> Iterator[_Figure]:
    people = summary(result.coverage)["people"]
    if (short := _figures(result, "water_short_areas")) and "people_short" in short:
        yield _Figure("water_short", short["people_short"], of=people, table="water_short_areas")
    if (loss := _figures(result, "road_loss")) and "hazards_people_cut_off" in loss:
        yield _Figure("flood_cut_off", loss["hazards_people_cut_off"], of=people, table="road_loss")
        yield _Figure("flood_late", loss["hazards_people_late"], of=people, table="road_loss")
    if (links := _figures(result, "cut_links")) and "people_worst" in links:
        yield _Figure("worst_link", links["people_worst"], of=people, table="cut_links")


def _figures(result: StudyResult, name: str) -> dict[str, float]:
    return dict(result.findings[name].figures) if name in result.findings else {}
