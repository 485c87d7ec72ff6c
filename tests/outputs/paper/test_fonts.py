"""A face for Chinese is a Simplified one, or an error that says what to install."""

from __future__ import annotations

import pytest

from geo.errors import InputError
from geo.outputs.paper import choose_fonts

LATIN = ["Libertinus Serif", "DejaVu Sans", "Liberation Sans"]


@pytest.mark.parametrize("others", [[], ["Noto Sans CJK JP", "Noto Serif CJK TC", "Noto Sans Mono CJK SC"]])
def test_without_a_simplified_face_there_is_no_report(others: list[str]) -> None:
    with pytest.raises(InputError) as error:
        choose_fonts(lang="zh", is_chinese=True, families=[*LATIN, *others])
    for lang in ("zh", "en"):
        assert "fonts-noto-cjk" in error.value.say(lang)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("there", "text"),
    [
        (["SimSun", "SimHei"], "SimSun"),
        (["Microsoft YaHei"], "Microsoft YaHei"),
        (["FangSong", "SimSun", "SimHei"], "FangSong"),
        (["Noto Serif CJK SC", "Noto Sans CJK SC", "SimSun"], "Noto Serif CJK SC"),
    ],
)
def test_the_faces_of_windows_and_linux_serve(there: list[str], text: str) -> None:
    if there == ["SimSun", "SimHei"]:
        assert choose_fonts(lang="zh", is_chinese=True, families=[*LATIN, *there]).heading == ("SimHei",)
    assert choose_fonts(lang="zh", is_chinese=True, families=[*LATIN, *there]).text == (text,)


def test_an_english_report_has_chinese_names_in_a_chinese_face() -> None:
    there = [*LATIN, "Noto Serif CJK SC", "Noto Sans CJK SC"]
    assert choose_fonts(lang="en", is_chinese=True, families=there).text == (
        "Libertinus Serif",
        "Noto Serif CJK SC",
    )
    assert choose_fonts(lang="en", is_chinese=False, families=LATIN).text == ("Libertinus Serif",)


def test_a_wanted_face_comes_first_and_one_that_is_not_there_is_told() -> None:
    there = [*LATIN, "KaiTi", "SimSun", "SimHei"]
    fonts = choose_fonts(lang="zh", is_chinese=True, wanted=["kaiti"], families=there)
    assert fonts.text[0] == fonts.figures[0] == "KaiTi"
    with pytest.raises(InputError, match="Nowhere"):
        choose_fonts(lang="zh", is_chinese=True, wanted=["Nowhere"], families=there)
