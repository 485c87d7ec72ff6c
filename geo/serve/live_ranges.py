"""The range of the headline of a state on the page: over the first draws of those of ``geo run``."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final

from geo.coverage import Coverage
from geo.serve.live_study import LiveStudy
from geo.study import Inputs, prepare_ranges, sizes_of
from geo.uncertainty import SURENESS, Prepared, draw_coverage, sureness, tell_ranges

__all__ = ["LiveRange", "Ranger", "tell_range"]

MOST_DRAWS: Final = 50
"""Draws of a state on the page: half a second on the sample, five on 73,000 points."""


@dataclass(frozen=True)
class LiveRange:
    """How sure the headline of a state is.

    Parameters
    ----------
    low_people, high_people, low_share, high_share : float
        People in time, and their share.
    doubt_people : float
        People who are in time in some draws only.
    n_draws : int
        How many draws.
    range_share : float
        Share of them that the range holds.
    """

    low_people: float
    high_people: float
    low_share: float
    high_share: float
    doubt_people: float
    n_draws: int
    range_share: float


@dataclass(frozen=True, eq=False)
class Ranger:
    """Draws states of a study; what the last one has in common with the next is kept.

    Parameters
    ----------
    live : LiveStudy
        The study.
    """

    live: LiveStudy
    _last: list[Prepared] = field(default_factory=list, repr=False)

    def range_of(self, inputs: Inputs, coverage: Coverage) -> LiveRange | None:
        """Give the range of a state; None where the study has no ``[uncertainty]``.

        Parameters
        ----------
        inputs : Inputs
            Its layers.
        coverage : Coverage
            As the full computation gives it.

        Raises
        ------
        GeoError
            Measured intervals are wrong.
        """
        study = self.live.study
        if study.uncertainty is None:
            return None
        spec = replace(study.uncertainty, draws=min(study.uncertainty.draws, MOST_DRAWS))
        sizes = sizes_of(study, spec, coverage).sizes
        like = self._last[0] if self._last else None
        prepared = prepare_ranges(study, spec, inputs, coverage, sizes, like=like)
        self._last[:] = [prepared]
        draws = draw_coverage(prepared, spec.draws)
        told = tell_ranges(draws.figures, draws.figures.iloc[0], level=spec.range_share)
        words = sureness(draws.n_in_time, draws.n_draws, sure=spec.sure_share)
        people = coverage.table["people"].astype(float)
        return LiveRange(
            low_people=float(told.loc["people_covered", "low"]),
            high_people=float(told.loc["people_covered", "high"]),
            low_share=float(told.loc["share_covered", "low"]),
            high_share=float(told.loc["share_covered", "high"]),
            doubt_people=float(people[words == SURENESS[1]].sum()),
            n_draws=draws.n_draws,
            range_share=spec.range_share,
        )


def tell_range(told: LiveRange | None) -> dict[str, Any] | None:
    """Give a range as plain data."""
    return None if told is None else vars(told)
