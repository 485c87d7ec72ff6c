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
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Give all nodes of a module."""
    return tuple(ast.walk(tree(path)))
