"""Tables of a result that map, workbook, GeoPackage and CSV files tell alike."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.coverage import Coverage
from geo.stations import select
from geo.study import StudyResult

__all__ = ["all_stations", "people_by_name", "ranked_gaps"]


def all_stations(result: StudyResult) -> gpd.GeoDataFrame:
    """Give the stations that were counted, and those of the same kind that were not, without figures."""
    counted = result.coverage.stations
    others = select(result.inputs.facilities, kind=result.study.response.facility_kind).drop(counted.index)
    if not len(others):
        return counted
    return gpd.GeoDataFrame(pd.concat([counted, others]), crs=counted.crs)


def people_by_name(coverage: Coverage) -> gpd.GeoDataFrame:
    """Give the coverage table with the names of its stations beside their ids."""
    table, names = coverage.table, coverage.stations["name"]
    return table.assign(
        first_name=table["first_id"].map(names),
        second_name=table["second_id"].map(names),
    )


def ranked_gaps(result: StudyResult) -> gpd.GeoDataFrame:
    """Give the gaps with their rank and the name of the nearest station."""
    gaps, names = result.gaps, result.coverage.stations["name"]
    return gaps.assign(rank=np.arange(1, len(gaps) + 1), nearest=gaps["nearest_id"].map(names))
