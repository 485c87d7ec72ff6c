"""Records of calls in the town of ``tests/studies.py``, some of them with what nobody may find again."""

from __future__ import annotations

import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pandas as pd

from geo.study import Study
from tests.outputs.report.reading import pdf_text
from tests.studies import CRS, EAST, NORTH, lonlat, town_study

CALLS = {
    "c1": ((1000, 0), "A", 60, 120),
    "c2": ((2400, 0), "A", 90, 260),
    "c3": ((500, 5000), "A", 60, 220),
    "c4": ((4000, 0), "A", 60, 200),
    "c5": ((2000, 1000), "A", 60, 340),
    "c6": ((1000, 0), "C", 60, 230),
}


def call(number: str, at: tuple[float, float], station: str, turnout: int, drive: int) -> dict[str, Any]:
    sent = pd.Timestamp("2024-03-05 10:00:00")
    left = sent + pd.Timedelta(seconds=turnout)
    return {
        "call_id": number,
        "dispatched_at": str(sent),
        "left_at": str(left),
        "arrived_at": str(left + pd.Timedelta(seconds=drive)),
        "station": station,
        "weather": "rain",
        "x": EAST + at[0],
        "y": NORTH + at[1],
    }


def town(folder: Path, rows: list[dict[str, Any]], **changes: Any) -> Study:
    pd.DataFrame(rows).to_csv(folder / "calls.csv", index=False)
    return town_study(folder, calls=[{"path": "calls.csv", "crs": CRS}], **changes)


SECRET_AT = (1734.5, 31.25)


def secret_study(folder: Path, **changes: Any) -> Study:
    """Write the town with ten calls whose places, times, numbers and words must stand in no result."""
    rows = [call(f"SECRET{i}", (SECRET_AT[0] + i, SECRET_AT[1]), "A", 60, 150 + i) for i in range(9)]
    rows += [call("SECRETX", (2900, 600), "A", 60, 150)]
    for i, row in enumerate(rows):
        row.update(vehicle="PLATE77", dispatched_at=f"2019-07-13 10:0{i}:17", weather=f"at HOUSE {i}")
        row.update(left_at=f"2019-07-13 10:0{i}:59", arrived_at=f"2019-07-13 10:1{i}:23")
    rows[2]["arrived_at"] = "2019-07-13 77:77"
    rows[3]["station"] = "HOUSE 9"
    rows[4]["y"] = "31.4x"
    return town(folder, rows, **changes)


def degrees(value: float) -> tuple[str, ...]:
    """Write degrees to a metre, as tables do (rounded, or cut) and as maps do, in whole 1/100,000."""
    return f"{value:.5f}", f"{value:.9f}"[:-4], str(round(value * 100_000))


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Give every text of every file of a folder: also of what is inside books and databases."""
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as book:
                for name in book.namelist():
                    yield f"{path.name}/{name}", book.read(name).decode("utf-8", "replace")
                    if name.endswith(".xml"):  # what is one text may be several elements
                        yield f"{path.name}/{name}", "".join(ET.fromstring(book.read(name)).itertext())
        elif path.suffix == ".pdf":
            yield path.name, pdf_text(path)
        elif path.suffix == ".gpkg":
            file = sqlite3.connect(path)
            yield path.name, "\n".join(file.iterdump())
            file.close()
        else:
            yield path.name, path.read_text(encoding="utf-8", errors="replace")


def secrets() -> list[str]:
    """Give what must stand in no result: numbers, plates, words, stamps, and places in any system."""
    places = lonlat(*((SECRET_AT[0] + i, SECRET_AT[1]) for i in range(9)), (2900, 600))
    digits = [written for lon, _ in places for written in degrees(lon)]
    metres = [f"{EAST + SECRET_AT[0] + i:.1f}" for i in range(9)]
    words = ["SECRET", "PLATE77", "HOUSE", "2019-07-13", "10:00:17", "77:77", "31.4x"]
    return [*words, *metres, *digits]
