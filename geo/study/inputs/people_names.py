"""What the name of a file, a band or a column says of its people: some of them, or of a year to come."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from geo.demand import part_of_people
from geo.messages import Message
from geo.words import word_lists

__all__ = ["tell_names"]

_YEAR: Final = re.compile(r"(?<!\d)2[01]\d\d(?!\d)")
_STAFF: Final = "staff"
"""人员 in the name of a file is of whoever stands in it."""
_OF_PLACES: Final = re.compile(r"[男女](?=[\u3400-\u9fff])(?![性人口童生工数])")
"""In the name of a file these are mostly of a place: 神女镇, 女姑口."""


def tell_names(file: Path, named: Sequence[str], *, people: float, year: int | None) -> Iterator[Message]:
    """Note people who are taken for all who live there today, against what a name says.

    Parameters
    ----------
    file : Path
        Its name is looked at, and
    named : sequence of str
        the header of its people (which is judged by its words elsewhere), then the label of its band.
    people : float
        How many are taken.
    year : int or None
        The last year that counts as today; None takes that of today.
    """
    last = date.today().year if year is None else year
    for name in filter(None, (file.stem, *named)):
        values = {"file": file.name, "name": name, "people": people}
        plain = unicodedata.normalize("NFKC", name).casefold()
        later = [int(said) for said in _YEAR.findall(plain) if int(said) > last]
        if later or any(re.search(sign, plain) for sign in word_lists("people")["names"]["later"]):
            basis = Message(f"network.year_{'today' if year is None else 'set'}", {"year": last})
            yield Message("study.people_later", values | {"basis": basis})
        elif name not in named[:1] and _says_part(plain):
            yield Message("study.people_name_part", values)


def _says_part(plain: str) -> bool:
    signs = word_lists("people")["names"]["part"]
    is_part = part_of_people(_OF_PLACES.sub("", plain)) not in ("", _STAFF)
    return is_part or any(re.search(sign, plain) for sign in signs)
