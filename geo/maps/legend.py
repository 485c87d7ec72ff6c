"""The colours of all maps and workbooks by their roles, and the classes of the coverage map.

No other module of Python names a colour: a :class:`geo.findings.Style` names a role, and the colour is looked
up when a map is drawn. Roles of one legend are a family, ``"<family>.<word>"``. Readers with full protanopia
or deuteranopia see any two colours of a family at least 30 of 442 apart (black and white are 442): hues that
run together for them, such as red and green, differ in lightness. Families with too many classes for that
are named in ``MANY``. The pop-up of each place names its class: no map needs its colours to be understood.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo.errors import InputError
from geo.findings import Style
from geo.words import nearest_words

__all__ = [
    "COLOURS",
    "FAMILIES",
    "MANY",
    "QUALITATIVE",
    "RAMP",
    "ZONE_CLASSES",
    "band_colours",
    "band_of",
    "colour_of",
    "site_style",
    "zone_class",
]

_ALONE: Final = {
    "site": "#6b2fa0",  # a hue that no band, class or station has
    "unreached": "#3f0d4a",
    "other": "#8a8f98",
    "road": "#d5d8dc",
    "footnote": "#555555",
    "heading": "#1f4e8c",
    "heading_text": "#ffffff",
    "candidate": "#737373",
    "cut_link": "#cb181d",
    "dead_end": "#f16913",
    "flooded_road": "#2171b5",
    "village_without_depot": "#d7301f",
    "gas_repair": "#dd1c77",
    "hydrant_gap": "#d1495b",
    "road_beyond_hydrants": "#7a6f9b",
    "hydrant_proposal": "#0b6fa4",
    "water_point": "#1b98a6",
    "water_short": "#c26a00",
    "balanced_zone": "#8da0cb",
    "paper": "#ffffff",
    "paper_text": "#222222",
    "paper_frame": "#333333",
    "paper_land": "#f6f4ee",
    "paper_beyond": "#e6e6e3",
    "paper_border": "#8a8a8a",
    "paper_grid": "#9dbbd1",
    "paper_road": "#cdd1d6",
    "paper_main_road": "#9aa1aa",
    "paper_station": "#c62828",
    "paper_other_station": "#7d8590",
}
FAMILIES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "change": {
            "gains": "#01665e",
            "reachable": "#35978f",
            "faster": "#5fbbae",
            "same": "#d9d9d9",
            "slower": "#efc47a",
            "loses": "#b35806",
            "unreachable": "#3f0d4a",
        },
        "way": {"walk": "#0a7d43", "scenario": "#0b57d0", "today": "#6b6f76"},
        "facility_change": {
            "added": "#01665e",
            "built": "#35978f",
            "moved": "#2166ac",
            "turnout": "#542788",
            "upgraded": "#92c5de",
            "closed": "#b35806",
            "slower": "#efc47a",
            "faster": "#003c30",
        },
        "load_change": {
            "new": "#01665e",
            "loaded": "#b35806",
            "same": "#c4c8ce",
            "relieved": "#35978f",
            "closed": "#3f0d4a",
        },
        "town_change": {
            "more": "#5ab4ac",
            "connected": "#9ecae1",
            "same": "#eeeeee",
            "fewer": "#d8b365",
            "cut_off": "#756bb1",
        },
        "road_change": {"closed": "#d73027", "slower": "#e08214", "faster": "#35978f"},
        "site_change": {"in_time": "#1a9850", "second": "#4575b4", "sooner": "#a6d96a"},
        "standing": {
            "chosen": "#d6006e",
            "equal": "#1b7837",
            "near": "#5ab4ac",
            "less": "#d8b365",
            "nothing": "#d9d9d9",
            "barred": "#252525",
            "not_told": "#8073ac",
        },
        "sureness": {"surely_in_time": "#1b6ca8", "in_doubt": "#f2b233", "surely_late": "#7a1f1f"},
        "call_cell": {
            "much_too_fast": "#8c2d04",
            "too_fast": "#ec9a4a",
            "near": "#d9d9d9",
            "too_slow": "#7fb3d5",
            "much_too_slow": "#1c4e80",
        },
        "alternative": {"same": "#d6006e", "other": "#7b3294"},
        "removed": {
            "off_district": "#f2b6c1",
            "off_road": "#8c8c8c",
            "off_land": "#4f81bd",
            "in_water": "#1f4e79",
            "keep_out": "#7f6000",
            "in_hazard": "#31859c",
            "crowd_exits": "#e46c0a",
            "hazmat": "#c00000",
            "area_unknown": "#b2a1c7",
            "too_small": "#604a7b",
            "road_class": "#595959",
            "near_station": "#9bbb59",
        },
        "project": {
            "fire_station": "#c62828",
            "hydrant": "#1565c0",
            "water_point": "#00838f",
            "shelter": "#2e7d32",
            "depot": "#6a1b9a",
            "other": "#5d4037",
        },
        "shelter": {
            "full": "#c0392b",
            "room": "#2f7d4f",
            "unused": "#8bb8e8",
            "off road": "#7b4ea3",
            "no data": "#9aa0a6",
            "planned": "#e0a100",
        },
        "left_over": {
            "unreachable": "#7b4ea3",
            "no shelter in reach": "#e67e22",
            "places not known": "#9aa0a6",
            "shelters in reach are full": "#c0392b",
        },
        "town_area": {
            "met": "#2f7d4f",
            "below": "#c0392b",
            "unknown": "#e0a100",
            "nobody": "#dcdfe3",
            "no target": "#8bb8e8",
        },
        "depot_level": {
            "city": "#4a1486",
            "joint": "#6a51a3",
            "sector": "#9e9ac8",
            "district": "#08519c",
            "town": "#3182bd",
            "village": "#31a354",
            "point": "#74c476",
            "household": "#c7e9c0",
            "base": "#a63603",
            "unknown": "#969696",
        },
        "beyond_depots": {"both": "#a50f15", "drive": "#de2d26", "walk": "#fc9272"},
        "chance": {
            "chance_95": "#01665e",
            "chance_90": "#5ab4ac",
            "chance_75": "#c7eae5",
            "chance_50": "#efdcae",
            "chance_low": "#cf9d4f",
            "chance_none": "#8c510a",
            "chance_unknown": "#808080",
        },
        "load": {
            "load_low": "#2f7d4f",
            "load_some": "#e0a100",
            "load_high": "#c0392b",
            "load_none": "#5b6770",
            "load_off": "#9aa0a6",
        },
        "force": {"force_late": "#e67e22", "force_never": "#7b4ea3"},
        "team": {"none": "#d7301f", "some": "#a1d99b"},
        "hydrant": {"working": "#1a7f4b", "broken": "#b3261e", "unknown": "#b9a25a"},
        "zone": {
            "colour_1": "#66c2a5",
            "colour_2": "#fc8d62",
            "colour_3": "#8da0cb",
            "colour_4": "#e78ac3",
            "colour_5": "#a6d854",
            "colour_6": "#ffd92f",
            "none": "#b3b3b3",
        },
    }
)
"""Colours of classes that stand in one legend, by family and word."""
MANY: Final = ("depot_level", "project", "removed", "zone")
"""Families whose colours are not all told apart by colour-blind readers; the pop-ups name the classes."""
COLOURS: Final[Mapping[str, str]] = MappingProxyType(
    _ALONE | {f"{family}.{word}": colour for family, of in FAMILIES.items() for word, colour in of.items()}
)
"""The colour of every role."""

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
RAMP: Final = (*_IN_TIME, *_LATE)
"""From little to much, where a column has numbers and no bands."""
QUALITATIVE: Final = ("#1f78b4", "#e08214", "#33a02c", "#6a3d9a", "#b15928", "#e31a1c", "#b3b3b3", "#fdbf6f")
"""Words that have no roles, such as ids of stations; after the last the first comes again."""


def colour_of(role: str) -> str:
    """Give the colour (``"#rrggbb"``) of a role; a colour of one's own is given as it is.

    Raises
    ------
    InputError
        There is no such role.

    Examples
    --------
    >>> colour_of("site"), colour_of("hydrant.working"), colour_of("#123456")
    ('#6b2fa0', '#1a7f4b', '#123456')
    """
    if role.startswith("#"):
        return role
    if role not in COLOURS:
        near = nearest_words(role, COLOURS)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise InputError(f"a style names the role {role!r}, which has no colour{hint}")
    return COLOURS[role]


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


def site_style(
    *, columns: Sequence[str] = (), title: str = "name", label: str = "rank", is_on: bool = True
) -> Style:
    """Give the style of proposed sites: numbered markers, the number from column ``label``.

    Examples
    --------
    >>> site_style(columns=("people",)).label
    'rank'
    """
    return Style({"": "site"}, columns=tuple(columns), title=title, is_on=is_on, size=11.0, label=label)


def _ramp(colours: Sequence[str], n: int) -> list[str]:
    """Spread a ramp over n classes."""
    if n == 1:
        return [colours[len(colours) // 2]]
    stops = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in colours], dtype=float)
    at = np.linspace(0, len(colours) - 1, n)
    mixed = [np.interp(at, range(len(colours)), stops[:, k]) for k in range(3)]
    return ["#" + "".join(f"{round(v):02x}" for v in rgb) for rgb in zip(*mixed, strict=True)]
