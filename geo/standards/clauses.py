"""The numbers of the standards as data, each with its standard, edition, clause, level and mark."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias

from geo.errors import StudyError
from geo.messages import Message
from geo.settings import NOTHING, read_section, unknown
from geo.words import data_dir

__all__ = ["Rule", "conflicts", "get_rule", "load_rules", "number", "rules"]

Level: TypeAlias = Literal["should", "must", "comparison", "method"]
Mark: TypeAlias = Literal["V", "V2", "M"]
_BINDING: Final = ("should", "must")


@dataclass(frozen=True)
class Rule:
    """One number of a standard; a ``[[rule]]`` of ``layers/standards/*.toml`` has these keys.

    Parameters
    ----------
    id : str
        Name of the rule, unique over all files, such as ``"zone-first-area"``.
    subject : str
        What the number is about: rules of the same subject and comparator may differ between standards.
    number : float
        The number, in ``unit``.
    unit : str
        Such as ``"km2"``, ``"m"``, ``"s"``, ``"people"``; a share is in ``"%"``.
    comparator : str
        How a value must stand to the number; ``"="`` for a number that is used and not held against.
    level : {"should", "must", "comparison", "method"}
        宜 or 不宜, 应 or 不应; ``comparison`` for other countries, ``method`` for a number of a formula.
    standard, edition, clause : str
        Where it stands.
    mark : {"V", "V2", "M"}
        Read in the clause or a copy of it; read in a source that quotes it; from memory.
    text_zh, text_en : str
        The rule in words.
    note_zh, note_en : str
        What else must be known.
    """

    id: str
    subject: str
    number: float
    unit: str
    comparator: Literal["<=", "<", ">=", ">", "="]
    level: Level
    standard: str
    edition: str
    clause: str
    mark: Mark
    text_zh: str
    text_en: str
    note_zh: str = ""
    note_en: str = ""

    @property
    def source(self) -> str:
        """Standard, edition and clause, and the mark."""
        parts = (f"{self.standard}-{self.edition}" if self.edition else self.standard, self.clause)
        return f"{' '.join(part for part in parts if part)} [{self.mark}]"


@cache
def load_rules(folder: Path | None = None) -> Mapping[str, Rule]:
    """Read every ``[[rule]]`` of the TOML files of a folder, by id; files without rules are passed over.

    Parameters
    ----------
    folder : Path, optional
        Another folder than the embedded ``layers/standards``.

    Raises
    ------
    StudyError
        A rule lacks a key, has one that is unknown or of the wrong type, or an id is there twice.

    Examples
    --------
    >>> rule = load_rules()["shelter-share-of-people"]
    >>> rule.number, rule.unit, rule.comparator, rule.mark
    (15.0, '%', '>=', 'V')
    """
    by_id: dict[str, Rule] = {}
    faults: list[Message] = []
    for path in sorted((folder or data_dir() / "standards").glob("*.toml")):
        for i, row in enumerate(_rows(path), start=1):
            rule = read_section(
                Rule, row, where=f"{path.name} [[rule]] {i}", faults=faults, may_be_blank=True
            )
            if rule is not None and rule.id in by_id:
                faults.append(Message("standards.rule_twice", {"file": path.name, "i": i, "rule": rule.id}))
            if rule is not None:
                by_id[rule.id] = rule
    if faults:
        head = Message("standards.rule_faults", {"n": len(faults)})
        for fault in faults:
            head = Message("settings.with_line", {"head": head, "line": fault})
        raise StudyError(head)
    return MappingProxyType(by_id)


def _rows(path: Path) -> Iterable[Any]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StudyError(Message("standards.no_toml", {"file": path, "why": error})) from error
    rows = content.get("rule", [])
    return rows if isinstance(rows, list) else [rows]


def rules(*, subject: str) -> tuple[Rule, ...]:
    """Give the rules on a subject, of every standard and edition.

    Raises
    ------
    StudyError
        No rule is about this subject; the message names the nearest.

    Examples
    --------
    >>> [rule.number for rule in rules(subject="shelter_area_short")]
    [2.0]
    """
    about = tuple(rule for rule in load_rules().values() if rule.subject == subject)
    if not about:
        raise StudyError(
            unknown(
                Message("standards.what_subject"), subject, {rule.subject for rule in load_rules().values()}
            )
        )
    return about


def get_rule(rule_id: str) -> Rule:
    """Give a rule by its id.

    Raises
    ------
    StudyError
        No rule has this id; the message names the nearest.
    """
    known = load_rules()
    if rule_id not in known:
        raise StudyError(unknown(Message("standards.what_rule"), rule_id, set(known)))
    return known[rule_id]


def number(rule_id: str, *, own: Mapping[str, float] = NOTHING) -> float:
    """Give the number of a rule, unless the study sets its own.

    Parameters
    ----------
    rule_id : str
        A key of :func:`load_rules`.
    own : mapping of str to float
        Numbers that the study sets, by rule id; they come first.

    Raises
    ------
    StudyError
        No such rule; or the number is from memory (mark M) and the study does not set it.

    Examples
    --------
    >>> number("shelter-share-of-people")
    15.0
    >>> number("shelter-share-of-people", own={"shelter-share-of-people": 20})
    20.0
    >>> number("shelter-area-short")
    Traceback (most recent call last):
    ...
    geo.errors.StudyError: shelter-area-short (GB 51143-2015 [M]) is from memory; set it in the study
    """
    rule = get_rule(rule_id)
    if rule_id in own:
        return float(own[rule_id])
    if rule.mark == "M":
        raise StudyError(Message("standards.from_memory", {"rule": rule.id, "source": rule.source}))
    return rule.number


def conflicts(among: Iterable[Rule] | None = None) -> tuple[tuple[Rule, Rule], ...]:
    """Give the pairs of rules in which standards or editions differ on one subject.

    Both are kept: the checks tell both. Standards of other countries are for comparison and contradict
    nothing.

    Parameters
    ----------
    among : iterable of Rule, optional
        Other rules than the embedded ones.
    """
    binding = sorted(
        (rule for rule in among or load_rules().values() if rule.level in _BINDING),
        key=lambda rule: (rule.subject, rule.comparator),
    )
    groups = itertools.groupby(binding, key=lambda rule: (rule.subject, rule.comparator))
    pairs = (pair for _, group in groups for pair in itertools.combinations(group, 2))
    return tuple((one, other) for one, other in pairs if one.number != other.number)
