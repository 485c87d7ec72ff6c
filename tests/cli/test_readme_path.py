"""The READMEs and the pages they lead to, as a planner goes: each command tells all in her language."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from geo.plans import load_plan
from geo.standards import load_rules
from tests.conftest import Run
from tests.draft.district import LAYERS, write_plain
from tests.test_readme import ROOT, blocks
from tests.tongues import CHINESE, latin_words

pytestmark = pytest.mark.study

SCENARIOS = "docs/zh/scenarios.md"
SHOWN = ("README.zh-CN.md", "docs/zh/start.md", SCENARIOS)
PATH = (
    "geo new 文件夹",
    "geo check study.toml",
    "geo run study.toml",
    "geo run out/manifest.json",
    "geo report study.toml",
    "geo atlas study.toml",
    "geo new --from study.toml --year 2026 文件夹",
    "geo plan list",
    "geo plan show chongming",
    "geo plan new ours --from chongming --out ours.toml",
    "geo plan rules",
    "geo site study.toml",
    "geo site study.toml --why 名称",
    "geo compare out2024 out2025",
)
"""The commands of the pages, in the order in which they go."""
NAMED = {"geo check", "geo run", "geo site", "geo serve", "geo compare", "geo plan"}
"""A command named without anything to do."""
ELSEWHERE = {"geo run sample", "geo serve study.toml", "geo batch province.toml", "geo warm"} | NAMED
"""The sample, the live page, batches and the compiling of kernels have tests of their own."""
FILES = frozenset(["stations", "villages", "shelters", "hydrants", "roads", "towns", "study", "out"])
OTHERS = frozenset(["all", "fsrs", "hilfsfrist"])
"""The letters before the number of a target, and foreign standards."""


def test_every_command_of_the_pages_is_gone_through() -> None:
    text = "\n".join((ROOT / page).read_text(encoding="utf-8") for page in SHOWN)
    lines = re.findall(r"^(geo [^#\n]+?) *(?:#.*)?$", text, flags=re.MULTILINE)
    shown = {*re.findall(r"`(geo [^`\n]+)`", text), *lines} - ELSEWHERE
    assert shown == set(PATH)


IN_ENGLISH = {"文件夹": "FOLDER", "名称": "NAME"}
ENGLISH_PAGES = ("README.md", "docs/start.md", "docs/scenarios.md")
ENGLISH_PATH = PATH[:6]
"""The README's own commands."""


def test_the_english_pages_show_the_same_commands() -> None:
    text = "\n".join((ROOT / page).read_text(encoding="utf-8") for page in ENGLISH_PAGES)
    for step in PATH:
        for word, english in IN_ENGLISH.items():
            step = step.replace(word, english)
        assert re.search(rf"(^|`){re.escape(step)}( *#|`| *$)", text, flags=re.MULTILINE), step


class Desk:
    """A folder in which the planner works: what one command writes the next ones read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.answers: dict[str, tuple[int, str, str]] = {}

    def answer(self, step: str, command: Run, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str, str]:
        """Give a command, after those that stand before it and were not given yet; say what comes of it."""
        for each in PATH[: PATH.index(step) + 1]:
            if each not in self.answers:
                monkeypatch.chdir(self.folder if each == PATH[0] else self.folder / "文件夹")
                self.answers[each] = command(*prepare(each, self.folder))
        return self.answers[step]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("desk")
    (folder / "文件夹").mkdir()
    write_plain(folder / "文件夹")
    return Desk(folder)


@pytest.fixture(scope="module")
def english_desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("english")
    (folder / "文件夹").mkdir()
    write_plain(folder / "文件夹")
    return Desk(folder)


def prepare(step: str, desk: Path) -> list[str]:
    """Do by hand what the page tells to do before a command; give its words, with names filled in."""
    work = desk / "文件夹"
    words = step.split()[1:]
    if step == "geo new 文件夹":
        return [*words, "--yes"]
    if "--from" in step and "new --from" in step:
        (work / "文件夹").mkdir()
        write_plain(work / "文件夹")
    if step.startswith("geo site") and "[siting]" not in (work / "study.toml").read_text(encoding="utf-8"):
        shown = next(block for block in blocks(SCENARIOS, "toml") if "[candidates]" in block)
        with (work / "study.toml").open("a", encoding="utf-8") as file:
            file.write("\n" + shown[shown.index("[siting]") :])
    if "--why" in step:
        candidates = pd.read_csv(work / "out" / "sites" / "candidates.csv")
        words[-1] = str(candidates["site_id"].iloc[0])
    if "compare" in step:
        for year in ("out2024", "out2025"):
            shutil.copytree(work / "out", work / year, ignore=shutil.ignore_patterns("sites"))
    return words


@pytest.mark.parametrize("step", PATH)
def test_a_command_of_the_pages_works_and_speaks_chinese(
    step: str, desk: Desk, command: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    code, out, err = desk.answer(step, command, monkeypatch)
    told = (out + err).replace(str(desk.folder), "").replace(desk.folder.name, "")
    assert code in (0, 3), told
    assert re.search(CHINESE, told), told
    ids = [*load_rules(), *(project.id for project in load_plan("chongming").projects)]
    own = FILES | OTHERS | {part.casefold() for name in ids for part in re.findall("[A-Za-z]+", name)}
    assert latin_words(told, own=own) == [], told


@pytest.mark.parametrize("step", ENGLISH_PATH)
def test_a_command_of_the_readme_works_and_speaks_english(
    step: str, english_desk: Desk, command: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The district's own names stay as they are."""
    for variable in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    code, out, err = english_desk.answer(step, command, monkeypatch)
    assert code in (0, 3), out + err
    told = re.sub(r"\s+", "", out + err)
    for name in sorted(own_names(), key=len, reverse=True):
        told = told.replace(name, "")
    assert re.findall(rf"{CHINESE}+", told) == [], out + err


def own_names() -> set[str]:
    """Give the names, headers and cells of the district's files."""
    layers = [make().drop(columns="geometry") for make in LAYERS.values()]
    cells = {str(value) for layer in layers for value in layer.to_numpy().ravel()}
    return {"文件夹", "经度", "纬度", *cells, *(str(header) for layer in layers for header in layer)}
