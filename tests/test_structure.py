"""The walls of the house: who may import whom, what stays inside, and what a reader can hold."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.house import HOUSE, nodes, tree

MODULES = sorted(path for path in HOUSE.rglob("*.py") if path.name not in {"__init__.py", "__main__.py"})
FRONTS = sorted(HOUSE.rglob("__init__.pyi"))

VOCABULARY = {
    *("conditions", "errors", "files", "words", "messages", "times", "schema", "settings", "defaults"),
    *(
        "findings",
        "file_limits",
        "freeing",
        "nesting",
        "ranges",
        "reading",
        "reasons",
        "signs",
        "sources",
        "statistics",
    ),
}
READING = VOCABULARY | {"crs"}
ROADS = READING | {"standards"}
TIMES = ROADS | {"_jit", "network", "ground", "routing", "coverage", "areas"}
RESOURCE = TIMES | {"layers", "demand", "stations", "osm", "optimize"}
STUDY = RESOURCE | {
    *("zones", "shelters", "depots", "hydrants", "vulnerability", "scenarios"),
    *("availability", "calls", "calibration", "uncertainty"),
    *("siting", "plans", "maps", "sample", "study"),
}

ALLOWED: dict[str, set[str]] = {
    **dict.fromkeys(VOCABULARY, VOCABULARY),
    "_jit": set(),
    "standards": VOCABULARY,
    "crs": VOCABULARY,
    "layers": READING,
    "demand": READING,
    "stations": READING,
    "network": ROADS,
    "osm": ROADS | {"_jit", "network"},
    "routing": ROADS | {"_jit", "network"},
    "ground": ROADS | {"_jit", "network"},
    "coverage": ROADS | {"network", "routing", "ground", "maps"},
    "areas": ROADS | {"_jit", "network", "routing", "ground", "coverage"},
    "optimize": VOCABULARY | {"_jit"},
    "siting": VOCABULARY | {"_jit", "optimize"},
    "zones": RESOURCE,
    "shelters": RESOURCE,
    "depots": RESOURCE,
    "hydrants": RESOURCE,
    "vulnerability": RESOURCE,
    "scenarios": RESOURCE,
    "availability": VOCABULARY | {"_jit"},
    "calls": VOCABULARY,
    "calibration": ROADS | {"network", "routing"},
    "uncertainty": ROADS | {"network", "routing", "coverage"},
    "plans": VOCABULARY | {"standards", "layers", "demand", "optimize"},
    "maps": VOCABULARY,
    "sample": VOCABULARY | {"layers", "demand", "network"},
    "study": STUDY | {"_jit"},
    "outputs": STUDY,
    "draft": STUDY | {"outputs"},
    "batch": STUDY | {"outputs", "draft"},
    "serve": STUDY | {"_jit", "outputs", "draft"},
    "cli": STUDY | {"outputs", "draft", "batch", "serve"},
}
"""For each room (a package, or a module that stands alone) the rooms it may import from.

``result.live()`` of a notebook (``geo/study/result.py``) loads ``geo.serve`` by its name when it is called;
nothing else of the room depends on it. The other exception is ``geo/scenarios/__init__.py``: what users
imported from there before it moved to other rooms comes from them on demand, with a warning. The homes are
named as texts, and no module of the house goes that way (``tests/test_old_fronts.py``).
"""


def _name(path: Path) -> str:
    parts = path.relative_to(HOUSE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _room(module: str) -> str:
    return module.split(".")[1]


def _imports(path: Path) -> Iterator[tuple[str, str]]:
    """Give each imported module of the house with the name taken from it."""
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "geo":
            for alias in node.names:
                named = f"{node.module}.{alias.name}"
                is_module = (HOUSE.parent / f"{named.replace('.', '/')}.py").exists() or (
                    HOUSE.parent / named.replace(".", "/")
                ).is_dir()
                yield (named, "") if is_module else (str(node.module), alias.name)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names if alias.name.startswith("geo."))


@cache
def _edges() -> frozenset[tuple[str, str, str]]:
    """Give who imports what from whom; asked for by tests, so that collecting them reads no module."""
    return frozenset(
        (_name(path), module, taken) for path in HOUSE.rglob("*.py") for module, taken in _imports(path)
    )


def _front(package: str) -> list[str]:
    stub = (HOUSE.parent / package.replace(".", "/") / "__init__.pyi").read_text(encoding="utf-8")
    return re.findall(r" as (\w+)$", stub, flags=re.MULTILINE)


@pytest.mark.parametrize("room", sorted({_room(_name(path)) for path in MODULES}))
def test_a_room_imports_only_what_the_design_lets_it(room: str) -> None:
    reached = {_room(to) for of, to, _ in _edges() if of != "geo" and _room(of) == room and to != "geo"}
    assert reached - {room} <= ALLOWED[room]


def test_the_table_names_the_rooms_that_are_there_and_no_others() -> None:
    assert set(ALLOWED) == {_room(_name(path)) for path in MODULES}


def test_across_rooms_one_imports_from_the_front() -> None:
    """Inside a room, across its own packages, as well; modules that stand alone are their own front."""
    round_about = []
    for of, to, taken in sorted(_edges()):
        other = next(
            (".".join(to.split(".")[:n]) for n in (2, 3) if to.split(".")[:n] != of.split(".")[:n]), to
        )
        has_front = (HOUSE.parent / other.replace(".", "/") / "__init__.pyi").exists()
        if has_front and other.count(".") < to.count(".") + (not taken) and to != other:
            round_about.append(f"{of} imports {taken or 'all'} of {to}")
    assert not round_about


def test_what_is_private_stays_inside() -> None:
    seen_outside = [
        f"{of} imports {to}.{taken}"
        for of, to, taken in sorted(_edges())
        for n, part in enumerate(to.split("."))
        if part.startswith("_") and part != "_jit" and of.split(".")[:n] != to.split(".")[:n]
    ]
    assert not seen_outside


def test_no_module_imports_itself_round_a_circle() -> None:
    homes = {_name(stub.with_suffix(".py")): dict(_stub_homes(stub)) for stub in FRONTS}
    after: dict[str, set[str]] = {}
    for of, to, taken in _edges():
        after.setdefault(of, set()).add(homes.get(to, {}).get(taken, to))
    left = dict(after)
    while left:
        free = [module for module, needs in left.items() if not needs & (set(left) - {module})]
        assert free, f"a circle among {sorted(left)}"
        for module in free:
            del left[module]


def _stub_homes(stub: Path) -> Iterator[tuple[str, str]]:
    for home, name in re.findall(r"from (\.\S+) import (\w+) as", stub.read_text(encoding="utf-8")):
        yield name, _name(stub.with_suffix(".py")) + home


def test_a_module_lists_its_public_names() -> None:
    for path in MODULES:
        listed = [
            ast.literal_eval(node.value)
            for node in tree(path).body
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__"
        ]
        assert listed, f"{path} has no __all__"
        assert len(listed[0]) == len(set(listed[0])), path
        module = importlib.import_module(_name(path))
        assert not [name for name in listed[0] if not hasattr(module, name)], path


@pytest.mark.parametrize("stub", FRONTS, ids=lambda stub: _name(stub.with_suffix(".py")))
def test_a_front_gives_all_that_it_lists(stub: Path) -> None:
    package = _name(stub.with_suffix(".py"))
    front = importlib.import_module(package)
    assert sorted(front.__all__) == sorted(_front(package))
    # importing a module sets its name on the package, and would hide a public name that is the same
    beside = {path.stem for path in stub.parent.glob("*.py")} | {path.name for path in stub.parent.iterdir()}
    if package != "geo":
        assert not set(front.__all__) & beside
    for name in front.__all__:
        assert getattr(front, name) is getattr(importlib.import_module(dict(_stub_homes(stub))[name]), name)


def test_a_module_is_not_longer_than_a_reader_holds() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {path: n for path, n in lengths.items() if n > 400} == {}, "split them by noun"


def test_every_package_has_a_front() -> None:
    packages = {path.parent for path in MODULES if "/_" not in path.parent.as_posix()} - {HOUSE}
    assert packages == {stub.parent for stub in FRONTS} - {HOUSE}


def test_contributors_find_every_room_in_the_table() -> None:
    page = (HOUSE.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = page[page.index("| floor | room |") :].split("\n\n")[0].splitlines()
    named = re.findall(r"`(\w+)(?:/|\.py)?`", "\n".join(row.split("|")[2] for row in rows))
    assert sorted(named) == sorted(ALLOWED)
