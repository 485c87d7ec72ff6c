"""Which station of the study the records of calls mean: by id, name, or what a name is without its ending."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import pandas as pd

from geo.messages import Message
from geo.words import word_lists

__all__ = ["MatchedStations", "match_call_stations", "station_key"]

_MOST_NAMES: Final = 5
_LEAST_ROWS: Final = 5
"""A name that fewer rows bear is only counted: where columns are mixed up it may be an address."""
_SHORTEST: Final = 2
"""Letters of a name that may be looked for inside another."""


@dataclass(frozen=True, eq=False)
class MatchedStations:
    """Stations of rows of call records.

    Parameters
    ----------
    ids : Series
        Id of the study's station, None where it is not known.
    why_not : Series
        ``"no_station"``, ``"unknown_station"`` or ``"several_stations"`` where there is no id, else None.
    notes : tuple of Message
        Names that fit no station or several, names that were read more freely, and columns that were used.
    """

    ids: pd.Series
    why_not: pd.Series
    notes: tuple[Message, ...]


def match_call_stations(told: pd.DataFrame, stations: gpd.GeoDataFrame) -> MatchedStations:
    """Find the station of each row.

    Parameters
    ----------
    told : DataFrame
        ``station`` (who went), ``duty_station`` (in whose zone the place lies) and ``vehicle``, as they stand
        in the file. The first that is there counts; a vehicle only where its name holds that of a station.
    stations : GeoDataFrame
        ``Facilities``; an existing one counts before others of its name.
    """
    finder = _Finder(stations)
    went, duty = told["station"], told["duty_station"]
    texts = went.where(went.notna(), duty)
    by_text = {text: finder.find(str(text)) for text in texts.dropna().unique()}
    found = texts.map(by_text.get, na_action="ignore")
    ids = found.map(lambda found: found[0], na_action="ignore").astype(object)
    why_not = found.map(lambda found: found[1], na_action="ignore").astype(object)
    why_not = why_not.where(texts.notna(), "no_station")
    vehicles = told["vehicle"].where(texts.isna())
    by_vehicle = {text: finder.find_part(str(text))[0] for text in vehicles.dropna().unique()}
    of_vehicle = vehicles.map(by_vehicle.get, na_action="ignore").astype(object)
    has_id = of_vehicle.notna()
    ids, why_not = ids.mask(has_id, of_vehicle), why_not.mask(has_id, None)
    ids = ids.where(ids.notna(), None)
    notes = list(_notes(texts, by_text, stations))
    if n := int((went.isna() & duty.notna()).sum()):
        notes.append(Message("calls.note_duty", {"n": n}))
    if n := int(has_id.sum()):
        notes.append(Message("calls.note_by_vehicle", {"n": n}))
    return MatchedStations(ids, why_not.where(why_not.notna(), None), tuple(notes))


def station_key(name: object) -> str:
    """Give the name of a station without case, blanks and its ending.

    Examples
    --------
    >>> station_key("城桥消防救援站"), station_key("城桥中队"), station_key("North Fire Station")
    ('城桥', '城桥', 'north')
    """
    text = _plain(name)
    endings = sorted(map(_plain, word_lists("call")["station"]["endings"]), key=len, reverse=True)
    ending = next((word for word in endings if text.endswith(word)), "")
    return text.removesuffix(ending) or text


def _plain(text: object) -> str:
    return "".join(unicodedata.normalize("NFKC", str(text)).casefold().split())


class _Finder:
    """The stations of a study by what records may call them."""

    def __init__(self, stations: gpd.GeoDataFrame) -> None:
        order = stations["status"].ne("existing").argsort(kind="stable")
        rows = stations.iloc[order]
        self.is_existing = rows["status"].eq("existing").to_dict()
        self.ids = {str(i): _plain(i) for i in rows.index}
        named = rows["name"].dropna()
        self.names = {str(i): _plain(name) for i, name in named.items()}
        self.keys = {str(i): station_key(name) for i, name in named.items()}

    def find(self, text: str) -> tuple[str | None, str | None, bool]:
        """Give the id, else why there is none, and whether only a part of a name says so."""
        wanted, key = _plain(text), station_key(text)
        own = [i for i, plain in self.ids.items() if plain == wanted]
        own = own or [i for i, plain in self.ids.items() if plain.endswith(f"-{wanted}")]
        for meant in (own, _having(self.names, wanted), _having(self.keys, key)):
            chosen = self._one_of(meant)
            if chosen is not None or meant:
                return chosen, None if chosen else "several_stations", False
        chosen, why = self.find_part(text)
        return chosen, why, True

    def find_part(self, text: str) -> tuple[str | None, str | None]:
        """Find the station whose name stands in a text, the longest one; else the one that holds the text."""
        wanted, key = _plain(text), station_key(text)
        inside = {k for k in self.keys.values() if len(k) >= _SHORTEST and k in wanted}
        longest = {k for k in inside if not any(k != other and k in other for other in inside)}
        meant = [i for i, k in self.keys.items() if k in longest]
        if not meant and len(key) >= _SHORTEST:
            meant = [i for i, name in self.names.items() if key in name]
        chosen = self._one_of(meant)
        return chosen, None if chosen else "several_stations" if meant else "unknown_station"

    def _one_of(self, meant: Sequence[str]) -> str | None:
        existing = [i for i in meant if self.is_existing[i]]
        kept = existing or list(meant)
        return kept[0] if len(kept) == 1 else None


def _having(table: Mapping[str, str], wanted: str) -> list[str]:
    return [i for i, text in table.items() if text == wanted and wanted]


def _notes(
    texts: pd.Series, by_text: Mapping[str, tuple[str | None, str | None, bool]], stations: gpd.GeoDataFrame
) -> list[Message]:
    """Name the stations that fit none or several, with their rows, and those read by a part of a name."""
    n = texts.value_counts()
    notes = []
    for reason in ("unknown_station", "several_stations"):
        names = [text for text, (_, why, _) in by_text.items() if why == reason]
        if names:
            often = sorted((text for text in names if n[text] >= _LEAST_ROWS), key=lambda text: -int(n[text]))
            values = {"n": len(names), "n_rows": int(n[names].sum()), "names": tuple(often[:_MOST_NAMES])}
            notes.append(Message(f"calls.note_{reason}", values))
    parts = [(text, i) for text, (i, _, is_part) in by_text.items() if is_part and i is not None]
    if parts:
        called = stations["name"].where(stations["name"].notna(), stations.index.to_series())
        shown = [(text, i) for text, i in parts if n[text] >= _LEAST_ROWS]
        pairs = tuple(f"{text} = {called[i]}" for text, i in shown[:_MOST_NAMES])
        rows = int(n[[text for text, _ in parts]].sum())
        notes.append(Message("calls.note_parts", {"n": len(parts), "n_rows": rows, "pairs": pairs}))
    return notes
