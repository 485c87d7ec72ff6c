"""Names of data are shown, not obeyed: no sign of theirs reaches a terminal as it is."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from geo.cli.headline import print_lines
from geo.errors import FileError, InputError
from geo.messages import Fault, Message
from geo.signs import printable
from geo.study import Remark

OBEYED = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))] + list(
    "\u202a\u202e\u2066\u2069\u200f\u2028"
)
EVIL = "红\x1b[31m站\u202e\n! all is well\x9b2J"


@given(st.text(st.sampled_from([*OBEYED, "站", "a", " ", "🚒"])))
def test_nothing_that_is_obeyed_is_left(text: str) -> None:
    assert not set(printable(text)) & set(OBEYED)
    assert not set(printable(text, in_lines=True)) & (set(OBEYED) - {"\n"})
    assert len(printable(text)) == len(text)


@given(st.text(st.characters(blacklist_categories=["Cc", "Cf", "Zl", "Zp"])))
def test_what_is_no_such_sign_stays(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_messages_faults_and_errors_bring_none(lang: str) -> None:
    message = Message("layers.side_missing", {"file": EVIL, "missing": (EVIL, EVIL)})
    fault = Fault(3, EVIL, EVIL, message)
    said = [message.say(lang), fault.say(lang), FileError(message).say(lang), FileError(EVIL).say(lang)]
    said += [
        str(FileError(EVIL)),
        str(InputError(EVIL, faults=[EVIL])),
        InputError(EVIL, faults=[fault]).say(lang),
    ]
    for text in said:
        assert not set(text) & (set(OBEYED) - {"\n"})
    assert "\n" not in message.say(lang) + fault.say(lang)


def test_the_headline_brings_none() -> None:
    screen = io.StringIO()
    print_lines(
        EVIL,
        [(EVIL, EVIL)],
        Path("map.html"),
        warnings=[Remark(EVIL, "doubt")],
        is_synthetic=True,
        lang="zh",
        console=Console(file=screen, force_terminal=False, width=200),
    )
    assert not set(screen.getvalue()) & (set(OBEYED) - {"\n"})
    assert "␛[31m" in screen.getvalue()
