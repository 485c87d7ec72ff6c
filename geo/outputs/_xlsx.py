"""Pages of plain cells packed as an Excel workbook."""

from __future__ import annotations

import datetime
import io
import math
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from geo.files import FORMULA_SIGNS
from geo.maps import colour_of

__all__ = ["Page", "pack"]

Cell: TypeAlias = str | int | float | None

_QUOTED: Final = (*FORMULA_SIGNS, "#")  # "#": a text such as "#N/A" is no error of Excel
_HEAD: Final[Mapping[str, Any]] = {
    "bold": True,
    "font_color": colour_of("heading_text"),
    "bg_color": colour_of("heading"),
    "valign": "vcenter",
    "text_wrap": True,
}
_DAY: Final = datetime.datetime(2000, 1, 1)
_WIDEST: Final = 60
_HEAD_WIDTH: Final = 16
"""A heading that is longer is wrapped."""
_LINE: Final = 15.0
"""Height of a line in points; Excel takes at most 409."""
_A3, _A4 = 8, 9  # as Excel numbers papers
_WIDTH_OF_A4: Final = 150
"""Signs that a page of A4 across shows in a size that can be read."""


@dataclass(frozen=True, eq=False)
class Page:
    """One page of a workbook, ready to be written.

    Parameters
    ----------
    title : str
        Name on the tab, as a workbook allows it, no two the same.
    heads : sequence of str
        Headings of the columns.
    formats : sequence of str
        Number format of each column.
    columns : sequence of sequence
        Cells of each column: texts, finite numbers, None where empty; all columns are as long.
    """

    title: str
    heads: Sequence[str]
    formats: Sequence[str]
    columns: Sequence[Sequence[Cell]]


def pack(pages: Iterable[Page]) -> bytes:
    """Pack pages as a workbook; the same pages give the same bytes.

    Each page has its headings in a row that stays in view, widths by its content and a filter. Texts are
    written as texts: one that begins like a formula is marked as quoted and never runs.

    Raises
    ------
    OSError
        The folder for temporary files is full or may not be written.

    Examples
    --------
    >>> pack([Page("Towns", ["Name"], ["General"], [["=1+1"]])])[:2]
    b'PK'
    """
    import xlsxwriter  # here: who reads a finished run takes names and limits of sheets from this room
    from xlsxwriter.exceptions import FileCreateError

    raw = io.BytesIO()
    # Rows go to the disk as they are written: a book of long tables does not fill the memory. The library
    # dates its parts to 1980, whenever they were written.
    try:
        with xlsxwriter.Workbook(raw, {"constant_memory": True}) as book:
            book.set_properties(
                {"author": "emergency-geo", "created": _DAY}
            )  # also told as the time of change
            for page in pages:
                _fill(book, book.add_worksheet(page.title), page)
    except FileCreateError as error:  # the library's own word for any fault of the disk
        raise OSError(f"temporary files: {error}") from error
    return raw.getvalue()


def _fill(book: Any, sheet: Any, page: Page) -> None:
    widths = [
        _width(head, form, column)
        for head, form, column in zip(page.heads, page.formats, page.columns, strict=True)
    ]
    n_rows = len(page.columns[0]) if page.columns else 0
    _set_page(sheet, widths, n_rows=n_rows)
    heads = {
        (is_quoted, is_right): book.add_format({**_HEAD, "quote_prefix": is_quoted, **_aligned(is_right)})
        for is_quoted in (False, True)
        for is_right in (False, True)
    }
    sheet.set_row(0, _height(page.heads, widths))
    are_right = [_is_of_numbers(column) for column in page.columns]
    for i, (head, is_right) in enumerate(zip(page.heads, are_right, strict=True)):
        sheet.write_string(0, i, head, heads[head.startswith(_QUOTED), is_right])
    writers = [
        _writer(book, sheet, form, width, is_right=is_right)
        for form, width, is_right in zip(page.formats, widths, are_right, strict=True)
    ]
    has_long = any(width >= _WIDEST for width in widths)
    for r, row in enumerate(zip(*page.columns, strict=True), start=1):
        if has_long:
            sheet.set_row(r, _height([v if isinstance(v, str) else "" for v in row], widths, only=_WIDEST))
        for c, (write, value) in enumerate(zip(writers, row, strict=True)):
            if value is not None and value != "":
                write(r, c, value)


def _is_of_numbers(column: Iterable[Any]) -> bool:
    """Whether a column has a number: its heading and its words, as 'not reachable', are then at the right."""
    return any(value is not None and not isinstance(value, str) for value in column)


def _aligned(is_right: bool) -> dict[str, Any]:
    """Set texts at a side, at the left a sign away from the numbers before them.

    The side is told, not left to the program: without one an indent counts for nothing.
    """
    return {"align": "right"} if is_right else {"align": "left", "indent": 1}


def _set_page(sheet: Any, widths: Sequence[float], *, n_rows: int) -> None:
    """Set what a reader sees of a sheet: the heading that stays, widths, the filter, the printed page."""
    sheet.freeze_panes(1, 0)
    for i, width in enumerate(widths):
        sheet.set_column(i, i, width)
    if widths:
        sheet.autofilter(0, 0, n_rows, len(widths) - 1)
    sheet.set_landscape()
    sheet.set_paper(_A3 if sum(widths) > _WIDTH_OF_A4 else _A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_footer("&C&A  &P / &N")
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _writer(
    book: Any, sheet: Any, form: str, width: float, *, is_right: bool
) -> Callable[[int, int, Any], None]:
    """Give what writes a cell of a column: numbers in a format, texts as texts, long ones wrapped.

    Without a format whole numbers have no decimals, others two or three: what 15 digits do not tell.
    """
    top = {"valign": "top"}
    whole, parts = (book.add_format({"num_format": shape, **top}) for shape in ("#,##0", "#,##0.00"))
    small, few = book.add_format({"num_format": "0.0000", **top}), book.add_format(top)
    number = None if form == "General" else book.add_format({"num_format": form, **top})
    wrapped = {**top, **_aligned(is_right), **({"text_wrap": True} if width >= _WIDEST else {})}
    plain = book.add_format(wrapped)
    quoted = book.add_format({**wrapped, "quote_prefix": True})

    def write(row: int, column: int, value: Any) -> None:
        if isinstance(value, str) and value.startswith("<r>") and value.endswith("</r>"):
            # written as markup by the library if it is not in parts
            sheet.write_rich_string(row, column, plain, "<r>", plain, value.removeprefix("<r>"), plain)
        elif isinstance(value, str):
            sheet.write_string(row, column, value, quoted if value.startswith(_QUOTED) else plain)
        else:
            sheet.write_number(row, column, value, number or _plain(value))

    def _plain(value: float) -> Any:
        if math.isclose(value, round(value), rel_tol=1e-9):  # a sum of parts is whole but for its last digits
            return whole if abs(value) >= 10_000 else few
        return parts if abs(value) >= 0.1 else small

    return write


def _width(head: str, form: str, values: Iterable[Any]) -> float:
    """Give a width in signs that the heading and nearly all of the first values fit."""
    decimals = len(form.partition(".")[2].rstrip("%")) + form.count("%") if form != "General" else 2
    shown = [value for _, value in zip(range(300), values, strict=False) if value is not None]
    widths = sorted(_signs(v) if isinstance(v, str) else len(f"{v:,.{decimals}f}") for v in shown)
    most = widths[int(0.95 * (len(widths) - 1))] if widths else 0
    return float(min(_WIDEST, max(8, most + 3, min(_signs(head), _HEAD_WIDTH) + 3)))


def _height(texts: Iterable[str], widths: Iterable[float], *, only: float = 0.0) -> float:
    """Give the height of a row whose texts are wrapped, those of columns at least so wide."""
    lines = (
        -(-_signs(text) // max(1, int(width) - 3))
        for text, width in zip(texts, widths, strict=True)
        if width >= only
    )
    return min(409.0, _LINE * max([1, *lines]) + 3.0)


def _signs(text: str) -> int:
    """Count the width of a text: a Chinese sign is as wide as two Latin ones."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
