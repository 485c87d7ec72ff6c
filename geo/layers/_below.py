"""Remarks that stand below a table: 注：..., 填表人：..., 数据来源：...; they are no rows of it."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.words import word_lists

__all__ = ["find_remarks_below"]


def find_remarks_below(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell the last rows whose first text begins as a remark does, with a colon behind.

    Parameters
    ----------
    frame : DataFrame of str
        Rows as they stand in the file; an empty cell is an empty text.

    Returns
    -------
    bool array
        One a row. Rows between two remarks are none; blank ones do not count.

    Examples
    --------
    >>> cells = ["东村", "注：测试", "西村", "", "填表人：张三", "注 2：坐标取自地图"]
    >>> find_remarks_below(pd.DataFrame({"名称": cells})).tolist()
    [False, False, False, False, True, True]
    """
    is_remark = np.zeros(len(frame), dtype=bool)
    for place in range(len(frame) - 1, -1, -1):
        text = next((cell for cell in map(str, frame.iloc[place]) if cell.strip()), "")
        if text and not _pattern().match(_plain(text)):
            break
        is_remark[place] = bool(text)
    return is_remark


@cache
def _pattern() -> re.Pattern[str]:
    words = word_lists("table")["cell"]["remark_below"]
    return re.compile(rf"[*※(]?(?:{'|'.join(map(re.escape, words))})[^:]{{0,6}}:")


def _plain(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).casefold()
