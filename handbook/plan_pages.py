"""Plans with their targets, and the numbers of the standards, from ``layers/``."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from geo.plans import Plan, Project, Target, list_plans, load_plan
from geo.standards import Rule, load_profile, load_response, load_rules, profile_names, response_names
from geo.words import Lang, data_dir, read_data, say
from handbook import wording

__all__ = ["plans_page", "standards_page"]

SIGNS = {">=": "≥", "<=": "≤"}


def plans_page(lang: Lang) -> str:
    """Write the page of all plans."""
    parts = [f"# {wording.say('plans_title', lang)}", wording.say("plans_intro", lang)]
    for name in list_plans():
        parts += _plan(load_plan(name), lang)
    return "\n\n".join(parts) + "\n"


def _plan(plan: Plan, lang: Lang) -> list[str]:
    title = plan.name_zh if lang == "zh" else plan.name_en
    years = f"{plan.base_year or '?'} – {plan.target_year}"
    heads = [wording.say(key, lang) for key in ("target", "wanted", "kind", "how", "needs", "source")]
    parts = [f"## {title} {{#{plan.id}}}", f'`plan = "{plan.id}"` · {plan.document} · {years}']
    parts.append(wording.table(heads, [_target(target, lang) for target in plan.targets]))
    if plan.projects:
        items = "\n".join(f"- {_project(project, lang)}" for project in plan.projects)
        parts += [f"**{wording.say('projects', lang)}**", items]
    return parts


def _target(target: Target, lang: Lang) -> list[str]:
    name, reading = (
        (target.name_zh, target.reading_zh) if lang == "zh" else (target.name_en, target.reading_en)
    )
    unit = say(f"plans.unit_{target.unit}", lang=lang)
    sign = SIGNS.get(target.comparator, target.comparator)
    wanted = unit if math.isnan(target.value) else f"{sign} {target.value:,g} {unit}"
    settings = ", ".join(f"{key} = {_plain(value)}" for key, value in target.settings.items())
    how = say(f"plans.method_{target.method}", lang=lang) + (f" ({settings})" if settings else "")
    layers = ", ".join(say(f"plans.layer_{layer}", lang=lang) for layer in target.layers)
    source = " ".join(filter(None, [target.source, target.section]))
    kind = wording.say(f"kind_{target.kind}", lang)
    return [
        f"**{target.id}** {name}" + (f": {reading}" if reading else ""),
        wanted,
        kind,
        how,
        layers,
        source,
    ]


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return " + ".join(str(row.get("name", row)) if isinstance(row, dict) else str(row) for row in value)
    return str(value)


def _project(project: Project, lang: Lang) -> str:
    name, place = (project.name_zh, project.place_zh) if lang == "zh" else (project.name_en, project.place_en)
    count = f" x {project.n}" if project.n > 1 else ""
    return f"{name}{count}" + (f" ({place})" if place else "")


def standards_page(lang: Lang) -> str:
    """Write the page of clocks, speeds and all rules."""
    parts = [f"# {wording.say('standards_title', lang)}", wording.say("standards_intro", lang)]
    parts += [f"## {wording.say('clocks', lang)} {{#clocks}}", _clocks(lang)]
    parts += [f"## {wording.say('speeds', lang)} {{#speeds}}", _speeds(lang), _speed_sources()]
    by_file: dict[str, list[Rule]] = {}
    for path in sorted((data_dir() / "standards").glob("*.toml")):
        names = [row["id"] for row in read_data(f"standards/{path.stem}").get("rule", [])]
        if names:
            by_file[path.stem] = [load_rules()[name] for name in names]
    heads = [wording.say(key, lang) for key in ("rule", "number_of", "level", "mark", "source")]
    for stem, rules in by_file.items():
        parts += [
            f"## {stem} {{#{Path(stem).name}}}",
            wording.table(heads, [_rule(rule, lang) for rule in rules]),
        ]
    return "\n\n".join(parts) + "\n"


def _rule(rule: Rule, lang: Lang) -> list[str]:
    text, note = (rule.text_zh, rule.note_zh) if lang == "zh" else (rule.text_en, rule.note_en)
    unit = say(f"plans.rule_unit_{rule.unit}", lang=lang) if rule.unit else ""
    number = f"{SIGNS.get(rule.comparator, rule.comparator)} {rule.number:,g} {unit}"
    source = " ".join(filter(None, [rule.standard, rule.edition, rule.clause]))
    level = wording.say(f"level_{rule.level}", lang)
    return [text + (f" ({note})" if note else ""), number, level, f"**{rule.mark}**", source]


def _clocks(lang: Lang) -> str:
    keys = ("clock", "starts", "call_s", "turnout_s", "travel_s", "limit_s", "source")
    rows = []
    for name in response_names():
        clock = load_response(name)
        start = wording.say(f"starts_{clock.clock_start}", lang)
        parts = [f"{value:g}" for value in (clock.call_s, clock.turnout_s, clock.travel_s, clock.limit_s)]
        rows.append([f"`{name}`", start, *parts, clock.source])
    return wording.table([wording.say(key, lang) for key in keys], rows)


def _speeds(lang: Lang) -> str:
    profiles = {name: load_profile(name) for name in profile_names()}
    classes = dict.fromkeys(road for profile in profiles.values() for road in profile.speeds_kph)
    rows = [
        [
            f"`{road}`",
            *(
                f"{profile.speeds_kph[road]:g}" if road in profile.speeds_kph else "–"
                for profile in profiles.values()
            ),
        ]
        for road in classes
    ]
    return wording.table([wording.say("road_class", lang), *(f"`{name}`" for name in profiles)], rows)


def _speed_sources() -> str:
    return "\n".join(f"- `{name}`: {load_profile(name).source}" for name in profile_names())
