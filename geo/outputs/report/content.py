"""What a report says, before anybody asks how it looks: one model that all three writers take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from geo.outputs.paper import Picture
from geo.words import Lang

__all__ = [
    "Block",
    "Bullets",
    "Figure",
    "Formula",
    "Paragraph",
    "Report",
    "Section",
    "Table",
    "all_texts",
    "chinese_number",
    "number_captions",
    "section_number",
]

Align: TypeAlias = Literal["left", "right"]


@dataclass(frozen=True)
class Paragraph:
    """Running text; ``is_note`` sets it small."""

    text: str
    is_note: bool = False


@dataclass(frozen=True)
class Formula:
    """A formula in plain signs, with what each of them means."""

    text: str
    meaning: str


@dataclass(frozen=True)
class Bullets:
    """Short texts, one below the other."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table.

    Parameters
    ----------
    caption : str
        What it shows.
    heads : sequence of str
        One a column.
    rows : sequence of sequences of str
        Cells as they are printed.
    aligns : sequence of {"left", "right"}
        One a column.
    note : str
        Below it: what is left out, and where it stands.
    tones : sequence of str
        One a row: ``"good"``, ``"bad"``, ``"open"`` or ``""``; a word in the row says the same.
    number : int
        In the order of the report.
    """

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    aligns: tuple[Align, ...]
    note: str = ""
    tones: tuple[str, ...] = ()
    number: int = 0


@dataclass(frozen=True)
class Figure:
    """A picture with its caption; ``alt`` says what is seen; those of a row stand one below the other."""

    caption: str
    picture: Picture
    alt: str
    is_of_row: bool = False
    number: int = 0


Block: TypeAlias = Paragraph | Formula | Bullets | Table | Figure


@dataclass(frozen=True)
class Section:
    """A part of a report with its parts.

    Parameters
    ----------
    title : str
        Without its number.
    blocks : sequence of blocks
        In their order, before the parts.
    parts : sequence of Section
        One level below.
    """

    title: str
    blocks: tuple[Block, ...] = ()
    parts: tuple[Section, ...] = ()


@dataclass(frozen=True)
class Report:
    """A whole report.

    Parameters
    ----------
    title, subtitle : str
        Of the first page.
    facts : sequence of (str, str)
        What the block on the first page says: who, when, which plan, which clock.
    lang : {"zh", "en"}
        Of all texts.
    is_synthetic : bool
        The data is invented, which each page says.
    banner : str
        The words with which each page says so; empty for real data.
    credit : str
        Sources of the data, at the foot of each page.
    sections : sequence of Section
        The parts.
    """

    title: str
    subtitle: str
    facts: tuple[tuple[str, str], ...]
    lang: Lang
    is_synthetic: bool
    banner: str
    credit: str
    sections: tuple[Section, ...] = field(default=())


def section_number(level: int, number: int, *, lang: Lang) -> str:
    """Give the number of a heading: 一、（一）1. as official documents have it, or none in English.

    Examples
    --------
    >>> [section_number(level, 12, lang="zh") for level in (1, 2, 3)]
    ['十二、', '（十二）', '12. ']
    """
    if lang == "en":
        return f"{number}. " if level == 1 else ""
    return {1: f"{chinese_number(number)}、", 2: f"（{chinese_number(number)}）"}.get(level, f"{number}. ")


def chinese_number(number: int) -> str:
    """Give a number from 1 to 99 in Chinese signs.

    Examples
    --------
    >>> [chinese_number(n) for n in (1, 10, 11, 20, 35)]
    ['一', '十', '十一', '二十', '三十五']
    """
    signs = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{signs[tens]}十"
    return head + (signs[ones] if ones or not tens else "")


def number_captions(report: Report) -> Report:
    """Give the report with tables and figures counted through."""
    counts = {Table: 0, Figure: 0}

    def count(block: Block) -> Block:
        if not isinstance(block, Table | Figure):
            return block
        counts[type(block)] += 1
        return replace(block, number=counts[type(block)])

    def number(section: Section) -> Section:
        blocks = tuple(map(count, section.blocks))
        return replace(section, blocks=blocks, parts=tuple(map(number, section.parts)))

    return replace(report, sections=tuple(map(number, report.sections)))


def all_texts(report: Report) -> Iterator[str]:
    """Give every text of a report, to see which signs its faces must have."""
    yield from (report.title, report.subtitle, report.banner, report.credit)
    for fact in report.facts:
        yield from fact
    for section in report.sections:
        yield from _texts(section)


def _texts(section: Section) -> Iterator[str]:
    yield section.title
    for block in section.blocks:
        yield from _of_block(block)
    for part in section.parts:
        yield from _texts(part)


def _of_block(block: Any) -> Iterator[str]:
    if isinstance(block, Table):
        yield from (block.caption, block.note, *block.heads)
        for row in block.rows:
            yield from row
    elif isinstance(block, Bullets):
        yield from block.items
    elif isinstance(block, Figure):
        yield from (block.caption, block.alt, block.picture.svg)
    else:
        yield block.text
        if isinstance(block, Formula):
            yield block.meaning
