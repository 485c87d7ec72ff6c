"""The report as a Word file that a planner edits: real headings, numbered captions, a table of contents."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import docx
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.shared import Mm, Pt, RGBColor

from geo.errors import InputError
from geo.messages import Message
from geo.outputs.paper import draw_pixels
from geo.outputs.report.content import Block, Bullets, Figure, Formula, Report, Section, Table, section_number
from geo.outputs.report.widths import column_widths
from geo.outputs.report.word_parts import (
    add_bookmark,
    add_field,
    add_numbering,
    describe_picture,
    narrow_margins,
    repeat_head,
    set_cell,
    update_when_opened,
)
from geo.outputs.report.word_styles import PAGE_MM, apply_styles, page_margins
from geo.words import say

__all__ = ["open_template", "report_docx", "template_docx"]

_DPI: Final = 300.0
_TONES: Final = {"good": "E3F1E7", "bad": "FBE6E1", "open": "F1F1F1"}
_LEVELS: Final = 3


def report_docx(report: Report, template: Path | None, *, made: datetime) -> bytes:
    """Give a report as a Word file.

    Parameters
    ----------
    report : Report
        Its captions numbered.
    template : Path or None
        A Word file whose styles and page it takes; None for those of the program.
    made : datetime
        When it was made.

    Raises
    ------
    InputError
        The template is no Word file.
    """
    document = open_template(template)
    if template is None:
        apply_styles(document, lang=report.lang)
    add_numbering(document, lang=report.lang)
    properties = document.core_properties
    properties.title, properties.created, properties.modified = report.title[:255], made, made
    properties.author = dict(report.facts).get(say("report.fact_organisation", lang=report.lang), "")[:255]
    properties.comments = report.banner
    _running_lines(document, report)
    _first_page(document, report)
    _contents(document, report)
    counter = iter(range(1, 100_000))
    for section in report.sections:
        _section(document, section, report, level=1, marks=counter)
    update_when_opened(document)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def template_docx(*, lang: Any) -> bytes:
    """Give the Word file whose styles a report has, for a planner to change."""
    document = docx.Document()
    apply_styles(document, lang=lang)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def open_template(template: Path | None) -> Any:
    """Open a Word file for its styles, without its text; a new one where there is none.

    Raises
    ------
    InputError
        It is no Word file.
    """
    if template is None:
        return docx.Document()
    try:
        document = docx.Document(str(template))
        for element in list(document.element.body):
            if not element.tag.endswith("sectPr"):
                document.element.body.remove(element)
    except Exception as error:  # of zip files, XML and python-docx: whatever a wrong file leads to
        values = {"file": template.name, "why": error}
        raise InputError(Message("report.docx_template", values)) from error
    return document


def _styled(document: Any, text: str, style: str) -> Any:
    """Add a paragraph; a style that the planner's template has not is that of plain text."""
    known = document.styles[style] if style in document.styles else None  # noqa: SIM401 - no mapping: has no get
    return document.add_paragraph(text, style=known)


def _running_lines(document: Any, report: Report) -> None:
    """Set the name of the study and the mark of invented data above each page, number and credits below."""
    section = document.sections[0]
    section.different_first_page_header_footer = True
    head = section.header.paragraphs[0]
    head.text = report.title
    if report.banner:
        run = head.add_run(f"    {report.banner}")
        run.font.color.rgb = RGBColor(0xB3, 0x26, 0x1E)
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    add_field(foot, "PAGE", "1")
    foot.add_run(" / ")
    add_field(foot, "NUMPAGES", "1")
    for footer in (section.footer, section.first_page_footer):
        line = footer.add_paragraph(report.credit) if report.credit else None
        if line is not None:
            line.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _first_page(document: Any, report: Report) -> None:
    for _ in range(4):
        document.add_paragraph()
    _styled(document, report.title, "Title")
    _styled(document, report.subtitle, "Subtitle")
    if report.banner:
        banner = _styled(document, report.banner, "Subtitle")
        for run in banner.runs:
            run.font.color.rgb, run.font.bold = RGBColor(0xB3, 0x26, 0x1E), True
    for _ in range(5):
        document.add_paragraph()
    table = document.add_table(rows=0, cols=2)
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for name, value in report.facts:
        cells = table.add_row().cells
        for cell, text, width in zip(cells, (name, value), (35, 105), strict=True):
            cell.width = Mm(width)
            set_cell(cell, text, line="BBBBBB")
    document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)


def _contents(document: Any, report: Report) -> None:
    """Set a field for the table of contents with what it will say: it is not empty before Word looks."""
    heading = _styled(document, say("report.contents", lang=report.lang), "TOC Heading")
    heading.alignment = WD_ALIGN_PARAGRAPH.LEFT
    entries = [text for section, number in _numbered(report) for text in _entries(section, number, report)]
    paragraphs = [_styled(document, "", f"toc {level}") for level, _ in entries]
    for i, (paragraph, (_, text)) in enumerate(zip(paragraphs, entries, strict=True)):
        is_first, is_last = i == 0, i == len(entries) - 1
        add_field(paragraph, 'TOC \\o "1-2" \\h \\z \\u', text, is_begun=is_first, is_ended=is_last)
    hint = _styled(document, say("report.toc_hint", lang=report.lang), "Note")
    hint.add_run().add_break(WD_BREAK.PAGE)


def _numbered(report: Report) -> Iterator[tuple[Section, int]]:
    yield from ((section, number) for number, section in enumerate(report.sections, start=1))


def _entries(section: Section, number: int, report: Report) -> Iterator[tuple[int, str]]:
    yield 1, section_number(1, number, lang=report.lang) + section.title
    for i, part in enumerate(section.parts, start=1):
        yield 2, section_number(2, i, lang=report.lang) + part.title


def _section(document: Any, section: Section, report: Report, *, level: int, marks: Iterator[int]) -> None:
    heading = document.add_heading(section.title, level=min(level, _LEVELS))
    add_bookmark(heading, next(marks))
    for block in section.blocks:
        _block(document, block, report)
    for part in section.parts:
        _section(document, part, report, level=level + 1, marks=marks)


def _block(document: Any, block: Block, report: Report) -> None:
    if isinstance(block, Table):
        _table(document, block, report)
    elif isinstance(block, Figure):
        _figure(document, block, report)
    elif isinstance(block, Bullets):
        for item in block.items:
            _styled(document, item, "List Bullet")
    elif isinstance(block, Formula):
        _styled(document, block.text, "Formula")
        _styled(document, block.meaning, "Note")
    else:
        _styled(document, block.text, "Note" if block.is_note else "Body Text")


def _caption(document: Any, word: str, number: int, text: str) -> Any:
    """Add a caption whose number is a field: those that the planner adds are counted with them."""
    paragraph = _styled(document, f"{word} ", "Caption")
    add_field(paragraph, f"SEQ {word} \\* ARABIC", str(number))
    paragraph.add_run(f" {text}")
    return paragraph


def _figure(document: Any, block: Figure, report: Report) -> None:
    pixels = draw_pixels(block.picture.svg, width_mm=block.picture.width_mm, dpi=_DPI)
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.keep_with_next = True
    room = PAGE_MM[0] - sum(page_margins(document))
    picture = paragraph.add_run().add_picture(io.BytesIO(pixels), width=Mm(min(block.picture.width_mm, room)))
    describe_picture(picture, alt=block.alt)
    _caption(document, say("report.figure", lang=report.lang), block.number, block.caption)


def _table(document: Any, block: Table, report: Report) -> None:
    caption = _caption(document, say("report.table", lang=report.lang), block.number, block.caption)
    caption.paragraph_format.keep_with_next = True
    widths = column_widths(block)
    room = PAGE_MM[0] - sum(page_margins(document))
    table = document.add_table(rows=len(block.rows) + 1, cols=len(block.heads))
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    narrow_margins(table)
    repeat_head(table.rows[0])
    for i, column in enumerate(table.columns):
        column.width = Mm(room * widths[i] / sum(widths))
    grid = [row.cells for row in table.rows]
    for i, (head, align) in enumerate(zip(block.heads, block.aligns, strict=True)):
        set_cell(grid[0][i], head, align=align, is_head=True, width=table.columns[i].width)
    for number, row in enumerate(block.rows):
        fill = _TONES.get(block.tones[number], "") if block.tones else ""
        for i, text in enumerate(row):
            set_cell(
                grid[number + 1][i], text, align=block.aligns[i], fill=fill, width=table.columns[i].width
            )
    if block.note:
        _styled(document, block.note, "Note")
    else:
        document.add_paragraph().paragraph_format.space_after = Pt(2)
