"""What the sheets of an atlas are made of: the run, its themes, its tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from geo.outputs.atlas.sheet_content import Bounds, PanelTable
from geo.outputs.finished import FinishedRun, SheetRead, is_of_numbers
from geo.outputs.paper import MapThemes
from geo.outputs.report import sheet_title
from geo.words import Lang, say

__all__ = ["Material"]

_MOST: Final = 60


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

    def figures(self, name: str) -> Mapping[str, Any]:
        """Give the figures of a finding; none where the run has it not."""
        told = self.run.summary.get("findings", {}).get(name, {})
        return {key: value for key, value in told.items() if value is not None}

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
        part = run.part(title, columns, words, most=_MOST, is_shown=is_shown)
        if part is None:
            return None
        sheet = part.sheet
        return PanelTable(
            caption,
            part.heads,
            tuple(tuple(sheet.text(row[i], i) for i in part.places) for row in part.rows),
            tuple(is_of_numbers(part.rows, i) for i in part.places),
            source=sheet.title,
            n_more=max(part.n_rows - len(part.rows), 0),
        )
