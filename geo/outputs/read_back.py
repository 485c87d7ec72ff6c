"""Tables of an earlier run read back: fields and words of any language become the program's own."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import pandas as pd

from geo.outputs.wording import code_of, field_names
from geo.statistics import OUTSIDE
from geo.words import LANGS, read_data, say

__all__ = ["read_back"]

_STATES: Final = ("met", "missed", "told", "no data", "not computed")
_COMPARATORS: Final = {"≥": ">=", "≤": "<="}


def read_back(path: Path, *, words: str, index: str) -> pd.DataFrame:
    """Read a CSV file of results as the program wrote it, whatever language its fields and words are in.

    Parameters
    ----------
    path : Path
        ``zones.csv`` or ``targets.csv``.
    words : str
        Words file of its fields.
    index : str
        The column that becomes the index, as text.

    Raises
    ------
    OSError, ValueError, KeyError
        The file is missing, damaged or another one.
    """
    header = pd.read_csv(path.absolute(), encoding="utf-8-sig", nrows=0).columns
    own = {name: _program_names(words).get(str(name), str(name)) for name in header}
    texts = {name: str for name, ours in own.items() if ours == index}
    table = pd.read_csv(path.absolute(), encoding="utf-8-sig", dtype=texts, keep_default_na=True)
    table = table.rename(columns=own).set_index(index)
    if "status" in table:
        table["status"] = [code_of("status", words, said, _STATES) for said in table["status"]]
    if "comparator" in table:
        table["comparator"] = table["comparator"].replace(_COMPARATORS)
    if index == "target_id":  # a run tells its targets in one language
        names = next((table[name] for name in ("name_zh", "name_en", "name") if name in table), None)
        table = table.assign(**{name: table.get(name, names) for name in ("name_zh", "name_en")})
    outside = [say("outputs.outside_zones", lang=lang) for lang in LANGS]
    return table.rename(index=dict.fromkeys(outside, OUTSIDE))


@cache
def _program_names(words: str) -> dict[str, str]:
    """Give the program's name of each field by its Chinese one; a room's own before those of all."""
    names: dict[str, str] = {}
    for room in (words, "outputs", "maps"):
        for key in read_data(f"words/{room}"):
            if key.startswith("column_"):
                column = key.removeprefix("column_")
                names.setdefault(field_names([column], words, lang="zh")[column], column)
    return names
