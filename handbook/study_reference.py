"""Every setting of a study file, from the dataclasses that hold them and one line each of what they do."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from geo.crs import SystemSpec
from geo.ranges import Range, types_of
from geo.schema import FACILITY_KINDS, FACILITY_STATUSES, STATION_CLASSES
from geo.study import Study
from geo.study.settings import LayerSpec
from geo.words import Lang, say
from handbook import wording

__all__ = ["owner_of", "reference_page", "sections"]

WORDS_OF: Mapping[tuple[str, str], Sequence[str]] = {
    ("FacilitySpec", "kind"): FACILITY_KINDS,
    ("FacilitySpec", "status"): FACILITY_STATUSES,
    ("AddSpec", "kind"): FACILITY_KINDS,
    ("CandidatesSpec", "station_class"): STATION_CLASSES,
    ("QualitySpec", "station_class"): STATION_CLASSES,
}
"""Choices that a list of the schema holds: their type says text alone."""


def sections() -> Iterator[tuple[str, type[Any]]]:
    """Give each section of a study file with its dataclass, and the rows inside a section behind it."""
    for name, kind in types_of(Study).items():
        spec = SystemSpec if name == "systems" else _spec_in(kind)
        if spec is None:
            continue
        yield name, spec
        for inner, part in types_of(spec).items():
            row = _spec_in(part) if get_origin(part) is tuple else None
            if row is not None:
                yield f"{name}.{inner}", row


def _spec_in(kind: Any) -> type[Any] | None:
    """Give the dataclass that a section holds: itself, one or nothing, or several."""
    if dataclasses.is_dataclass(kind):
        return kind  # type: ignore[return-value]
    return next((spec for spec in map(_spec_in, get_args(kind)) if spec is not None), None)


def owner_of(spec: type[Any], name: str) -> type[Any]:
    """Give the dataclass that declares a setting, among those that a section's dataclass is made of."""
    return next(cls for cls in reversed(spec.__mro__) if name in vars(cls).get("__annotations__", {}))


def reference_page(lang: Lang) -> str:
    """Write the page of all settings in a language."""
    parts = [f"# {wording.say('reference_title', lang)}", wording.say("reference_intro", lang)]
    parts += [f"## {wording.say('every_layer', lang)} {{#layer}}", wording.say("every_layer_intro", lang)]
    parts.append(_table(LayerSpec, [field.name for field in dataclasses.fields(LayerSpec)], lang))
    for name, spec in sections():
        level = "###" if "." in name else "##"
        parts += [f"{level} `{_written(name)}` {{#{name.replace('.', '-').replace('_', '-')}}}"]
        parts.append(wording.read_words("settings")["sections"][name][lang])
        own = [field.name for field in dataclasses.fields(spec)]
        if issubclass(spec, LayerSpec):
            parts.append(wording.say("layer_too", lang))
            own = [setting for setting in own if owner_of(spec, setting) is not LayerSpec]
        if name in ("scenarios.limit", "scenarios.speed", "scenarios.slow"):
            parts.append(wording.say("place_too", lang))
            own = [setting for setting in own if owner_of(spec, setting) is spec]
        if own:
            parts.append(_table(spec, own, lang))
    return "\n\n".join(parts) + "\n"


def _written(name: str) -> str:
    """Give the head of a section as a study file has it."""
    if name == "systems":
        return '[systems."..."]'
    if "." in name:
        return f"{name.split('.')[1]} = [{{ ... }}]"
    kind = types_of(Study)[name]
    return f"[[{name}]]" if get_origin(kind) is tuple else f"[{name}]"


def _table(spec: type[Any], names: Sequence[str], lang: Lang) -> str:
    heads = [wording.say(key, lang) for key in ("setting", "what", "type", "default", "allowed", "checked")]
    defaults = {field.name: field for field in dataclasses.fields(spec)}
    rows = []
    for name in names:
        owner = owner_of(spec, name)
        line = wording.read_words("settings")[owner.__name__][name]
        kind = types_of(spec)[name]
        choices = WORDS_OF.get((owner.__name__, name))
        rows.append(
            [
                f"`{name}`",
                line[lang],
                ", ".join(filter(None, [_type(kind, lang), _unit(kind, lang)])),
                _default(defaults[name], lang),
                ", ".join(f"`{word}`" for word in choices) if choices else _allowed(kind, lang),
                wording.say(f"checked_{line.get('checked', 'file')}", lang),
            ]
        )
    return wording.table(heads, rows)


def _default(field: dataclasses.Field[Any], lang: Lang) -> str:
    if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
        return f"**{wording.say('needed', lang)}**"
    value = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
    if value is None or value == "" or (isinstance(value, Mapping | tuple) and not value):
        return wording.say("nothing", lang)
    return f"`{_toml(value)}`"


def _toml(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.15g}"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _parts(kind: Any) -> list[Any]:
    """Give the types that a setting may have, without that of nothing."""
    if get_origin(kind) in (Union, types.UnionType):
        return [part for part in get_args(kind) if part is not type(None)]
    return [kind]


def _type(kind: Any, lang: Lang) -> str:
    return wording.say("or", lang).join(dict.fromkeys(_one_type(part, lang) for part in _parts(kind)))


def _one_type(kind: Any, lang: Lang) -> str:
    origin, args = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _one_type(args[0], lang)
    if origin is tuple:
        return wording.say("rows_of", lang)
    if origin is Sequence:
        return wording.say("list_of", lang) + _type(args[0], lang)
    if origin is Mapping:
        return wording.say("table_of", lang) + _type(args[1], lang)
    names = {str: "text", float: "number", int: "whole", bool: "yes_no", Any: "any"}
    return wording.say("choice" if origin is Literal else names[kind], lang)


def _spans(kind: Any) -> Iterator[Range]:
    """Give the ranges inside a type."""
    if get_origin(kind) is Annotated:
        yield from (part for part in get_args(kind)[1:] if isinstance(part, Range))
    elif get_origin(kind) is not Literal:
        for part in get_args(kind):
            yield from _spans(part)


def _unit(kind: Any, lang: Lang) -> str:
    units = dict.fromkeys(span.unit for span in _spans(kind) if span.unit)
    return ", ".join(
        say(f"ranges.unit_{unit}", lang=lang).strip() for unit in units if unit not in ("place", "share")
    )


def _allowed(kind: Any, lang: Lang) -> str:
    words = [f"`{word}`" for word in _choices(kind)]
    return ", ".join([*words, *(span.message().say(lang) for span in _spans(kind))])


def _choices(kind: Any) -> Iterator[Any]:
    if get_origin(kind) is Literal:
        yield from get_args(kind)
    elif get_origin(kind) is not Annotated:
        for part in get_args(kind):
            yield from _choices(part)
