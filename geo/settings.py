"""Typed settings from TOML, with every fault told."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from numbers import Integral
from typing import Annotated, Any, Final, Literal, TypeVar, Union, get_args, get_origin

import numpy as np

from geo.errors import InputError, StudyError
from geo.messages import Message
from geo.ranges import Range, number_of, types_of
from geo.words import nearest_words

__all__ = [
    "NOTHING",
    "FixedMapping",
    "check_number",
    "check_whole",
    "plain",
    "read_section",
    "read_sections",
    "require_in_range",
    "shorten",
    "shown",
    "unknown",
]

Key = TypeVar("Key")
Value = TypeVar("Value")


class FixedMapping(Mapping[Key, Value]):
    """A table that cannot be changed, but, other than ``types.MappingProxyType``, copied and pickled.

    A study goes to other processes whole, and so do its results.

    Parameters
    ----------
    table : mapping
        Its keys and values; a copy is kept.

    Examples
    --------
    >>> import pickle
    >>> fixed = FixedMapping({"level": 1.5})
    >>> fixed == pickle.loads(pickle.dumps(fixed)) == {"level": 1.5}
    True
    """

    __slots__ = ("_table",)

    def __init__(self, table: Mapping[Key, Value]) -> None:
        self._table = dict(table)

    def __getitem__(self, key: Key) -> Value:
        return self._table[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)

    def __repr__(self) -> str:
        return repr(self._table)


NOTHING: Final[Mapping[str, Any]] = FixedMapping({})
"""A table without keys that cannot be changed."""
_TOO_LARGE: Final = 10**300
"""No setting is so large, and the greatest decimals are not much larger."""


def read_section(
    cls: type[Any], row: object, *, where: str, faults: list[Message], may_be_blank: bool = False
) -> Any:
    """Fill a dataclass from a TOML table.

    Parameters
    ----------
    cls : type
        A frozen dataclass; its annotations say what each key may hold, and each number its
        :class:`geo.ranges.Range`. A list becomes a tuple (write ``Sequence``), a table one that cannot be
        changed (``Mapping``); a key that holds a tuple of another dataclass stands for sections inside this
        one.
    row : object
        What stands in the file: a table, or a text alone where the class has a ``bare_key``, the key that
        it stands for.
    where : str
        How faults name the place, such as ``"[roads]"``.
    faults : list of Message
        Faults are added to it.
    may_be_blank : bool
        Whether any text may be blank; else only one whose default is.

    Returns
    -------
    An instance of ``cls``, or None when there was a fault.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Snap:
    ...     max_m: float = 500.0
    >>> faults = []
    >>> read_section(Snap, {"max_m": 300}, where="[snap]", faults=faults)
    Snap(max_m=300.0)
    >>> read_section(Snap, {"maxm": 300}, where="[snap]", faults=faults), [*map(str, faults)]
    (None, ["[snap]: key 'maxm' is unknown; did you mean 'max_m'?"])
    """
    if isinstance(row, str) and (bare_key := getattr(cls, "bare_key", "")):
        row = {bare_key: row}
    if not isinstance(row, Mapping):
        faults.append(Message("settings.no_section", {"where": where}))
        return None
    hints = types_of(cls)
    default_of = {f.name: f.default for f in dataclasses.fields(cls)}
    needed = {
        f.name
        for f in dataclasses.fields(cls)
        if f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
    }
    before = len(faults)
    faults += [_unknown_key(where, k, set(hints)) for k in row if k not in hints]
    faults += [Message("settings.key_missing", {"where": where, "key": k}) for k in sorted(needed - set(row))]
    values = {}
    for k, value in row.items():
        if k not in hints:
            continue
        inner = _inner(hints[k])
        if inner is not None:
            values[k] = read_sections(inner, value, where=f"{where}: [[{k}]]", faults=faults)
        else:
            try:
                values[k] = _fit(value, hints[k], may_be_blank=may_be_blank or default_of[k] == "")
            except _MisfitError as misfit:
                faults.append(misfit.message(where, k))
    return cls(**values) if len(faults) == before else None


def read_sections(cls: type[Any], value: Any, *, where: str, faults: list[Message]) -> tuple[Any, ...]:
    """Fill a dataclass from each row of ``[[section]]``, or from a single ``[section]``.

    Arguments are those of :func:`read_section`; rows with a fault are left out.
    """
    rows = value if isinstance(value, list) else [value]
    parts = (
        read_section(cls, row, where=f"{where} {i}", faults=faults) for i, row in enumerate(rows, start=1)
    )
    return tuple(part for part in parts if part is not None)


def _inner(kind: Any) -> type[Any] | None:
    """Give the dataclass of ``tuple[cls, ...]``."""
    args = get_args(kind) if get_origin(kind) is tuple else ()
    return args[0] if args and dataclasses.is_dataclass(args[0]) else None  # type: ignore[return-value]


class _MisfitError(Exception):
    """A value that a setting may not have: where it stands inside it, the value, and what it should be."""

    def __init__(self, value: Any, wanted: Message, place: str = "") -> None:
        super().__init__(value, wanted, place)
        self.value, self.wanted, self.place = value, wanted, place

    def inside(self, place: str) -> _MisfitError:
        """Give the misfit as that of the list or table which it stands in."""
        return _MisfitError(self.value, self.wanted, f"{place}{self.place}")

    def message(self, where: str | Message, key: str) -> Message:
        """Say what is wrong with a setting."""
        values = {"where": where, "key": f"{key}{self.place}", "value": shown(self.value)}
        return Message("settings.key_wrong", {**values, "wanted": self.wanted})


def _fit(value: Any, kind: Any, *, may_be_blank: bool = True) -> Any:
    """Give a TOML value as its setting holds it (whole numbers serve as decimals).

    Raises
    ------
    _MisfitError
        It is of another type, out of its range, or a blank text.
    """
    origin, args = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _fit_number(value, args[0], args[1])
    if origin in (Union, types.UnionType):
        return _fit_either(value, kind, may_be_blank=may_be_blank)
    if origin is Sequence and isinstance(value, list):
        return tuple(_fit_part(part, args[0], f"[{i}]") for i, part in enumerate(value))
    if origin is Mapping and isinstance(value, dict):
        parts = {key: _fit_part(part, args[1], f".{shorten(key)}") for key, part in value.items()}
        return FixedMapping(parts)
    is_blank = kind is str and not may_be_blank and isinstance(value, str) and not value.strip()
    if is_blank or not _is_of(value, kind):
        raise _MisfitError(value, Message("settings.text_not_blank") if is_blank else _wanted(kind))
    return float(value) if kind is float else value


def _is_of(value: Any, kind: Any) -> bool:
    if kind is Any:
        return True
    if get_origin(kind) is not None:
        return get_origin(kind) is Literal and value in get_args(kind)
    if kind in (int, float) and isinstance(value, (int, kind)) and not isinstance(value, bool):
        return isinstance(value, float) or abs(value) < _TOO_LARGE
    return isinstance(value, kind) and not (kind in (int, float) and isinstance(value, bool))


def _fit_part(part: Any, kind: Any, place: str) -> Any:
    try:
        return _fit(part, kind, may_be_blank=False)
    except _MisfitError as misfit:
        raise misfit.inside(place) from None


def _fit_number(value: Any, kind: Any, span: Range) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value not in span:
        raise _MisfitError(value, _wanted(Annotated[kind, span]))
    return _fit(value, kind)


def _fit_either(value: Any, kind: Any, *, may_be_blank: bool) -> Any:
    """Fit a value to the first type that it fits; a fault inside a list or table is the nearest."""
    nearest = _MisfitError(value, _wanted(kind))
    for arg in get_args(kind):
        try:
            return _fit(value, arg, may_be_blank=may_be_blank)
        except _MisfitError as misfit:
            nearest = misfit if misfit.place else nearest
    raise nearest


def _wanted(kind: Any) -> Message:
    """Say what a key may hold."""
    origin, args = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return Message("settings.number_in", {"what": _wanted(args[0]), "span": args[1].message()})
    if origin is Literal:
        return Message("settings.one_of", {"values": tuple(map(repr, args))})
    if origin in (Union, types.UnionType):
        parts = [_wanted(a) for a in args if a is not type(None)]
        either = parts[0]
        for part in parts[1:]:
            either = Message("settings.either", {"a": either, "b": part})
        return either
    if origin is Sequence:
        return Message("settings.list_of", {"what": _wanted(args[0])})
    if origin is Mapping:
        return Message("settings.table")
    names = {str: "text", float: "number", int: "whole", bool: "true_or_false", Any: "values"}
    return (
        Message(f"settings.{names[kind]}") if kind in names else Message("settings.of", {"what": str(kind)})
    )


def require_in_range(
    cls: type[Any], key: str, value: object, *, where: str | Message, name: str = ""
) -> None:
    """Check a number against the range that a dataclass states for one of its settings.

    Parameters
    ----------
    cls : type
        The dataclass.
    key : str
        Its field.
    value : object
        What was given.
    where : str or Message
        How the fault names the place.
    name : str
        How it names the setting, where that is not ``key``.

    Raises
    ------
    StudyError
        It is no number, or out of its range.
    """
    try:
        _fit(value, number_of(cls, key))
    except _MisfitError as misfit:
        raise StudyError(misfit.message(where, name or key)) from None


def shown(value: Any) -> str | Message:
    """Give a value as a message shows it, cut where it is long.

    Examples
    --------
    >>> shown("far"), shown([1, 2]), str(shown(16**5000))
    ("'far'", '[1, 2]', 'a number of thousands of digits')
    """
    try:
        return shorten(repr(value))
    except (ValueError, RecursionError):  # Python refuses to write a number of more than 4,300 digits
        return Message("settings.digits")


def shorten(text: str, most: int = 80) -> str:
    """Cut a text that is too long for a message.

    Examples
    --------
    >>> shorten("a" * 100, most=5), shorten("short")
    ('aaaaa…', 'short')
    """
    return text if len(text) <= most else f"{text[:most]}…"


def _unknown_key(where: str, key: str, known: set[str]) -> Message:
    values = {"where": where, "key": key, "hint": _hint(key, known)}
    return Message("settings.key_unknown", values)


def unknown(what: str | Message, word: str, known: Iterable[str]) -> Message:
    """Say that a word is unknown, with the nearest known word or the list of them.

    Examples
    --------
    >>> print(unknown("[map] basemap", "gode", {"gaode", "osm"}))
    [map] basemap 'gode' is unknown; did you mean 'gaode'?
    """
    return Message("settings.unknown", {"what": what, "word": word, "hint": _hint(word, set(known))})


def _hint(word: str, known: set[str]) -> Message:
    near = nearest_words(word, known)
    if near:
        return Message("settings.did_you_mean", {"words": repr(near[0])})
    return Message("settings.known", {"words": tuple(sorted(known))})


def plain(value: Any) -> Any:
    """Turn dataclasses back into the tables and lists of a TOML file, without what is empty."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            f.name: plain(getattr(value, f.name))
            for f in dataclasses.fields(value)
            if getattr(value, f.name) not in (None, {}, "")
        }
    if isinstance(value, Mapping):
        return {key: plain(part) for key, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, (list, tuple)) else value


def check_number(name: str, value: Any, *, low: float, high: float = np.inf) -> float:
    """Check that an option is a number from ``low`` to ``high``."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)):
        raise InputError(f"{name} must be a number, not {value!r}")
    if not low <= value <= high:
        span = f">= {low:g}" if high == np.inf else f"from {low:g} to {high:g}"
        raise InputError(f"{name} must be {span}, not {value!r}")
    return float(value)


def check_whole(name: str, value: Any, *, low: int) -> int:
    """Check that an option is a whole number of at least ``low``.

    Examples
    --------
    >>> check_whole("n", 3, low=0)
    3
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or int(value) < low:
        raise InputError(f"{name} must be a whole number >= {low}, not {value!r}")
    return int(value)
