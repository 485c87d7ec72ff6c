"""Ways as they are read: their nodes and places, and what each combination of tags says, once."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.messages import Message
from geo.network import (
    FERRY,
    SPEED_KEYS,
    Barriers,
    Roads,
    UnheededTag,
    WayTable,
    access_flags,
    access_keys,
    barrier_of,
    is_known_access,
    is_known_oneway,
    is_strange_size,
    is_unbuilt,
    is_unheeded,
    limiting_keys,
    limits_of,
    may_be_unheeded,
    oneway_code,
    oneway_keys,
    osm_class,
    speed_limit,
    tell_unheeded,
    user_keys,
)
from geo.osm._edited import own_id, own_ids
from geo.osm._words_told import UNKNOWN_CLASS, tell_words
from geo.signs import toml_value
from geo.words import read_data

__all__ = ["KIND_KEYS", "UNBUILT", "WayCollector"]

NOT_WANTED: Final = -1
UNBUILT: Final = -2
"""Numbers of rules: of no wanted road, and of one that is being built or planned."""
KIND_KEYS: Final = ("highway", "route")
"""The keys that make a way a road or a ferry."""
_SIZES: Final = ("height_m", "width_m", "weight_t")
_USERS: Final = user_keys()
_ONE_WAY: Final = frozenset(key for key in oneway_keys() if key.startswith("oneway"))
_RULING: Final = access_keys() | limiting_keys() | oneway_keys() | frozenset(SPEED_KEYS)
Tags = tuple[tuple[str, str], ...]


class _Rules(NamedTuple):
    """Who and what may pass a way, in which direction and how fast."""

    kind: int
    class_name: str
    access: int
    oneway: int
    maxspeed: float
    limits: tuple[float, float, float]
    strange: str
    strange_size: str
    unheeded: Tags
    word: str
    unknown_class: str
    unknown_access: Tags
    is_unbuilt: bool


class _Words:
    """Numbers for words, in order of appearance."""

    def __init__(self, *words: str) -> None:
        self._number = {word: i for i, word in enumerate(words)}

    def __getitem__(self, word: str) -> int:
        return self._number.setdefault(word, len(self._number))

    def all(self) -> tuple[str, ...]:
        return tuple(self._number)


class WayCollector:
    """Collects ways into flat arrays.

    Parameters
    ----------
    classes : frozenset of str or None
        The only classes that are wanted.
    where : mapping of str to sequence
        Only ways whose tags have one of the values of each key.

    Attributes
    ----------
    n_outside : int
        Wanted ways that were left out since none of their nodes lies in the area that is asked for.
    """

    n_outside: int = 0

    def __init__(self, classes: frozenset[str] | None, where: Mapping[str, Sequence[Any]]) -> None:
        self._wanted = classes
        self._where = {key: frozenset(map(str, values)) for key, values in where.items()}
        self._is_ruling: dict[str, bool] = {}
        self._number_of: dict[Tags, int] = {}
        self._n_unbuilt = 0
        self._left: dict[str, str] = {}  # words of no tag's own on ways that were left out, and their class
        self._rules: list[_Rules] = []
        self._classes, self._names = _Words(), _Words("")
        self._barriers: dict[int, Any] = {}
        self._id, self._rule, self._name = array("q"), array("i"), array("i")
        self._ref, self._n_refs, self._xy = array("q"), array("q"), array("d")

    @property
    def n_ways(self) -> int:
        """Ways so far."""
        return len(self._id)

    def is_ruling(self, key: str) -> bool:
        """Say whether tags with this key count, beside the name."""
        if key not in self._is_ruling:
            self._is_ruling[key] = (
                key in KIND_KEYS or key in _RULING or key in self._where or may_be_unheeded(key)
            )
        return self._is_ruling[key]

    def rules_of(self, tags: Tags) -> int:
        """Give the number of the rules that tags make, the same for the same tags.

        It is -1 for no wanted road, and ``UNBUILT`` where that is for one that is not there yet.

        Parameters
        ----------
        tags : tuple of (key, value)
            Those whose key is ruling; the same few combinations stand on all ways.
        """
        if tags not in self._number_of:
            rules = self._read_rules(tags)
            if isinstance(rules, int):
                self._number_of[tags] = rules
            else:
                self._number_of[tags] = len(self._rules)
                self._rules.append(rules)
        return self._number_of[tags]

    def count_unbuilt(self, n: int) -> None:
        """Count ways of roads that are not there yet and were not kept."""
        self._n_unbuilt += n

    def _read_rules(self, tags: Tags) -> _Rules | int:
        has = dict(tags)
        word = has.get("highway") or (FERRY if has.get("route") == "ferry" else "")
        if not word or any(has.get(key) not in values for key, values in self._where.items()):
            return NOT_WANTED
        known = osm_class(word, kept=self._wanted or ())
        kind = UNKNOWN_CLASS if known is None else known
        # What nobody knows is kept to be told, also for a profile without roads of that class.
        if self._wanted is not None and known is not None and kind not in self._wanted:
            if is_unbuilt(kind):
                return UNBUILT
            if word != kind:
                self._left[word] = kind
            return NOT_WANTED
        ruling = {key: value for key, value in has.items() if key in _RULING}
        oneway = oneway_code(ruling, kind)
        maxspeed, is_strange = speed_limit(ruling, oneway)
        barrier = barrier_of(ruling)
        return _Rules(
            kind=self._classes[kind],
            class_name=kind,
            access=access_flags(ruling),
            oneway=oneway,
            maxspeed=maxspeed,
            limits=limits_of(ruling) if barrier is None else barrier.limits,
            strange=next(filter(None, map(ruling.get, SPEED_KEYS)), "") if is_strange else "",
            strange_size=_strange_size(ruling),
            unheeded=tuple(item for item in has.items() if is_unheeded(*item)),
            word=word if known not in (None, word) else "",
            unknown_class=word if known is None else "",
            unknown_access=tuple((key, text) for key, text in ruling.items() if _is_unknown(key, text)),
            is_unbuilt=is_unbuilt(kind),
        )

    def add_barrier(self, node: int, tags: Mapping[str, str]) -> None:
        """Keep the barrier of a node, where it is one."""
        barrier = barrier_of(tags)
        if barrier is not None:
            self._barriers[own_id(node)] = barrier

    def add(self, way: int, tags: Mapping[str, str], refs: Sequence[int], xy: bytes) -> None:
        """Keep a way, where it is wanted and has two nodes."""
        if len(refs) < 2:
            return
        rule = self.rules_of(tuple([item for item in tags.items() if self.is_ruling(item[0])]))
        if rule == UNBUILT:
            self._n_unbuilt += 1
        if rule >= 0:
            self._id.append(way)
            self._rule.append(rule)
            self._name.append(self._names[tags.get("name", "")])
            self._ref.extend(refs)
            self._n_refs.append(len(refs))
            self._xy.frombytes(xy)

    def add_many(
        self,
        ways: NDArray[np.int64],
        rules: NDArray[np.int32],
        names: Sequence[str],
        refs: NDArray[np.int64],
        n_refs: NDArray[np.int64],
    ) -> None:
        """Keep many ways that are wanted; their places come with :meth:`place`."""
        self._id.frombytes(ways.tobytes())
        self._rule.frombytes(rules.tobytes())
        self._name.extend([self._names[name] for name in names])
        self._ref.frombytes(refs.tobytes())
        self._n_refs.frombytes(n_refs.tobytes())

    @property
    def refs(self) -> NDArray[np.int64]:
        """Nodes of all ways."""
        return np.frombuffer(self._ref, dtype=np.int64)

    def notes(self, kept: NDArray[np.int64] | None = None) -> tuple[Message, ...]:
        """Say what was selected, and which speed limits were not believed.

        Parameters
        ----------
        kept : int64 array, optional
            Ids of the ways that are left in the area that is asked for; all by default.
        """
        notes = []
        if self._where:
            where = toml_value({key: sorted(values) for key, values in self._where.items()})
            notes.append(
                Message("network.ways_selected", {"n": self.n_ways + self.n_outside, "where": where})
            )
        strange = [(way, rules.strange) for way, rules in self._ways_with("strange", kept)]
        if strange:
            values = ", ".join(list(dict.fromkeys(text for _, text in strange))[:5])
            ways = ", ".join(str(way) for way, _ in strange[:5])
            notes.append(
                Message("network.speeds_not_believed", {"n": len(strange), "values": values, "ways": ways})
            )
        return tuple(notes)

    def notes_of_length(self, roads: Roads, kept: NDArray[np.int64] | None = None) -> tuple[Message, ...]:
        """Say how long the roads are whose tags are not heeded, or not believed; of those kept."""
        unheeded = [(way, *tag) for way, rules in self._ways_with("unheeded", kept) for tag in rules.unheeded]
        strange_sizes = [(way, rules.strange_size) for way, rules in self._ways_with("strange_size", kept)]
        words = [
            self._ways_with(name, kept) for name in ("word", "unknown_class", "unknown_access", "is_unbuilt")
        ]
        n_unbuilt = self._n_unbuilt + len(words[3])
        if not unheeded and not strange_sizes and not any(words) and not n_unbuilt and not self._left:
            return ()
        way, place = np.unique(roads.edge_source, return_inverse=True)
        km = np.bincount(place, weights=roads.edge_length / 1000)
        km_of = dict(zip(way.tolist(), km.tolist(), strict=True))
        notes = tell_unheeded(
            UnheededTag(way, key, value, km_of.get(way, 0.0)) for way, key, value in unheeded
        )
        notes += tell_words(
            [*((rules.word, rules.class_name) for _, rules in words[0]), *self._left.items()],
            [(way, rules.unknown_class) for way, rules in words[1]],
            [(way, f"{key} = {text}") for way, rules in words[2] for key, text in rules.unknown_access],
            km_of,
        )
        if n_unbuilt:
            notes.append(Message("osm.unbuilt", {"n": n_unbuilt}))
        if strange_sizes:
            values = {
                "n": len(strange_sizes),
                "km": sum(km_of.get(way, 0.0) for way, _ in strange_sizes),
                "values": ", ".join(list(dict.fromkeys(text for _, text in strange_sizes))[:5]),
                "ways": ", ".join(str(way) for way, _ in strange_sizes[:5]),
            }
            notes.append(Message("network.limits_unread", values))
        return tuple(notes)

    def _ways_with(self, name: str, kept: NDArray[np.int64] | None) -> list[tuple[int, _Rules]]:
        """Give the ways of those kept, in their order, whose rules have something."""
        has = np.array([bool(getattr(rules, name)) for rules in self._rules], dtype=bool)
        if not has.any():
            return []
        rows = np.flatnonzero(has[np.frombuffer(self._rule, dtype=np.int32)])
        if kept is not None:
            rows = rows[np.isin(own_ids(np.frombuffer(self._id, dtype=np.int64)[rows]), kept)]
        return [(own_id(self._id[row]), self._rules[self._rule[row]]) for row in rows.tolist()]

    def table(self, lonlat: NDArray[np.float64] | None = None) -> WayTable:
        """Give what was collected.

        Parameters
        ----------
        lonlat : float64 array, shape (V, 2), optional
            Places of ``refs``, where they did not come with the ways.
        """
        ref = own_ids(self.refs)
        rule = np.frombuffer(self._rule, dtype=np.int32)
        limits = np.array([rules.limits for rules in self._rules], dtype=np.float32).reshape(-1, 3)[rule]
        start = np.zeros(self.n_ways + 1, dtype=np.int64)
        np.cumsum(np.frombuffer(self._n_refs, dtype=np.int64), out=start[1:])
        return WayTable(
            ref=ref,
            lonlat=np.frombuffer(self._xy, dtype=np.float64).reshape(-1, 2) if lonlat is None else lonlat,
            start=start,
            way_class=np.array([rules.kind for rules in self._rules], dtype=np.int16)[rule],
            oneway=np.array([rules.oneway for rules in self._rules], dtype=np.int8)[rule],
            maxspeed=np.array([rules.maxspeed for rules in self._rules], dtype=np.float64)[rule],
            access=np.array([rules.access for rules in self._rules], dtype=np.int8)[rule],
            name=np.frombuffer(self._name, dtype=np.int32),
            source=own_ids(np.frombuffer(self._id, dtype=np.int64)),
            classes=self._classes.all(),
            names=self._names.all(),
            limits=limits if not np.isnan(limits).all() else None,
            barriers=self._barriers_on(ref, start),
        )

    def _barriers_on(self, refs: NDArray[np.int64], start: NDArray[np.int64]) -> Barriers | None:
        """Lay out the barriers on nodes of the ways, each with a way on which it stands."""
        if not self._barriers:
            return None
        at = np.flatnonzero(np.isin(refs, np.array(list(self._barriers), dtype=np.int64)))
        node, first = np.unique(refs[at], return_index=True)
        row = np.searchsorted(start, at[first], side="right") - 1
        way = own_ids(np.frombuffer(self._id, dtype=np.int64))[row]
        return Barriers.of(
            {number: self._barriers[number] for number in node.tolist()},
            dict(zip(node.tolist(), way.tolist(), strict=True)),
        )


def _is_unknown(key: str, text: str) -> bool:
    """Whether a tag of who may pass, or in which direction, has a value that nobody knows."""
    if key in _ONE_WAY:
        return not is_known_oneway(text)
    return key in _USERS and not is_known_access(text)


def _strange_size(tags: Mapping[str, str]) -> str:
    """Give the first limit of height, width or weight that is neither believed nor a word for none."""
    limits = read_data("standards/access")["limits"]
    for name in _SIZES:
        for key in limits[name]["tags"]:
            if key in tags and is_strange_size(tags[key], name):
                return f"{key}={tags[key]}"
    return ""
