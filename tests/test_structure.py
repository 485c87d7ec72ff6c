"""A module imports only what stands before it in the design, and says what it makes public."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import geo

HOUSE = Path(geo.__file__).parent
MODULES = sorted(path.stem for path in HOUSE.glob("*.py") if path.stem not in {"__init__", "__main__"})

BASE = {"errors", "schema", "times", "words"}
"""Every module may use the error tree, the fixed words and the two languages."""

ALLOWED: dict[str, set[str]] = {
    "errors": set(),
    "schema": {"errors"},
    "times": {"errors", "schema"},
    "words": {"errors"},
    "settings": set(),
}


def _imports(module: str) -> set[str]:
    tree = ast.parse((HOUSE / f"{module}.py").read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "geo":
            names = [node.module.split(".")[1]] if "." in node.module else [a.name for a in node.names]
            found |= set(names)
        elif isinstance(node, ast.Import):
            found |= {a.name.split(".")[1] for a in node.names if a.name.startswith("geo.")}
    return found


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_what_the_design_lets_it(module: str) -> None:
    assert module in ALLOWED, f"say in ALLOWED what {module} may import"
    extra = _imports(module) - ALLOWED[module]
    assert not extra, f"{module} may not import {sorted(extra)}"


def test_imports_run_one_way() -> None:
    seen: set[str] = set()
    order = list(ALLOWED)
    for module in order:
        later = (ALLOWED[module] & set(MODULES)) - seen
        assert not later, f"{module} stands before {sorted(later)} in ALLOWED"
        seen.add(module)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_lists_its_public_names_in_order(module: str) -> None:
    tree = ast.parse((HOUSE / f"{module}.py").read_text(encoding="utf-8"))
    listed = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__"
    ]
    assert listed, f"{module} has no __all__"
    assert listed[0] == sorted(listed[0])


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_not_longer_than_a_reader_holds(module: str) -> None:
    lines = (HOUSE / f"{module}.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 400, f"{module} has {len(lines)} lines: split it by noun"
