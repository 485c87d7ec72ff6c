"""Classes of fire stations under any header: LB = 特勤站, 一级站, as geodatabases and surveys have them."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from geo.conditions import find_word, is_of_another
from geo.messages import Message
from geo.study.inputs.counted import note_values
from geo.study.inputs.log import StudyLayer
from geo.study.inputs.stated import open_columns
from geo.words import word_lists

__all__ = ["settle_classes"]

_LONGEST: Final = 12
_MOSTLY: Final = 0.5


def settle_classes(layer: StudyLayer) -> tuple[StudyLayer, list[Message]]:
    """Take a column of nothing but classes of fire stations for their class, where no header says one.

    一级 and 二级 alone are of anything (耐火等级): some cell must say a station, 特勤站 or 小型普通站.

    Parameters
    ----------
    layer : StudyLayer
        A layer of fire stations as it was read.

    Returns
    -------
    (StudyLayer, list of Message)
        With that column as ``station_class``, and a note of it.
    """
    table = layer.table
    if "station_class" in table and table["station_class"].notna().any():
        return layer, []
    words = word_lists("facility")
    for column, header in open_columns(layer):
        texts = table[column].astype("string").fillna("").str.strip()
        rows = texts[texts != ""]
        if len(rows) < 2 or len(rows) < _MOSTLY * len(texts) or is_of_another(header):
            continue
        different = rows.unique()
        is_class = all(
            len(text) <= _LONGEST and find_word(text, words["station_class"]) for text in different
        )
        if is_class and any(word in text for text in different for word in words["class_sign"]["words"]):
            values = note_values(rows, header)
            settled = table.assign(station_class=texts.astype(object).where(texts != "", None))
            return replace(layer, table=settled), [Message("study.column_classes", values)]
    return layer, []
