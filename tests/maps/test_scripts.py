"""Modules put together in one script: nothing is lost on the way, and no name stands for two things."""

from __future__ import annotations

import re
from collections import Counter
from importlib import resources

import pytest

from geo.maps import plain_script
from geo.maps.page import _SCRIPTS as OF_MAPS
from geo.serve.page import _SCRIPTS as OF_THE_LIVE_PAGE
from geo.serve.page import _SHARED

_TOP = re.compile(r"^(?:async )?(?:function\*? |class |const |let )(.*)", re.MULTILINE)


def test_comments_go_and_code_beside_them_stays() -> None:
    module = (
        "// What it is for.\n"
        "import { data } from './given.js';\n"
        "import {\n  fill,\n} from './shapes.js';\n"
        "/** @type {any} */ const first = 1;\n"
        "/** Of the second. */\n"
        "export const second = 'http://one'; // and why\n"
        "export function third() {}\n"
    )
    assert plain_script(module) == (
        "/** @type {any} */ const first = 1;\nconst second = 'http://one'; // and why\nfunction third() {}\n"
    )


@pytest.mark.parametrize(
    ("room", "scripts"),
    [("maps", OF_MAPS), ("serve", OF_THE_LIVE_PAGE)],
)
def test_no_name_stands_for_two_things(room: str, scripts: tuple[str, ...]) -> None:
    assets = resources.files("geo")
    texts = [(assets / room / "assets" / name).read_text(encoding="utf-8") for name in scripts]
    if room == "serve":
        texts += [(assets / "maps" / "assets" / name).read_text(encoding="utf-8") for name in _SHARED]
    names: Counter[str] = Counter()
    for line in _TOP.findall("\n".join(map(plain_script, texts))):
        names.update(re.findall(r"(?:^|, )(\w+) =", line) or [re.split(r"\W", line)[0]])
    assert len(names) > 50
    assert [name for name, n in names.items() if n > 1] == []
