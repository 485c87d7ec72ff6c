"""Tables of a report: columns and rows chosen from the workbook of a run, as they are shown there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from geo.maps import band_labels, say_number
from geo.outputs.finished import MISSING, FinishedRun, SheetRead, is_of_numbers
from geo.outputs.paper import DrawnLayer
from geo.outputs.report.content import Table
from geo.words import Lang, percent, say, whole

__all__ = [
    "FINDING_EXCERPTS",
    "Excerpt",
    "band_table",
    "cited_once",
    "excerpt_table",
    "finding_table",
    "has_change",
    "people",
    "say_measured",
    "scenario_names",
    "share_of",
    "sheet_title",
]


_LONG_CITATION: Final = 32
"""Signs of a cell from which on it stands below the table when it comes again."""


@dataclass(frozen=True)
class Excerpt:
    """Which part of a sheet a report shows.

    Parameters
    ----------
    words : str
        Words file of its columns.
    columns : tuple of str
        Program's names, in their order.
    most : int
        Rows; the others are counted below the table.
    whole : str
        Column whose empty cell stands for the whole district.
    measured : tuple of str
        Columns of values, each in the unit of its row: told in two decimals at most, and in more where a
        value would read like its limit.
    limit : str
        Column of the limit that the measured values are held against.
    """

    words: str
    columns: tuple[str, ...]
    most: int = 40
    whole: str = ""
    measured: tuple[str, ...] = ()
    limit: str = "target"


FINDING_EXCERPTS: Final[Mapping[str, Excerpt]] = {
    "station_zones": Excerpt(
        "zones", ("name", "station_class", "area_km2", "people", "mean_s", "worst_s", "n_missed")
    ),
    "balanced_zones": Excerpt(
        "zones", ("name", "people_before", "people", "most_people", "people_in_time", "people_late")
    ),
    "shelter_towns": Excerpt(
        "shelters",
        ("name", "people", "n_shelters", "area_m2", "m2_per_person", "state", "lacks_m2", "left_over"),
    ),
    "shelter_checks": Excerpt(
        "shelters",
        ("place", "value", "comparator", "limit", "unit", "status", "standard", "clause"),
        whole="place",
        measured=("value", "limit"),
        limit="limit",
    ),
    "shelters": Excerpt("shelters", ("name", "level", "zone", "area_m2", "places", "used", "state"), 20),
    "depot_reach": Excerpt("depots", ("name", "zone", "people", "drive_s", "walk_s", "beyond"), 20),
    "village_depots_by_town": Excerpt("depots", ("name", "n_villages", "n_with", "n_without", "share_with")),
    "teams_by_town": Excerpt("depots", ("name", "people", "n_teams", "has_team")),
    "gas_repair_stations": Excerpt(
        "depots", ("name", "zone", "opened_year", "people_drive", "drive_mean_s", "drive_worst_s"), 20
    ),
    "hydrants_by_zone": Excerpt(
        "hydrants", ("name", "people", "share_people_covered", "people_short", "people_no_water")
    ),
    "water_short_areas": Excerpt(
        "hydrants", ("rank", "name", "zone", "people", "n_points", "hydrant_m", "water_m"), 15
    ),
    "hydrant_proposals": Excerpt("hydrants", ("rank", "name", "highway", "zone", "people", "closed_m"), 15),
    "ranges": Excerpt("uncertainty", ("figure", "unit", "computed_told", "range_told")),
    "ranges_sureness": Excerpt("uncertainty", ("class", "people", "share_people", "n_points")),
    "ranges_towns": Excerpt(
        "uncertainty",
        (
            *("zone", "people", "share_computed", "share_low", "share_high"),
            *("people_surely_in_time", "people_in_doubt", "people_surely_late"),
        ),
    ),
    "ranges_stations": Excerpt(
        "uncertainty", ("name", "people_served", "people_low", "people_high", "share_over_limit")
    ),
    "ranges_targets": Excerpt(
        "uncertainty",
        ("target_id", "name", "unit", "target", "value", "value_low", "value_high", "share_met", "class"),
        40,
        measured=("target", "value", "value_low", "value_high"),
    ),
    "ranges_scenarios": Excerpt(
        "uncertainty",
        ("scenario_name", "figure", "unit", "computed_told", "range_told", "share_more", "share_less"),
        40,
    ),
    "availability_kinds": Excerpt(
        "availability",
        (
            *("engine_kind", "n_engines_in", "n_stations", "calls_per_year", "share_busy"),
            *("share_in_time_if_free", "share_in_time", "share_lost", "share_unreached"),
        ),
    ),
    "availability_stations": Excerpt(
        "availability", ("name", "crews", "calls_per_year", "share_busy", "share_all_out", "class")
    ),
    "availability_towns": Excerpt(
        "availability",
        (
            *("zone", "people", "calls_per_year", "share_people_if_free", "share_people"),
            *("first_s", "expected_s", "share_lost", "share_unreached"),
        ),
    ),
    "availability_force": Excerpt(
        "availability",
        (
            *("force", "zone", "n_engines", "engine_kinds", "n_firefighters", "limit_s"),
            *("people", "share_people", "p90_s"),
        ),
        40,
        "zone",
    ),
    "calls_shares": Excerpt(
        "calls",
        (
            *("standard", "zone", "n_calls", "share_recorded", "share_modelled"),
            *("median_recorded_s", "median_modelled_s"),
        ),
        whole="zone",
    ),
    "calls_errors": Excerpt(
        "calls",
        ("measure", "by", "group", "n_trips", "median_s", "bias_s", "mae_s", "p90_s", "share_near"),
        80,
    ),
    "calls_counts": Excerpt("calls", ("measure", "reason", "n_rows", "share_rows"), 60),
    "calls_targets": Excerpt(
        "calls",
        (
            *("target_id", "name", "comparator", "target", "unit", "value", "status"),
            *("modelled", "status_modelled", "recorded", "status_recorded"),
        ),
        measured=("target", "value", "modelled", "recorded"),
    ),
    "road_loss": Excerpt(
        "vulnerability",
        (
            "name",
            "cause",
            "n_edges",
            "closed_m",
            "share_before",
            "share_after",
            "people_late",
            "people_cut_off",
        ),
        25,
    ),
    "cut_links": Excerpt("vulnerability", ("name", "highway", "length_m", "people", "zone"), 15),
    "dead_ends": Excerpt("vulnerability", ("name", "highway", "length_m", "people"), 10),
    "scenario_comparison": Excerpt(
        "scenarios",
        (
            *("name", "covered_people", "share_covered", "unreachable_people", "gain_people", "lose_people"),
            *("cut_off_people", "slower_minute_people", "second_lose_people", "n_over", "n_met", "n_missed"),
        ),
    ),
    "scenario_changes": Excerpt("scenarios", ("scenario_name", "name", "change")),
    "outages": Excerpt(
        "scenarios",
        (
            *("name", "people_served", "before_in_time_people", "after_in_time_people", "cut_off_people"),
            *("both_before_mean_s", "both_after_mean_s", "answered_by"),
        ),
    ),
    "outage_answers": Excerpt("scenarios", ("station", "answering", "people", "in_time_people", "mean_s")),
    "targets_compared": Excerpt(
        "study",
        ("target_id", "name", "comparator", "target", "unit", "today", "with_projects", "with_status"),
        80,
        measured=("target", "today", "with_projects"),
    ),
    "people_left_out": Excerpt("study", ("name", "zone", "people", "reason"), 20),
}
"""What a report shows of each finding."""


def sheet_title(run: FinishedRun, name: str, words: str) -> str:
    """Give the title of a sheet: of a finding, or of the study itself (``words`` is "outputs")."""
    return say(f"outputs.sheet_{name}" if words == "outputs" else f"{words}.{name}", lang=run.lang)


def finding_table(run: FinishedRun, name: str, *, caption: str = "") -> Table | None:
    """Give the table of a finding; None where the run has none, or it is empty."""
    excerpt = FINDING_EXCERPTS[name]
    title = sheet_title(run, name, excerpt.words)
    return excerpt_table(run, title, excerpt, caption=caption or title)


def excerpt_table(
    run: FinishedRun,
    title: str,
    excerpt: Excerpt,
    *,
    caption: str,
    is_shown: Callable[[SheetRead, Sequence[Any]], bool] | None = None,
) -> Table | None:
    """Give the chosen columns and the first rows of a sheet.

    Parameters
    ----------
    run : FinishedRun
        Whose workbook is read.
    title : str
        Of the sheet.
    excerpt : Excerpt
        What is shown of it.
    caption : str
        Of the table.
    is_shown : callable
        Says of a row whether it belongs here; all do when missing.

    Returns
    -------
    Table or None
        None where there is no such sheet or no row.
    """
    part = run.part(title, excerpt.columns, excerpt.words, most=excerpt.most, is_shown=is_shown)
    if part is None:
        return None
    sheet, shown = part.sheet, part.rows[: excerpt.most]
    left = part.n_rows - len(shown)
    note = say("report.rows_left", lang=run.lang, n=f"{left:,}", shown=f"{len(shown):,}", sheet=sheet.title)
    whole = sheet.columns([excerpt.whole], excerpt.words, lang=run.lang)
    district = say("report.whole_district", lang=run.lang)
    measured = sheet.columns(excerpt.measured, excerpt.words, lang=run.lang)
    limits = sheet.columns([excerpt.limit], excerpt.words, lang=run.lang) if measured else []

    def told(row: Sequence[Any], i: int) -> str:
        if i in whole and not row[i]:
            return district
        if i in measured:
            return say_measured(row[i], beside=row[limits[0]] if limits else None)
        return sheet.text(row[i], i)

    return Table(
        caption,
        part.heads,
        tuple(tuple(told(row, i) for i in part.places) for row in shown),
        tuple("right" if is_of_numbers(shown, i) else "left" for i in part.places),
        note=note if left > 0 else "",
    )


def cited_once(table: Table, *, lang: Lang) -> Table:
    """Give a table whose long texts that come again stand below it, once each, under a mark.

    Parameters
    ----------
    table : Table
        Such as checks that all cite one standard with its clauses.
    lang : {"zh", "en"}
        Language of the marks.
    """
    counts = Counter(cell for row in table.rows for cell in row if len(cell) > _LONG_CITATION)
    again = {cell: i for i, cell in enumerate((cell for cell, n in counts.items() if n > 1), start=1)}
    notes = [say("report.marked_note", lang=lang, n=i, text=cell.rstrip("。.")) for cell, i in again.items()]
    rows = tuple(
        tuple(say("report.mark_of_note", lang=lang, n=again[cell]) if cell in again else cell for cell in row)
        for row in table.rows
    )
    return replace(table, rows=rows, note=" ".join([*notes, *([table.note] if table.note else [])]))


def say_measured(value: Any, *, beside: Any = None) -> str:
    """Say a value in so many digits that it never reads like a limit that it is not.

    Examples
    --------
    >>> say_measured(90.0, beside=600), say_measured(99.996, beside=100), say_measured(None)
    ('90', '99.996', '–')
    """
    if value is None or value == "":
        return MISSING
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return say_number(value, beside=beside if isinstance(beside, int | float) else None)


def has_change(sheet: SheetRead, row: Sequence[Any], *, lang: Lang) -> bool:
    """Say whether more or fewer people of a row's town are in time, or are not reached, than today."""
    in_time = sheet.columns(["change_in_time_people"], "scenarios", lang=lang)
    before, after = (
        [row[i] for i in sheet.columns([f"{when}_unreachable_people"], "scenarios", lang=lang)]
        for when in ("before", "after")
    )
    return any(row[i] not in (None, 0) for i in in_time) or before != after


def scenario_names(run: FinishedRun) -> dict[int, str]:
    """Give the names of a run's scenarios by their numbers from 1, as their comparison has them."""
    sheet = run.sheet(sheet_title(run, "scenario_comparison", "scenarios"), most=2_000)
    if sheet is None:
        return {}
    numbers = sheet.values("scenario", "scenarios", lang=run.lang)
    names = sheet.values("name", "scenarios", lang=run.lang)
    pairs = zip(numbers, names, strict=False)
    return {int(number): str(name) for number, name in pairs if number}


def people(value: float) -> str:
    """Say a number of people, whole, thousands apart."""
    return whole(value)


def share_of(part: float, whole: float) -> str:
    """Say a part in per cent of the whole; a dash where there is no whole.

    Examples
    --------
    >>> share_of(1, 3), share_of(0, 0)
    ('33.3%', '–')
    """
    return percent(part / whole) if whole else "–"


def band_table(run: FinishedRun, demand: DrawnLayer) -> Table:
    """Count people by band; the unreachable have a row of their own, and the sum is that of all people."""
    lang = run.lang
    bands = [60.0 * minutes for minutes in run.study.response.bands_min]
    labels = [*band_labels(bands, lang=lang), say("maps.unreachable", lang=lang)]
    band = demand.table["band"].to_numpy(dtype=int)
    number = demand.table["people"].to_numpy(dtype=float)
    sums = np.bincount(np.where(band < 0, len(labels) - 1, band), weights=number, minlength=len(labels))
    total = float(number.sum())
    rows = [(label, people(n), share_of(n, total)) for label, n in zip(labels, sums, strict=True)]
    rows.append((say("report.total", lang=lang), people(total), percent(1.0) if total else MISSING))
    heads = tuple(say(f"report.head_{name}", lang=lang) for name in ("band", "people", "share"))
    return Table(say("report.caption_bands", lang=lang), heads, tuple(rows), ("left", "right", "right"))
