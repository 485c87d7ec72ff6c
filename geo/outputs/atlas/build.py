"""The sheets of an atlas, in their order, and what all of them share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import get_args

from geo.errors import InputError
from geo.maps import say_time
from geo.messages import Message
from geo.outputs.atlas.district_sheets import DISTRICT_SHEETS, overview_sheet
from geo.outputs.atlas.material import Material
from geo.outputs.atlas.scenario_sheets import scenario_sheets
from geo.outputs.atlas.sheet_content import Locator, Sheet, Surroundings
from geo.outputs.atlas.town_sheets import find_towns, town_sheet
from geo.outputs.manifest import shown_version
from geo.outputs.report import sheet_title
from geo.study import AtlasSpec, SheetKind
from geo.words import say

__all__ = ["build_sheets", "build_surroundings"]

_MOST_SPEEDS = 12


def build_sheets(material: Material, spec: AtlasSpec) -> tuple[list[Sheet], list[str]]:
    """Make the sheets that are asked for.

    Parameters
    ----------
    material : Material
        The run.
    spec : AtlasSpec
        What the study asks for.

    Returns
    -------
    list of Sheet, list of str
        In their order; and the kinds that were asked for by name of which the run has nothing.

    Raises
    ------
    InputError
        The run has nothing of all that is asked for, or no town of such a name.
    """
    kinds: Sequence[SheetKind] = spec.sheets or get_args(SheetKind)
    towns = find_towns(material, spec.towns) if "towns" in kinds else []
    before: list[Sheet] = []
    for kind, make in DISTRICT_SHEETS.items():
        sheet = make(material) if kind in kinds else None
        before += [] if sheet is None else [sheet]
    before += scenario_sheets(material) if "scenarios" in kinds else []
    first = 1 + len(before) + ("overview" in kinds)
    numbers = {town.place: first + i for i, town in enumerate(towns)}
    overview = [overview_sheet(material, numbers)] if "overview" in kinds else []
    sheets = [*overview, *before, *(town_sheet(material, town) for town in towns)]
    missing: list[str] = [kind for kind in spec.sheets if kind not in {sheet.key for sheet in sheets}]
    if not sheets:
        raise InputError(Message("atlas.nothing", {"names": tuple(missing)}))
    return sheets, missing


def build_surroundings(
    material: Material, spec: AtlasSpec, *, families: tuple[str, ...], today: date
) -> Surroundings:
    """Say what stands on every sheet.

    Parameters
    ----------
    material : Material
        The run.
    spec : AtlasSpec
        What the study asks for.
    families : tuple of str
        Faces.
    today : date
        When the atlas is made.
    """
    summary, lang = material.run.summary, material.lang
    themes = material.themes
    zones = themes.layer("zones")
    strokes = themes.ground[:1] if zones is not None else themes.roads[-1:]
    written = f"{today.year}年{today.month}月{today.day}日" if lang == "zh" else today.isoformat()
    facts = [
        (material.say("fact_crs"), str(summary["crs"])),
        (say("report.fact_date", lang=lang), spec.date or written),
    ]
    if spec.organisation:
        facts.append((say("report.fact_organisation", lang=lang), spec.organisation))
    return Surroundings(
        study=spec.title or str(summary["study"]),
        facts=tuple(facts),
        notes=tuple(_notes(material, spec)),
        banner=say("paper.synthetic", lang=lang) if summary["synthetic"] else "",
        crs=str(summary["crs"]),
        grid=spec.grid,
        families=families,
        locator=Locator(strokes, material.bounds),
    )


def _notes(material: Material, spec: AtlasSpec) -> Iterator[str]:
    summary, lang = material.run.summary, material.lang
    clock = summary["standard"]
    yield material.say(
        "note_clock",
        start=say(f"coverage.clock_{clock['clock_start']}", lang=lang),
        limit=say_time(clock["limit_s"], lang=lang),
        name=clock["name"],
    )
    yield material.say("note_speeds", profile=summary["profile"], speeds=_speeds(material))
    if spec.grid != "none":
        yield material.say(f"note_grid_{spec.grid}", crs=summary["crs"])
    files = dict.fromkeys(str(row["path"]) for row in material.run.record["inputs"])
    yield material.say("note_files", n=len(files))
    credits = [*map(str, summary["attribution"])]
    if credits:
        yield material.say("note_credit", credit=" · ".join(credits))
    yield material.say("note_program", version=shown_version(material.lang))


def _speeds(material: Material) -> str:
    """Say the speed of each class as the sheet of speeds has it; of many the first, with an ellipsis."""
    lang = material.lang
    sheet = material.run.sheet(sheet_title(material.run, "speeds", "outputs"))
    if sheet is None:
        return ""
    places = sheet.columns(["highway", "speed_kph"], "outputs", lang=lang)
    if len(places) < 2:
        return ""
    rows = [row for row in sheet.rows if all(row[i] not in (None, "") for i in places)]
    speeds = list(dict.fromkeys(f"{row[places[0]]} {sheet.text(row[places[1]], places[1])}" for row in rows))
    shown = [*speeds[:_MOST_SPEEDS], *("…" for _ in speeds[_MOST_SPEEDS:][:1])]
    return say("outputs.between_speeds", lang=lang).join(shown)
