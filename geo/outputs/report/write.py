"""A report of a finished run written beside its results, in the formats that are asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from geo.messages import Message
from geo.outputs.beside import write_beside
from geo.outputs.finished import FinishedRun, open_sites
from geo.outputs.folder import REPORT_RECORD
from geo.outputs.paper import (
    GETA,
    PaperFonts,
    Picture,
    choose_fonts,
    choose_fonts_before,
    drawable_fonts,
    for_paper,
    has_chinese,
    tell_lacking,
)
from geo.outputs.report.build import build_report
from geo.outputs.report.content import Report, all_texts
from geo.outputs.report.html_page import report_html
from geo.outputs.report.pdf import report_pdf
from geo.outputs.report.templates import find_templates
from geo.outputs.report.word_file import report_docx
from geo.study import ReportSpec, Study

__all__ = ["REPORT", "REPORT_FILES", "make_report", "write_report"]

REPORT: Final = "geo report"
"""The command whose files these are, as their record notes it."""
REPORT_FILES: Final = ("report.pdf", "report.docx", "report.html")


def make_report(run: FinishedRun, study: Study, *, made: datetime) -> tuple[Report, PaperFonts]:
    """Say what a run found, and choose the faces that can print it.

    Parameters
    ----------
    run : FinishedRun
        The results.
    study : Study
        With what it asks of the report.
    made : datetime
        Now.

    Raises
    ------
    InputError
        No face for the texts is installed.
    """
    spec = study.report or ReportSpec()
    fonts = choose_fonts_before(lang=run.lang, wanted=spec.fonts)
    sites = open_sites(study, run.folder)
    report = build_report(run, sites, spec=spec, families=fonts.figures, today=made.date())
    report = _changed(report, for_paper)
    if run.lang == "en" and has_chinese(all_texts(report)):
        fonts = choose_fonts(lang="en", is_chinese=True, wanted=spec.fonts)
    return report, fonts


def _changed(value: Any, change: Callable[[str], str], *, only: type[Any] | None = None) -> Any:
    """Give content with each of its texts changed, or only those inside values of a type."""
    only = None if only is not None and isinstance(value, only) else only
    if isinstance(value, str):
        return change(value) if only is None else value
    if isinstance(value, tuple):
        return tuple(_changed(part, change, only=only) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        texts = {each.name: _changed(getattr(value, each.name), change, only=only) for each in fields(value)}
        return replace(value, **texts)
    return value


def _drawn(report: Report, lacking: str, *, only: type[Any] | None = None) -> Report:
    """Give a report with a mark for each sign that no face has: in all of it, or in its pictures alone."""
    marks = str.maketrans(dict.fromkeys(lacking, GETA))
    drawn: Report = _changed(report, lambda text: text.translate(marks), only=only) if lacking else report
    return drawn


def write_report(
    run: FinishedRun,
    study: Study,
    *,
    now: datetime | None = None,
    tell: Callable[[Message], None] = lambda message: None,
) -> dict[str, Path]:
    """Write the report of a run into its folder: all files, or none where anything fails.

    A file that somebody edited since is kept under another name (``report.edited.docx``).

    Parameters
    ----------
    run : FinishedRun
        The results.
    study : Study
        With what it asks of the report.
    now : datetime, optional
        When it is made; the present when missing.
    tell : callable
        Told which changed file was kept.

    Returns
    -------
    dict of str to Path
        ``report.pdf``, ``report.docx`` and ``report.html``, those that are asked for.

    Raises
    ------
    InputError
        A template has a fault, or no face for the texts is installed.
    FileError
        A file may not be written, or one of another hand is in the way.
    """
    made = (now or datetime.now(UTC)).replace(microsecond=0)
    templates = find_templates(study)
    report, chosen = make_report(run, study, made=made)
    drawable = drawable_fonts(chosen, all_texts(report))
    if drawable.lacking:
        tell(tell_lacking(drawable.lacking))
    fonts, printed = drawable.fonts, _drawn(report, drawable.lacking)
    report = _drawn(report, drawable.lacking, only=Picture)  # who reads Word or HTML has other faces
    formats = (study.report or ReportSpec()).formats
    contents: dict[str, str | bytes] = {}
    if "pdf" in formats:
        contents["report.pdf"] = report_pdf(printed, templates.pdf, fonts=fonts, made=made)
    if "docx" in formats:
        contents["report.docx"] = report_docx(report, templates.docx, made=made)
    if "html" in formats:
        contents["report.html"] = report_html(report, templates.html, fonts=fonts)
    return write_beside(run.folder, contents, record=REPORT_RECORD, by=REPORT, made=made, tell=tell)
