"""A small invented island as finished tables, typed by hand, for the map's tests."""

from __future__ import annotations

from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.maps import (
    AreaLayer,
    Basemap,
    CoverageLayer,
    FacilityLayer,
    FindingLayer,
    GapLayer,
    LandLayer,
    MapLayer,
    MapText,
    RoadLayer,
    StationLayer,
    TargetPanel,
    ZoneLayer,
    coverage_map,
)

CRS = "EPSG:32651"
EAST, NORTH = 350_000.0, 3_500_000.0


def frame(shapes: list[shapely.Geometry], **columns: Any) -> gpd.GeoDataFrame:
    """Make a table of shapes given in metres from the island's corner."""
    moved = shapely.transform(np.array(shapes, dtype=object), lambda xy: xy + np.array([EAST, NORTH]))
    return gpd.GeoDataFrame(columns, geometry=moved, crs=CRS)


def points(*xy: tuple[float, float]) -> list[shapely.Geometry]:
    """Make points."""
    return [shapely.Point(at) for at in xy]


def tables() -> dict[str, Any]:
    """Give every table of a coverage map: two towns, three stations, five places, one of them cut off.

    People: 12,000 + 9,000 + 6,000 in time (27,000 of 40,000 = 67.5 %), 8,000 late, 5,000 unreachable.
    Mean response of the reached: (12 * 120 + 9 * 240 + 6 * 300 + 8 * 600) / 35 = 291.43 s.
    """
    stations = frame(
        points((2000, 2500), (8000, 2500), (5000, 4200)),
        kind=["fire_station"] * 3,
        status=["existing", "existing", "planned"],
        name=["东门消防站", "西桥消防站", "新港消防站"],
        station_class=["first", "small", None],
        people_served=[26000.0, 9000.0, np.nan],
        mean_s=[181.25, 240.0, np.nan],
        worst_s=[600.0, np.inf, np.nan],
        share_of_limit=[26 / 120, 1.25, np.nan],
    ).set_index(pd.Index(["s1", "s2", "s3"], name="facility_id"))
    demand = frame(
        points((1800, 2400), (7900, 2700), (3000, 3500), (5000, 800), (11500, 2500)),
        people=[12000.0, 9000.0, 6000.0, 8000.0, 5000.0],
        zone=["东门镇", "西桥镇", "东门镇", "西桥镇", None],
        first_id=["s1", "s2", "s1", "s1", None],
        first_s=[120.0, 240.0, 300.0, 600.0, np.inf],
        first_travel_s=[60.0, 180.0, 240.0, 540.0, np.inf],
        is_covered=[True, True, True, False, False],
        is_reachable=[True, True, True, True, False],
        reason=["", "", "", "", "no road"],
    )
    zones = frame(
        [
            shapely.box(0, 0, 5000, 5000),
            shapely.box(5000, 0, 10000, 5000),
            shapely.box(11000, 2000, 12000, 3000),
        ],
        name=["东门镇", "西桥镇", "小沙洲"],
        level=["town"] * 3,
        people=[26000.0, 9000.0, np.nan],
        people_covered=[18000.0, 9000.0, np.nan],
        share_people=[18 / 26, 1.0, np.nan],
    ).set_index(pd.Index(["z1", "z2", "z3"], name="zone_id"))
    return {
        "title": "东西岛消防站覆盖",
        "lang": "zh",
        "roads": frame(
            [
                shapely.LineString([(500, 2500), (5000, 2600), (9500, 2500)]),
                shapely.LineString([(5000, 300), (5000, 2600), (5000, 4700)]),
            ],
            highway=["primary", "residential"],
            name=["岛中路", ""],
        ),
        "land": frame([shapely.box(0, 0, 10000, 5000), shapely.box(11000, 2000, 12000, 3000)]),
        "stations": stations,
        "facilities": frame(
            points((2500, 2200), (7000, 2500)),
            kind=["shelter", "hydrant"],
            status=["existing"] * 2,
            name=["中心小学", None],
            area_m2=[3200.0, np.nan],
            flow_lps=[np.nan, 15.0],
        ),
        "demand": demand,
        "zones": zones,
        "areas": frame(
            [
                shapely.union(shapely.box(500, 1500, 4000, 4000), shapely.box(6500, 1500, 9500, 3500)),
                shapely.box(500, 1500, 4000, 4000),
                shapely.box(6500, 1500, 9500, 3500),
            ],
            facility_id=[None, "s1", "s2"],
            limit_s=[300.0] * 3,
            area_km2=[14.75, 8.75, 6.0],
        ),
        "gaps": frame(
            points((5000, 800), (11500, 2500)),
            name=["南滩村", None],
            zone=["西桥镇", "小沙洲"],
            people=[8000.0, 5000.0],
            n_points=[1, 1],
            nearest_id=["s1", None],
            nearest_s=[600.0, np.inf],
            reason=["", "no road"],
        ),
        "targets": pd.DataFrame(
            {
                "name_zh": ["应急救援响应平均行车时间", "5分钟救援半径", "市政消火栓", "救援队伍"],
                "name_en": ["Mean driving time", "Within 5 minutes", "Hydrants", "Teams"],
                "comparator": ["<", "=", ">=", ">="],
                "target": [5.0, 100.0, 600.0, 1.0],
                "unit": ["min", "%", "", ""],
                "status": ["met", "missed", "no data", "not computed"],
                "value": [3.86, 67.5, np.nan, np.nan],
                "evidence_zh": ["按可达人口加权", "13,000 人未覆盖", None, None],
                "evidence_en": ["weighted by people", "13,000 people left", None, None],
                "needs": [None, None, "hydrants: status", None],
            },
            index=pd.Index(["CM-2", "CM-1", "CM-6", "CM-5"], name="target_id"),
        ),
        "standard": "自接警出动起 5 分钟内到场（出动 60 秒，行车 240 秒）",
        "attribution": "© OpenStreetMap contributors (ODbL)",
        "sources": ["道路：手工示例"],
        "made_on": "2035-01-01",
        "is_synthetic": True,
    }


LAYERS: dict[str, Any] = {
    "roads": RoadLayer,
    "stations": StationLayer,
    "facilities": FacilityLayer,
    "zones": ZoneLayer,
    "areas": AreaLayer,
    "gaps": GapLayer,
    "targets": TargetPanel,
}
TEXTS = ("standard", "attribution", "sources", "made_on", "is_synthetic")


def island_layers(given: dict[str, Any]) -> list[MapLayer]:
    """Give the tables of :func:`tables` as layers, each that is there; ``findings`` as well."""
    renamed = {"demand": "table", "unreached": "unreached", "bands_s": "bands_s", "limit_s": "limit_s"}
    people = {name: given[key] for key, name in renamed.items() if key in given}
    ground = {name: given[key] for name, key in (("table", "land"), ("water", "water")) if key in given}
    layers = [LAYERS[name](table) for name, table in given.items() if name in LAYERS and table is not None]
    return [
        *layers,
        LandLayer(**ground),
        CoverageLayer(**people),
        *map(FindingLayer, given.get("findings", ())),
    ]


def island_map(basemaps: tuple[Basemap, ...] = (), **changes: Any) -> folium.Map:
    """Draw the island, with other tables, texts or findings in place of its own."""
    given = tables() | changes
    text = MapText(**{name: given[name] for name in TEXTS})
    layers = island_layers(given)
    return coverage_map(layers, title=given["title"], lang=given["lang"], text=text, basemaps=basemaps)
