"""A finished run read from its folder: what a report and an atlas are made of; nothing is computed again."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import openpyxl

from geo.errors import GeoError
from geo.files import find_earlier
from geo.maps import say_number
from geo.outputs.folder import RECORD, SITE
from geo.outputs.manifest import Manifest, product_version, read_manifest, require_same_inputs
from geo.outputs.paper import PackageRead
from geo.outputs.wording import field_title
from geo.outputs.workbook import MAX_ROWS, tab_titles
from geo.reading import reads_a_file
from geo.study import Study, study_files
from geo.words import Lang, half_up, percent, say

__all__ = [
    "MISSING",
    "FinishedRun",
    "SheetPart",
    "SheetRead",
    "find_finished",
    "is_of_numbers",
    "open_finished",
    "open_sites",
    "say_cell",
]

MISSING: Final = "–"
_OWN_SECTIONS: Final = ("report", "atlas")
"""Sections of a study that change no number of a run."""
_RUN: Final = "geo run"
_NEEDED: Final = ("coverage.gpkg", "tables.xlsx", "summary.json")
_NEEDED_SITES: Final = ("sites.gpkg", "sites.xlsx", "summary.json")


@dataclass(frozen=True)
class SheetRead:
    """A sheet of the workbook as it stands there.

    Parameters
    ----------
    title : str
        Its name.
    heads : tuple of str
        Headings, in the language of the run.
    rows : tuple of tuples
        Values.
    formats : tuple of str
        Number format of each column.
    n_rows : int
        Rows of the sheet; ``rows`` may be the first of them.
    """

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    formats: tuple[str, ...]
    n_rows: int

    def columns(self, names: Sequence[str], words: str, *, lang: Lang) -> list[int]:
        """Give the places of the columns that are there, by the program's names."""
        titles = [field_title(words, name, lang=lang) for name in names]
        return [self.heads.index(title) for title in titles if title in self.heads]

    def values(self, name: str, words: str, *, lang: Lang) -> list[Any]:
        """Give the values of a column; none where it is not there."""
        places = self.columns([name], words, lang=lang)
        return [row[places[0]] for row in self.rows] if places else []

    def text(self, value: Any, column: int) -> str:
        """Say a value as the workbook shows it."""
        return say_cell(value, self.formats[column])


@dataclass(frozen=True)
class SheetPart:
    """The columns and rows of a sheet that a table shows.

    Parameters
    ----------
    sheet : SheetRead
        Where they stand.
    places : tuple of int
        Columns that are there and not empty, in the order asked for.
    rows : tuple of tuples
        Whole rows, as the sheet has them.
    n_rows : int
        Rows that belong here; ``rows`` may be the first of them.
    """

    sheet: SheetRead
    places: tuple[int, ...]
    rows: tuple[tuple[Any, ...], ...]
    n_rows: int

    @property
    def heads(self) -> tuple[str, ...]:
        """Headings of the columns."""
        return tuple(self.sheet.heads[i] for i in self.places)


def is_of_numbers(rows: Sequence[Sequence[Any]], column: int) -> bool:
    """Say whether most values of a column are numbers: then it is set to the right.

    Examples
    --------
    >>> is_of_numbers([("a", 1), ("b", None)], 1), is_of_numbers([("a", 1), ("b", "-")], 1)
    (True, False)
    """
    values = [row[column] for row in rows if row[column] not in (None, "")]
    return 2 * sum(isinstance(value, int | float) for value in values) > len(values)


def say_cell(value: Any, number_format: str) -> str:
    """Say the value of a cell as a spreadsheet shows it in a format; a number without one in two decimals.

    Examples
    --------
    >>> say_cell(0.43724, "0.0%"), say_cell(2.5, "#,##0"), say_cell(43.7247, "General"), say_cell(None, "0")
    ('43.7%', '3', '43.72', '–')
    """
    if value is None or value == "":
        return MISSING
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if number_format.endswith("%"):
        return percent(float(value))
    if number_format == "General":
        return say_number(value)
    digits = len(number_format.partition(".")[2])
    rounded = half_up(value, digits)
    return f"{rounded:,}" if "," in number_format else f"{rounded}"


class FinishedRun:
    """The files of a run, each read when it is asked for.

    Parameters
    ----------
    folder : Path
        Of the results.
    manifest : Manifest
        As it stands there.
    package, workbook : str
        Names of its GeoPackage and its workbook.
    """

    def __init__(
        self,
        folder: Path,
        manifest: Manifest,
        *,
        package: str = "coverage.gpkg",
        workbook: str = "tables.xlsx",
    ) -> None:
        self.folder = folder
        self.manifest = manifest
        self.summary: Mapping[str, Any] = _read_json(folder / "summary.json")
        self.package = PackageRead(folder / package, lang=manifest.study.study.lang)
        self.record: Mapping[str, Any] = _read_json(folder / RECORD)
        self._book = _open_book(folder / workbook)
        self._read: dict[tuple[str, int], SheetRead] = {}

    @property
    def study(self) -> Study:
        """The study that was run, in the language of its results."""
        return self.manifest.study

    @property
    def lang(self) -> Lang:
        """Language of the results."""
        return self.manifest.study.study.lang

    def sheet(self, title: str, *, most: int = 60) -> SheetRead | None:
        """Read a sheet by its title, at most so many rows; None where there is none."""
        (name,) = tab_titles([title])
        if name not in self._book.sheetnames:
            return None
        key = (name, most)
        if key not in self._read:
            self._read[key] = _read_sheet(self._book, name, most=most)
        return self._read[key]

    def part(
        self,
        title: str,
        columns: Sequence[str],
        words: str,
        *,
        most: int,
        is_shown: Callable[[SheetRead, Sequence[Any]], bool] | None = None,
    ) -> SheetPart | None:
        """Read the columns and rows of a sheet that a table shows.

        Parameters
        ----------
        title : str
            Of the sheet.
        columns : sequence of str
            Program's names, in their order.
        words : str
            Words file of the columns.
        most : int
            Rows that are read; all that belong here where ``is_shown`` chooses them.
        is_shown : callable
            Says of a row whether it belongs here; all do when missing.

        Returns
        -------
        SheetPart or None
            None where there is no such sheet, no row or nothing in the columns.
        """
        sheet = self.sheet(title, most=most if is_shown is None else MAX_ROWS)
        if sheet is None:
            return None
        rows = tuple(row for row in sheet.rows if is_shown is None or is_shown(sheet, row))
        places = sheet.columns(columns, words, lang=self.lang)
        places = [i for i in places if any(row[i] not in (None, "") for row in rows)]
        n_rows = sheet.n_rows if is_shown is None else len(rows)
        return SheetPart(sheet, tuple(places), rows, n_rows) if places else None

    def notes(self) -> list[str]:
        """Give all that the overview of the workbook notes: every note of the check, and of each finding."""
        overview = self.sheet(say("outputs.sheet_overview", lang=self.lang), most=5_000)
        label = say("outputs.note", lang=self.lang)
        return [] if overview is None else [str(row[1]) for row in overview.rows if row[0] == label]


def find_finished(study: Study, folder: Path, *, by: str, names: Sequence[str]) -> Manifest | None:
    """Find in a folder the results of this very study, whole and as they were written.

    Parameters
    ----------
    study : Study
        In the language that is asked for.
    folder : Path
        Where results may be.
    by : str
        The command that wrote them.
    names : sequence of str
        Files that must be there.

    Returns
    -------
    Manifest or None
        None where the study, an input, a result or the program is another one, or nothing is there.
    """
    path = folder / RECORD
    if not path.is_file():
        return None
    try:
        manifest = read_manifest(path)
        require_same_inputs(manifest)
    except GeoError:
        return None
    if set(study_files(manifest.study)) != set(manifest.inputs):  # a .prj or a profile came since
        return None
    earlier = find_earlier(folder, record=RECORD, by=by)
    is_whole = not earlier.changed and set(names) <= set(earlier.intact) and _all_there(path, earlier.names)
    is_same = _settings(manifest.study) == _settings(study) and manifest.version == product_version()
    return manifest if is_whole and is_same else None


def open_finished(study: Study, folder: Path) -> FinishedRun | None:
    """Open the results of this very study in a folder; None where there are none, or of another state of it.

    Parameters
    ----------
    study : Study
        In the language that is asked for.
    folder : Path
        Where ``geo run`` writes.
    """
    manifest = find_finished(study, folder, by=_RUN, names=_NEEDED)
    return None if manifest is None else FinishedRun(folder, manifest)


def open_sites(study: Study, folder: Path) -> FinishedRun | None:
    """Open the sites that ``geo site`` proposed beside the results of this very study; None without any.

    Parameters
    ----------
    study : Study
        In the language that is asked for.
    folder : Path
        Where ``geo run`` writes.
    """
    own = folder / "sites"
    manifest = find_finished(study, own, by=SITE, names=_NEEDED_SITES)
    return (
        None if manifest is None else FinishedRun(own, manifest, package="sites.gpkg", workbook="sites.xlsx")
    )


def _all_there(record: Path, names: frozenset[str]) -> bool:
    written = _read_json(record).get("written", {})
    return set(written.get("files", ())) <= names


def _settings(study: Study) -> dict[str, Any]:
    return {name: value for name, value in study.settings().items() if name not in _OWN_SECTIONS}


@reads_a_file
def _read_json(path: Path) -> Mapping[str, Any]:
    data = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(data, dict):
        raise ValueError("no table")
    return data


@reads_a_file
def _open_book(path: Path) -> openpyxl.Workbook:
    """Open a workbook from memory: a file that stays open could not be replaced on Windows."""
    return openpyxl.load_workbook(io.BytesIO(path.read_bytes()), read_only=True)


def _read_sheet(book: openpyxl.Workbook, name: str, *, most: int) -> SheetRead:
    sheet = book[name]
    cells = list(sheet.iter_rows(max_row=most + 1))
    heads = tuple(str(cell.value) for cell in cells[0])
    formats = tuple(_format(cells[1:], i) for i in range(len(heads)))
    rows = tuple(tuple(cell.value for cell in row) for row in cells[1:])
    return SheetRead(name, heads, rows, formats, int(sheet.max_row) - 1)


def _format(rows: Sequence[Sequence[Any]], column: int) -> str:
    """Give the number format of a column: that of its first cell that has a value."""
    return next(_formats(rows, column), "General")


def _formats(rows: Sequence[Sequence[Any]], column: int) -> Iterator[str]:
    for row in rows:
        if isinstance(row[column].value, int | float):
            yield str(row[column].number_format)
