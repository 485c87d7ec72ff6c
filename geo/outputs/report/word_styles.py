"""The styles of the Word file: faces for Chinese and Latin signs, sizes, spaces, the page."""

from __future__ import annotations

from typing import Any, Final

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from geo.words import Lang

__all__ = ["PAGE_MM", "apply_styles", "page_margins"]

PAGE_MM: Final = (210.0, 297.0)
_FACES: Final[dict[Lang, tuple[str, str, str]]] = {
    "zh": ("Times New Roman", "仿宋", "黑体"),
    "en": ("Cambria", "宋体", "黑体"),
}
"""Latin face, Chinese face of texts and of headings: those that Word has wherever it speaks Chinese."""
_BLUE: Final = RGBColor(0x1F, 0x4E, 0x8C)
_GREY: Final = RGBColor(0x55, 0x55, 0x55)
_BLACK: Final = RGBColor(0x1C, 0x1C, 0x1C)


def page_margins(document: Any) -> tuple[float, float]:
    """Give the left and the right margin of a document, in millimetres."""
    section = document.sections[0]
    return section.left_margin.mm, section.right_margin.mm


def apply_styles(document: Any, *, lang: Lang) -> None:
    """Set the styles of a document that python-docx has begun."""
    latin, text, heading = _FACES[lang]
    for section in document.sections:
        section.page_width, section.page_height = Mm(PAGE_MM[0]), Mm(PAGE_MM[1])
        section.left_margin = section.right_margin = Mm(25)
        section.top_margin, section.bottom_margin = Mm(28), Mm(26)
    size = 12 if lang == "zh" else 11
    _style(document, "Normal", latin, text, size=size, colour=_BLACK)
    _style(document, "Header", latin, text, size=8, colour=_GREY)
    _style(document, "Footer", latin, text, size=8, colour=_GREY)
    body = _style(document, "Body Text", latin, text, size=size, colour=_BLACK)
    body.paragraph_format.line_spacing, body.paragraph_format.space_after = 1.4, Pt(6)
    if lang == "zh":
        body.paragraph_format.first_line_indent = Pt(2 * size)
    note = _style(document, "Note", latin, text, size=9, colour=_GREY)
    note.paragraph_format.space_after = Pt(8)
    formula = _style(document, "Formula", "Cambria", text, size=12, colour=_BLACK)
    formula.paragraph_format.left_indent = Mm(10)
    _style(document, "List Bullet", latin, text, size=size - 1, colour=_BLACK)
    caption = _style(document, "Caption", latin, heading, size=9.5, colour=_BLACK)
    caption.font.bold, caption.paragraph_format.space_before = True, Pt(8)
    title = _style(document, "Title", latin, heading, size=22, colour=_BLUE)
    title.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _without_border(title)
    _style(
        document, "Subtitle", latin, heading, size=16, colour=_BLACK
    ).paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    contents = _style(document, "TOC Heading", latin, heading, size=16, colour=_BLUE)
    contents.base_style = document.styles["Normal"]  # of a heading it would take its number
    for level, points in ((1, 16), (2, 14), (3, 12)):
        own = _style(
            document, f"Heading {level}", latin, heading, size=points, colour=_BLUE if level == 1 else _BLACK
        )
        own.font.bold, own.paragraph_format.keep_with_next = True, True
        own.paragraph_format.space_before, own.paragraph_format.space_after = Pt(18 - 4 * level), Pt(6)
    for level in (1, 2):
        entry = _style(document, f"toc {level}", latin, text, size=11, colour=_BLACK)
        entry.paragraph_format.left_indent = Mm(6 * (level - 1))
        entry.paragraph_format.space_after = Pt(3)
    _default_language(document, lang)


def _style(document: Any, name: str, latin: str, chinese: str, *, size: float, colour: RGBColor) -> Any:
    names = {each.name for each in document.styles}
    style = (
        document.styles[name] if name in names else document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    )
    if name not in names:
        style.base_style = document.styles["Normal"]
    style.font.name, style.font.size, style.font.color.rgb = latin, Pt(size), colour
    style.font.italic = False
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):  # a theme goes before a name
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:ascii"), latin)
    fonts.set(qn("w:hAnsi"), latin)
    fonts.set(qn("w:eastAsia"), chinese)
    return style


def _without_border(style: Any) -> None:
    properties = style.element.get_or_add_pPr()
    for border in properties.findall(qn("w:pBdr")):
        properties.remove(border)


def _default_language(document: Any, lang: Lang) -> None:
    """Say which language the texts are in: spelling and signs follow it."""
    run = document.styles["Normal"].element.get_or_add_rPr()
    for old in run.findall(qn("w:lang")):
        run.remove(old)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "en-US" if lang == "zh" else "en-GB")
    language.set(qn("w:eastAsia"), "zh-CN")
    run.append(language)
