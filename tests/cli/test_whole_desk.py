"""All that the commands write and print in a district, read again: one language, whatever the format."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.conftest import Run
from tests.draft.district import by_hand
from tests.outputs.report.reading import require_chinese_face
from tests.reading_texts import READERS, texts_of
from tests.studies import CRS, changed, write_study, write_town
from tests.tongues import CHINESE, latin_words

pytestmark = pytest.mark.study

LIBRARIES = frozenset(
    ["python", "geopandas", "numba", "numpy", "pandas", "pyogrio", "pyproj", "scipy", "shapely", "highspy"]
)
OWN = LIBRARIES | frozenset(
    ["stations", "villages", "shelters", "hydrants", "roads", "towns", "study", "out", "map", "tables"]
)
"""Programs and their libraries, and names of files of the district and of its results."""
TARGET = re.compile(r"\b[A-Z]{2,3}-\d+[a-z]?")
"""The number of a target in its plan."""
COMMANDS = (
    ("check", "study.toml"),
    ("run", "study.toml"),
    ("site", "study.toml"),
    ("report", "study.toml"),
    ("atlas", "study.toml", "--format", "pdf", "--format", "svg", "--format", "png"),
    ("compare", "before", "out", "--out", "compared.xlsx"),
    ("serve", "study.toml", "--check"),
)


def scenarios(name: str, road: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "turnout_s": 120.0, "speed_factor": 0.8},
        {"close_roads": [{"name": road}], "name": f"{name} 2"},
        {"close": "each station"},
    ]


def district(folder: Path) -> None:
    """Write the Chinese district with a plan, scenarios and a question where to build."""
    by_hand(
        folder,
        study={"name": "泽区", "lang": "zh", "plan": "chongming"},
        scenarios=scenarios("雨夜", "横5路"),
        shelters={"reach_m": 1000, "m2_per_person": 1.5},
        zoning={"whole": True},
        villages={"path": "villages.csv", "crs": "EPSG:4326"},
        siting={"goal": "best", "n": 2},
        candidates={"source": "roads", "spacing_m": 1000},
    )


def town(folder: Path) -> None:
    """Write the English town with scenarios and a question where to build."""
    sections = changed(
        write_town(folder),
        study={"name": "Town", "lang": "en", "crs": CRS},
        scenarios=scenarios("Rain", "Side Road"),
        siting={"goal": "best", "n": 1},
        candidates={"source": "roads", "spacing_m": 1000},
    )
    write_study(folder, sections)


def at_the_desk(folder: Path, command: Run) -> Iterator[tuple[str, str]]:
    """Run every command; give what each prints, and the texts of all that it writes."""
    for words in COMMANDS:
        if words[0] == "compare":
            shutil.copytree("out", "before", ignore=shutil.ignore_patterns("sites", "atlas*", "report*"))
        code, out, err = command(*words)
        told = (out + err).replace(str(folder), "").replace(folder.name, "")
        assert code in (0, 3), told
        yield from ((" ".join(words), line) for line in told.splitlines())
    for path in sorted(folder.rglob("*")):
        yield from ((path.name, text) for text in texts_of(path))
        if path.suffix == ".xlsx":
            yield from of_workbook(path)


def of_workbook(path: Path) -> Iterator[tuple[str, str]]:
    for sheet in openpyxl.load_workbook(path):
        yield path.name, sheet.title
        yield from ((path.name, str(cell.value)) for row in sheet for cell in row if cell.value is not None)


@pytest.fixture
def spoken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: Run) -> Any:
    require_chinese_face()
    monkeypatch.chdir(tmp_path)
    for variable in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(variable, raising=False)

    def speak(system: str, write: Any) -> list[tuple[str, str]]:
        monkeypatch.setenv("LANG", system)
        write(tmp_path)
        texts = list(at_the_desk(tmp_path, command))
        assert {Path(name).suffix for name, _ in texts} >= set(READERS)
        return texts

    return speak


def test_no_english_word_in_anything_that_the_chinese_district_gives(spoken: Any) -> None:
    texts = spoken("zh_CN.UTF-8", district)
    wrong = {
        (name, text.strip()): words
        for name, text in texts
        if (words := latin_words(TARGET.sub("", text), own=OWN))
    }
    assert wrong == {}


def test_no_chinese_sign_in_anything_that_the_english_town_gives(spoken: Any) -> None:
    texts = spoken("en_US.UTF-8", town)
    wrong = {(name, text.strip()) for name, text in texts if re.search(CHINESE, without_titles(text))}
    assert wrong == set()


def without_titles(text: str) -> str:
    """Take the titles of standards out, which are called so in every language."""
    for title in ("城市消防规划规范", "建标", "城市消防站建设标准"):
        text = text.replace(title, "")
    return text
