"""One home for colours: no other module of Python names one, and each role has one."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from geo.maps import legend
from tests.house import HOUSE, nodes

LEGEND = HOUSE / "maps" / "legend.py"
COLOUR = re.compile(r"#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})", flags=re.IGNORECASE)
BEGUN = re.compile(r"""["']#|\\x23|\\u0023|\\N""")
"""The first sign of a colour in a text, as it may be written."""


def texts(path: Path) -> list[str]:
    """Give the texts of a module that are no docstrings; none where no text begins as a colour does."""
    if not BEGUN.search(path.read_text(encoding="utf-8")):
        return []  # to parse all modules takes seconds
    told = {id(node.value) for node in nodes(path) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in nodes(path)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told
    ]


def test_no_module_but_the_legend_names_a_colour() -> None:
    named = {path: [t for t in texts(path) if COLOUR.fullmatch(t)] for path in HOUSE.rglob("*.py")}
    assert [path for path, colours in named.items() if colours] == [LEGEND]


def test_a_role_has_a_colour_that_every_browser_and_workbook_takes() -> None:
    assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in legend.COLOURS.values())


def test_a_family_has_no_colour_twice() -> None:
    for family, colours in legend.FAMILIES.items():
        assert len(set(colours.values())) == len(colours), family


def test_scripts_and_sheets_of_the_map_draw_who_is_not_reached_as_the_legend_says() -> None:
    assets = HOUSE / "maps" / "assets"
    script, sheet = ((assets / name).read_text(encoding="utf-8") for name in ("draw_layers.js", "map.css"))
    assert re.findall("UNREACHED = '(#[0-9a-f]{6})'", script) == [legend.COLOURS["unreached"]]
    assert re.findall("--lost: (#[0-9a-f]{6})", sheet) == [legend.COLOURS["unreached"]]


def test_each_role_that_a_style_names_is_there() -> None:
    """Families in ``class_roles(family, ...)`` and roles in ``Style({word: role})``, as written."""
    families: dict[object, Path] = {}
    roles: dict[object, Path] = {}
    for path in sorted(HOUSE.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if path == LEGEND or not any(called in source for called in ("class_roles", "_roles", "Style")):
            continue
        for called, first in _calls(path):
            if called in ("class_roles", "_roles") and isinstance(first, ast.Constant):
                families[first.value] = path
            if called == "Style" and isinstance(first, ast.Dict):
                roles |= {value.value: path for value in first.values if isinstance(value, ast.Constant)}
    assert families, "no module asks for a family"
    assert roles, "no module names a style"
    assert {family: path for family, path in families.items() if family not in legend.FAMILIES} == {}
    assert {role: path for role, path in roles.items() if role not in legend.COLOURS} == {}


def _calls(path: Path) -> list[tuple[str, ast.expr]]:
    """Give what each call of a module calls by name, and the first thing it hands over."""
    called = [node for node in nodes(path) if isinstance(node, ast.Call) and node.args]
    return [(getattr(call.func, "id", ""), call.args[0]) for call in called]
