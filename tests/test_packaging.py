"""pyproject.toml is the source of truth: the conda environment and the front of the package agree with it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import geo
from tests.house import HOUSE, nodes

ROOT = Path(__file__).parents[1]
CONDA_NAMES = {"pyosmium": "osmium"}


def _packages(lines: list[str]) -> dict[str, str]:
    found = (re.match(r"([A-Za-z0-9][A-Za-z0-9_.-]*)\s*([^#]*)", line) for line in lines)
    return {match[1].lower().replace("_", "-"): match[2].strip() for match in found if match}


def test_the_conda_environment_lists_the_same_packages() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = _packages(project["dependencies"] + project["optional-dependencies"]["test"])
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    lines = re.findall(r"^ +- ([^\n]*[^:\n])$", text.split("dependencies:")[1], flags=re.MULTILINE)
    listed = {CONDA_NAMES.get(name, name): need for name, need in _packages(lines).items()}
    assert listed.pop("python") == project["requires-python"]
    assert listed.pop("pip") == ""
    assert listed == wanted


def test_the_oldest_libraries_are_those_that_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = _packages(project["dependencies"] + project["optional-dependencies"]["test"])
    oldest = _packages((ROOT / "tests/constraints-oldest.txt").read_text(encoding="utf-8").splitlines())
    assert oldest == {name: need.split(",")[0].replace(">=", "==") for name, need in wanted.items()}


def test_the_version_is_the_same_everywhere() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", changes, flags=re.MULTILINE)
    released = re.findall(r"^date-released: (\d{4}-\d{2}-\d{2})$", citation, flags=re.MULTILINE)
    assert re.findall(r"^version: (\S+)$", citation, flags=re.MULTILINE) == [version]
    assert headings[:2] == ["Unreleased", f"{version} - {released[0]}"]


def test_the_changelog_has_four_headings() -> None:
    parts = re.findall(r"^### (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert set(parts) <= {"Added", "Changed", "Fixed", "Removed"}


def test_the_front_lists_what_it_gives() -> None:
    listed = vars(geo)["__all__"]
    assert sorted(listed) == sorted(dir(geo))
    for name in listed:
        assert getattr(geo, name).__module__.startswith("geo."), name
    with pytest.raises(AttributeError, match="covr"):
        getattr(geo, "covr")  # noqa: B009


@pytest.mark.parametrize("room", ["geo", "geo.network", "geo.siting", "geo.study", "geo.maps", "geo.cli"])
def test_importing_a_front_loads_nothing_behind_it(room: str) -> None:
    code = (
        f"import sys, {room}; print([name for name in sys.modules if name.startswith('geo.') "
        f"and name != '{room}' or name in ('numpy', 'pandas', 'numba', 'shapely')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


@pytest.mark.thorough
def test_roads_of_an_osm_file_become_a_network_without_pandas() -> None:
    # A third of the memory of a process that only wants a network (bench/README.md, "Roads to a network").
    code = (
        "import sys; from geo.osm import read_roads; from geo.network import from_roads; "
        "from geo.standards import load_profile; print('pandas' in sys.modules, 'osmium' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == ["False", "True"]


@pytest.mark.thorough
def test_a_finished_run_is_opened_without_what_computes_one() -> None:
    # Half of the time of one sheet of the atlas, and a quarter of its memory (bench/README.md, "The report").
    code = (
        "import sys; from geo.outputs.atlas import write; from geo.outputs.report import write; "
        "from geo.study import read_study; read_study('sample'); print([name for name in "
        "('numba', 'scipy', 'osmium', 'networkx', 'highspy', 'xlsxwriter') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


@pytest.mark.thorough
def test_the_package_starts_no_processes() -> None:
    """But for a batch, which has workers (docs/decisions/0016)."""
    named = set()
    for path in [path for path in HOUSE.rglob("*.py") if path.parent.name != "batch"]:
        for node in nodes(path):
            if isinstance(node, ast.Import | ast.ImportFrom):
                named |= {part for alias in node.names for part in alias.name.split(".")}
            if isinstance(node, ast.ImportFrom) and node.module:
                named |= set(node.module.split("."))
            if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "os":
                named |= {f"os.{node.attr}"}
    assert not named & {"subprocess", "multiprocessing", "ProcessPoolExecutor", "pty"}
    assert not [name for name in named if re.match(r"os\.(system|popen|fork|spawn|posix_spawn|exec)", name)]
