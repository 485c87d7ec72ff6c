"""Colours and classes of the coverage map: safe for colour-blind readers and for print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo.errors import InputError
from geo.findings import Style

__all__ = [
    "DIFFERENCE_COLOURS",
    "SITE_COLOUR",
    "UNREACHED_COLOUR",
    "ZONE_CLASSES",
    "band_colours",
    "band_of",
    "difference_style",
    "site_style",
    "zone_class",
]

DIFFERENCE_COLOURS: Final[Mapping[str, str]] = MappingProxyType(
    {"loses": "#c4560a", "gains": "#2b6cb0", "same": "#a9aeb6"}
)
"""Who loses, gains or stays the same: orange, blue and grey differ in hue and in lightness."""
SITE_COLOUR: Final = "#6b2fa0"
"""Proposed sites: a hue that no band, class or station has."""

UNREACHED_COLOUR: Final = "#3f0d4a"
ZONE_CLASSES: Final = (
    (0.25, "#8c510a"),
    (0.5, "#cf9d4f"),
    (0.75, "#efdcae"),
    (0.9, "#c7eae5"),
    (1.0, "#5ab4ac"),
    (np.inf, "#01665e"),
)
"""Share of people covered: below each bound (the last class is 100 % itself), and the colour.

ColorBrewer's BrBG: told apart by readers with any of the common colour deficiencies."""
_IN_TIME: Final = ("#1f4e8c", "#5c9ccc", "#a9d1e8")
_LATE: Final = ("#f9c06a", "#e5842a", "#a84a08")


def band_colours(bands_s: Sequence[float], limit_s: float) -> list[str]:
    """Give a colour for each band and for the times beyond the last one.

    Bands that end within the limit are blue, dark to light; later ones are orange, light to dark,
    so the limit is where the hue changes.

    Raises
    ------
    InputError
        The bands are not ascending positive seconds.
    """
    ends = np.asarray(bands_s, dtype=float)
    if not len(ends) or not (np.diff(ends) > 0).all() or ends[0] <= 0:
        raise InputError(f"the map's bands must be ascending positive seconds, not {list(bands_s)}")
    n_in_time = int((ends <= limit_s).sum())
    return _ramp(_IN_TIME, n_in_time) + _ramp(_LATE, len(ends) + 1 - n_in_time)


def band_of(seconds: NDArray[np.float64], bands_s: Sequence[float]) -> NDArray[np.int64]:
    """Give the position of each time's band; a time equal to the band's end is within it.

    Examples
    --------
    >>> band_of(np.array([180.0, 180.001, 301.0]), (180, 300)).tolist()
    [0, 1, 2]
    """
    return np.searchsorted(np.asarray(bands_s, dtype=float), seconds, side="left")


def zone_class(share: float) -> int | None:
    """Give the position of a covered share (0-1) in ``ZONE_CLASSES``, None if it is missing.

    Examples
    --------
    >>> zone_class(0.9999), zone_class(1.0), zone_class(float("nan"))
    (4, 5, None)
    """
    if not np.isfinite(share):
        return None
    nearly_whole = 1e-9  # sums of people in another order differ in the last digit
    return next(i for i, (bound, _) in enumerate(ZONE_CLASSES) if share + nearly_whole < bound)


def difference_style(
    by: str, *, columns: Sequence[str] = (), title: str = "name", is_on: bool = True, size: float = 4.0
) -> Style:
    """Give the style of a difference: its classes are the words of ``DIFFERENCE_COLOURS`` in column ``by``.

    Parameters
    ----------
    by : str
        Column that says ``loses``, ``gains`` or ``same``.
    columns, title, is_on, size
        As in :class:`geo.findings.Style`.

    Examples
    --------
    >>> list(difference_style("change").colours)
    ['loses', 'gains', 'same']
    """
    return Style(DIFFERENCE_COLOURS, by=by, columns=tuple(columns), title=title, is_on=is_on, size=size)


def site_style(
    *, columns: Sequence[str] = (), title: str = "name", label: str = "rank", is_on: bool = True
) -> Style:
    """Give the style of proposed sites: numbered markers, the number from column ``label``.

    Examples
    --------
    >>> site_style(columns=("people",)).label
    'rank'
    """
    return Style({"": SITE_COLOUR}, columns=tuple(columns), title=title, is_on=is_on, size=11.0, label=label)


def _ramp(colours: Sequence[str], n: int) -> list[str]:
    """Spread a ramp over n classes."""
    if n == 1:
        return [colours[len(colours) // 2]]
    stops = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in colours], dtype=float)
    at = np.linspace(0, len(colours) - 1, n)
    mixed = [np.interp(at, range(len(colours)), stops[:, k]) for k in range(3)]
    return ["#" + "".join(f"{round(v):02x}" for v in rgb) for rgb in zip(*mixed, strict=True)]
