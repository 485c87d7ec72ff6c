"""What stands both in the server and in the scripts of the page says the same."""

from __future__ import annotations

import json
import re
from pathlib import Path

import geo.serve
from geo.serve import changes, exporting, named, telling
from geo.statistics import OUTSIDE

_ASSETS = Path(geo.serve.__file__).with_name("assets")


def constant(script: str, name: str) -> object:
    """Read a constant of a script that is written on one line, as JSON."""
    text = (_ASSETS / script).read_text(encoding="utf-8")
    (value,) = re.findall(rf"^(?:export )?const {name} = (.+);$", text, flags=re.MULTILINE)
    return json.loads(re.sub(r"(\w+):", r'"\1":', value).replace("'", '"'))


def test_the_kinds_that_are_placed_and_what_may_be_set_of_them() -> None:
    assert constant("resources.js", "KINDS") == list(telling.RESOURCES)
    sizes = constant("resources.js", "SIZES")
    assert isinstance(sizes, dict)
    told = {kind: telling._SIZES.get(kind, ()) for kind in telling.RESOURCES}
    assert {kind: sorted(names) for kind, names in sizes.items()} == {k: sorted(v) for k, v in told.items()}
    assert {name for names in sizes.values() for name in names} <= set(changes.QUALITIES)


def test_the_name_of_what_lies_outside_all_zones() -> None:
    assert constant("panel.js", "OUTSIDE") == OUTSIDE


def test_the_longest_name() -> None:
    most = {module._MOST_LETTERS for module in (changes, exporting, named)}
    assert {constant("scenarios.js", "MOST_LETTERS")} == most  # export.js takes it from there
