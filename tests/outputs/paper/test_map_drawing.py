"""The map of a report: what looks alike in grey print gets a hatch there as on the sheets of the atlas."""

from __future__ import annotations

import os

import geopandas as gpd
import pytest
from shapely.geometry import box

from geo.outputs.paper import Stroke, Surround, draw_paper_map, draw_pixels, fit_frame


def test_areas_of_one_grey_are_hatched_and_the_hatch_is_defined() -> None:
    """#c00000 is 57 of 255 and #006200 is 58; white needs no hatch, nor does a map of one of them."""
    frame = fit_frame((0.0, 0.0, 2000.0, 1000.0), width_mm=100.0, least_mm=20.0, most_mm=80.0)

    def area(name: str, colour: str, left: float) -> Stroke:
        shapes = gpd.GeoSeries([box(left, 0.0, left + 500.0, 900.0)]).to_numpy()
        return Stroke(name, "fill", colour, shapes=shapes)

    red, green = area("red", "#c00000", 0.0), area("green", "#006200", 600.0)
    white = area("white", "#ffffff", 1200.0)
    surround = Surround("en")
    both = draw_paper_map(frame, [red, green, white], [], surround).svg
    assert both.count('<pattern id="rising-light"') == 1
    assert both.count('fill="url(#rising-light)"') >= 2, "on the map and in its legend"
    assert "pattern" not in draw_paper_map(frame, [red, white], [], surround).svg


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="read as Linux tells it")
def test_pictures_drawn_in_turn_do_not_add_up() -> None:
    """200 mm at 300 dots are 2,362: 22 MB each, which the typesetter would keep of the last ten."""

    def used_mb() -> float:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6

    def draw(colour: str) -> None:
        square = f'<rect width="9" height="9" fill="{colour}"/>'
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{square}</svg>'
        assert draw_pixels(svg, width_mm=200.0)[:4] == b"\x89PNG"

    for colour in ("#100", "#200"):
        draw(colour)
    before = used_mb()
    for colour in ("#300", "#400", "#500", "#600", "#700"):
        draw(colour)
    assert used_mb() - before < 2 * 22.3
