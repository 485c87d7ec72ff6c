"""The report as PDF: set by Typst, with bookmarks, page numbers and maps as vectors."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from geo.outputs.paper import PaperFonts, typeset
from geo.outputs.report.content import Block, Bullets, Figure, Formula, Report, Section, Table
from geo.outputs.report.widths import column_widths
from geo.words import say

__all__ = ["report_pdf"]

_LONG_WORD: Final = re.compile(r"[^\s\u2e80-\u9fff\uff00-\uffef]{18}(?=[^\s\u2e80-\u9fff\uff00-\uffef]{3})")
"""Signs without a place where a line may end; between Chinese ones it always may."""


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
        "cover": _soft(report.title),
        "subtitle": report.subtitle,
        "author": dict(report.facts).get(say("report.fact_organisation", lang=report.lang), ""),
        "lang": report.lang,
        "banner": report.banner,
        "credit": report.credit,
        "contents": say("report.contents", lang=report.lang),
        "facts": [list(map(_soft, fact)) for fact in report.facts],
        "fonts": {"text": fonts.text, "heading": fonts.heading, "figures": fonts.figures},
        "sections": [_section(section, report, files) for section in report.sections],
    }
    return typeset(template, content, files, made=made)


def _soft(text: str) -> str:
    """Give a text with places to break in words that are longer than a narrow column."""
    return _LONG_WORD.sub("\\g<0>\u200b", text)


def _section(section: Section, report: Report, files: dict[str, bytes]) -> dict[str, Any]:
    return {
        "title": _soft(section.title),
        "blocks": [_block(block, report, files) for block in section.blocks],
        "parts": [_section(part, report, files) for part in section.parts],
    }


def _block(block: Block, report: Report, files: dict[str, bytes]) -> dict[str, Any]:
    if isinstance(block, Formula):
        return {"kind": "formula", "text": block.text, "meaning": block.meaning}
    if isinstance(block, Bullets):
        return {"kind": "bullets", "items": list(map(_soft, block.items))}
    if isinstance(block, Table):
        return {
            "kind": "table",
            "supplement": say("report.table", lang=report.lang),
            "caption": _soft(block.caption),
            "heads": list(map(_soft, block.heads)),
            "rows": [list(map(_soft, row)) for row in block.rows],
            "aligns": list(block.aligns),
            "widths": column_widths(block),
            "tones": list(block.tones),
            "note": _soft(block.note),
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
            "of_row": block.is_of_row,
        }
    return {"kind": "paragraph", "text": _soft(block.text), "note": block.is_note}
