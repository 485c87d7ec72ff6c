"""The pages of plans and standards hold every target and every rule, with its source."""

from __future__ import annotations

import pytest

from geo.plans import list_plans, load_plan
from geo.standards import load_rules, profile_names, response_names
from geo.words import LANGS, Lang
from handbook.plan_pages import plans_page, standards_page
from handbook.wording import cell


@pytest.mark.parametrize("lang", LANGS)
def test_every_target_has_its_row_with_its_source(lang: Lang) -> None:
    page = plans_page(lang)
    for plan in map(load_plan, list_plans()):
        rows = page.partition(f"{{#{plan.id}}}")[2].splitlines()
        for target in plan.targets:
            row = next(line for line in rows if line.startswith(f"| **{target.id}** "))
            assert cell(target.name_zh if lang == "zh" else target.name_en) in row
            assert cell(target.source) in row


@pytest.mark.parametrize("lang", LANGS)
def test_every_rule_clock_and_profile_is_there(lang: Lang) -> None:
    page = standards_page(lang)
    for rule in load_rules().values():
        text = cell(rule.text_zh if lang == "zh" else rule.text_en)
        told = (f"{rule.number:,g}", f"**{rule.mark}**", rule.standard, rule.clause)
        rows = [line for line in page.splitlines() if line.startswith(f"| {text}")]
        assert [row for row in rows if all(part in row for part in told)], rule.id
    for name in (*response_names(), *profile_names()):
        assert f"`{name}`" in page
