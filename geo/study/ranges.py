"""The figures of a study as ranges: headline, towns, stations, places in doubt, targets, scenarios."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.coverage import Coverage, summary
from geo.findings import Finding, Style, class_roles
from geo.messages import Message
from geo.settings import FixedMapping
from geo.statistics import OUTSIDE, PEOPLE_PER_STATION
from geo.study.assessment import StudyResult
from geo.study.ground_ranges import GroundDraws
from geo.study.inputs import naming
from geo.study.settings import UncertaintySpec
from geo.study.steps import OnStep, Step
from geo.study.target_ranges import TargetDraws
from geo.study.uncertainty import prepare_ranges, sizes_of
from geo.uncertainty import (
    SURENESS,
    Drawn,
    Draws,
    Prepared,
    chance_error,
    compare_draws,
    draw_coverage,
    sureness,
    tell_ranges,
)
from geo.words import LANGS, say

__all__ = ["RANGED_FIGURES", "report_ranges", "with_ranges"]

_WORDS: Final = "uncertainty"
RANGED_FIGURES: Final[Mapping[str, tuple[str, float]]] = FixedMapping(
    {
        "people": ("people", 1.0),
        "people_covered": ("people", 1.0),
        "share_covered": ("percent", 100.0),
        "people_two": ("people", 1.0),
        "share_two": ("percent", 100.0),
        "people_unreachable": ("people", 1.0),
        "mean_s": ("min", 1.0 / 60.0),
        "median_s": ("min", 1.0 / 60.0),
        "p90_s": ("min", 1.0 / 60.0),
        "n_over_limit": ("stations", 1.0),
        "share_road": ("percent", 100.0),
        "share_land": ("percent", 100.0),
    }
)
"""Each figure with the word of the unit in which it is told, and how many of it one of its own unit are."""
_CHANGED: Final = ("people_covered", "share_covered", "people_two", "people_unreachable", "mean_s", "p90_s")


def with_ranges(result: StudyResult, *, step: OnStep = lambda step: None) -> StudyResult:
    """Give a result with the ranges of its figures, where the study has ``[uncertainty]``.

    Parameters
    ----------
    result : StudyResult
        Today, with its scenarios.
    step : callable
        Told when the draws begin.

    Raises
    ------
    GeoError
        Measured intervals are wrong.
    """
    if result.study.uncertainty is None:
        return result
    step(Step.RANGES)
    more = {finding.name: finding for finding in report_ranges(result)}
    return replace(result, findings=FixedMapping({**result.findings, **more}))


def report_ranges(result: StudyResult) -> tuple[Finding, ...]:
    """Find the ranges of a study's figures.

    Returns
    -------
    tuple of Finding
        ``ranges`` (headline), ``ranges_places`` (each place: surely in time, in doubt, surely late),
        ``ranges_sureness`` (people of these classes), ``ranges_towns``, ``ranges_stations``; with a plan
        ``ranges_targets``, with scenarios ``ranges_scenarios``. None without ``[uncertainty]``.

    Raises
    ------
    GeoError
        Measured intervals are wrong.
    """
    spec, study = result.study.uncertainty, result.study
    if spec is None:
        return ()
    sized = sizes_of(study, spec, result.coverage)
    targets, ground = TargetDraws.of(result), GroundDraws(result, spec)

    def add(prepared: Prepared, drawn: Drawn) -> None:
        targets.add(prepared, drawn)
        ground.add(prepared, drawn)

    with naming("uncertainty"):
        prepared = prepare_ranges(study, spec, result.inputs, result.coverage, sized.sizes)
        draws = draw_coverage(prepared, spec.draws, also=add)
    places = _places(result.coverage, draws, spec)
    sure = _sureness(places)
    headline = _headline(result, draws, ground, spec)
    notes = (*_notes(result, spec, headline.told), *sized.notes, Message("uncertainty.note_not_held"))
    findings = [
        Finding(
            "ranges",
            _WORDS,
            headline.table,
            figures=_figures(headline.told, sure, draws),
        ),
        Finding("ranges_sureness", _WORDS, sure),
        Finding("ranges_places", _WORDS, *_drawn_places(places), notes=notes),
        *_towns(places, draws, spec),
        _stations(result.coverage, draws, spec),
        *targets.findings(spec.range_share),
    ]
    if spec.scenarios and result.scenarios:
        findings.append(_scenarios(result, spec, prepared, draws))
    return tuple(findings)


@dataclass(frozen=True, eq=False)
class _Headline:
    """The headline as it is written, and in the units of the program."""

    table: pd.DataFrame
    told: pd.DataFrame


def _headline(result: StudyResult, draws: Draws, ground: GroundDraws, spec: UncertaintySpec) -> _Headline:
    of_people = tell_ranges(draws.figures, _computed(result.coverage), level=spec.range_share)
    told = pd.concat([of_people, ground.ranges(spec.range_share)])
    table = pd.DataFrame({**_named(told.index), **scaled(told), "is_inside": told["is_inside"]})
    return _Headline(table.reset_index(drop=True), told)


def _computed(coverage: Coverage) -> pd.Series:
    over = float(coverage.stations["is_over_limit"].sum())
    return pd.Series({**summary(coverage), "n_over_limit": over})


def _named(figures: pd.Index) -> dict[str, Any]:
    """Give the words of figures and of their units, in both languages."""
    columns = {}
    for lang in LANGS:
        columns[f"figure_{lang}"] = [say(f"uncertainty.figure_{name}", lang=lang) for name in figures]
    for lang in LANGS:
        words = [RANGED_FIGURES[name][0] for name in figures]
        columns[f"unit_{lang}"] = [say(f"uncertainty.unit_{word}", lang=lang) for word in words]
    return columns


def scaled(told: pd.DataFrame) -> dict[str, Any]:
    """Give values, and texts, in the units in which they are told: whole people, hundredths of others."""
    units = [RANGED_FIGURES[name] for name in told.index]
    digits = np.array([0 if unit in ("people", "stations") else 2 for unit, _ in units])
    scale, power = np.array([per for _, per in units]), 10.0**digits
    columns: dict[str, Any] = {
        end: (told[end] * scale * power).round() / power for end in ("computed", "low", "median", "high")
    }
    texts = {
        end: [f"{value:,.{n}f}" for value, n in zip(columns[end], digits, strict=True)]
        for end in ("computed", "low", "high")
    }
    ends = zip(texts["low"], texts["high"], strict=True)
    return {
        **columns,
        "computed_told": [_as_text(text) for text in texts["computed"]],
        "range_told": [f"{_as_text(low)} – {_as_text(high)}" for low, high in ends],
    }


def _as_text(number: str) -> str:
    return {"nan": "–", "inf": "∞", "-inf": "−∞"}.get(number, number)


def _figures(told: pd.DataFrame, sure: pd.DataFrame, draws: Draws) -> dict[str, float]:
    figures = {"n_draws": float(draws.n_draws)}
    for name in told.index:
        figures |= {f"{name}_{end}": float(told.loc[name, end]) for end in ("low", "high")}
    people = sure.set_index("class")
    return figures | {f"people_{word}": float(people.loc[word, "people"]) for word in SURENESS}


def _notes(result: StudyResult, spec: UncertaintySpec, told: pd.DataFrame) -> tuple[Message, ...]:
    tail = (1.0 - spec.range_share) / 2.0
    ends = {"low": f"{100 * tail:.4g}", "high": f"{100 * (1 - tail):.4g}"}
    notes = [
        Message("uncertainty.note_draws", {"n": spec.draws, "seed": spec.seed, **ends}),
        Message(
            "uncertainty.note_sure",
            {
                "sure": f"{100 * spec.sure_share:.4g}",
                "late": f"{100 * (1 - spec.sure_share):.4g}",
                "error": f"{100 * chance_error(spec.draws):.1f}",
            },
        ),
    ]
    outside = [name for name in told.index if not told.loc[name, "is_inside"]]
    if outside:
        names = tuple(Message(f"uncertainty.figure_{name}") for name in outside)
        notes.append(Message("uncertainty.note_outside", {"names": names}))
    if "share_land" in told.index:
        notes.append(Message("uncertainty.note_land", {"n": min(spec.land_draws, spec.draws)}))
    if result.targets is not None:
        notes.append(Message("uncertainty.note_targets"))
    if spec.scenarios and result.scenarios:
        notes.append(Message("uncertainty.note_scenarios"))
    return tuple(notes)


def _places(coverage: Coverage, draws: Draws, spec: UncertaintySpec) -> gpd.GeoDataFrame:
    table = coverage.table
    columns = {
        **({"name": table["name"]} if "name" in table else {}),
        "zone": table["zone"],
        "people": table["people"],
        "class": sureness(draws.n_in_time, draws.n_draws, sure=spec.sure_share),
        "share_in_time": draws.share_in_time,
        "is_covered": table["is_covered"],
        "first_station": table["first_id"].map(coverage.stations["name"]),
        "first_s": table["first_s"],
    }
    return gpd.GeoDataFrame(columns, index=table.index, geometry=table.geometry, crs=table.crs)


def _drawn_places(places: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, Style]:
    there = [word for word in SURENESS if word in set(places["class"])]
    shown = ("class", "share_in_time", "people", "is_covered", "first_station", "first_s", "zone")
    title = "name" if "name" in places else "zone"
    return places, Style(class_roles("sureness", there), by="class", columns=shown, title=title)


def _sureness(places: gpd.GeoDataFrame) -> pd.DataFrame:
    """Count the people of each class, as the files have them."""
    total = float(places["people"].sum())
    rows = []
    for word in SURENESS:
        part = places[places["class"] == word]
        people = float(part["people"].sum())
        share = people / total if total > 0.0 else float("nan")
        rows.append({"class": word, "people": people, "share_people": share, "n_points": len(part)})
    return pd.DataFrame(rows)


def _towns(places: gpd.GeoDataFrame, draws: Draws, spec: UncertaintySpec) -> list[Finding]:
    """Give the share in time of each town as a range; places outside of all towns have none."""
    if not len(draws.zones.columns):
        return []
    people = places["people"].astype(float)
    total = people.groupby(places["zone"]).sum().reindex(draws.zones.columns)
    in_time = people.where(places["is_covered"], 0.0).groupby(places["zone"]).sum().reindex(total.index)
    computed = in_time / total.where(total > 0.0)
    told = tell_ranges(draws.zones, computed, level=spec.range_share)
    classes = {
        f"people_{word}": people.where(places["class"] == word, 0.0).groupby(places["zone"]).sum()
        for word in SURENESS
    }
    table = pd.DataFrame(
        {
            "people": total,
            "share_computed": told["computed"],
            "share_low": told["low"],
            "share_median": told["median"],
            "share_high": told["high"],
            **{name: column.reindex(total.index) for name, column in classes.items()},
        }
    )
    table = table[table.index != OUTSIDE].sort_index().rename_axis("zone").reset_index()
    return [Finding("ranges_towns", _WORDS, table)]


def _stations(coverage: Coverage, draws: Draws, spec: UncertaintySpec) -> Finding:
    stations = coverage.stations
    told = tell_ranges(draws.served, stations["people_served"].astype(float), level=spec.range_share)
    over = (draws.served > PEOPLE_PER_STATION).mean()
    table = pd.DataFrame(
        {
            "name": stations["name"],
            "people_served": told["computed"],
            **{f"people_{end}": told[end].round() for end in ("low", "median", "high")},
            "share_over_limit": over,
        },
        index=stations.index.rename("facility_id"),
    )
    return Finding("ranges_stations", _WORDS, table)


def _scenarios(result: StudyResult, spec: UncertaintySpec, before: Prepared, today: Draws) -> Finding:
    """Give what each scenario changes, draw by draw against today on the same chance."""
    tables = []
    for difference in result.scenarios:
        if difference.coverage is None:
            continue
        state = difference.coverage
        prepared = prepare_ranges(result.study, spec, result.inputs, state, before.sizes, like=before)
        after = draw_coverage(prepared, spec.draws)
        told = compare_draws(
            today.figures[list(_CHANGED)], after.figures[list(_CHANGED)], level=spec.range_share
        )
        computed = (_computed(difference.coverage) - _computed(result.coverage)).reindex(told.index)
        columns = {
            "scenario_name": difference.name,
            **_named(told.index),
            **scaled(told.assign(computed=computed.astype(float))),
            "share_more": told["share_more"],
            "share_less": told["share_less"],
        }
        tables.append(pd.DataFrame(columns, index=told.index).reset_index(drop=True))
    return Finding("ranges_scenarios", _WORDS, pd.concat(tables, ignore_index=True))
