"""Which columns hold the places, where a table has several pairs of coordinates."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from geo.draft.entries import Entry
from geo.draft.look import Look
from geo.draft.names import system_of
from geo.draft.pairs import Pair, find_pairs, is_shifted, places_of
from geo.draft.questions import Questions
from geo.messages import Message

__all__ = ["settle_pairs"]

_NEAR: Final = 1e-9


def settle_pairs(entry: Entry, questions: Questions) -> Entry:
    """Ask which pair of columns holds the places of a table that has several, unless they say the same.

    A pair whose header says a datum that is not shifted goes first, else the one that is recognised. The
    system that the headers of a pair say is settled afterwards, from the pair that was taken.
    """
    look = entry.look
    if look.shape != "point" or not {"lon", "lat"} <= set(look.headers):
        return entry
    own = (look.headers["lon"], look.headers["lat"])
    pairs = [own, *(pair for pair in find_pairs(look.table, look.headers, look.rivals) if pair != own)]
    pairs = [pair for n, pair in enumerate(pairs) if n == 0 or not _is_same(look, own, pair)]
    if len(pairs) < 2:
        return entry
    pairs.sort(key=is_shifted)
    choices = tuple(_told(look, pair) for pair in pairs)
    answered = questions.put("coordinates", Message("draft.ask_pair", {"label": entry.label}), choices)
    lon, lat = pairs[answered.answer.choice]
    headers = {**look.headers, "lon": lon, "lat": lat}
    taken = replace(entry, look=replace(look, headers=headers, xy=_xy(look, (lon, lat))))
    columns = {**entry.settings.get("columns", {}), "lon": lon, "lat": lat}
    return taken.with_setting("columns", columns).with_answer("columns", answered)


def _xy(look: Look, pair: Pair) -> np.ndarray:
    if pair == (look.headers["lon"], look.headers["lat"]):
        return look.xy
    return places_of(look.table, look.headers, pair)


def _is_same(look: Look, own: Pair, pair: Pair) -> bool:
    apart = np.abs(_xy(look, own) - _xy(look, pair))
    return bool(np.nanmax(apart, initial=0.0) <= _NEAR)


def _told(look: Look, pair: Pair) -> Message:
    xy = _xy(look, pair)
    first = xy[np.isfinite(xy).all(axis=1)][:1]
    at = ", ".join(f"{value:.6f}" for value in first[0]) if len(first) else "–"
    system = system_of(*pair)[0]
    key = "draft.choice_pair" if not system else "draft.choice_pair_system"
    return Message(key, {"lon": pair[0], "lat": pair[1], "at": at, "system": system})
