"""The modules of the house as trees: read and parsed once for all tests that look at them."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import geo

HOUSE = Path(geo.__file__).parent


@cache
def tree(path: Path) -> ast.Module:
    """Parse a module; nobody changes what comes of it."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes(path: Path) -> list[ast.AST]:
    """Give all nodes of a module, in the order of ``ast.walk``, which takes three times as long."""
    every: list[ast.AST] = [tree(path)]
    for node in every:  # grows while it is read
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                every += [part for part in value if isinstance(part, ast.AST)]
            elif isinstance(value, ast.AST) and name != "ctx":
                every.append(value)
    return every
