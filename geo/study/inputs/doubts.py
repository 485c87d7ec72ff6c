"""What is doubtful in a table of people: households for people, one village twice, a row above all others."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.demand import counts_households, name_key, part_of_people, town_key
from geo.errors import InputError
from geo.layers import read_amounts
from geo.messages import Message, first_few
from geo.study.inputs.log import StudyLayer
from geo.study.inputs.people_rows import (
    are_parts,
    tell_alike,
    tell_part_rows,
    tell_registered,
    tell_repeated,
    with_names,
)
from geo.study.settings import DemandSpec
from geo.words import word_lists

__all__ = [
    "ask_for_people",
    "doubt_buildings",
    "doubt_facility_towns",
    "doubt_rows",
    "doubt_towns",
]

_MOST_NAMES = 5
_MOST_KINDS = 12
_NO_COUNTS = ("id", "lon", "lat", "x", "y", "lonlat", "opened_year")
_MOSTLY = 0.5
"""Of a column of numbers at least so many cells are some."""
_OUTLIER_ROWS = 10
_OUTLIER_PEOPLE = 50_000.0
_SUMMED_ROWS = 3
"""So few rows may add up to another by chance."""
_SUM_OFF = 0.5
_MOST_LEVELS = 5
"""A sum of everything stands over so many levels that add up to it: province, city, county, town, village."""
_ABOUT = 0.5
"""A row of a town that has this share of the people of its villages may be their sum."""


def doubt_rows(layer: StudyLayer, spec: DemandSpec) -> Iterator[Message]:
    """Say what somebody should look at before the people of a table are believed.

    Raises
    ------
    InputError
        The column of people holds densities, by its name, and no ``unit`` turns them into people; or it holds
        no number at all.
    """
    yield from _of_header(layer, spec)
    table = layer.table
    if "people" in table and spec.total is None and not isinstance(spec.people, float):
        _require_numbers(layer, spec)
        yield from _of_outlier(table)
        yield from _of_fractions(table)
        sums = list(_of_sums(table))
        yield from sums or _of_levels(table)
        yield from tell_part_rows(layer)
        yield from tell_repeated(layer)
        yield from tell_alike(layer)
        yield from tell_registered(layer, spec)
    table = with_names(layer)
    if "name" in table and table["name"].notna().any() and not are_parts(layer):
        yield from _of_names(table)


def ask_for_people(layer: StudyLayer) -> InputError:
    """Ask which column of a layer holds its people: those of numbers with their sums, the likeliest first."""
    headers = {guess.column: guess.header for guess in layer.report.guesses}
    file, names = Path(layer.report.path).name, [str(name) for name in layer.table if name != "geometry"]
    amounts = {name: read_amounts(layer.table[name], name)[0] for name in names if name not in _NO_COUNTS}
    sums = {
        headers.get(name, name): float(np.nansum(column))
        for name, column in amounts.items()
        if np.isfinite(column).mean() >= _MOSTLY
    }
    if not sums:
        none = {"file": file, "columns": tuple(headers.get(name, name) for name in names)}
        return InputError(Message("study.people_choose_none", none))
    first = sorted(sums, key=lambda name: (name != headers.get("people"), counts_households(name)))
    columns = tuple(Message("study.people_column", {"header": name, "sum": sums[name]}) for name in first)
    is_of_people = not counts_households(first[0])
    key = "study.people_choose" if is_of_people else "study.people_households_only"
    return InputError(Message(key, {"file": file, "columns": columns, "first": first[0]}))


def doubt_buildings(layer: StudyLayer, spec: DemandSpec) -> Iterator[Message]:
    """Say which buildings of an OpenStreetMap file are no homes by their kind, and where all count alike.

    Parameters
    ----------
    layer : StudyLayer
        Buildings over which a total is shared out, with their ``building``.
    spec : DemandSpec
        Its ``weight`` and ``where``.
    """
    kinds = layer.table["building"].astype(str)
    is_other = kinds.isin(word_lists("place")["osm_building"]["no_homes"])
    if is_other.any() and not is_other.all():
        listed = kinds[is_other].value_counts()
        words = tuple(f"{kind} {n}" for kind, n in listed.head(_MOST_NAMES).items())
        homes = ", ".join(f'"{kind}"' for kind in kinds[~is_other].value_counts().index[:_MOST_KINDS])
        choice = f"building = [{homes}]"
        values = {"n": int(is_other.sum()), "n_rows": len(kinds), "words": words, "homes": choice}
        yield Message("study.buildings_no_homes", values)
    if spec.weight is None:
        yield Message("study.buildings_alike", {"n": len(kinds)})


def doubt_towns(people: pd.DataFrame, stands: pd.Series, towns: pd.Series) -> Iterator[Message]:
    """Say whose own town is another than the one in which they stand: the place decides where they count.

    Parameters
    ----------
    people : DataFrame
        ``people``; ``zone`` and ``name`` as the files have them, where they do.
    stands : Series
        Name of the town in which each place stands, None outside all.
    towns : Series
        Names of all towns; who names none of them is not doubted.
    """
    if "zone" not in people:
        return
    short = towns.map(town_key)
    known = dict(zip(short[~short.duplicated(keep=False)], towns[~short.duplicated(keep=False)], strict=True))
    meant = people["zone"].map(lambda name: known.get(town_key(name)))
    is_other = meant.notna() & (meant != stands)
    if not is_other.any():
        return
    names = people["name"] if "name" in people else pd.Series(None, index=people.index, dtype=object)
    shown = tuple(
        Message(
            "study.in_town" if stands[i] is not None else "study.in_no_town",
            {"name": _called(names[i], i), "named": meant[i], "town": stands[i]},
        )
        for i in people.index[is_other][:_MOST_NAMES]
    )
    numbers = {"n": int(is_other.sum()), "people": float(people.loc[is_other, "people"].sum())}
    yield Message("study.people_other_town", {**numbers, "places": shown})


def doubt_facility_towns(rows: pd.DataFrame, meant: pd.Series, stands: pd.Series) -> Iterator[Message]:
    """Say which facilities stand in another town than their row names, or in none: they count for that one.

    Parameters
    ----------
    rows : DataFrame
        ``name``.
    meant : Series
        Name of the town that each row names, missing where it names none that is known.
    stands : Series
        Name of the town in which it stands, None outside all.
    """
    is_other = meant.notna() & stands.notna() & (meant != stands)
    if is_other.any():
        shown = tuple(
            Message(
                "study.in_town",
                {"name": _called(rows.at[i, "name"], i), "named": meant[i], "town": stands[i]},
            )
            for i in rows.index[is_other][:_MOST_NAMES]
        )
        yield Message("study.facilities_other_town", {"n": int(is_other.sum()), "places": shown})
    is_outside = meant.notna() & stands.isna()
    if is_outside.any():
        outside = tuple(
            Message("study.outside_named", {"name": _called(rows.at[i, "name"], i), "named": meant[i]})
            for i in rows.index[is_outside][:_MOST_NAMES]
        )
        yield Message("study.facilities_outside", {"n": int(is_outside.sum()), "places": outside})


def _called(name: object, i: object) -> object:
    """Call a row by its name, by its id where it has none."""
    return i if name is None or name != name or name == "" else name


def _of_header(layer: StudyLayer, spec: DemandSpec) -> Iterator[Message]:
    if spec.total is not None or isinstance(spec.people, float):
        return
    guessed = (guess.header for guess in layer.report.guesses if guess.column == "people")
    header = spec.columns.get("people") or spec.people or next(guessed, "")
    words = word_lists("people")["header"]
    plain = str(header).split("（")[0].split("(")[0].strip().casefold()
    file = Path(layer.report.path).name
    if plain in words["density"] and spec.unit is None:
        raise InputError(Message("study.people_density", {"file": file, "header": header}))
    if counts_households(str(header)):
        n = float(pd.to_numeric(layer.table["people"], errors="coerce").sum())
        yield Message("study.people_households", {"file": file, "header": header, "n": n})
    elif part := part_of_people(str(header)):
        n = float(pd.to_numeric(layer.table["people"], errors="coerce").sum())
        yield Message(f"study.people_{part}", {"file": file, "header": header, "n": n})


def _require_numbers(layer: StudyLayer, spec: DemandSpec) -> None:
    """Stop where no row at all says a number of people: everybody would be missing."""
    people = pd.to_numeric(layer.table["people"], errors="coerce")
    if len(people) and people.isna().all():
        guessed = (guess.header for guess in layer.report.guesses if guess.column == "people")
        header = spec.columns.get("people") or spec.people or next(guessed, "people")
        values = {"file": Path(layer.report.path).name, "header": header, "n": len(people)}
        raise InputError(Message("study.people_no_number", values))


def _of_outlier(table: pd.DataFrame) -> Iterator[Message]:
    """Find a row that has more people than all others: perhaps a telephone number, or a sum."""
    people = pd.to_numeric(table["people"], errors="coerce").fillna(0)
    if len(people) < _OUTLIER_ROWS:
        return
    row, most = people.idxmax(), float(people.max())
    if most > _OUTLIER_PEOPLE and most > float(people.sum()) - most:
        rest = float(people.sum()) - most
        yield Message("study.people_outlier", {"row": row, "people": most, "rest": rest})


def _of_fractions(table: pd.DataFrame) -> Iterator[Message]:
    """Find rows of more than nobody and less than one person: they may count tens of thousands."""
    people = pd.to_numeric(table["people"], errors="coerce").fillna(0)
    rows = people[(people > 0) & (people < 1)]
    if len(rows):
        values = {"n": len(rows), "row": rows.index[0], "people": float(rows.iloc[0])}
        yield Message("study.people_fractions", values)


def _of_sums(table: pd.DataFrame) -> Iterator[Message]:
    """Find rows that add up others: a town above its villages, or a sum below them under any name."""
    people = pd.to_numeric(table["people"], errors="coerce").fillna(0).to_numpy(dtype=float)
    rows = _sums_of_others(people)
    if not rows:
        return
    places = table.index[rows]
    names = table["name"] if "name" in table else pd.Series(None, index=table.index, dtype=object)
    called = names[places].where(names[places].notna(), places.astype(str))
    numbers = {"n": len(rows), "people": float(people[rows].sum())}
    yield Message("study.people_sums", {**numbers, "names": _names(called)})


def _of_levels(table: pd.DataFrame) -> Iterator[Message]:
    """Find rows of towns among those of their villages, whose sums need not be the same to the person."""
    if not {"name", "zone"} <= set(table):
        return
    people = pd.to_numeric(table["people"], errors="coerce").fillna(0)
    bare, town = table["name"].map(town_key), table["zone"].map(town_key)
    is_town = (bare != "") & bare.isin(set(town[(town != bare) & (town != "")])) & table["name"].map(_is_town)
    if not is_town.any():
        return
    within = people[~is_town].groupby(town[~is_town]).sum()
    part = bare[is_town].map(within).fillna(0)
    rows = is_town[is_town].index[(people[is_town] > _ABOUT * part).to_numpy() & (part > 0).to_numpy()]
    if len(rows):
        numbers = {"n": len(rows), "people": float(people[rows].sum()), "within": float(part[rows].sum())}
        yield Message("study.people_towns", {**numbers, "names": _names(table["name"][rows])})


def _is_town(name: object) -> bool:
    return isinstance(name, str) and name.strip().endswith(tuple(word_lists("place")["town"]["endings"]))


def _sums_of_others(people: NDArray[np.float64]) -> list[int]:
    """Give the rows that are sums of all others, or of the rows up to the next sum, in either direction."""
    n = len(people)
    if n <= _SUMMED_ROWS:
        return []
    most = int(people.argmax())
    rest = np.delete(people, most)
    times = rest.sum() / people[most] if people[most] >= 1 else 0.0
    is_level = 1 - _SUM_OFF <= times <= _MOST_LEVELS + _SUM_OFF
    if is_level and abs(rest.sum() - round(times) * people[most]) <= _SUM_OFF:
        inner = [row + (row >= most) for row in _sums_of_others(rest)]
        # A sum of everything stands over others that add up to the same, and they over what is no sum.
        if abs(rest.sum() - people[inner].sum() - people[most]) <= _SUM_OFF or round(times) == 1:
            return sorted([most, *inner])
    above = _heads(people)
    return above if above else sorted(n - 1 - row for row in _heads(people[::-1]))


def _heads(people: NDArray[np.float64]) -> list[int]:
    """Give the rows that are each the sum of those behind it, where the whole table is such blocks."""
    heads, row, n_parts = [], 0, 0
    total = people.cumsum()
    if (people < 0).any():
        return []
    while row < len(people):
        double = total[row] + people[row]
        end = int(np.searchsorted(total, double - _SUM_OFF))
        if people[row] < 1 or end == len(people) or total[end] > double + _SUM_OFF:
            return []
        n_parts = max(n_parts, end - row)
        heads.append(row)
        row = end + 1
        while row < len(people) and people[row] == 0:
            row += 1
    # A block of one or two rows may be so by chance, or be a village twice.
    return heads if n_parts >= _SUMMED_ROWS and len(people) >= 3 * len(heads) else []


def _of_names(table: pd.DataFrame) -> Iterator[Message]:
    """Find villages that stand in the table twice, share a name with one of another town, or have no town."""
    people = pd.to_numeric(table.get("people", pd.Series(np.nan, index=table.index)), errors="coerce")
    rows = pd.DataFrame({"name": table["name"], "people": people.fillna(0)})
    rows["bare"] = _keys(rows["name"], name_key)
    town = table["zone"] if "zone" in table else pd.Series(None, index=table.index, dtype=object)
    rows["town"] = _keys(town, town_key)
    rows = rows[rows["name"].notna()]
    yield from _of_repeats(table, rows)
    twice = rows[rows.duplicated(["bare", "town"], keep=False)]
    if len(twice) and (twice["town"] != "").any():
        twice = twice[twice["town"] != ""]
        extra = twice[twice.duplicated(["bare", "town"])]
        numbers = {"n": len(twice), "people": float(extra["people"].sum())}
        yield Message("study.village_twice", {**numbers, "names": _names(twice["name"])})
    in_towns = rows[rows["town"] != ""].drop_duplicates(["bare", "town"])
    shared = in_towns[in_towns.duplicated("bare", keep=False)]
    if len(shared):
        yield Message("study.village_in_towns", {"n": len(shared), "names": _names(shared["name"])})
    homeless = rows[rows["town"] == ""]
    if len(homeless) and len(in_towns):
        numbers = {"n": len(homeless), "people": float(homeless["people"].sum())}
        yield Message("study.village_no_town", {**numbers, "names": _names(homeless["name"])})


def _keys(names: pd.Series, key: Callable[[object], Hashable]) -> list[Hashable]:
    """Give the key of each name, asked once for each different name: a million people live in few towns."""
    at, different = pd.factorize(names.astype(object))
    keys = [*map(key, different), key(None)]  # the last one is of those without a name, which are at -1
    return [keys[i] for i in at.tolist()]


def _of_repeats(table: pd.DataFrame, rows: pd.DataFrame) -> Iterator[Message]:
    """Find rows that name no town and stand in the table again, with their people and at their place."""
    if not isinstance(table, gpd.GeoDataFrame):
        return
    at = pd.Series(shapely.to_wkb(table.geometry.to_numpy()), index=table.index)
    keys = rows.assign(at=at)  # rows without a name have been left out of them
    keys = keys[(keys["town"] == "") & keys["at"].notna() & (keys["people"] > 0)]
    again = keys[keys.duplicated(["bare", "people", "at"])]
    if len(again):
        numbers = {"n": len(again), "people": float(again["people"].sum())}
        yield Message("study.people_row_twice", {**numbers, "names": _names(again["name"])})


def _names(names: pd.Series) -> str:
    each = list(dict.fromkeys(names.astype(str)))
    return first_few(each, _MOST_NAMES)
