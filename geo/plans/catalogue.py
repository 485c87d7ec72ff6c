"""The plan packs for a planner to read and to copy, and the standards' numbers as text."""

from __future__ import annotations

import math
import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from geo.errors import StudyError
from geo.files import write_text_whole
from geo.messages import Message
from geo.plans.methods import METHODS, UNITS
from geo.plans.needs import tell_need
from geo.plans.plan import COMPARATORS, LAYERS, Plan, Project, Target, list_plans, load_plan
from geo.standards import Rule
from geo.words import Lang, data_dir, say

__all__ = ["copy_plan", "tell_conflicts", "tell_plan", "tell_plans", "tell_rules"]

_SIGNS: Final = {">=": "≥", "<=": "≤"}
_PLAN: Final = re.compile(r"^\s*\[plan\]", re.MULTILINE)
_ID: Final = re.compile(r'^(id\s*=\s*)"[^"]*"', re.MULTILINE)


def tell_plans(*, lang: Lang) -> str:
    """Tell the embedded plans: name, title, how many targets and projects, document.

    Examples
    --------
    >>> print(tell_plans(lang="en").splitlines()[0])
    chongming  Chongming district of Shanghai: emergency management, 14th five-year plan
    """
    return "\n".join(_head(load_plan(name), lang=lang) for name in list_plans())


def tell_plan(plan: Plan, *, lang: Lang) -> str:
    """Tell a plan: each target with its value, how it is computed, what it needs and where it stands."""
    parts = [_head(plan, lang=lang), *(_target(target, lang=lang) for target in plan.targets)]
    if plan.projects:
        rows = [f"  {_project(project, lang=lang)}" for project in plan.projects]
        parts.append("\n".join([_say("projects", lang), *rows]))
    return "\n\n".join(parts)


def copy_plan(plan_id: str, out: str | Path, *, source: str, lang: Lang = "zh") -> Plan:
    """Write a copy of an embedded plan under an id of its own, with comments that say how to change it.

    Parameters
    ----------
    plan_id : str
        Id of the copy: letters, digits, ``-`` and ``_``.
    out : path
        File to write, ending in ``.toml``; it must not be there yet.
    source : str
        The plan to copy: a name of :func:`list_plans`, or a planner's own ``.toml`` file.
    lang : {"zh", "en"}
        Language of the comments.

    Returns
    -------
    Plan
        The copy as it is read back.

    Raises
    ------
    StudyError
        The file is there already, the id is that of an embedded plan, or there is no such source.
    """
    path = Path(out)
    if path.suffix != ".toml":
        raise StudyError(Message("plans.file_ending", {"file": path.name}))
    if os.path.lexists(path):
        raise StudyError(Message("plans.file_there", {"file": path}))
    if plan_id in list_plans():
        raise StudyError(Message("plans.id_embedded", {"id": plan_id}))
    if not re.fullmatch(r"[\w-]+", plan_id):
        raise StudyError(Message("plans.id_letters", {"id": plan_id}))
    text = _copied(plan_id, path.name, load_plan(source), _text(source), lang=lang)
    # The copy is read before it stands under its name: a file that does not load is never left behind.
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder) / path.name
        trial.write_text(text, encoding="utf-8")
        plan = load_plan(trial)
    write_text_whole(path, text)
    return plan


def tell_rules(rules: Sequence[Rule], *, lang: Lang) -> str:
    """Tell numbers of standards, one a line, with what must be known about each below it."""
    lines = []
    for rule in rules:
        lines.append(
            _say(
                "rule",
                lang,
                id=rule.id,
                comparator=_SIGNS.get(rule.comparator, rule.comparator),
                number=f"{rule.number:,g}",
                unit=say(f"plans.rule_unit_{rule.unit}", lang=lang) if rule.unit else "",
                level=_say(f"level_{rule.level}", lang),
                text=rule.text_zh if lang == "zh" else rule.text_en,
                source=rule.source,
            )
        )
        if note := rule.note_zh if lang == "zh" else rule.note_en:
            lines.append("  " + _say("rule_note", lang, note=note))
        if rule.mark == "M":
            lines.append("  " + _say("rule_from_memory", lang))
    return "\n".join(lines)


def tell_conflicts(pairs: Sequence[tuple[Rule, Rule]], *, lang: Lang) -> str:
    """Tell the pairs of rules in which standards or editions differ."""
    if not pairs:
        return _say("no_conflicts", lang)
    return "\n\n".join([_say("conflicts", lang), *(tell_rules(pair, lang=lang) for pair in pairs)])


def _say(key: str, lang: Lang, /, **values: Any) -> str:
    return Message(f"plans.{key}", values).say(lang).strip("\n")


def _head(plan: Plan, *, lang: Lang) -> str:
    title = plan.name_zh if lang == "zh" else plan.name_en
    base = plan.base_year if plan.base_year is not None else _say("no_year", lang)
    counts = _say("counts", lang, n=len(plan.targets), projects=len(plan.projects))
    document = _say("document", lang, document=plan.document or _say("no_year", lang))
    years = _say("years", lang, base=base, year=plan.target_year)
    return "\n".join([f"{plan.id}  {title}", f"  {counts}", f"  {years}", f"  {document}"])


def _target(target: Target, *, lang: Lang) -> str:
    wording, reading = (
        (target.name_zh, target.reading_zh) if lang == "zh" else (target.name_en, target.reading_en)
    )
    title = _say("reading", lang, wording=wording, reading=reading) if reading else wording
    kind = _say(f"kind_{target.kind}", lang)
    unit = say(f"plans.unit_{target.unit}", lang=lang)
    number = (
        _say("value_none", lang, unit=unit, kind=kind)
        if math.isnan(target.value)
        else _say(
            "value",
            lang,
            comparator=_SIGNS.get(target.comparator, target.comparator),
            value=f"{target.value:,g}",
            unit=unit,
            kind=kind,
        )
    )
    source = " ".join(part for part in (target.source, target.section) if part)
    rows = (number, _how(target, lang=lang), _layers(target, lang=lang), _say("source", lang, source=source))
    return "\n  ".join([f"{target.id}  {title}", *rows])


def _how(target: Target, *, lang: Lang) -> str:
    how = _say(f"method_{target.method}", lang)
    if not target.settings:
        return _say("how", lang, how=how)
    settings = tuple(f"{key} = {_plain(value)}" for key, value in target.settings.items())
    return _say("how_settings", lang, how=how, settings=settings)


def _plain(value: Any) -> str:
    """Write a setting as a reader would: names of stations instead of tables."""
    if isinstance(value, list):
        return " + ".join(str(row.get("name", row)) if isinstance(row, dict) else str(row) for row in value)
    return str(value).lower() if isinstance(value, bool) else f"{value}"


def _layers(target: Target, *, lang: Lang) -> str:
    names = tuple(
        tell_need(layer, ", ".join(columns) if lang == "zh" else "").say(lang)
        + (f" [{layer}: {', '.join(columns)}]" if columns else "")
        for layer, columns in target.layers.items()
    )
    return _say("layers", lang, layers=names)


def _project(project: Project, *, lang: Lang) -> str:
    details = ""
    if project.station_class:
        details += _say("project_class", lang, what=_say(f"class_{project.station_class}", lang))
    if not math.isnan(project.site_m2):
        details += _say("project_site", lang, m2=project.site_m2)
    if place := project.place_zh if lang == "zh" else project.place_en:
        details += _say("project_place", lang, what=place)
    if project.target:
        details += _say("project_target", lang, what=project.target)
    name = project.name_zh if lang == "zh" else project.name_en
    kind = _say(f"facility_{project.kind}", lang)
    return _say("project", lang, id=project.id, name=name, n=project.n, kind=kind, details=details)


def _text(source: str) -> str:
    path = Path(source) if source.endswith(".toml") else data_dir() / "plans" / f"{source}.toml"
    return path.read_text(encoding="utf-8-sig")


def _copied(plan_id: str, file: str, plan: Plan, text: str, *, lang: Lang) -> str:
    """Write the new head over the pack's own comment, and the new id into its [plan]."""
    head = _say(
        "new_head",
        lang,
        id=plan_id,
        source=plan.id,
        file=file,
        comparators=" ".join(COMPARATORS),
        units=" | ".join(UNITS),
        layers=" ".join(LAYERS),
    )
    methods = "\n".join(_method(name, lang=lang) for name in sorted(METHODS))  # values are told on one line
    start = _PLAN.search(text)
    body = text[start.start() :] if start else text
    renamed = _ID.sub(lambda line: f'{line[1]}"{plan_id}"', body, count=1)
    return f"{head}\n{methods}\n\n{renamed}"


def _method(name: str, *, lang: Lang) -> str:
    method = METHODS[name]
    names = ", ".join(
        [*sorted(method.settings), *([f"[{', '.join(sorted(method.optional))}]"] if method.optional else [])]
    )
    settings = f" {{ {names} }}" if names else ""
    return f"#   {name}{settings}: {_say(f'method_{name}', lang)}"
