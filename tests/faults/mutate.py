"""How a right file becomes a bad one, by a seeded chance: its bytes, cells, fields, settings, parts."""

from __future__ import annotations

import gzip
import io
import re
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Final, TypeVar

from geo.layers._zip import BROKEN_ZIP
from geo.osm._blocks import read_blocks_of_map
from tests.osm.pbf import pbf_block

__all__ = ["EVIL_NUMBERS", "EVIL_TEXTS", "mutate", "mutate_cells"]

Spoilt = TypeVar("Spoilt", str, bytes)

EVIL_NUMBERS: Final = (
    *("inf", "-inf", "nan", "NaN", "Infinity", "1e308", "-1e308", "1e400", "-1", "0", "-0.0", "1e-320"),
    *("9" * 400, str(2**31), str(2**63), str(-(2**63) - 1), "1e18", "0x41", "1_000", "true", "null", '""'),
    *('"x"', "[]", "{}", "[1]", "99999999", "180.0000001", "91", "1.7976931348623157e308"),
)
"""What stands where a number was."""
EVIL_TEXTS: Final = (
    *(
        "",
        " ",
        "\u3000",
        "\u200b",
        "\u202e\u202d",
        "\x1b[31m",
        "\x00",
        "\x07",
        "\ufeff",
        "\ud7ff",
        "\U0010ffff",
    ),
    *("<script>alert(1)</script>", "</script>", "{{7*7}}", "=cmd|' /C calc'!A0", '"onmouseover="alert(1)'),
    *(
        "名" * 5000,
        "a" * 20000,
        "nan",
        "None",
        "-",
        "1e308",
        "../../etc",
        "CON",
        "a\nb",
        "a\tb",
        "%s%n",
        "{0}",
    ),
    *("true", "[]", "'", '"', ",", ";", "\\", "/", "NULL", "#REF!", "=1/0", "🔥" * 50),
)
"""What stands where a text was."""
_NUMBER: Final = re.compile(rb"(?<![\w.#])-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_QUOTED: Final = re.compile(rb'"[^"\n]{0,200}"')
_ARCHIVES: Final = (".xlsx", ".ods", ".kmz", ".zip", ".docx")
_BASES: Final = (".gpkg", ".sqlite")
_TEXTS: Final = (
    *(".csv", ".geojson", ".geojsonl", ".json", ".gml", ".kml", ".gpx", ".mif", ".mid", ".dxf", ".tab"),
    *(".osm", ".graphml", ".asc", ".toml", ".xml", ".rels", ".prj", ".cpg", ".xsd", ".html", ".typ"),
)


def mutate(data: bytes, name: str, chance: Random) -> bytes:
    """Spoil the content of a file once, or a few times.

    Parameters
    ----------
    data : bytes
        The right content.
    name : str
        Name of the file; its ending says what else than bytes can be spoilt in it.
    chance : Random
        Decides.
    """
    return _until_other(data, lambda: _spoil(data, Path(name).suffix.casefold(), chance))


def _until_other(right: Spoilt, spoil: Callable[[], Spoilt]) -> Spoilt:
    """Spoil anew where nothing came of it, such as a number put in the place of its like."""
    spoilt = spoil()
    for _ in range(20):
        if spoilt != right:
            break
        spoilt = spoil()
    return spoilt


def _spoil(data: bytes, ending: str, chance: Random) -> bytes:
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        if ending in _ARCHIVES and chance.random() < 0.7:
            data = _in_archive(data, chance)
        elif ending in _BASES and chance.random() < 0.6:
            data = _in_base(data, chance)
        elif ending in _TEXTS and chance.random() < 0.75:
            data = _in_text(data, chance)
        elif ending == ".gz" and chance.random() < 0.7:
            data = _in_gzip(data, chance)
        elif ending == ".pbf" and chance.random() < 0.8:
            data = _in_blocks(data, chance)
        else:
            data = _in_bytes(data, chance)
    return data


def mutate_cells(text: str, chance: Random) -> str:
    """Spoil a table of commas: evil or empty cells; rows and columns dropped, doubled, exchanged."""
    return _until_other(text, lambda: _spoil_cells(text, chance))


def _spoil_cells(text: str, chance: Random) -> str:
    rows = [line.split(",") for line in text.splitlines()]
    for _ in range(chance.choice((1, 1, 2, 5))):
        r, c = chance.randrange(len(rows)), chance.randrange(len(rows[0]))
        match chance.randrange(9):
            case 0 if len(rows) > 2:
                del rows[r]
            case 1:
                rows.insert(r, list(rows[r]))
            case 2:
                rows = [row[:c] + row[c + 1 :] for row in rows] if len(rows[0]) > 1 else rows
            case 3:
                rows = [[*row[:c], *row[c : c + 1], *row[c:]] for row in rows]
            case 4:
                other = chance.randrange(len(rows[0]))
                for row in rows[1:]:
                    if max(c, other) < len(row):
                        row[c], row[other] = row[other], row[c]
            case 5:
                word = chance.choice((*EVIL_NUMBERS, *EVIL_TEXTS))
                rows[1:] = [[*row[:c], _cell(word), *row[c + 1 :]] for row in rows[1:]]
            case 6:
                rows[1:] = [[*row[:c], "", *row[c + 1 :]] for row in rows[1:]]
            case _:
                evil = EVIL_NUMBERS if chance.random() < 0.5 else EVIL_TEXTS
                if c < len(rows[r]):
                    rows[r][c] = _cell(chance.choice(evil))
    return "\n".join(",".join(row) for row in rows) + "\n"


def _cell(word: str) -> str:
    return '"' + word.replace('"', '""') + '"' if re.search(r'[",\n]', word) else word


def _in_bytes(data: bytes, chance: Random) -> bytes:
    if not data:
        return bytes(chance.randrange(256) for _ in range(chance.randrange(1, 64)))
    at, n = chance.randrange(len(data)), chance.choice((1, 4, 16, 256, 4096))
    piece = data[at : at + n]
    match chance.randrange(9):
        case 0:
            return data[:at]
        case 1:
            return data[at:]
        case 2:
            return data[:at] + piece + data[at:]
        case 3:
            return data[:at] + data[at + n :]
        case 4:
            return data[:at] + bytes(len(piece)) + data[at + n :]
        case 5:
            return data[:at] + b"\xff" * len(piece) + data[at + n :]
        case 6:
            other = chance.randrange(len(data))
            return data[:at] + data[other : other + n] + data[at + n :]
        case 7:
            return data[:at] + chance.randbytes(len(piece)) + data[at + n :]
        case _:
            spoilt = bytearray(data)
            for _ in range(chance.choice((1, 1, 3, 20))):
                spoilt[chance.randrange(len(spoilt))] ^= 1 << chance.randrange(8)
            return bytes(spoilt)


def _in_text(data: bytes, chance: Random) -> bytes:
    evil_number = chance.choice(EVIL_NUMBERS).encode()
    evil_text = chance.choice(EVIL_TEXTS).encode("utf-8", "surrogatepass")
    match chance.randrange(8):
        case 0 | 1:
            return _put(data, _NUMBER, evil_number, chance)
        case 2 | 3:
            return _put(data, _QUOTED, b'"' + evil_text.replace(b'"', b"") + b'"', chance)
        case 4:
            return _put(data, _QUOTED, chance.choice((evil_number, b"null", b"3", b"[]", b"{}")), chance)
        case 5:
            first, second = chance.choice((_NUMBER, _QUOTED)), chance.choice((_NUMBER, _QUOTED))
            found = [match[0] for match in second.finditer(data)]
            return _put(data, first, chance.choice(found), chance) if found else data
        case 6:
            return _put(data, re.compile(rb"(?<=>)[^<>]{1,200}(?=<)"), evil_text, chance)
        case _:
            lines = data.splitlines(keepends=True)
            at = chance.randrange(len(lines)) if lines else 0
            kept = lines[:at] + lines[at + 1 :]
            again = lines[:at] + lines[at : at + 1] * 2 + lines[at + 1 :]
            return b"".join(chance.choice((kept, again, lines[::-1], lines[:at])))


def _put(data: bytes, where: re.Pattern[bytes], word: bytes, chance: Random) -> bytes:
    """Put a word in the place of one match, or now and then of all."""
    found = list(where.finditer(data))
    if not found:
        return data
    if chance.random() < 0.1:
        return where.sub(lambda match: word, data)
    match = chance.choice(found)
    return data[: match.start()] + word + data[match.end() :]


def _in_archive(data: bytes, chance: Random) -> bytes:
    """Spoil one file inside, and pack the rest as it was; or drop it, double it or give it another name."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = [(entry.filename, archive.read(entry)) for entry in archive.infolist()]
    except (*BROKEN_ZIP, KeyError):
        return _in_bytes(data, chance)
    if not files:
        return data
    at = chance.randrange(len(files))
    name, content = files[at]
    match chance.randrange(8):
        case 0:
            del files[at]
        case 1:
            files[at] = (chance.choice(("../a.csv", "/etc/a.csv", "a" * 300, "con", " ", "x/")), content)
        case 2:
            files[at] = (name, b"")
        case _:
            ending = Path(name).suffix.casefold()
            spoil = _in_text if ending in _TEXTS or ending == ".xml" else _in_bytes
            files[at] = (name, spoil(content, chance))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for own, inner in files:
            archive.writestr(own, inner)
    return packed.getvalue()


def _in_blocks(data: bytes, chance: Random) -> bytes:
    """Spoil what is packed in a block of a PBF map and pack it anew, so that the reader gets to it."""
    blocks = list(read_blocks_of_map(io.BytesIO(data)))
    if not blocks:
        return _in_bytes(data, chance)
    at = chance.randrange(len(blocks))
    return b"".join(
        pbf_block(
            "OSMHeader" if block.is_head else "OSMData",
            _in_bytes(block.content, chance) if number == at else block.content,
        )
        for number, block in enumerate(blocks)
    )


def _in_gzip(data: bytes, chance: Random) -> bytes:
    """Spoil what is packed and pack it anew; of what was spoilt before, the bytes."""
    try:
        content = gzip.decompress(data)
    except (OSError, EOFError, zlib.error):
        return _in_bytes(data, chance)
    return gzip.compress(_in_text(content, chance), mtime=0)


def _in_base(data: bytes, chance: Random) -> bytes:
    """Spoil a row, a column or a table of an SQLite base."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.db"
        path.write_bytes(data)
        try:
            with sqlite3.connect(path) as base:
                names = [
                    row[0] for row in base.execute("select name from sqlite_master where type = 'table'")
                ]
                table = chance.choice(names)
                columns = [row[1] for row in base.execute(f'pragma table_info("{table}")')]
                column = chance.choice(columns)
                match chance.randrange(5):
                    case 0:
                        base.execute(f'drop table "{table}"')
                    case 1:
                        base.execute(f'delete from "{table}" where rowid % 2 = {chance.randrange(2)}')
                    case 2:
                        base.execute(f'alter table "{table}" rename column "{column}" to "x y"')
                    case _:
                        value: object = chance.choice((*EVIL_NUMBERS, *EVIL_TEXTS, *_VALUES))
                        base.execute(f'update "{table}" set "{column}" = ?', (value,))
            base.close()
        except (sqlite3.Error, UnicodeDecodeError):  # of names that were spoilt before
            return _in_bytes(data, chance)
        return path.read_bytes()


_VALUES: Final[tuple[object, ...]] = (
    None,
    0,
    -1,
    2**62,
    1e308,
    float("inf"),
    b"",
    b"\x00" * 40,
    b"GP\x00\x01",
)
