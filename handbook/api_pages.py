"""One page for each front of the house: its public names, whose docstrings are read without import."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from handbook.wording import ROOT

__all__ = ["api_pages", "front_names"]

HIDDEN = ("cli",)
"""Rooms whose front is a command, told by `geo --help`."""


def front_names(stub: Path) -> Iterator[tuple[str, str]]:
    """Give each name of a front with where it is defined, followed through further fronts."""
    room = ".".join(stub.parent.relative_to(ROOT).parts)
    for node in ast.parse(stub.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield (
                    alias.name,
                    _defined(f"{room}.{node.module}" if node.level else str(node.module), alias.name),
                )


def _defined(module: str, name: str) -> str:
    stub = ROOT.joinpath(*module.split("."), "__init__.pyi")
    inner = dict(front_names(stub)) if stub.exists() else {}
    return inner.get(name, f"{module}.{name}")


def api_pages() -> dict[str, str]:
    """Write the pages by their file names: one a room, and one that lists them."""
    pages = {}
    rows = []
    rooms = sorted(path for path in (ROOT / "geo").glob("*/__init__.pyi") if path.parent.name not in HIDDEN)
    for stub in rooms:
        room = stub.parent.name
        names = dict(front_names(stub))
        blocks = [f"# geo.{room}", _summary(stub.with_name("__init__.py"))]
        blocks += [_block(name, target) for name, target in names.items() if not name.isupper()]
        pages[f"geo.{room}.md"] = "\n\n".join(blocks) + "\n"
        rows.append(f"- [`geo.{room}`](geo.{room}.md): {_summary(stub.with_name('__init__.py'))}")
    for module in ("coverage", "depots", "stations", "times", "statistics", "errors", "words"):
        pages[f"geo.{module}.md"] = f"# geo.{module}\n\n::: geo.{module}\n"
        rows.append(f"- [`geo.{module}`](geo.{module}.md): {_summary(ROOT / 'geo' / f'{module}.py')}")
    shared = dict(front_names(ROOT / "geo" / "__init__.pyi"))
    lines = ["# The library", INTRODUCTION, *rows, "", "## Names of `import geo`", ""]
    lines += [f"- `geo.{name}`: {target}" for name, target in shared.items()]
    pages["index.md"] = "\n".join(lines) + "\n"
    return pages


INTRODUCTION = """
`import geo` gives the names that a notebook needs; each room has its own front
(`from geo.network import RoadNetwork`). Tables are GeoDataFrames with fixed columns; options are
keyword-only; the unit is the suffix of a name (`_s`, `_min`, `_m`, `_km2`, `_kph`). No route is `inf`, and
"within" is at most. These pages are made of the docstrings.
"""


def _summary(path: Path) -> str:
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return text.split("\n\n")[0].replace("\n", " ")


def _block(name: str, target: str) -> str:
    options = {"heading": f'"{name}"', "show_root_heading": "true", "heading_level": "2"}
    lines = [f"      {key}: {value}" for key, value in options.items()]
    return "\n".join([f"::: {target}", "    options:", *lines])
