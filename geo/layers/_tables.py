"""Tables of text as planners keep them; every cell a text, rows numbered as they see them."""

from __future__ import annotations

import csv
import dataclasses
import io
import re
import unicodedata
import warnings
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from geo import file_limits
from geo.errors import FileError, InputError
from geo.layers._below import find_remarks_below
from geo.layers._encodings import decode_lines, decode_text
from geo.layers._second_table import cut_table_below
from geo.layers._totals import plain_name, says_total
from geo.layers.columns import count_known
from geo.layers.report import RawLayer
from geo.messages import Fault, Message, first_few
from geo.sources import require_number, require_size

__all__ = ["HEAD_ROWS", "find_header", "find_units", "finish_table", "read_text"]

HEAD_ROWS: Final = 20
_FEW_LETTERS: Final = 10
_DELIMITERS: Final = (",", "\t", ";", "，", "|")
"""What may stand between cells; of two that fit alike the first."""
_WORKBOOKS: Final = ((b"PK\x03\x04", ".xlsx"), (bytes.fromhex("d0cf11e0a1b11ae1"), ".xls"))
"""How workbooks begin that bear the ending of a text."""
_BLANKS: Final = re.compile(r"(?<=\S)[ \t\u3000]+(?=\S)")
_ODD_LETTERS: Final = re.compile(r"[^\x00-\x7f]+")
_UNITS_ABOVE: Final = re.compile(r"单位\s*[:：]\s*([^()（）]+)")


def read_text(path: Path, *, encoding: str | None = None) -> RawLayer:
    """Read a CSV or TSV file.

    Raises
    ------
    FileError
        The encoding cannot be told, or a quote is never closed.
    InputError
        There is no header.
    """
    require_size(path, file_limits.MOST_TEXT_BYTES)
    text, encoding_used, odd = _decode(path, encoding)
    if encoding_used == "utf-8" and text.startswith("\ufeff"):
        text = text[1:]
    delimiter = "\t" if path.suffix.casefold() == ".tsv" else _delimiter(text)
    if _is_set_with_blanks(text, delimiter):
        text, delimiter = _BLANKS.sub("\t", text), "\t"
    head = _head_rows(text, delimiter)
    if not head and text.strip():
        raise FileError(Message("layers.head_long", {"file": path.name, "n": csv.field_size_limit()}))
    place, header, notes = find_header(head, path.name)
    # A row has as many cells as the header, however few the file has of them.
    n_rows = max(text.count("\n"), text.count("\r")) + 1
    most = min(file_limits.MOST_CELLS, max(file_limits.SMALL_CELLS, 2 * path.stat().st_size))
    require_number(path.name, n_rows * len(header), "cells", most)
    if encoding_used == "utf-8" and 0 < (n_letters := _count_odd_letters(text)) < _FEW_LETTERS:
        # A few letters of GB18030 can by chance be right UTF-8, of Latin, Greek or Cyrillic letters.
        notes = [*notes, Message("layers.few_letters", {"n": n_letters})]
    lost: list[Fault] = []
    try:
        frame = _read_fast(text, delimiter, place, header)
    except (pd.errors.ParserError, pd.errors.ParserWarning, ValueError):
        frame, lost = _read_careful(text, delimiter, place, header, path.name)
    frame.index = pd.RangeIndex(place + 2, place + 2 + len(frame), name="row")
    faults, last = [*lost, *_odd_lines(odd, text, encoding_used)], text[text.rfind("\n") + 1 :]
    if last and last.count(delimiter) < len(header) - 1:
        faults.append(Fault(int(frame.index[-1]), "row", "", Message("layers.short_end")))
    form = "TSV" if path.suffix.casefold() == ".tsv" else "CSV"
    raw = RawLayer(
        frame,
        form,
        encoding_used,
        faults=tuple(faults),
        notes=tuple(notes),
        n_lost=len(lost),
        units=find_units(head[:place]),
    )
    return finish_table(frame.fillna(""), raw)


def _decode(path: Path, encoding: str | None) -> tuple[str, str, list[tuple[int, str]]]:
    """Read the text of a table, line by line where the whole is in no one encoding."""
    data = path.read_bytes()
    for sign, ending in _WORKBOOKS:
        if data.startswith(sign):
            raise FileError(Message("layers.text_is_workbook", {"file": path.name, "ending": ending}))
    try:
        return (*decode_text(data, encoding=encoding, what=path.name), [])
    except FileError:
        try:
            return decode_lines(data, encoding=encoding)
        except (FileError, LookupError, ValueError):  # no such encoding either
            pass
        raise


def _odd_lines(odd: Iterable[tuple[int, str]], text: str, encoding: str) -> list[Fault]:
    """Make a fault of each line that is in another encoding than the others, or cut within a character."""
    lines = text.split("\n")
    faults = []
    for number, name in odd:
        values = {"encoding": name, "others": encoding}
        reason = Message("layers.line_encoded", values) if name else Message("layers.cut_letter")
        faults.append(Fault(number, "row", lines[number - 1].strip()[:60], reason))
    return faults


def finish_table(frame: pd.DataFrame, raw: RawLayer) -> RawLayer:
    """Take out rows without text, headers said again, remarks below and other tables, and tell of them."""
    frame, others = cut_table_below(frame)
    blank = (frame == "").all(axis=1)
    last = int(np.flatnonzero(~blank)[-1]) + 1 if not blank.all() else 0
    # What lies below the last entry is no row to the planner.
    frame, blank = frame.iloc[:last], blank.iloc[:last]
    n_blank = max(int(blank.sum()) - raw.n_lost, 0)
    notes = (*raw.notes, Message("layers.blank_rows", {"n": n_blank})) if n_blank else raw.notes
    is_header = _repeats_header(frame)
    if is_header.any():
        rows = [str(row) for row in frame.index[is_header]]
        shown = first_few(rows)
        notes = (*notes, Message("layers.header_again", {"rows": shown, "n": len(rows)}))
    is_remark = find_remarks_below(frame)
    if is_remark.any():
        first = next(str(cell) for cell in frame[is_remark].iloc[0] if str(cell).strip())
        notes = (*notes, Message("layers.remarks_below", {"n": int(is_remark.sum()), "first": first[:40]}))
    rows = frame[~blank & ~is_header & ~is_remark]
    return dataclasses.replace(raw, frame=rows, faults=(*raw.faults, *others), notes=notes)


def _repeats_header(frame: pd.DataFrame) -> pd.Series:
    """Tell the rows that say the header again: of a printed page, or of another table below this one."""
    header = [str(name) for name in frame.columns]
    if count_known(header) < 2:
        return pd.Series(False, index=frame.index)
    same = frame.apply(lambda column: column.astype(str).str.strip() == str(column.name))
    filled = (frame != "").sum(axis=1)
    return (same.sum(axis=1) >= 2) & (same.sum(axis=1) == filled)


def _count_odd_letters(text: str) -> int:
    """Count the letters beyond ASCII, or give 0 when one of them can be no GB18030 read by mistake."""
    letters = "".join(_ODD_LETTERS.findall(text))
    return len(letters) if max(letters, default="") < "\u0800" else 0


def _delimiter(text: str) -> str:
    """Choose what stands between the cells: the mark under which most headers are known.

    Commas inside the cells of a table with semicolons, as in shapes, are many and part nothing. Where no
    header is known the mark counts that stands there most often outside quotes.
    """

    def fits(mark: str) -> tuple[int, int]:
        rows = _head_rows(text[:20_000], mark)
        known = [_with_groups(rows, place) for place in range(len(rows))]
        return max(map(count_known, known), default=0), sum(len(row) - 1 for row in rows)

    return max(_DELIMITERS, key=fits)


def _is_set_with_blanks(text: str, delimiter: str) -> bool:
    """Whether the columns stand under each other by blanks alone, as programs print tables."""
    lines = [line.split() for line in text[:20_000].splitlines()[:HEAD_ROWS]]
    known = max((count_known(line) for line in lines if len(line) > 1), default=0)
    as_read = max((count_known(row) for row in _head_rows(text[:20_000], delimiter)), default=0)
    return known >= 2 and known > as_read


def _head_rows(text: str, delimiter: str) -> list[list[str]]:
    rows = csv.reader(io.StringIO(text[:200_000], newline=""), delimiter=delimiter)
    head = []
    try:
        for row in rows:
            head.append([cell.strip() for cell in row])
            if len(head) == HEAD_ROWS:
                break
    except csv.Error:
        pass
    return head


def find_header(rows: Sequence[Sequence[str]], what: str) -> tuple[int, list[str], list[Message]]:
    """Find the header among the first rows: the first with most known headers, else the first with text."""
    require_number(what, max(map(len, rows), default=0), "columns", file_limits.MOST_COLUMNS)
    filled = [place for place, row in enumerate(rows) if any(row)]
    if not filled:
        raise InputError(Message("layers.no_header", {"file": what}))
    headers = [_with_groups(rows, place) for place in range(len(rows))]
    known = [count_known(header) for header in headers]
    best = max(known)
    place = known.index(best) if best >= 2 else filled[0]
    header = headers[place]
    while header and not header[-1]:
        header.pop()
    notes = [Message("layers.rows_above", {"n": place, "row": place + 1})] if place else []
    return place, _unique(header), notes


def _with_groups(rows: Sequence[Sequence[str]], place: int) -> list[str]:
    """Give a row as a header, with what the rows above it say of its columns.

    A cell over a blank one is that header, merged downwards. Over several cells it is their group: 人口 over
    户籍 and 常住 makes 户籍人口 and 常住人口, where only both together are known. A lone cell is a title.
    """
    width = max(len(row) for row in rows[: place + 1])
    header = [*rows[place], *[""] * (width - len(rows[place]))]
    for above in reversed(rows[:place]):
        if sum(map(bool, above)) < 2:
            continue
        wide = [*above, *[""] * (width - len(above))]
        starts = [0, *(i for i, cell in enumerate(wide) if cell and i), width]
        for i, cell in enumerate(header):
            nth = bisect_right(starts, i)
            start, end = starts[nth - 1], starts[nth]
            group = wide[start] if end - start > 1 else ""
            if not cell:
                header[i] = wide[i]
            elif group and not count_known([cell]):
                is_sum = says_total(plain_name(cell))
                both = (f"{cell}{group}", f"{group}{cell}", group if is_sum else "")
                header[i] = next((name for name in both if name and count_known([name])), cell)
    return header


def _unique(header: Iterable[str]) -> list[str]:
    names: list[str] = []
    taken: set[str] = set()
    for place, cell in enumerate(header):
        name = " ".join(cell.split())[: file_limits.MOST_LETTERS] or f"column {place + 1}"
        names.append(name if name not in taken else f"{name} ({place + 1})")
        taken.add(names[-1])
    return names


def _read_fast(text: str, delimiter: str, place: int, header: Sequence[str]) -> pd.DataFrame:
    with warnings.catch_warnings():
        # pandas only warns when it drops the cells of rows that are longer than the header.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        return pd.read_csv(
            io.StringIO(text),
            sep=delimiter,
            header=None,
            skiprows=place + 1,
            names=list(header),
            dtype=str,
            keep_default_na=False,
            skip_blank_lines=False,
            index_col=False,
        )


def _read_careful(
    text: str, delimiter: str, place: int, header: Sequence[str], what: str
) -> tuple[pd.DataFrame, list[Fault]]:
    """Read row by row where rows are longer than the header: such a row may have its cells shifted.

    Gives the rows, and a fault for each that is not kept.
    """
    faults, rows = [], []
    try:
        for number, row in enumerate(
            csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 1
        ):
            if number <= place + 1:
                continue
            if any(cell.strip() for cell in row[len(header) :]):
                odd = "_comma" if delimiter == "," and _has_halves(row) else ""
                reason = Message(f"layers.too_many_cells{odd}", {"n": len(row), "width": len(header)})
                faults.append(Fault(number, "row", delimiter.join(row)[:60], reason))
                row = []
            rows.append([*row[: len(header)], *[""] * (len(header) - len(row))])
    except csv.Error as error:
        raise FileError(Message("layers.damaged", {"file": what, "why": error})) from error
    return pd.DataFrame(rows, columns=list(header), dtype=str), faults


def _has_halves(row: Sequence[str]) -> bool:
    """Whether two cells side by side are digits alone, as the halves of a number with a decimal comma are."""
    return any(one.strip().isdigit() and other.strip().isdigit() for one, other in pairwise(row))


def find_units(above: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Find the units that the rows above the header state for the table: 单位：万人、公顷."""
    stated = [_UNITS_ABOVE.search(unicodedata.normalize("NFKC", cell)) for row in above for cell in row]
    return tuple(unit.strip() for match in stated if match for unit in re.split("[、,，;]", match[1]))
