"""The report as one page of HTML that asks no other machine for anything."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import jinja2

from geo.errors import InputError
from geo.messages import Message
from geo.outputs.paper import PaperFonts
from geo.outputs.report.content import Block, Bullets, Figure, Formula, Report, Section, Table, section_number
from geo.words import say

__all__ = ["report_html"]

_WINDOW: Final = re.compile(r'(id="|url\(#)window')


def report_html(report: Report, template: Path, *, fonts: PaperFonts) -> str:
    """Give a report as a page: texts escaped, drawings inside.

    Parameters
    ----------
    report : Report
        Its captions numbered.
    template : Path
        A Jinja template.
    fonts : PaperFonts
        Faces; those of the reader's computer come after them.

    Raises
    ------
    InputError
        The template has a fault.
    """
    page = page_template(template)
    try:
        return page.render(
            report=report,
            sections=[_section(section, report, 1, i) for i, section in enumerate(report.sections, start=1)],
            word={
                name: say(f"report.{name}", lang=report.lang)
                for name in ("contents", "table", "figure", "html_skip")
            },
            families=", ".join(f'"{name}"' for name in fonts.figures if name.replace(" ", "").isalnum()),
            page_lang="zh-CN" if report.lang == "zh" else "en",
        )
    except jinja2.TemplateError as error:
        raise _fault_of(template, error) from error


def page_template(template: Path) -> jinja2.Template:
    """Read a template of a page.

    Raises
    ------
    InputError
        It cannot be read, or does not follow the rules of Jinja.
    """
    try:
        return jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(
            template.read_text(encoding="utf-8")
        )
    except (jinja2.TemplateError, OSError, UnicodeDecodeError) as error:
        raise _fault_of(template, error) from error


def _fault_of(template: Path, error: Exception) -> InputError:
    return InputError(Message("report.html_template", {"file": template.name, "why": error}))


def _section(section: Section, report: Report, level: int, number: int, before: str = "") -> dict[str, Any]:
    """Give a section with its number, and a name to jump to."""
    name = f"{before}-{number}" if before else f"part-{number}"
    return {
        "id": name,
        "level": min(level + 1, 6),
        "title": section_number(level, number, lang=report.lang) + section.title,
        "blocks": [_block(block) for block in section.blocks],
        "parts": [
            _section(part, report, level + 1, i, name) for i, part in enumerate(section.parts, start=1)
        ],
    }


def _block(block: Block) -> dict[str, Any]:
    kinds = {Formula: "formula", Bullets: "bullets", Table: "table", Figure: "figure"}
    told: dict[str, Any] = {"kind": kinds.get(type(block), "paragraph"), "it": block}
    if isinstance(block, Figure):  # each drawing has a window of its own, and the page knows them by name
        name = rf"\1window-{block.number}"
        told["it"] = replace(block, picture=replace(block.picture, svg=_WINDOW.sub(name, block.picture.svg)))
    return told
