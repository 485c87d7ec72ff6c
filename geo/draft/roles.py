"""What each source is taken for, and why: names, headers, rows and shapes weighed against each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, NamedTuple

import geopandas as gpd

from geo.calls import STAMPS
from geo.draft.look import Look
from geo.draft.names import find_words, says
from geo.draft.row_names import kind_of_name
from geo.layers import find_call_columns
from geo.messages import Message
from geo.network import RoadWords, class_column
from geo.schema import FACILITY_KINDS
from geo.words import word_lists

__all__ = ["CLEAR", "ROLES", "TAKEN", "Claim", "Role", "find_roles", "kind_of_row", "say_role"]


class Role(NamedTuple):
    """What a source may be: a section of the study file, and the kind, level or method in it."""

    section: str
    kind: str = ""


_SENSITIVE: Final = ("school", "kindergarten", "hospital", "cinema", "mall", "stadium", "hazmat")
_OBSTACLES: Final = ("expressway", "railway", "river", "sea")
ROLES: Final[Mapping[str, Role]] = MappingProxyType(
    {
        **{kind: Role("facilities", kind) for kind in FACILITY_KINDS},
        **{kind: Role("sensitive", kind) for kind in _SENSITIVE},
        **{kind: Role("obstacles", kind) for kind in _OBSTACLES},
        **{level: Role("zones", level) for level in ("district", "town", "village")},
        "roads": Role("roads"),
        "people": Role("demand"),
        "villages": Role("villages"),
        "land": Role("land"),
        "water": Role("barriers"),
        "flood": Role("hazards"),
        "built_up": Role("built_up"),
        "plots": Role("plots"),
        "keep_out": Role("keep_out"),
        "calls": Role("calls"),
        "plan": Role("plan"),
    }
)
"""Each role by the name that word lists use."""
_FITS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "facilities": ("point", "polygon", "table", "osm"),
        "sensitive": ("point", "polygon"),
        "obstacles": ("line", "polygon"),
        "zones": ("polygon", "osm"),
        "roads": ("line", "osm", "graphml"),
        "demand": ("point", "polygon", "raster", "osm", "table"),
        "villages": ("table", "point", "polygon"),
        "land": ("polygon",),
        "barriers": ("polygon",),
        "hazards": ("polygon",),
        "built_up": ("polygon",),
        "plots": ("polygon", "point"),
        "keep_out": ("polygon",),
        "calls": ("point", "table"),
        "plan": ("plan",),
    }
)
"""Shapes that a section can use."""
_POINTS_ALONE: Final = ("fire_station", "micro_station", "hydrant", "team", "gas_repair")
TAKEN: Final = 1.0
"""Evidence below this is none."""
CLEAR: Final = 0.8
"""A runner-up that is nearer than this is asked about."""
_WEIGHTS: Final = (2.0, 1.5, 0.8)
_BESIDE: Final = 0.4
_FEW_ROWS: Final = 3
_FEWEST_STAMPS: Final = 3
"""Columns of times (call, dispatch, leaving, arrival, return) by which a table is one of calls."""
_LEAST_SAID: Final = 0.2


@dataclass(frozen=True)
class Claim:
    """How strongly a source is a role, and why.

    Parameters
    ----------
    role : Role
        The role.
    score : float
        Sum of the evidence; below :data:`TAKEN` there is none to speak of.
    reasons : tuple of Message
        What speaks for it, the strongest first.
    n_rows : int
        Rows of it, where a column tells kinds; 0 for all.
    """

    role: Role
    score: float
    reasons: tuple[Message, ...] = ()
    n_rows: int = 0


@dataclass
class _Scores:
    """Evidence by role, collected."""

    look: Look
    points: dict[str, float] = field(default_factory=dict)
    reasons: dict[str, list[tuple[float, Message]]] = field(default_factory=dict)

    def add(self, role: str, points: float, reason: Message) -> None:
        if role not in ROLES or self.look.shape not in _FITS[ROLES[role].section]:
            return
        if self.look.shape == "polygon" and role in _POINTS_ALONE:
            return  # more likely the area that a station serves
        self.points[role] = self.points.get(role, 0.0) + points
        self.reasons.setdefault(role, []).append((points, reason))

    def claims(self) -> list[Claim]:
        ranked = sorted(self.points.items(), key=lambda entry: -entry[1])
        return [
            Claim(
                ROLES[role],
                score,
                tuple(reason for _, reason in sorted(self.reasons[role], key=lambda entry: -entry[0])),
            )
            for role, score in ranked
        ]


def find_roles(look: Look) -> list[Claim]:
    """Weigh what a source may be.

    Parameters
    ----------
    look : Look
        What was seen of it.

    Returns
    -------
    list of Claim
        The strongest first. Where a column tells kinds of facility, and in an OpenStreetMap file, each kind
        has a claim of its own with its number of rows, and all hold at once.
    """
    if look.shape == "plan":
        return [Claim(ROLES["plan"], 10.0, (Message("draft.why_plan"),))]
    if look.shape in ("osm", "graphml"):
        return _of_holds(look)
    if calls := _of_stamps(look):
        return calls
    if kinds := _of_kinds(look):
        return kinds
    scores = _Scores(look)
    if look.shape == "none":
        # What cannot be read may still be missed: its name says as what.
        return _of_unread(look)
    if _is_other(look):
        return []
    _by_names(look, scores)
    if look.shape == "raster":
        _by_raster(look, scores)
    else:
        _by_headers(look, scores)
        _by_rows(look, scores)
        _by_shape(look, scores)
    return [claim for claim in scores.claims() if claim.score >= TAKEN and _is_borne_out(claim, look)]


def _of_holds(look: Look) -> list[Claim]:
    """Give what a file of a map holds."""
    claims = []
    for name, n in look.holds.items():
        role = Role("demand", "places") if name == "people" else ROLES.get(name)
        if role is not None:
            # of roads it is only known that there are some
            key = "draft.why_map" if n > 1 else "draft.why_map_some"
            claims.append(Claim(role, 1.5, (Message(key, {"n": n, "what": say_role(role)}),)))
    return claims


def _of_kinds(look: Look) -> list[Claim]:
    """Give the kinds of facility that a column of the source tells apart."""
    counts = look.count_kinds()
    facilities = {kind: n for kind, n in counts.items() if kind in FACILITY_KINDS}
    if not facilities or sum(facilities.values()) * 2 < counts.get("village", 0):
        return []
    claims = []
    for kind, n in facilities.items():
        reason = Message("draft.why_kinds", {"n": n, "n_rows": look.n_rows})
        claims.append(Claim(ROLES[kind], 5.0, (reason,), n))
    if counts.get("village", 0) > _FEW_ROWS and "people" in look.table:
        n = counts["village"]
        reason = Message("draft.why_kinds", {"n": n, "n_rows": look.n_rows})
        claims.append(Claim(ROLES["people"], 5.0, (reason,), n))
    return claims


def _of_stamps(look: Look) -> list[Claim]:
    """Tell records of calls by their columns of times, whatever else a name says."""
    if look.shape not in _FITS["calls"]:
        return []
    columns = find_call_columns(look.headers.get(str(name), str(name)) for name in look.table.columns)
    stamps = tuple(header for ours, header in columns.items() if ours in STAMPS)
    if len(stamps) < _FEWEST_STAMPS:
        return []
    return [Claim(ROLES["calls"], 5.0, (Message("draft.why_stamps", {"headers": stamps}),))]


def _of_unread(look: Look) -> list[Claim]:
    hits = find_words(look.source.names[0])
    if not hits or hits[-1][0] not in ROLES:
        return []
    role, word = hits[-1]
    return [
        Claim(ROLES[role], TAKEN, (Message("draft.why_name", {"name": look.source.names[0], "word": word}),))
    ]


def _by_names(look: Look, scores: _Scores) -> None:
    """Weigh the words in the names; of several in one name the last is what the name is about."""
    for name, weight in zip(look.source.names, (*_WEIGHTS, *[_WEIGHTS[-1]] * 20), strict=False):
        hits = find_words(name)
        for place, (role, word) in enumerate(hits):
            is_head = place == len(hits) - 1 or role == "people"
            reason = Message("draft.why_name", {"name": name, "word": word})
            scores.add(role, weight if is_head else weight * _BESIDE, reason)


def _is_other(look: Look) -> bool:
    """Whether the nearest name that says anything says something that is no layer of a study."""
    hits = next(filter(None, map(find_words, look.source.names)), [])
    return bool(hits) and hits[-1][0] == "other"


def _by_raster(look: Look, scores: _Scores) -> None:
    name = says("raster", " ".join((*look.source.names, look.label)))
    if name == "people":
        scores.add("people", 1.5, Message("draft.why_raster"))
    elif name == "other":
        scores.points.clear()
    else:
        scores.add("people", TAKEN, Message("draft.why_only_raster"))


_HEADERS: Final = (
    ("people", "people", 1.4, ("point", "table", "polygon")),
    ("people", "villages", 0.4, ("table",)),
    ("turnout_s", "fire_station", 1.2, ("point", "table")),
    ("crews", "fire_station", 1.0, ("point", "table")),
    ("flow_lps", "hydrant", 1.5, ("point", "table")),
    ("is_working", "hydrant", 0.6, ("point", "table")),
    ("places", "shelter", 1.4, ("point", "table", "polygon")),
)
"""Our column, what it speaks for, how much, in which shapes."""


def _by_headers(look: Look, scores: _Scores) -> None:
    for column, role, points, shapes in _HEADERS:
        if column in look.headers and look.shape in shapes:
            scores.add(role, points, Message("draft.why_header", {"header": look.headers[column]}))
    if look.shape == "line":
        known = word_lists("road")["columns"]
        headers = {str(header).casefold(): str(header) for header in look.table.columns}
        for column in ("highway", "oneway", "maxspeed"):
            header = next((headers[word] for word in known[column] if word in headers), None)
            if header is not None:
                scores.add("roads", 0.8, Message("draft.why_header", {"header": header}))
        if "roads" not in scores.points and (header := _road_classes(look)) is not None:
            named = look.headers.get(header, header)
            scores.add("roads", 0.8, Message("draft.why_road_classes", {"header": named}))
    if look.shape in ("point", "table"):
        own = {role for header in look.table.columns for role, _ in find_words(str(header))}
        for role in own & set(FACILITY_KINDS):
            header = next(str(h) for h in look.table.columns if role in dict(find_words(str(h))))
            scores.add(role, 0.5, Message("draft.why_header", {"header": header}))
    if "station_class" in look.table and (share := _classed(look)) > 0.5:
        header = look.headers["station_class"]
        scores.add("fire_station", 1.6 * share, Message("draft.why_classes", {"header": header}))


def _road_classes(look: Look) -> str | None:
    """Give the header, whatever it is, under which most cells are words of classes of roads."""
    if look.shapes is None or not len(look.table):
        return None
    return class_column(gpd.GeoDataFrame(look.table, geometry=look.shapes), RoadWords())


def _classed(look: Look) -> float:
    """Share of rows whose class is one of fire stations."""
    words = [word for listed in word_lists("facility")["station_class"].values() for word in listed]
    texts = look.table["station_class"].dropna().astype(str).str.casefold()
    return float(texts.map(lambda text: any(word in text for word in words)).mean()) if len(texts) else 0.0


def _by_rows(look: Look, scores: _Scores) -> None:
    """Weigh the names of the rows: 枕云消防救援站 is a station, 北村 a village, 城桥镇 a town."""
    names = look.names
    if not len(names):
        return
    words = names.map(kind_of_row)
    shares = words[words != ""].value_counts() / len(names)
    for role, share in shares.items():
        example = names[words == role].iloc[0]
        points = 2.4 * float(share)
        if role == "villages":
            points = 1.2 * float(share)
            if look.shape == "polygon":
                _add_row(scores, "village", 1.4 * float(share), example)
            if "people" in look.table:
                _add_row(scores, "people", points, example)
        if role == "town" and look.shape in ("point", "table"):
            role, points = "people", 0.8 * float(share) if "people" in look.table else 0.0
        _add_row(scores, str(role), points, example)


def _is_borne_out(claim: Claim, look: Look) -> bool:
    """Whether Chinese names of rows do not say that a list of villages or towns is one of something else."""
    wanted = {"villages": "villages", "village": "villages", "town": "town"}.get(
        claim.role.kind or claim.role.section
    )
    names = look.names[~look.names.map(str.isascii).astype(bool)]
    if wanted is None or not len(names):
        return True
    return bool((names.map(kind_of_row) == wanted).mean() >= _LEAST_SAID)


def _add_row(scores: _Scores, role: str, points: float, example: str) -> None:
    if points > 0.2:
        scores.add(role, points, Message("draft.why_rows", {"example": example[:40]}))


def kind_of_row(name: str) -> str:
    """Give the role that the name of one row says, empty where it says none."""
    return kind_of_name(name, (*FACILITY_KINDS, *_SENSITIVE))


def _by_shape(look: Look, scores: _Scores) -> None:
    """Add what the shape alone says, where nothing else is drawn like that."""
    if look.shape == "line":
        scores.add("roads", 0.7, Message("draft.why_lines", {"n": look.n_rows}))
    if look.shape == "polygon" and "people" in look.headers and _is_grid(look):
        scores.add("people", 1.5, Message("draft.why_grid", {"n": look.n_rows}))


def _is_grid(look: Look) -> bool:
    return any(says("grid", name) for name in look.source.names)


def say_role(role: Role) -> Message:
    """Give what a role is called."""
    name = role.kind if role.section in ("facilities", "sensitive", "obstacles", "zones") else role.section
    return Message(f"draft.role_{name}")
