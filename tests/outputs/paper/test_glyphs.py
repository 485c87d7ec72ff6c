"""Which signs a face has is read from its file; what it lacks has another face, or a mark and a message."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.outputs.paper import PaperFonts, choose_fonts, drawable_fonts
from geo.outputs.paper.fonts import system_fonts
from geo.outputs.paper.glyphs import face_signs
from tests.outputs.report.reading import require_chinese_face

PRIVATE = "\ue815"
"""A sign of somebody's own, as GBK tables have them: no face of the world has it by right."""


@pytest.mark.parametrize("face", [face for face in system_fonts().fonts() if face.path][:12], ids=repr)
def test_signs_are_those_that_fonttools_reads(face: object) -> None:
    ttlib = pytest.importorskip("fontTools.ttLib", reason="fontTools is not installed")
    path, index = face.path, face.index  # type: ignore[attr-defined]
    number = index if Path(path).suffix in (".ttc", ".otc") else -1
    with ttlib.TTFont(path, fontNumber=number, lazy=True) as font:
        assert face_signs(path, index) == set(map(chr, font.getBestCmap() or {}))


@pytest.mark.parametrize("content", [b"", b"ttcf", b"\0\1\0\0\0\1", b"x" * 100, b"ttcf" + b"\xff" * 40])
def test_a_damaged_face_has_no_signs(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "face.ttf").write_bytes(content)
    assert face_signs(str(tmp_path / "face.ttf"), 0) == frozenset()
    assert face_signs(str(tmp_path / "none.ttf"), 0) == frozenset()


def test_a_usual_text_takes_no_further_face() -> None:
    require_chinese_face()
    fonts = choose_fonts(lang="zh", is_chinese=True)
    drawable = drawable_fonts(fonts, ["澄屿区消防与应急设施评估（虚构示例）12.5 km² ≥ 95 %\n"])
    assert (drawable.fonts, drawable.lacking) == (fonts, "")


def test_a_sign_that_the_chosen_face_lacks_has_a_second_one() -> None:
    require_chinese_face()
    fonts = PaperFonts(("Libertinus Serif",), ("Libertinus Serif",), ("Libertinus Serif",))
    drawable = drawable_fonts(fonts, ["Vaduz 城桥镇"])
    assert drawable.lacking == ""
    assert drawable.fonts.text[0] == "Libertinus Serif"
    assert len(drawable.fonts.text) > 1


def test_a_sign_that_no_face_has_is_named() -> None:
    require_chinese_face()
    fonts = choose_fonts(lang="zh", is_chinese=True)
    assert drawable_fonts(fonts, [f"{PRIVATE}镇", "城桥"]).lacking == PRIVATE
