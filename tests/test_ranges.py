"""Every number of a settings file has a stated range, and what lies outside it is told at the door."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest

from geo.errors import StudyError
from geo.messages import Message
from geo.plans import Plan, load_plan
from geo.plans.methods import SETTINGS
from geo.ranges import Range, numbers_in
from geo.settings import read_section
from geo.standards import ResponseStandard, SpeedProfile, load_profile, load_response
from geo.study import Study, parse_study
from geo.words import LANGS, data_dir

LEAST = {
    "study": {"name": "a"},
    "roads": {"path": "r.gpkg"},
    "facilities": [{"path": "f.csv"}],
    "demand": [{"path": "d.csv", "people": 1.0}],
}
EVIL: tuple[Any, ...] = (
    math.inf,
    -math.inf,
    math.nan,
    1e308,
    -1e308,
    10**400,
    -(10**400),
    16**5000,
    True,
    "x",
    [],
    {},
)


def _classes(kind: Any) -> Iterator[type[Any]]:
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        yield kind
        for hint in get_type_hints(kind, include_extras=True).values():
            yield from _classes(hint)
    for part in get_args(kind) if get_origin(kind) is not Annotated else ():
        yield from _classes(part)


SETTINGS_CLASSES = list(
    dict.fromkeys(cls for top in (Study, Plan, SpeedProfile, ResponseStandard) for cls in _classes(top))
)
NUMBERS = [
    (cls, name, number)
    for cls in SETTINGS_CLASSES
    for name, hint in get_type_hints(cls, include_extras=True).items()
    for number in numbers_in(hint)
]


def test_the_walk_reaches_every_room_of_the_settings() -> None:
    names = {cls.__name__ for cls in SETTINGS_CLASSES}
    assert {"SnapSpec", "SlowSpec", "ShelterRules", "SystemSpec", "Target", "Project"} <= names
    assert len(SETTINGS_CLASSES) > 30
    assert len(NUMBERS) > 80


@pytest.mark.parametrize(
    ("cls", "name", "number"), NUMBERS, ids=[f"{cls.__name__}.{name}" for cls, name, _ in NUMBERS]
)
def test_every_number_of_a_settings_dataclass_states_its_range(
    cls: type[Any], name: str, number: Any
) -> None:
    assert get_origin(number) is Annotated, f"{cls.__name__}.{name}: write Annotated[..., Range(low, high)]"
    kind, span = get_args(number)
    assert isinstance(span, Range)
    assert span.low < span.high
    assert math.isfinite(span.low)
    assert math.isfinite(span.high)
    for value in (math.inf, -math.inf, math.nan):
        assert value not in span
    for lang in LANGS:
        assert re.search(r"\d", span.message().say(lang))
    assert kind in (int, float)


@pytest.mark.parametrize("cls", SETTINGS_CLASSES, ids=lambda cls: cls.__name__)
def test_the_default_of_a_number_lies_in_its_range(cls: type[Any]) -> None:
    hints = get_type_hints(cls, include_extras=True)
    for field in dataclasses.fields(cls):
        is_number = isinstance(field.default, int | float) and not isinstance(field.default, bool)
        if is_number and not (cls.__name__ == "Project" and field.name == "site_m2"):  # nan: not said
            (number,) = numbers_in(hints[field.name])
            # A factor of 1 slows nothing: it stands for a factor that is missing.
            assert field.default in get_args(number)[1] or field.name == "factor"


@pytest.mark.parametrize("value", EVIL, ids=lambda value: str(type(value).__name__))
def test_an_evil_value_is_one_clear_fault_whatever_the_setting(value: Any) -> None:
    """Of each setting that takes numbers: the place, the key and the range, in both languages."""
    for cls, name, number in NUMBERS:
        if numbers_in(get_type_hints(cls, include_extras=True)[name]) != [number] or cls in (Plan, Study):
            continue
        hint = get_type_hints(cls, include_extras=True)[name]
        if value in ("x", [], {}) and hint not in (number, number | None):
            continue
        if name == "nodata" and value in (1e308, -1e308):  # rasters do mark empty cells so
            continue
        faults: list[str | Message] = []
        assert read_section(cls, {name: value}, where="[here]", faults=faults) is None
        mine = [fault for fault in faults if isinstance(fault, Message) and fault.key == "settings.key_wrong"]
        assert len(mine) == 1, (cls, name, value)
        for lang in LANGS:
            text = mine[0].say(lang)
            assert "[here]" in text
            assert name in text
            assert len(text) < 400


def test_a_number_within_a_list_or_a_table_is_named_by_its_place() -> None:
    with pytest.raises(StudyError) as caught:
        parse_study(
            LEAST
            | {
                "response": {"bands_min": [3, -5]},
                "zoning": {"most_people_of": {"北站": math.inf}},
                "scenarios": [{"name": "s", "close_roads": [{"between": [[121, 31], [121, math.nan]]}]}],
            },
            folder=Path("/a"),
        )
    told = caught.value.say("zh")
    assert "[response]：bands_min[1] = -5 不对，应为大于 0、不超过 10,080 分钟的数字" in told
    assert "[zoning]：most_people_of.北站 = inf 不对，应为大于 0、不超过 10,000,000,000 人的数字" in told
    assert "between[1][1] = nan 不对" in told


@pytest.mark.parametrize("text", ["", "   ", "\u3000"])
def test_a_text_that_says_nothing_is_told(text: str) -> None:
    with pytest.raises(StudyError, match="should be text in quotes that is not blank"):
        parse_study(LEAST | {"roads": {"path": text}}, folder=Path("/a"))
    with pytest.raises(StudyError, match="should be text in quotes that is not blank"):
        parse_study(LEAST | {"roads": {"path": "a", "columns": {"name": text}}}, folder=Path("/a"))
    # Where nothing is the default, it may be said.
    assert parse_study(LEAST | {"study": {"name": "a", "attribution": text}}, folder=Path("/a"))


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_a_setting_of_a_target_refuses_what_is_no_number(name: str) -> None:
    fits, _ = SETTINGS[name]
    for value in (math.inf, math.nan, 10**400, -1, 1e308):
        assert not fits(value)


@pytest.mark.parametrize("value", ["inf", "nan", "-1", "1e308", "true", "'x'", "1" + "0" * 400, "[]"])
@pytest.mark.parametrize("key", ["travel_s", "turnout_s", "call_s", "share"])
def test_a_clock_of_ones_own_is_checked_too(tmp_path: Path, key: str, value: str) -> None:
    numbers = {"travel_s": "240", "turnout_s": "60", "call_s": "60", "share": "1"} | {key: value}
    lines = [f"{name} = {number}" for name, number in numbers.items()]
    path = tmp_path / "clock.toml"
    path.write_text("\n".join(["[x]", 'clock_start = "call"', *lines]), encoding="utf-8")
    with pytest.raises(StudyError, match=rf"{key} = .* should be a number "):
        load_response(path)


@pytest.mark.parametrize("value", ["inf", "nan", "-1", "1e308", "true", "'x'", "1" + "0" * 400, "[]", "0"])
def test_a_speed_profile_of_ones_own_is_checked_too(tmp_path: Path, value: str) -> None:
    path = tmp_path / "speeds.toml"
    path.write_text(f"[x.speeds_kph]\nprimary = {value}", encoding="utf-8")
    with pytest.raises(StudyError, match=r"speeds_kph.primary = .* should be a number above 0"):
        load_profile(path)


def test_profiles_that_are_based_on_each_other_are_told(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text(f'[a]\nbased_on = "{path}#b"\n[b]\nbased_on = "{path}#a"\n', encoding="utf-8")
    with pytest.raises(StudyError, match="based on itself"):
        load_profile(f"{path}#a")


@pytest.mark.parametrize(
    "edit",
    [
        ("target_year = 2025", "target_year = 99999"),
        ("value = 12\n", "value = inf\n"),
        ("value = 12\n", "value = 1" + "0" * 400 + "\n"),
        ("most_people = 120000", "most_people = nan"),
        ("most_people = 120000", "most_people = 1e308"),
    ],
)
def test_a_plan_of_ones_own_is_checked_too(tmp_path: Path, edit: tuple[str, str]) -> None:
    text = (data_dir() / "plans" / "jinshan.toml").read_text(encoding="utf-8")
    assert edit[0] in text
    path = tmp_path / "plan.toml"
    path.write_text(text.replace(*edit, 1), encoding="utf-8")
    with pytest.raises(StudyError, match=r"= .* should be a (whole )?number (from|above)"):
        load_plan(path)


@pytest.mark.parametrize(
    "text", ["n = " + "9" * 5000, "n = " + "[" * 20000, "n = 0x" + "f" * 6000, "\x00", "n = 1\n\x1b = 2"]
)
def test_a_file_on_which_the_parser_itself_gives_up_is_no_toml(tmp_path: Path, text: str) -> None:
    from geo.study import read_study

    for read in (read_study, load_plan, load_profile, load_response):
        path = tmp_path / "file.toml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises((StudyError, OSError)) as caught:
            read(path)
        assert "file.toml" in str(caught.value) or "plan" in str(caught.value)
        assert len(str(caught.value)) < 1000
