"""The files of a summary: a map of the counties, the targets by county, a workbook, tables for programs."""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from geo.batch.county import CountyEnd
from geo.batch.jobs import Batch
from geo.batch.summary import DONE, Summary, sum_up
from geo.crs import metric_crs
from geo.files import Earlier, find_earlier, seal_files, write_text_whole, writing_folder
from geo.findings import Finding, Style
from geo.layers import write_layer
from geo.maps import (
    ZONE_CLASSES,
    FindingLayer,
    MapLayer,
    MapText,
    ZoneLayer,
    colour_of,
    coverage_map,
    say_number,
    write_map,
)
from geo.messages import Message
from geo.outputs import Sheet, as_json, product_version, write_workbook
from geo.settings import FixedMapping
from geo.words import Lang, percent, say, say_if_there

__all__ = ["RECORD", "draw_summary", "summary_sheets", "write_summary"]

BATCH: Final = "geo batch"
"""The command whose files these are, as their record notes it."""
RECORD: Final = "batch.json"
_CLASSES: Final = ("below_25", "below_50", "below_75", "below_90", "below_all", "all")
STOPPED: Final = "stopped"
_ENDS: Final = [end for end, _ in ZONE_CLASSES[:-1]]
_ROLES: Final[Mapping[str, str]] = FixedMapping(
    dict(zip(_CLASSES, (colour for _, colour in ZONE_CLASSES), strict=True))
    | {STOPPED: colour_of("paper_border")}
)
"""The classes of zones on every map, and grey for a county that is not done."""
_SIGNS: Final = {">=": "≥", "<=": "≤", "==": "="}


def write_summary(
    batch: Batch, ends: Mapping[str, CountyEnd], *, tell: Callable[[Message], None] = lambda message: None
) -> dict[str, Path]:
    """Write the summary of a batch: all files, or none where anything fails.

    Parameters
    ----------
    batch : Batch
        The counties.
    ends : mapping of str to CountyEnd
        How each ended.
    tell : callable
        Told which file somebody had changed and was kept under another name.

    Returns
    -------
    dict of str to Path
        ``map.html`` (where the place of a county is known), ``summary.xlsx``, ``counties.csv``,
        ``targets.csv``, ``batch.json``.

    Raises
    ------
    FileError
        A file may not be written, or one of another hand is in the way.
    """
    summary = sum_up(batch, ends)
    with writing_folder(batch.folder, _earlier, tell=tell) as new:
        drawn = draw_summary(batch, summary)
        if drawn is not None:
            write_map(drawn, new / "map.html")
        write_workbook(summary_sheets(summary, lang=batch.lang), new / "summary.xlsx", lang=batch.lang)
        _write_csv(summary.counties.drop(columns="geometry").reset_index(), new / "counties.csv")
        _write_csv(summary.targets, new / "targets.csv")
        names = sorted(path.name for path in new.iterdir())
        record = {
            "batch": 1,
            "name": batch.name,
            "version": product_version(),
            "counties": [_recorded(batch, end) for end in ends.values()],
            "written": seal_files(new, by=BATCH),
        }
        write_text_whole(new / RECORD, as_json(record))
    return {name: batch.folder / name for name in (*names, RECORD)}


def _earlier(folder: Path) -> Earlier:
    return find_earlier(folder, record=RECORD, by=BATCH)


def _recorded(batch: Batch, end: CountyEnd) -> dict[str, Any]:
    """Give what a program may want to know of a county's run."""
    error = None if end.error is None else end.error.say(batch.lang)
    peak = None if math.isnan(end.peak_mb) else round(end.peak_mb, 1)
    seconds = {"seconds": round(end.seconds, 3), "cpu_s": round(end.cpu_s, 3)}
    return {"code": end.code, "state": end.state, **seconds, "peak_mb": peak, "error": error}


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    numbers = {name: table[name].round(6) for name in table.columns if table[name].dtype.kind == "f"}
    write_layer(table.assign(**numbers), path)


def summary_sheets(summary: Summary, *, lang: Lang) -> list[Sheet]:
    """Give the sheets of the workbook: counties, targets by county, all targets, what is not done."""
    counties = pd.DataFrame(summary.counties.drop(columns="geometry")).reset_index()
    states = [say(f"batch.state_{state}", lang=lang) for state in counties["state"]]
    tables = {"counties": counties.assign(state=states)}
    if len(summary.targets):
        tables["targets_by_county"] = _by_county(summary, lang=lang)
        tables["targets"] = _all_targets(summary, lang=lang)
    if len(summary.stopped):
        whys = ["" if why is None else why.say(lang) for why in summary.stopped["why"]]
        states = [say(f"batch.state_{state}", lang=lang) for state in summary.stopped["state"]]
        tables["stopped"] = summary.stopped.assign(why=whys, state=states)
    return [
        Sheet(say(f"batch.sheet_{name}", lang=lang), table, headers=_headers(table, lang=lang))
        for name, table in tables.items()
    ]


def _headers(table: pd.DataFrame, *, lang: Lang) -> dict[str, str]:
    named = {str(name): say_if_there(f"batch.column_{name}", lang=lang) for name in table.columns}
    return {name: title for name, title in named.items() if title is not None}


def _all_targets(summary: Summary, *, lang: Lang) -> pd.DataFrame:
    targets = summary.targets
    shown = targets.assign(
        name=targets[f"name_{lang}"],
        comparator=[_SIGNS.get(sign, sign) for sign in targets["comparator"]],
        status=[_status(status, lang) for status in targets["status"]],
        unit=[say_if_there(f"plans.unit_{unit}", lang=lang) or unit for unit in targets["unit"]],
    )
    columns = ["code", "county", "target_id", "name", "comparator", "target"]
    return shown[[*columns, "value", "unit", "status", "missed_by"]]


def _by_county(summary: Summary, *, lang: Lang) -> pd.DataFrame:
    """Set targets side by side: a row a county, a column a target, its value with a sign of its status."""
    targets = summary.targets.fillna({f"name_{lang}": ""})
    cells = [_cell(row, lang) for row in targets.itertuples()]
    # Plans of two counties may call different targets alike: each has a column of its own.
    keys = ["target_id", f"name_{lang}"]
    columns = pd.MultiIndex.from_frame(targets[keys].drop_duplicates())
    wide = targets.assign(cell=cells).pivot(index=["code", "county"], columns=keys, values="cell")
    wide = wide.reindex(columns=columns).set_axis(
        [f"{name} {title}".rstrip() for name, title in columns], axis=1
    )
    codes = list(summary.counties.index)
    wide = wide.reset_index()
    return wide.iloc[np.argsort([codes.index(code) for code in wide["code"]], kind="stable")]


def _cell(row: Any, lang: Lang) -> str:
    status = _status(row.status, lang)
    if pd.isna(row.value):
        return status
    unit = say_if_there(f"plans.unit_{row.unit}", lang=lang) or row.unit or ""
    return f"{say_number(row.value)} {unit}".rstrip() + f" {status}"


def _status(status: Any, lang: Lang) -> str:
    return say_if_there(f"maps.target_{str(status).replace(' ', '_')}", lang=lang) or str(status)


def draw_summary(batch: Batch, summary: Summary) -> folium.Map | None:
    """Draw the counties by the share of their people that is reached in time; those not done stand out.

    Returns
    -------
    folium.Map or None
        None where the place of no county is known.
    """
    placed = summary.counties[summary.counties.geometry.notna()]
    if not len(placed):
        return None
    crs = metric_crs(CRS.from_epsg(4326), shapely.get_coordinates(placed.geometry.to_numpy()))
    metric = placed.to_crs(crs)
    figures = list(_figures(summary, batch.lang))
    return coverage_map(
        _layers(metric),
        title=batch.name,
        lang=batch.lang,
        text=MapText(
            standard=_standard(summary, batch.lang),
            sources=[
                say("batch.map_source", lang=batch.lang, n=len(summary.counties)),
                *(note.say(batch.lang) for note in batch.notes),
            ],
            is_synthetic=summary.n_synthetic > 0,
        ),
        figures=figures,
    )


def _layers(metric: gpd.GeoDataFrame) -> Iterator[MapLayer]:
    """Give the names of all counties, and each in the colour of its share."""
    yield ZoneLayer(metric.rename(columns={"share_covered": "share_people"}).reset_index())
    # Sums of people in another order differ in the last digit.
    rank = [bisect.bisect_right(_ENDS, share + 1e-9) for share in metric["share_covered"]]
    is_done = (metric["state"].isin(DONE) & metric["share_covered"].notna()).to_numpy()
    table = metric.reset_index()[["code", "name", "people", "people_covered", "share_covered", "geometry"]]
    words = [_CLASSES[i] if is_there else STOPPED for i, is_there in zip(rank, is_done, strict=True)]
    style = Style(
        roles={word: role for word, role in _ROLES.items() if word in words},
        by="share",
        columns=("code", "people", "people_covered", "share_covered"),
        is_on=True,
    )
    yield FindingLayer(Finding("counties", "batch", table.assign(share=words), style=style))


def _standard(summary: Summary, lang: Lang) -> str:
    names = sorted({name for name in summary.counties["standard"] if name})
    return say("batch.map_standard", lang=lang, names=", ".join(names)) if names else ""


def _figures(summary: Summary, lang: Lang) -> Iterator[dict[str, str]]:
    counties = summary.counties
    is_done = counties["state"].isin(DONE)
    people, covered = counties["people"].sum(), counties["people_covered"].sum()
    if people > 0:
        note = say("batch.figure_share_note", lang=lang, covered=covered, people=people)
        yield _figure("share", percent(covered / people), lang, note=note, tone="main")
    tone = "" if is_done.all() else "alert"
    yield _figure("counties", f"{int(is_done.sum())} / {len(counties)}", lang, tone=tone)
    if len(summary.targets):
        missed = int(counties["n_missed"].sum())
        met = int(counties["n_met"].sum())
        yield _figure("targets", f"{met} / {met + missed}", lang, tone="alert" if missed else "")


def _figure(name: str, value: str, lang: Lang, *, note: str = "", tone: str = "") -> dict[str, str]:
    return {"label": say(f"batch.figure_{name}", lang=lang), "value": value, "note": note, "tone": tone}
