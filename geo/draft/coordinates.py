"""Which columns hold the places, where a table has several pairs of coordinates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from geo.draft.entries import Entry
from geo.draft.look import Look
from geo.draft.names import system_of
from geo.draft.questions import Questions
from geo.messages import Message

__all__ = ["settle_pairs"]

_OPPOSITES: Final = (
    ("经度", "纬度"),
    ("东经", "北纬"),
    ("longitude", "latitude"),
    ("lng", "lat"),
    ("lon", "lat"),
)
_NEAR: Final = 1e-9
_LEAST_SHARE: Final = 0.5


def settle_pairs(entry: Entry, questions: Questions) -> Entry:
    """Ask which pair of columns holds the places of a table that has several, unless they say the same.

    A pair whose header says a datum that is not shifted goes first, else the one that is recognised. The
    system that the headers of a pair say is settled afterwards, from the pair that was taken.
    """
    look = entry.look
    if look.shape != "point" or not {"lon", "lat"} <= set(look.headers):
        return entry
    own = (look.headers["lon"], look.headers["lat"])
    pairs = [own, *(pair for pair in _pairs(look) if pair not in (own,))]
    pairs = [pair for n, pair in enumerate(pairs) if n == 0 or not _is_same(look, own, pair)]
    if len(pairs) < 2:
        return entry
    pairs.sort(key=lambda pair: _is_shifted(pair))
    choices = tuple(_told(look, pair) for pair in pairs)
    answered = questions.put("coordinates", Message("draft.ask_pair", {"label": entry.label}), choices)
    lon, lat = pairs[answered.answer.choice]
    headers = {**look.headers, "lon": lon, "lat": lat}
    taken = replace(entry, look=replace(look, headers=headers, xy=_xy(look, (lon, lat))))
    columns = {**entry.settings.get("columns", {}), "lon": lon, "lat": lat}
    return taken.with_setting("columns", columns).with_answer("columns", answered)


def _pairs(look: Look) -> Iterator[tuple[str, str]]:
    """Give each column that is a longitude by its header, with the latitude that belongs to it."""
    theirs = {str(header): str(header) for header in look.table.columns if header not in look.headers}
    theirs |= {header: header for headers in look.rivals.values() for header in headers}
    for header in theirs:
        for east, north in _OPPOSITES:
            if east in header.casefold():
                other = header.casefold().replace(east, north)
                fits = [each for each in theirs if each.casefold() == other]
                if fits and all(_numbers(look, each) is not None for each in (header, fits[0])):
                    yield header, fits[0]
                break


def _numbers(look: Look, header: str) -> pd.Series | None:
    column = next((name for name, of in look.headers.items() if of == header), header)
    if column not in look.table:
        return None
    numbers = pd.to_numeric(look.table[column], errors="coerce")
    return numbers if numbers.notna().mean() >= _LEAST_SHARE else None


def _xy(look: Look, pair: tuple[str, str]) -> np.ndarray:
    if pair == (look.headers["lon"], look.headers["lat"]):
        return look.xy
    both = [_numbers(look, header) for header in pair]
    return np.column_stack([np.full(look.n_rows, np.nan) if each is None else each for each in both])


def _is_same(look: Look, own: tuple[str, str], pair: tuple[str, str]) -> bool:
    apart = np.abs(_xy(look, own) - _xy(look, pair))
    return bool(np.nanmax(apart, initial=0.0) <= _NEAR)


def _is_shifted(pair: tuple[str, str]) -> bool:
    """Whether a header says a datum of the web maps."""
    return system_of(*pair)[0] in ("GCJ-02", "BD-09")


def _told(look: Look, pair: tuple[str, str]) -> Message:
    xy = _xy(look, pair)
    first = xy[np.isfinite(xy).all(axis=1)][:1]
    at = ", ".join(f"{value:.6f}" for value in first[0]) if len(first) else "–"
    system = system_of(*pair)[0]
    key = "draft.choice_pair" if not system else "draft.choice_pair_system"
    return Message(key, {"lon": pair[0], "lat": pair[1], "at": at, "system": system})
