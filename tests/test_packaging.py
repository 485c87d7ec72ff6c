"""The two lists of packages agree, and a module imports only what the design lets it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def _packages(lines: list[str]) -> dict[str, str]:
    found = (re.match(r"([A-Za-z0-9_.-]+)\s*(.*)", line) for line in lines)
    return {m[1].lower().replace("_", "-"): m[2].replace(" ", "") for m in found if m}


def test_the_conda_environment_lists_the_same_packages() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = _packages(project["dependencies"] + extras["test"])
    conda = [
        line.strip().removeprefix("- ")
        for line in (ROOT / "environment.yml").read_text(encoding="utf-8").splitlines()
        if re.match(r"\s+- [a-z]", line) and not line.strip().endswith(":")
    ]
    names = {"pyosmium": "osmium"}
    listed = {names.get(name, name): need for name, need in _packages(conda).items()}
    python = listed.pop("python")
    for own in ("conda-forge", "nodefaults", "pip", "-e"):
        listed.pop(own, None)
    assert python == project["requires-python"]
    assert listed == wanted
