"""What a notebook prints of a result: in the study's language alone, in fewer lines than a screen has."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import pytest

import geo
from geo.study import Study, read_study, run_scenario, simulate_study, site_study
from geo.words import LANGS, Lang
from tests.draft.district import by_hand
from tests.tongues import CHINESE, latin_words

pytestmark = pytest.mark.study

MOST_LINES = 30
NAMES = {"zh": ("泽区", "现状之外"), "en": ("Ze", "with a depot")}
"""Of the study and its scenario, which the planner writes in her own language."""


def district(folder: Path, lang: Lang) -> Study:
    """Write the study of a small district whose own names are in the language that it is told in."""
    name, scenario = NAMES[lang]
    sections: dict[str, Any] = {
        "study": {"name": name, "lang": lang},
        "scenarios": [{"name": scenario, "speed_factor": 0.5}],
        "availability": {"calls_per_year_per_10000": 60.0, "service_min": 60.0, "runs": 2, "years": 0.05},
        "uncertainty": {"draws": 4},
        "candidates": {"source": "roads", "spacing_m": 500.0},
        "siting": {"goal": "best", "n": 1},
    }
    file = by_hand(folder, **sections)
    if lang == "en":
        for path in (*folder.glob("*.csv"), *folder.glob("*.geojson")):
            text = path.read_text(encoding="utf-8-sig")
            for old, new in (("泽南镇", "South"), ("泽北镇", "North"), ("消防救援站", " fire station")):
                text = text.replace(old, new)
            text = re.sub("([云泽东北横纵]+)( fire station|[0-9]+路)", _latin, text)
            path.write_text(text, encoding="utf-8-sig" if path.suffix == ".csv" else "utf-8")
    return read_study(file)


def _latin(found: re.Match[str]) -> str:
    signs = "".join("abcdef"["云泽东北横纵".index(sign)] for sign in found[1])
    return f"{signs}{found[2].removesuffix('路')}"


def printed(study: Study, lang: Lang) -> dict[str, str]:
    """Give all that the last line of a cell shows, as text and as a page, by the name of the object."""
    result = geo.run_study(study, lang=lang)
    shown: dict[str, Any] = {
        "result": result,
        "coverage": result.coverage,
        "under": geo.under(result.coverage, geo.load_response("drive-5min")),
        "difference": run_scenario(result, study.scenarios[0]),
        "sites": site_study(study, lang=lang),
        "simulation": simulate_study(study, lang=lang),
    }
    pages = {
        f"{name} as a page": _seen(value) for name, value in shown.items() if hasattr(value, "_repr_html_")
    }
    notes = {
        f"note of {finding.name}": "\n".join(note.say(lang) for note in finding.notes)
        for finding in result.findings.values()
        if finding.notes
    }
    return {name: repr(value) for name, value in shown.items()} | pages | notes


def _seen(value: Any) -> str:
    return html.unescape(re.sub(r"<style.*?</style>|<[^>]*>", " ", value._repr_html_(), flags=re.DOTALL))


@pytest.mark.parametrize("lang", LANGS)
def test_what_a_notebook_prints_is_in_the_studys_language(lang: Lang, tmp_path: Path) -> None:
    told = printed(district(tmp_path, lang), lang)
    assert {"result", "coverage", "sites as a page", "difference", "note of ranges_places"} <= set(told)
    for name, text in told.items():
        assert text.strip(), name
        if lang == "en":
            assert re.findall(CHINESE, text) == [], (name, text)
        else:
            assert re.search(CHINESE, text), (name, text)
            assert latin_words(text) == [], (name, text)


def test_nothing_that_a_notebook_holds_fills_the_screen(tmp_path: Path) -> None:
    """Layers and networks name their sizes, and no repr lists an array or a table."""
    study = district(tmp_path, "zh")
    result = geo.run_study(study)
    sites = site_study(study)
    held = [
        *(study, result, result.coverage, result.inputs, result.reached, result.inputs.network),
        *(sites, sites.question, sites.answer, sites.answer.plan, simulate_study(study)),
        *(run_scenario(result, study.scenarios[0]), *result.findings.values()),
    ]
    for value in held:
        assert len(repr(value).splitlines()) < MOST_LINES, type(value).__name__
    assert "n_demand=36" in repr(result.inputs)
