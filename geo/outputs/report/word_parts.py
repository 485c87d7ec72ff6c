"""What python-docx has no word for: fields, numbers of headings, repeated heads, alternative texts."""

from __future__ import annotations

from typing import Any, Final

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt

from geo.words import Lang

__all__ = [
    "add_bookmark",
    "add_field",
    "add_numbering",
    "describe_picture",
    "narrow_margins",
    "repeat_head",
    "set_cell",
    "update_when_opened",
]

_NUMBERS: Final[dict[Lang, tuple[tuple[str, str], ...]]] = {
    "zh": (("chineseCounting", "%1、"), ("chineseCounting", "（%2）"), ("decimal", "%3.")),
    "en": (("decimal", "%1."), ("decimal", "%1.%2"), ("decimal", "%1.%2.%3")),
}
"""Kind and text of the number of each level of headings: 一、（一）1. as official documents have it."""
_NUMBERING: Final = "90"


def add_field(paragraph: Any, code: str, text: str, *, is_begun: bool = True, is_ended: bool = True) -> None:
    """Add a field with the text that it shows until it is updated; one over several paragraphs in parts."""
    if is_begun:
        _char(paragraph, "begin")
        instruction = OxmlElement("w:instrText")
        instruction.set(qn("xml:space"), "preserve")
        instruction.text = f" {code} "
        paragraph.add_run()._r.append(instruction)
        _char(paragraph, "separate")
    paragraph.add_run(text)
    if is_ended:
        _char(paragraph, "end")


def _char(paragraph: Any, kind: str) -> None:
    char = OxmlElement("w:fldChar")
    char.set(qn("w:fldCharType"), kind)
    paragraph.add_run()._r.append(char)


def update_when_opened(document: Any) -> None:
    """Let Word set page numbers and contents when it opens the file."""
    update = OxmlElement("w:updateFields")
    update.set(qn("w:val"), "true")
    document.settings.element.append(update)


def add_numbering(document: Any, *, lang: Lang) -> None:
    """Number the three levels of headings by Word itself: headings that are added are counted with them."""
    numbering = document.part.numbering_part.element
    abstract = OxmlElement("w:abstractNum")
    abstract.set(qn("w:abstractNumId"), _NUMBERING)
    kind = OxmlElement("w:multiLevelType")
    kind.set(qn("w:val"), "multilevel")
    abstract.append(kind)
    for level, (form, text) in enumerate(_NUMBERS[lang]):
        abstract.append(_level(level, form, text, style=document.styles[f"Heading {level + 1}"].style_id))
    first = numbering.find(qn("w:num"))
    numbering.append(abstract) if first is None else first.addprevious(abstract)
    num = OxmlElement("w:num")
    num.set(qn("w:numId"), _NUMBERING)
    link = OxmlElement("w:abstractNumId")
    link.set(qn("w:val"), _NUMBERING)
    num.append(link)
    numbering.append(num)
    for level in range(len(_NUMBERS[lang])):
        _number_style(document.styles[f"Heading {level + 1}"], level)


def _level(level: int, form: str, text: str, *, style: str) -> Any:
    element = OxmlElement("w:lvl")
    element.set(qn("w:ilvl"), str(level))
    for tag, value in (
        ("w:start", "1"),
        ("w:numFmt", form),
        ("w:pStyle", style),
        ("w:suff", "nothing" if form == "chineseCounting" else "space"),
        ("w:lvlText", text),
        ("w:lvlJc", "left"),
    ):
        part = OxmlElement(tag)
        part.set(qn("w:val"), value)
        element.append(part)
    return element


def _number_style(style: Any, level: int) -> None:
    properties = style.element.get_or_add_pPr()
    for old in properties.findall(qn("w:numPr")):
        properties.remove(old)
    number = properties.get_or_add_numPr()
    number.get_or_add_ilvl().val = level
    number.get_or_add_numId().val = int(_NUMBERING)


def add_bookmark(paragraph: Any, number: int) -> None:
    """Mark a heading, so that the table of contents can lead to it."""
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for element in (start, end):
        element.set(qn("w:id"), str(number))
    start.set(qn("w:name"), f"_Toc{number:06d}")
    paragraph._p.insert(1 if paragraph._p.pPr is not None else 0, start)
    paragraph._p.append(end)


def repeat_head(row: Any) -> None:
    """Let the head of a table stand again on each page."""
    properties = row._tr.get_or_add_trPr()
    head = OxmlElement("w:tblHeader")
    head.set(qn("w:val"), "true")
    properties.append(head)


def narrow_margins(table: Any) -> None:
    """Leave a millimetre left and right of the texts in cells: numbers of many digits have room."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "57")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    table._tbl.tblPr.append(margins)


def describe_picture(picture: Any, *, alt: str) -> None:
    """Say what a picture shows, for those who do not see it."""
    picture._inline.docPr.set("descr", alt)


def set_cell(
    cell: Any,
    text: str,
    *,
    align: str = "left",
    is_head: bool = False,
    fill: str = "",
    line: str = "",
    width: Any = None,
) -> None:
    """Fill a cell: text, lines above and below, and the colour behind."""
    if width is not None:
        cell.width = width
    paragraph = cell.paragraphs[0]
    run = paragraph.add_run(text)
    run.font.size, run.font.bold = Pt(10 if line else 8), is_head
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if align == "right" else WD_ALIGN_PARAGRAPH.LEFT
    form = paragraph.paragraph_format
    form.space_before, form.space_after, form.first_line_indent = Pt(1), Pt(1), Pt(0)
    form.line_spacing = 1.0
    properties = cell._tc.get_or_add_tcPr()
    borders = OxmlElement("w:tcBorders")
    for side in ("top", "bottom") if is_head else ("bottom",):
        border = OxmlElement(f"w:{side}")
        for key, value in (("val", "single"), ("sz", "8" if is_head else "4"), ("space", "0")):
            border.set(qn(f"w:{key}"), value)
        border.set(qn("w:color"), "1F4E8C" if is_head else line or "BBBBBB")
        borders.append(border)
    properties.append(borders)
    if fill:
        shade = OxmlElement("w:shd")
        for key, value in (("val", "clear"), ("color", "auto"), ("fill", fill)):
            shade.set(qn(f"w:{key}"), value)
        properties.append(shade)
