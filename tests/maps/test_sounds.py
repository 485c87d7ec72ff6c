"""How names sound: all sounds of a character, so that each way to type it finds the place."""

from __future__ import annotations

import sys

import pytest

from geo.maps.sounds import sounds_of


@pytest.mark.parametrize(
    ("character", "sounds"),
    [("重", {"zhong", "chong"}), ("长", {"chang", "zhang"}), ("六", {"liu", "lu"}), ("吕", {"lv", "lu"})],
)
def test_a_character_has_all_its_sounds_without_tones(character: str, sounds: set[str]) -> None:
    assert sounds <= set(sounds_of([character])[character].split())


def test_only_characters_that_have_a_sound_are_listed_each_once() -> None:
    assert sounds_of(["城桥 A1村", "城中·<b>"]).keys() == {"城", "桥", "村", "中"}
    assert sounds_of([]) == {}


def test_the_library_itself_is_not_loaded_its_phrases_would_take_long() -> None:
    sounds_of(["城"])
    assert "pypinyin" not in sys.modules
