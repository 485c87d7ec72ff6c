"""An atlas of a finished run written beside its results, in the formats that are asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from geo.messages import Message
from geo.outputs.atlas.build import build_sheets, build_surroundings
from geo.outputs.atlas.drawing import SheetDrawer
from geo.outputs.atlas.layout import sheet_layout
from geo.outputs.atlas.material import Material
from geo.outputs.atlas.sheet_content import Bounds, Sheet, Surroundings
from geo.outputs.beside import write_beside
from geo.outputs.finished import FinishedRun, open_sites
from geo.outputs.folder import ATLAS_RECORD, folder_name
from geo.outputs.paper import (
    GETA,
    MapThemes,
    PaperFonts,
    Picture,
    choose_fonts,
    choose_fonts_before,
    draw_pixels,
    drawable_fonts,
    family_list,
    for_paper,
    has_chinese,
    tell_lacking,
    typeset,
)
from geo.study import AtlasSpec, Study
from geo.words import Lang

__all__ = ["ATLAS", "write_atlas"]

ATLAS: Final = "geo atlas"
"""The command whose files these are, as their record notes it."""
FOLDER: Final = "atlas"
"""Folder of the pictures of single sheets."""
_TEMPLATE: Final = Path(__file__).parent / "assets" / "atlas.typ"
_MOST_NAMES: Final = 400


def write_atlas(
    run: FinishedRun,
    study: Study,
    *,
    now: datetime | None = None,
    tell: Callable[[Message], None] = lambda message: None,
) -> dict[str, Path]:
    """Write the atlas of a run into its folder: all files, or none where anything fails.

    A file that somebody edited since is kept under another name (``atlas.edited.pdf``).

    Parameters
    ----------
    run : FinishedRun
        The results.
    study : Study
        With what it asks of the atlas.
    now : datetime, optional
        When it is made; the present when missing.
    tell : callable
        Told which sheets the run has nothing for, and which changed file was kept.

    Returns
    -------
    dict of str to Path
        Each file by its name: ``atlas.pdf``, and ``atlas/01-overview.svg`` and so on.

    Raises
    ------
    InputError
        No face for the texts is installed, or the run has nothing of what is asked for.
    FileError
        A file may not be written, or one of another hand is in the way.
    """
    made = (now or datetime.now(UTC)).replace(microsecond=0)
    spec = study.atlas or AtlasSpec()
    material = Material(run, open_sites(study, run.folder), MapThemes(run, most_names=_MOST_NAMES))
    fonts = choose_fonts_before(lang=run.lang, wanted=spec.fonts)
    sheets, missing = build_sheets(material, spec)
    around = build_surroundings(material, spec, families=fonts.figures, today=made.date())
    pictures = _draw(sheets, around, spec, bounds=material.bounds, lang=run.lang)
    if run.lang == "en" and has_chinese(picture.svg for picture in pictures):
        choose_fonts(lang="en", is_chinese=True, wanted=spec.fonts)  # else its message says what to install
    pictures = _drawable(pictures, fonts, tell)
    contents = _contents(sheets, pictures, around, fonts, spec, made=made, lang=run.lang)
    written = write_beside(run.folder, contents, record=ATLAS_RECORD, by=ATLAS, made=made, tell=tell)
    if missing:
        tell(Message("atlas.missing", {"names": tuple(missing)}))
    return written


def _draw(
    sheets: Sequence[Sheet], around: Surroundings, spec: AtlasSpec, *, bounds: Bounds, lang: Lang
) -> list[Picture]:
    layout = sheet_layout(spec.paper, spec.orientation, bounds=bounds, lang=lang)
    drawer = SheetDrawer(layout, around, n_sheets=len(sheets))
    drawn = (drawer.draw(sheet, number) for number, sheet in enumerate(sheets, start=1))
    return [replace(picture, svg=for_paper(picture.svg)) for picture in drawn]


def _drawable(
    pictures: Sequence[Picture], fonts: PaperFonts, tell: Callable[[Message], None]
) -> list[Picture]:
    """Give drawings without boxes: further faces for rare signs, and a mark for those that no face has."""
    drawable = drawable_fonts(fonts, (picture.svg for picture in pictures))
    marks = str.maketrans(dict.fromkeys(drawable.lacking, GETA))
    if drawable.lacking:
        tell(tell_lacking(drawable.lacking))
    chosen, further = (f'font-family="{family_list(each.figures)}"' for each in (fonts, drawable.fonts))
    return [
        replace(picture, svg=picture.svg.replace(chosen, further, 1).translate(marks)) for picture in pictures
    ]


def _contents(
    sheets: Sequence[Sheet],
    pictures: Sequence[Picture],
    around: Surroundings,
    fonts: PaperFonts,
    spec: AtlasSpec,
    *,
    made: datetime,
    lang: str,
) -> dict[str, bytes]:
    """Give the files: one PDF, and pictures of the sheets."""
    files: dict[str, bytes] = {}
    if "pdf" in spec.formats:
        drawings = {f"sheet-{i}.svg": picture.svg.encode() for i, picture in enumerate(pictures, start=1)}
        pages = [
            {
                "file": file,
                "title": for_paper(sheet.title),
                "group": sheet.group if i == 0 or sheet.group != sheets[i - 1].group else "",
                "level": 2 if sheet.group else 1,
                "width": picture.width_mm,
                "height": picture.height_mm,
                "alt": for_paper(f"{sheet.title} {around.study}"),
            }
            for i, (file, sheet, picture) in enumerate(zip(drawings, sheets, pictures, strict=True))
        ]
        content = {
            "title": for_paper(around.study),
            "author": for_paper(spec.organisation),
            "lang": lang,
            "fonts": fonts.figures,
            "sheets": pages,
        }
        files["atlas.pdf"] = typeset(_TEMPLATE, content, drawings, made=made)
    for number, (sheet, picture) in enumerate(zip(sheets, pictures, strict=True), start=1):
        name = f"{FOLDER}/{number:02d}-{folder_name(number, sheet.name).partition('-')[2] or sheet.key}"
        if "svg" in spec.formats:
            files[f"{name}.svg"] = picture.svg.encode()
        if "png" in spec.formats:
            files[f"{name}.png"] = draw_pixels(picture.svg, width_mm=picture.width_mm, dpi=spec.dpi)
    return files
