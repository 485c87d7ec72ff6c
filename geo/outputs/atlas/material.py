"""What the sheets of an atlas are made of: the run, its themes, its tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from geo.outputs.atlas.sheet import Bounds, PanelTable
from geo.outputs.finished import FinishedRun, SheetRead
from geo.outputs.paper import MapThemes
from geo.outputs.report import sheet_title
from geo.words import Lang, say

__all__ = ["Material"]

_MOST: Final = 60
_ALL: Final = 30_000
"""Rows that are looked through where only some belong into the table."""


@dataclass(frozen=True, eq=False)
class Material:
    """A finished run, ready for its sheets.

    Parameters
    ----------
    run : FinishedRun
        The results.
    sites : FinishedRun or None
        Of the search for new sites, where it was done for the same study.
    themes : MapThemes
        What the maps show.
    """

    run: FinishedRun
    sites: FinishedRun | None
    themes: MapThemes

    @property
    def lang(self) -> Lang:
        """Language of the atlas."""
        return self.run.lang

    @property
    def bounds(self) -> Bounds:
        """Ground of the whole district."""
        return self.themes.bounds()

    def say(self, key: str, **values: Any) -> str:
        """Give a text of the atlas; all may name what the zones are."""
        return say(f"atlas.{key}", lang=self.lang, level=self.themes.level, **values)

    def table(
        self,
        name: str,
        words: str,
        columns: Sequence[str],
        *,
        caption: str = "",
        is_shown: Callable[[SheetRead, Sequence[Any]], bool] | None = None,
    ) -> PanelTable | None:
        """Give columns of a sheet of the run's workbook; None where there is no such sheet or no row."""
        title = sheet_title(self.run, name, words)
        return self.table_of(self.run, title, words, columns, caption=caption or title, is_shown=is_shown)

    def table_of(
        self,
        run: FinishedRun,
        title: str,
        words: str,
        columns: Sequence[str],
        *,
        caption: str,
        is_shown: Callable[[SheetRead, Sequence[Any]], bool] | None = None,
    ) -> PanelTable | None:
        """Give columns of a sheet of any workbook, by its title."""
        sheet = run.sheet(title, most=_MOST if is_shown is None else _ALL)
        if sheet is None:
            return None
        rows = [row for row in sheet.rows if is_shown is None or is_shown(sheet, row)]
        places = sheet.columns(columns, words, lang=self.lang)
        places = [i for i in places if any(row[i] not in (None, "") for row in rows)]
        if not rows or not places:
            return None
        n_more = sheet.n_rows - len(sheet.rows) if is_shown is None else 0
        return PanelTable(
            caption,
            tuple(sheet.heads[i] for i in places),
            tuple(tuple(sheet.text(row[i], i) for i in places) for row in rows),
            tuple(_is_number(rows, i) for i in places),
            source=sheet.title,
            n_more=max(n_more, 0),
        )


def _is_number(rows: Sequence[Sequence[Any]], column: int) -> bool:
    values = [row[column] for row in rows if row[column] not in (None, "")]
    return 2 * sum(isinstance(value, int | float) for value in values) > len(values)
