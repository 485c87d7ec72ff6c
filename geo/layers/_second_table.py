"""Another table on the sheet of a table: below it, under a header of its own."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.layers.columns import count_known
from geo.messages import Fault, Message, first_few

__all__ = ["cut_table_below"]

_LEAST_KNOWN: Final = 2
_DIGIT: Final = re.compile(r"\d")
_SHOWN: Final = 4


def cut_table_below(frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[Fault, ...]]:
    """Cut off what stands below the header of another table; a fault tells of it.

    Their rows under the headers of the first table would be taken for rows of it: shelters below stations
    for stations. One sheet is one table, and what is not read is said.

    Parameters
    ----------
    frame : DataFrame of str
        Rows under the headers of the first table; an empty cell is an empty text.

    Returns
    -------
    DataFrame, tuple of Fault
        The first table, and what was left out.

    Examples
    --------
    >>> stations = pd.DataFrame({"站名": ["东站", "名称", "中学"], "经度": ["121.5", "经度", "121.6"]})
    >>> stations["类别"] = ["一级站", "容纳人数", "800"]
    >>> cut_table_below(stations.set_axis([2, 3, 4]))[0]["站名"].tolist()
    ['东站']
    """
    below = _header_below(frame)
    if below is None:
        return frame, ()
    n = int((frame.iloc[below + 1 :] != "").any(axis=1).sum())
    if not n:
        return frame, ()
    header = first_few(_said(frame.iloc[below]), _SHOWN)
    fault = Fault(int(frame.index[below]), "row", header, Message("layers.table_below", {"n": n}))
    return frame.iloc[: _first_of_title(frame, below)], (fault,)


def _header_below(frame: pd.DataFrame) -> int | None:
    """Give the place of the first row that is a header, and another one than that of the table."""
    own = [str(name) for name in frame.columns]
    if count_known(own) < _LEAST_KNOWN:
        return None
    for place in _without_digits(frame):
        cells = _said(frame.iloc[place])
        is_own = all(cell in own for cell in cells)
        if (
            len(cells) >= _LEAST_KNOWN
            and not is_own
            and count_known(cells) >= max(_LEAST_KNOWN, -(-len(cells) // 2))
            # With no row above it is the header once more, in another language.
            and _first_of_title(frame, int(place))
        ):
            return int(place)
    return None


def _without_digits(frame: pd.DataFrame) -> NDArray[np.intp]:
    """Give the places of rows with text and without any digit: no header has one, and few rows are left."""
    places = np.flatnonzero((frame != "").to_numpy().any(axis=1))
    first = [bool(_DIGIT.search(str(cell))) for cell in (frame.iloc[0] if len(frame) else ())]
    for column in sorted(range(len(first)), key=lambda k: not first[k]):  # columns of numbers leave few
        cells = frame.iloc[:, column].to_numpy(dtype=object)[places]
        places = places[np.array([_DIGIT.search(cell) is None for cell in cells], dtype=bool)]
    return places


def _first_of_title(frame: pd.DataFrame, header: int) -> int:
    """Give the place of the first of the rows above a header that are blank or a title of one cell."""
    place = header
    while place and len(_said(frame.iloc[place - 1])) <= 1:
        place -= 1
    return place


def _said(row: pd.Series) -> list[str]:
    return [text for cell in row if (text := str(cell).strip())]
