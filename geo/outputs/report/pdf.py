"""The report as PDF: set by Typst, with bookmarks, page numbers and maps as vectors."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from geo.outputs.paper import PaperFonts, typeset
from geo.outputs.report.content import Block, Bullets, Figure, Formula, Report, Section, Table
from geo.outputs.report.widths import column_widths
from geo.words import say

__all__ = ["report_pdf"]


def report_pdf(report: Report, template: Path, *, fonts: PaperFonts, made: datetime) -> bytes:
    """Give a report as PDF.

    Parameters
    ----------
    report : Report
        Its captions numbered.
    template : Path
        The Typst file that sets it.
    fonts : PaperFonts
        Its faces.
    made : datetime
        When it was made.

    Raises
    ------
    InputError
        The template has a fault.
    """
    files: dict[str, bytes] = {}
    content = {
        "title": report.title,
        "subtitle": report.subtitle,
        "author": dict(report.facts).get(say("report.fact_organisation", lang=report.lang), ""),
        "lang": report.lang,
        "banner": report.banner,
        "credit": report.credit,
        "contents": say("report.contents", lang=report.lang),
        "facts": [list(fact) for fact in report.facts],
        "fonts": {"text": fonts.text, "heading": fonts.heading, "figures": fonts.figures},
        "sections": [_section(section, report, files) for section in report.sections],
    }
    return typeset(template, content, files, made=made)


def _section(section: Section, report: Report, files: dict[str, bytes]) -> dict[str, Any]:
    return {
        "title": section.title,
        "blocks": [_block(block, report, files) for block in section.blocks],
        "parts": [_section(part, report, files) for part in section.parts],
    }


def _block(block: Block, report: Report, files: dict[str, bytes]) -> dict[str, Any]:
    if isinstance(block, Formula):
        return {"kind": "formula", "text": block.text, "meaning": block.meaning}
    if isinstance(block, Bullets):
        return {"kind": "bullets", "items": list(block.items)}
    if isinstance(block, Table):
        return {
            "kind": "table",
            "supplement": say("report.table", lang=report.lang),
            "caption": block.caption,
            "heads": list(block.heads),
            "rows": [list(row) for row in block.rows],
            "aligns": list(block.aligns),
            "widths": column_widths(block),
            "tones": list(block.tones),
            "note": block.note,
        }
    if isinstance(block, Figure):
        name = f"figure-{block.number}.svg"
        files[name] = block.picture.svg.encode()
        return {
            "kind": "figure",
            "supplement": say("report.figure", lang=report.lang),
            "caption": block.caption,
            "alt": block.alt,
            "file": name,
            "width": block.picture.width_mm,
        }
    return {"kind": "paragraph", "text": block.text, "note": block.is_note}
