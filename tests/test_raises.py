"""Each sentence that a planner can meet is a message with words in two languages; the rest is listed here."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from geo import errors
from tests.house import HOUSE, nodes, tree

ERRORS = {name for name in errors.__all__ if name != "FaultsError"}

FOR_PROGRAMMERS: dict[str, str] = {
    "areas.polygons": "Drawing.__post_init__ service_areas _check_crs",
    "areas.shares": "land_share",
    "areas.uncovered": "gather",
    "availability._approximate": "approximate",
    "availability.calls_drawn": "draw_calls _factors",
    "availability.dispatch": "dispatch_table _check_ids",
    "availability.call_types": "ready_types",
    "availability.force": "force_times _counts",
    "availability.hypercube": "_balanced",
    "availability.replications": "simulate_calls compare_simulated",
    "availability.simulation": "prepare _donors _checked _needs",
    "calibration.calibrate": "calibrate_speeds",
    "calibration.routes": "road_parts",
    "calibration.rules": "band_of",
    "calibration.trips": "check_trips",
    "coverage": "cover",
    "demand._points": "points_along",
    "demand.apportion": "_round",
    "demand.points_and_zones": "demand_from_points",
    "demand.village_names": "_check",
    "hydrants.radius": "cover_people _check",
    "hydrants.sites": "best_sites",
    "layers.write": "write_layer _write_gdal",
    "maps.layers": "stack_layers",
    "maps.legend": "colour_of band_colours",
    "network.closures": "_positions set_times",
    "optimize.max_flow": "assign",
    "outputs.write": "_require_own_names",
    "routing.od_matrix": "route",
    "routing.route_sums": "sum_along_routes",
    "routing.snapping": "_check_rules _check",
    "routing.stops": "drive stops_of _check_snaps _starts",
    "scenarios.differences": "compare_people",
    "scenarios.what_if": "preview",
    "schema": "numbers_by_id",
    "settings": "check_number check_whole",
    "shelters.allocation": "_check",
    "siting._checks": "check_charge",
    "siting._table": "check_table in_time _ids _from_times _from_frame _sites",
    "siting.covering": "build_programme",
    "siting.pareto": "question_table",
    "times": "limit_ms",
    "uncertainty.draws": "draw_coverage",
    "uncertainty.ranges": "tell_ranges sureness compare_draws",
    "uncertainty.roads": "prepare_roads",
    "uncertainty.sizes": "Sizes.__post_init__ size_of_interval",
    "vulnerability.road_loss": "roads_inside",
    "words": "say",
    "zones.divide": "_check",
}
"""Functions that tell a programmer what is wrong with an argument, in English, by the name of its parameter.

No study file, layer or command line leads there: the settings are checked before, with words of their own.
"""


def _functions(tree: ast.AST, within: str = "") -> Iterator[tuple[str, ast.Raise]]:
    for node in ast.iter_child_nodes(tree):
        named = isinstance(node, ast.FunctionDef | ast.ClassDef)
        place = f"{within}.{node.name}".lstrip(".") if named else within  # type: ignore[attr-defined]
        if isinstance(node, ast.Raise):
            yield place, node
        yield from _functions(node, place)


def _is_english(raised: ast.Raise) -> bool:
    """Whether an error of ours is given a text, or what a function makes of one."""
    call = raised.exc
    if not isinstance(call, ast.Call) or getattr(call.func, "id", "") not in ERRORS or not call.args:
        return False
    said = call.args[0]
    return isinstance(said, ast.JoinedStr | ast.Constant | ast.BinOp) or (
        isinstance(said, ast.Call) and getattr(said.func, "id", "") == "_searched_less"
    )


def _english() -> dict[str, set[str]]:
    sites: dict[str, set[str]] = {}
    for path in sorted(HOUSE.rglob("*.py")):
        module = ".".join(path.relative_to(HOUSE).with_suffix("").parts)
        for place, raised in _functions(tree(path)):
            if _is_english(raised):
                sites.setdefault(module, set()).add(place)
    return sites


@pytest.mark.thorough
def test_an_error_in_english_only_is_for_programmers() -> None:
    assert _english() == {module: set(places.split()) for module, places in FOR_PROGRAMMERS.items()}


def test_the_command_prints_words_of_the_words_files() -> None:
    """A text that is printed as it stands in the program is told in one language alone."""
    printed = []
    for path in sorted((HOUSE / "cli").glob("*.py")):
        for node in nodes(path):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", getattr(node.func, "attr", "")) == "print"
            ):
                for said in node.args[:1]:
                    parts = said.values if isinstance(said, ast.JoinedStr) else [said]
                    texts = [str(part.value) for part in parts if isinstance(part, ast.Constant)]
                    printed += [(path.name, text) for text in texts if len(text.split()) > 1]
    assert printed == []
