"""From which number to which a setting may be, and in what unit: stated once, beside the setting itself."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any, Final, TypeAlias, get_args, get_origin, get_type_hints

from geo.messages import Message

__all__ = [
    "AnyNumber",
    "Count",
    "Kilometres2",
    "KphAboveZero",
    "Metres",
    "Metres2",
    "MetresAboveZero",
    "MinutesAboveZero",
    "Parameter",
    "People",
    "PeopleAboveZero",
    "Place",
    "Range",
    "Seconds",
    "SecondsAboveZero",
    "Share",
    "Year",
    "number_of",
    "numbers_in",
    "types_of",
]

_WEEK_S: Final = 604_800.0


@dataclass(frozen=True)
class Range:
    """The numbers that a setting may have; nan is in none.

    Parameters
    ----------
    low, high : float
        The least and the greatest.
    unit : str
        Key ``unit_...`` of ``layers/words/ranges.toml``; empty for a bare number.
    is_above, is_below : bool
        Whether ``low`` itself is too little, or ``high`` itself too much.

    Examples
    --------
    >>> hour = Range(0, 3600, "s", is_above=True)
    >>> 3600 in hour, 0 in hour, float("nan") in hour, 10**400 in hour
    (True, False, False, False)
    >>> str(hour.message()), hour.message().say("zh")
    ('above 0 and up to 3,600 s', '大于 0、不超过 3,600 秒')
    """

    low: float
    high: float
    unit: str = ""
    is_above: bool = False
    is_below: bool = False

    def __contains__(self, value: float) -> bool:
        is_low = value > self.low if self.is_above else value >= self.low
        return is_low and (value < self.high if self.is_below else value <= self.high)

    def message(self) -> Message:
        """Say the range with its unit."""
        unit = Message(f"ranges.unit_{self.unit}") if self.unit else ""
        low, high = (_number(value, is_year=self.unit == "year") for value in (self.low, self.high))
        values = {"low": low, "high": high, "unit": unit}
        if self.is_above:
            return Message("ranges.above_to", values)
        return Message("ranges.from_below" if self.is_below else "ranges.from_to", values)


def _number(value: float, *, is_year: bool) -> str:
    if is_year:
        return str(value)
    return f"{value:,.15g}" if abs(value) < 1e15 else f"{value:.3g}"


def number_of(cls: type[Any], name: str) -> Any:
    """Give the type of the numbers that a setting of a dataclass may have, with the range stated for them.

    Examples
    --------
    >>> from geo.standards import ResponseStandard
    >>> number_of(ResponseStandard, "share") == Share
    True
    """
    (kind,) = numbers_in(types_of(cls)[name])
    return kind


def types_of(cls: type[Any]) -> Mapping[str, Any]:
    """Give the types of the settings of a dataclass, with their ranges; its annotations are read once.

    Examples
    --------
    >>> from geo.standards import ResponseStandard
    >>> types_of(ResponseStandard)["share"] == Share
    True
    """
    return _types_of(cls)  # type: ignore[arg-type]  # mypy takes no class for hashable


@cache
def _types_of(cls: type[Any]) -> Mapping[str, Any]:
    return MappingProxyType(get_type_hints(cls, include_extras=True))


def numbers_in(kind: Any) -> list[Any]:
    """Give the types of numbers inside the type of a setting, each with its range if it states one.

    Examples
    --------
    >>> numbers_in(str | Share | None) == [Share], numbers_in(dict[str, int])
    (True, [<class 'int'>])
    """
    if get_origin(kind) is Annotated or kind in (int, float):
        return [kind]
    return [number for part in get_args(kind) for number in numbers_in(part)]


Metres: TypeAlias = Annotated[float, Range(0.0, 1e6, "m")]
MetresAboveZero: TypeAlias = Annotated[float, Range(0.0, 1e6, "m", is_above=True)]
Metres2: TypeAlias = Annotated[float, Range(0.0, 1e9, "m2")]
Kilometres2: TypeAlias = Annotated[float, Range(0.0, 1e6, "km2")]
KphAboveZero: TypeAlias = Annotated[float, Range(0.0, 300.0, "kph", is_above=True)]
Seconds: TypeAlias = Annotated[float, Range(0.0, _WEEK_S, "s")]
SecondsAboveZero: TypeAlias = Annotated[float, Range(0.0, _WEEK_S, "s", is_above=True)]
MinutesAboveZero: TypeAlias = Annotated[float, Range(0.0, _WEEK_S / 60, "min", is_above=True)]
Share: TypeAlias = Annotated[float, Range(0.0, 1.0, "share")]
People: TypeAlias = Annotated[float, Range(0.0, 1e10, "people")]
PeopleAboveZero: TypeAlias = Annotated[float, Range(0.0, 1e10, "people", is_above=True)]
Count: TypeAlias = Annotated[int, Range(0, 1_000_000, "pieces")]
Year: TypeAlias = Annotated[int, Range(1900, 2200, "year")]
Place: TypeAlias = Annotated[float, Range(-1e8, 1e8, "place")]
"""Degrees, or metres of a plane system."""
AnyNumber: TypeAlias = Annotated[float, Range(-math.nextafter(math.inf, 0), math.nextafter(math.inf, 0))]
"""Whatever is a finite number, such as the code of empty cells."""
Parameter: TypeAlias = Annotated[float, Range(-1e9, 1e9)]
"""Of a transformation: metres, seconds of arc, millionths, coefficients."""
