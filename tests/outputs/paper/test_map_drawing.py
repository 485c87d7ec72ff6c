"""The map of a report: what looks alike in grey print gets a hatch there as on the sheets of the atlas."""

from __future__ import annotations

import geopandas as gpd
from shapely.geometry import box

from geo.outputs.paper import Stroke, Surround, draw_paper_map, fit_frame


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
