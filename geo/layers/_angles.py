"""Longitudes and latitudes as people write them: decimal degrees, and degrees, minutes and seconds."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import Final

import pandas as pd

from geo.layers._cells import UNSEEN, is_about, is_blank, parse_number
from geo.layers._decimals import COMMA, POINT, STOPPED, Marks, with_point
from geo.messages import Message

__all__ = [
    "angle_notes",
    "looks_packed",
    "pair_notes",
    "parse_angle",
    "parse_packed",
    "parse_pair",
    "split_pair",
    "unpack_cell",
]

_SIGNS: Final = str.maketrans(
    {"º": "°", "˚": "°", "´": "′", "ʹ": "′", "‘": "′", "’": "′", "＇": "′", "'": "′", "`": "′"}
    | {"˝": "″", "“": "″", "”": "″", "＂": "″", '"': "″", "−": "-", "–": "-", "—": "-"}
)
_MOST_LETTERS: Final = 200
"""Of an angle, or a pair of them: longer texts are none, and take minutes to be looked at in all ways."""
_DEGREES: Final = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]+)?")
"""What nearly all are, known without a closer look."""
_HALF: Final = "东经|西经|北纬|南纬|东|西|北|南|longitude|latitude|lon|lat|lng|经度|纬度|[ewns]"
_ANGLE: Final = re.compile(
    rf"(?P<before>{_HALF})?\s*:?\s*(?P<sign>[+-])?(?P<d>\d+(\.\d+)?)\s*"
    r"((?P<mark1>°|度|d|-|:|\s)\s*((?P<m>\d+(\.\d+)?)\s*"
    r"((?P<mark2>′|分|m|-|:|\s)\s*((?P<s>\d+(\.\d+)?)\s*(″|′′|秒|s)?)?)?)?)?"
    rf"\s*(?P<after>{_HALF})?"
)
_WITH_COMMA: Final = re.compile(r"[^,]*\d,\d[^,]*")
_FORMS: Final = {"°": "marks", "度": "marks", "d": "marks", "-": "hyphens", ":": "colons", "": "spaces"}
_LEAST_PACKED: Final = 6
"""Different numbers, all with minutes and seconds below 60: for three places by chance once in 460."""


def parse_angle(text: str, marks: Marks = POINT) -> float | None:
    """Read degrees, also as degrees, minutes and seconds and with a hemisphere.

    Examples
    --------
    >>> parse_angle("121°30′36″"), parse_angle("31度15分"), parse_angle("北纬31.25"), parse_angle("121.5W")
    (121.51, 31.25, 31.25, -121.5)
    >>> parse_angle("121-30-36"), parse_angle("121:30:36"), parse_angle("121 30 36"), parse_angle("121 30.6")
    (121.51, 121.51, 121.51, 121.51)
    >>> parse_angle("121°30′36,0″"), parse_angle("121,51") is None, parse_angle("121,51", COMMA)
    (121.51, True, 121.51)
    >>> parse_angle("121°75′") is None, parse_angle("121.51，"), parse_angle("31.25;")
    (True, 121.51, 31.25)
    """
    number = _decimal(text, marks)
    if number is not None:
        return number
    parts = _ANGLE.fullmatch(_points_of_parts(_plain(text)))
    return None if parts is None else _value(parts)


def _points_of_parts(plain: str) -> str:
    """Write the comma of a part of a second, minute or marked degree as a point."""
    is_marked = re.search(r"[^\d,.+\s-]|(?<=\d)[\s-]", plain) is not None
    return plain.replace(",", ".") if is_marked and plain.count(",") == 1 else plain


def _value(parts: re.Match[str]) -> float | None:
    degrees, minutes, seconds = parts["d"], parts["m"] or "0", parts["s"] or "0"
    # A part of a unit stands only in the last: 121.5°30′ is no angle.
    if ("." in degrees and parts["m"]) or ("." in minutes and parts["s"]):
        return None
    if float(minutes) >= 60 or float(seconds) >= 60:
        return None
    half = parts["before"] or parts["after"] or ""
    negative = (half in {"w", "s", "西经", "南纬", "西", "南"}) != (parts["sign"] == "-")
    value = float(degrees) + float(minutes) / 60 + float(seconds) / 3600
    return -value if negative else value


def parse_packed(text: str) -> float | None:
    """Read degrees, minutes and seconds written as one number, by its size.

    Examples
    --------
    >>> [round(parse_packed(text), 6) for text in ("121.2430", "1212430", "12124.5")]
    [121.408333, 121.408333, 121.408333]
    >>> parse_packed("121.7430") is None
    True
    """
    plain = _plain(text)
    match = re.fullmatch(r"-?(\d+)(?:\.(\d+))?", plain)
    if match is None:
        return parse_angle(text)
    whole, part = match[1], match[2] or ""
    if len(whole) <= 3:
        digits = part.ljust(4, "0")
        values = (whole, digits[:2], f"{digits[2:4]}.{digits[4:] or 0}")
    elif len(whole) <= 5:
        values = (whole[:-2], f"{whole[-2:]}.{part or 0}", "0")
    else:
        values = (whole[:-4], whole[-4:-2], f"{whole[-2:]}.{part or 0}")
    degrees, minutes, seconds = (float(value or 0) for value in values)
    if minutes >= 60 or seconds >= 60 or degrees > 180:
        return None
    value = degrees + minutes / 60 + seconds / 3600
    return -value if plain.startswith("-") else value


def unpack_cell(cell: object, *, marks: Marks = POINT) -> object:
    """Give degrees of a number that packs degrees, minutes and seconds; what is none stays as it is."""
    text = (
        ""
        if pd.isna(cell)
        else repr(cell)
        if isinstance(cell, float)
        else with_point(_plain(str(cell)), marks)
    )
    value = parse_packed(text) if text else None
    return cell if value is None else repr(value)


def looks_packed(texts: Iterable[str]) -> bool:
    """Say whether decimal degrees may be packed ones: no minutes and no seconds reach 60.

    Of four ordinary decimals the first two and the last two are below 60 by chance in 36 % of cells: in six
    different ones, those of three places, in 0.2 %.

    Examples
    --------
    >>> looks_packed([f"121.24{second:02d}" for second in range(10, 30)])
    True
    >>> looks_packed([f"121.24{second:02d}" for second in range(55, 75)])
    False
    """
    parts = {match.group() for text in texts if (match := re.search(r"(?<=\.)\d{3,}", text.strip()))}
    digits = {part.ljust(4, "0") for part in parts}
    seconds = {part[2:4] for part in digits}
    is_below = all(part[:2] < "60" and part[2:4] < "60" for part in digits)
    return is_below and len(digits) >= _LEAST_PACKED and len(seconds) >= _LEAST_PACKED // 2


def parse_pair(text: str) -> tuple[float, float] | None:
    """Read a longitude and a latitude out of one cell, in that order or as their letters say.

    Examples
    --------
    >>> parse_pair("121.5，31.6"), parse_pair("(121.5 31.6)"), parse_pair("121°30′,31°36′")
    ((121.5, 31.6), (121.5, 31.6), (121.5, 31.6))
    >>> parse_pair("N31°36′ E121°30′"), parse_pair("121 30 0 31 36 0")
    ((121.5, 31.6), (121.5, 31.6))
    """
    parts = split_pair(text)
    values = [parse_angle(part) for part in parts]
    if len(values) != 2 or values[0] is None or values[1] is None:
        return None
    return (values[1], values[0]) if _is_latitude(parts[0]) else (values[0], values[1])


def split_pair(text: str) -> list[str]:
    """Split a cell into its two angles; decimal commas become points.

    Examples
    --------
    >>> split_pair("121,46;31,62"), split_pair("121,46, 31,62"), split_pair("121,46 31,62")
    (['121.46', '31.62'], ['121.46', '31.62'], ['121.46', '31.62'])
    """
    plain = _plain(text).strip("()[] ")
    if re.search("[;、/]", plain):
        return [with_point(part, COMMA) for part in re.split(r"\s*[;、/]\s*", plain)]
    if plain.count(",") > 1:
        return _split_commas(plain)
    if "," in plain:
        return re.split(r"\s*,\s*", plain)
    halves = re.fullmatch(rf"((?:{_HALF})[^a-z\u4e00-\u9fff]+)\s*((?:{_HALF}).+)", plain)
    if halves is not None:
        return [halves[1].strip(), halves[2].strip()]
    words = plain.split()
    middle = len(words) // 2
    return [" ".join(words[:middle]), " ".join(words[middle:])] if len(words) in (4, 6) else words


def _split_commas(plain: str) -> list[str]:
    """Split two angles with decimal commas, or with nothing else than commas between their parts."""
    parts = re.split(r"\s*,\s*", plain)
    for halves in (plain.split(), [",".join(parts[:2]), ",".join(parts[2:])]):
        if len(halves) == 2 and all(_WITH_COMMA.fullmatch(half) for half in halves):
            return [half.replace(",", ".") for half in halves]
    return parts


def _is_latitude(text: str) -> bool:
    parts = _ANGLE.fullmatch(text)
    half = (parts["before"] or parts["after"] or "") if parts else ""
    return half in {"n", "s", "北纬", "南纬", "北", "南", "lat", "latitude", "纬度"}


def angle_notes(header: str, texts: Iterable[str], marks: Marks = POINT) -> list[Message]:
    """Tell in which ways the angles of a column are written, where not all are decimal degrees."""
    counts = Counter(_form(text, marks) for text in texts if text.strip() and not is_blank(text))
    counts.pop("", None)
    if not set(counts) - {"decimal"}:
        return []
    forms = tuple(
        Message(f"layers.angles_{form}", {"n": n})
        for form, n in sorted(counts.items(), key=lambda item: item[0])
    )
    return [Message("layers.angles", {"header": header, "forms": forms})]


def pair_notes(column: pd.Series, header: str) -> list[Message]:
    """Tell cells with two angles whose commas were read as decimal marks."""
    texts = column.dropna().astype(str)
    texts = texts[texts.str.contains(r"\d[,，]\d.*\d[,，]\d", regex=True)]
    told = [
        (int(str(row)), text, parts)
        for row, text in texts.items()
        if len(parts := split_pair(text)) == 2 and _plain(text).count(",") > 1
    ]
    if not told:
        return []
    row, text, parts = told[0]
    values = {"header": header, "n": len(told), "row": row, "cell": text[:60], "value": ", ".join(parts)}
    return [Message("layers.pairs_read", values)]


def _form(text: str, marks: Marks) -> str:
    """Give the way an angle is written; nothing where it is none."""
    if _DEGREES.fullmatch(text) or _decimal(text, marks) is not None:
        return "decimal"
    parts = _ANGLE.fullmatch(_points_of_parts(_plain(text)))
    if parts is None or _value(parts) is None:
        return ""
    if parts["m"] is None:
        return "decimal"
    return _FORMS.get(parts["mark1"].strip(), "marks")


def _decimal(text: str, marks: Marks = POINT) -> float | None:
    """Read a plain number; one with blanks inside is degrees and minutes, and a rough one is no place."""
    return None if " " in _plain(text) or is_about(text) else parse_number(text, marks=marks)


def _plain(text: str) -> str:
    if len(str(text)) > _MOST_LETTERS:
        return ""
    # NFKC would turn the signs of minutes and seconds into others or into two.
    kept = unicodedata.normalize("NFKC", str(text).translate(_SIGNS)).replace("′′", "″")
    kept = STOPPED.sub(".", kept)
    # A comma or a stop behind the last digit is left over from a pair or a list.
    return kept.translate(UNSEEN).strip().lstrip("'′").rstrip(",;、。 ").casefold()
