"""Response-time coverage, plan targets and maps for emergency planners, on real roads.

Three lines from a study file to a map::

    import geo

    result = geo.run_study(geo.read_study("sample"))
    geo.draw_map(result)

The names below are the front; each lives in a module that is a noun of the field and can be used on its
own. They are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geo.areas import service_areas
    from geo.assessment import StudyResult, assess
    from geo.check import check_study
    from geo.coverage import by_zone, cover, summary, under
    from geo.errors import GeoError
    from geo.indicators import evaluate, load_plan
    from geo.layers import read_layer, write_layer
    from geo.maps import coverage_map, write_map
    from geo.network import RoadNetwork, from_roads
    from geo.osm import read_roads
    from geo.outputs import write_outputs
    from geo.picture import draw_map
    from geo.roads import roads_from_lines
    from geo.routing import route, travel_times
    from geo.scenariomap import draw_difference
    from geo.scenarioreport import compare_scenarios, run_scenario
    from geo.scenariospecs import ScenarioSpec
    from geo.siteoutputs import draw_sites, write_sites
    from geo.sitereport import report_sites
    from geo.sitestudy import SiteResult, site_study
    from geo.snapping import snap
    from geo.standards import load_profile, load_response
    from geo.stations import make_facilities
    from geo.study import run_study
    from geo.studyfile import Study, read_study

__all__ = [
    "GeoError",
    "RoadNetwork",
    "ScenarioSpec",
    "SiteResult",
    "Study",
    "StudyResult",
    "assess",
    "by_zone",
    "check_study",
    "compare_scenarios",
    "cover",
    "coverage_map",
    "draw_difference",
    "draw_map",
    "draw_sites",
    "evaluate",
    "from_roads",
    "load_plan",
    "load_profile",
    "load_response",
    "make_facilities",
    "read_layer",
    "read_roads",
    "read_study",
    "report_sites",
    "roads_from_lines",
    "route",
    "run_scenario",
    "run_study",
    "service_areas",
    "site_study",
    "snap",
    "summary",
    "travel_times",
    "under",
    "write_layer",
    "write_map",
    "write_outputs",
    "write_sites",
]

_HOMES = {
    "areas": ("service_areas",),
    "assessment": ("StudyResult", "assess"),
    "check": ("check_study",),
    "coverage": ("by_zone", "cover", "summary", "under"),
    "errors": ("GeoError",),
    "indicators": ("evaluate", "load_plan"),
    "layers": ("read_layer", "write_layer"),
    "maps": ("coverage_map", "write_map"),
    "network": ("RoadNetwork", "from_roads"),
    "osm": ("read_roads",),
    "outputs": ("write_outputs",),
    "picture": ("draw_map",),
    "roads": ("roads_from_lines",),
    "routing": ("route", "travel_times"),
    "scenariomap": ("draw_difference",),
    "scenarioreport": ("compare_scenarios", "run_scenario"),
    "scenariospecs": ("ScenarioSpec",),
    "siteoutputs": ("draw_sites", "write_sites"),
    "sitereport": ("report_sites",),
    "sitestudy": ("SiteResult", "site_study"),
    "snapping": ("snap",),
    "standards": ("load_profile", "load_response"),
    "stations": ("make_facilities",),
    "study": ("run_study",),
    "studyfile": ("Study", "read_study"),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Load a public name from its module when it is first used."""
    if name not in _HOME:
        raise AttributeError(f"module 'geo' has no attribute {name!r}")
    return getattr(import_module(f"geo.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
