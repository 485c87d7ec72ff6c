"""Limits of speed, height, width and weight in the columns of a line layer, in whatever unit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.messages import Message
from geo.network.passage import is_strange_size, limits_of
from geo.network.tags import first_value, is_strange_limit, parse_maxspeed, plain_limit
from geo.words import read_data, word_lists

__all__ = ["SIZE_KEYS", "read_sizes", "read_speeds", "seems_speed", "split_unit"]

SIZE_KEYS: Final = {"maxheight": "height_m", "maxwidth": "width_m", "maxweight": "weight_t"}
"""Our columns of limits of size, and what they limit."""
_OTHER_UNITS: Final = {"length": ("cm", "mm"), "weight": ("kg",), "speed": ("百米/小时",)}
"""Units that a column may be in without saying it: tried where hardly a number is believed as it stands."""
_MOST_CATEGORY: Final = 9
_ROUND_KPH: Final = 0.2
_NO_LIMITS: Final = (99, 255, 999, 9999, 65535, 99999)
"""What programs write where there is no limit: such numbers say nothing of a unit."""
_ENDING: Final = re.compile(
    r"^(?P<base>.+?)(?:\s*[(\[](?P<unit>[^)\]]*)[)\]]|_(?P<tail>[^_\W]+(?:/[a-z]+)?)"
    r"|(?<=[\u4e00-\u9fff])(?P<bare>[a-z]+(?:/[a-z]+)?))$"
)


def split_unit(header: str) -> tuple[str, str]:
    """Give a header without the unit behind it, and the unit; none where what stands there is no unit.

    Examples
    --------
    >>> split_unit("限高（厘米）"), split_unit("maxspeed_mph"), split_unit("限速km/h")
    (('限高', '厘米'), ('maxspeed', 'mph'), ('限速', 'km/h'))
    """
    plain = unicodedata.normalize("NFKC", header).strip().casefold()
    match = _ENDING.match(plain)
    unit = (match["unit"] or match["tail"] or match["bare"] or "").strip() if match else ""
    known = unit and any(unit in units for name, units in _units().items() if name != "before")
    return (match["base"].strip(), unit) if match and known else (plain, "")


def seems_speed(header: str) -> bool:
    """Whether a plain header that is not read is one of speeds, by a known word or a part of it.

    Examples
    --------
    >>> [seems_speed(header) for header in ("设计速度", "小客车限速", "xiansu", "路宽", "speed_cameras")]
    [True, True, True, False, False]
    """
    lists = word_lists("road")["other_speeds"]
    has = any(part in header for part in lists["parts"])
    return header in lists["headers"] or (has and not any(part in header for part in lists["unless"]))


def _units() -> Mapping[str, Any]:
    units: Mapping[str, Any] = read_data("standards/access")["units"]
    return units


class _Column(NamedTuple):
    """The cells of a column of limits, in what they are read, and whether the column itself says so."""

    texts: Sequence[str]
    unit: str
    is_said: bool


def _in_unit(cells: Sequence[str], header: str, kind: str, believed: tuple[float, float]) -> _Column:
    """Give cells with the unit of their column: that of its header, or that in which they can be believed."""
    unit = split_unit(header)[1]
    is_said = unit in _units()[kind]
    if not is_said:
        unit = _likely_unit([_number(cell) for cell in set(cells)], kind, believed)
    if not unit:
        return _Column(cells, "", is_said)
    return _Column([f"{cell}{unit}" if _is_bare(cell) else cell for cell in cells], unit, is_said)


def _likely_unit(numbers: Sequence[float], kind: str, believed: tuple[float, float]) -> str:
    """Give another unit in which most numbers are believed, where few are so as they stand."""
    values = np.array([number for number in numbers if number > 0 and number not in _NO_LIMITS])
    if kind == "speed" and _are_per_second(values):
        return "m/s"
    if not len(values) or _share_within(values, believed) >= 0.5:
        return ""
    units = _units()[kind]
    shares = {unit: _share_within(values * units[unit], believed) for unit in _OTHER_UNITS[kind]}
    best = max(shares, key=lambda unit: shares[unit])
    return best if shares[best] > 0.5 else ""


def _are_per_second(values: NDArray[np.float64]) -> bool:
    """Whether speeds are metres a second: most have decimals, and are tens or fives of km/h times 3.6."""
    kph = values * 3.6
    is_round = np.abs(kph - 5 * np.round(kph / 5)) < _ROUND_KPH
    return bool(len(values) and (values % 1 != 0).mean() > 0.5 and is_round.all())


def _are_categories(cells: Sequence[str], header: str) -> bool:
    """Whether the numbers of a column of speeds are categories: whole, several, of one digit and no unit.

    Navigation data has them (SPEED_CAT of HERE: 1 is the fastest, over 130 km/h, 8 below 11 km/h); as km/h
    the slow ones would be believed.
    """
    if split_unit(header)[1] or any(re.search(r"\d", cell) and not _is_bare(cell) for cell in set(cells)):
        return False
    numbers = {number for cell in set(cells) if (number := _number(cell)) > 0}
    return len(numbers) > 1 and all(number % 1 == 0 and number <= _MOST_CATEGORY for number in numbers)


def _share_within(values: NDArray[np.float64], believed: tuple[float, float]) -> float:
    return float(((values >= believed[0]) & (values <= believed[1])).mean())


def _is_bare(cell: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", unicodedata.normalize("NFKC", cell).strip()) is not None


def _number(cell: str) -> float:
    return float(unicodedata.normalize("NFKC", cell)) if _is_bare(cell) else np.nan


def _unit_note(header: str, column: _Column) -> list[Message]:
    if not column.unit or column.is_said:
        return []
    return [Message("network.road_limits_unit", {"header": header, "unit": column.unit})]


def read_speeds(
    cells: Sequence[str], header: str, km: NDArray[np.float64]
) -> tuple[NDArray[np.float64], list[Message]]:
    """Read speed limits in km/h, nan where none is said; what no road has is not believed, and is noted.

    Parameters
    ----------
    cells : sequence of str
        Of one column.
    header : str
        Of the column; it may hold a unit.
    km : float64 array, shape (R,)
        Length of each row's lines.
    """
    believed = read_data("standards/access")["speed_limit"]
    if _are_categories(cells, header):
        rows = [i for i, cell in enumerate(cells) if cell]
        notes = [Message("network.road_speeds_ranked", _counted(cells, rows, header, km))]
        return np.full(len(cells), np.nan), notes
    column = _in_unit(cells, header, "speed", (believed["least_kph"], believed["most_kph"]))
    limit = {text: parse_maxspeed(first_value(text)) for text in set(column.texts)}
    speed = np.array([limit[text] for text in column.texts])
    notes = _unit_note(header, column)
    for key, texts in (
        ("road_speeds_out", {text for text in limit if is_strange_limit(first_value(text))}),
        ("road_speeds_unread", {text for text in limit if _says_nothing(text)}),
        ("road_speeds_several", {text for text in limit if _says_several(text)}),
    ):
        rows = [i for i, text in enumerate(column.texts) if text in texts] if texts else []
        if rows:
            notes.append(Message(f"network.{key}", _counted(cells, rows, header, km)))
    return speed, notes


def _says_nothing(text: str) -> bool:
    """Whether a text without a number is no word that is known to set no limit, nor one of a country's."""
    plain = plain_limit(first_value(text))
    known = read_data("standards/access")["no_limit"]["words"]
    is_word = plain in known or plain in ("signals", "variable") or re.fullmatch(r"[a-z]{2}:\w+", plain)
    return bool(plain) and not is_word and not re.search(r"\d", plain) and np.isnan(parse_maxspeed(plain))


def _says_several(text: str) -> bool:
    """Whether a cell holds several numbers (80-60, 小车80 大车60), of which the lowest counts."""
    numbers = re.findall(r"\d+(?:\.\d+)?", plain_limit(first_value(text)).partition("@")[0])
    return len({float(number) for number in numbers}) > 1 and not np.isnan(parse_maxspeed(first_value(text)))


def _counted(
    cells: Sequence[str], rows: Sequence[int], header: str, km: NDArray[np.float64]
) -> dict[str, Any]:
    texts = ", ".join(list(dict.fromkeys(cells[i] for i in rows))[:5])
    return {"n": len(rows), "km": float(km[list(rows)].sum()), "header": header, "values": texts}


def read_sizes(
    columns: Mapping[str, Sequence[str]], headers: Mapping[str, str], km: NDArray[np.float64]
) -> tuple[NDArray[np.float32] | None, list[Message]]:
    """Read limits of height, width and weight; what is not believed limits nothing, and is noted.

    Parameters
    ----------
    columns : mapping of str to sequence of str
        Cells of the columns that limit size, by the tag that they stand for.
    headers : mapping of str to str
        Header of each; it may hold a unit.
    km : float64 array, shape (R,)
        Length of each row's lines.

    Returns
    -------
    (float32 array, shape (R, 3), or None; list of Message)
        Metres, metres and tonnes, nan where not limited; None where nothing is limited.
    """
    rules = read_data("standards/access")["limits"]
    notes: list[Message] = []
    texts: dict[str, Sequence[str]] = {}
    for name, rule in rules.items():
        kind = "weight" if name == "weight_t" else "length"
        for key in (key for key in rule["tags"] if key in columns):
            header = headers.get(key, key)
            column = _in_unit(columns[key], header, kind, (rule["least"], rule["most"]))
            notes += _unit_note(header, column)
            strange = [i for i, text in enumerate(column.texts) if text and is_strange_size(text, name)]
            if strange:
                notes.append(
                    Message("network.road_limits_unread", _counted(columns[key], strange, header, km))
                )
            texts[key] = column.texts
    if not texts:
        return None, notes
    rows = list(zip(*texts.values(), strict=True))
    limits = {row: limits_of(dict(zip(texts, row, strict=True))) for row in set(rows)}
    sizes = np.array([limits[row] for row in rows], dtype=np.float32)
    return (None if np.isnan(sizes).all() else sizes), notes
