"""What a study finds about its roads: links that strand people, dead ends, and what closed roads cost."""

from __future__ import annotations

import math
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.coverage import Coverage
from geo.findings import Finding, Style
from geo.messages import Message
from geo.network import RoadNetwork, name_classes
from geo.study.inputs import Inputs
from geo.study.settings import RoadLinksSpec, Study
from geo.vulnerability import Closing, cut_links, dead_ends, lose_roads, roads_inside

__all__ = ["report_roads"]

_WORDS: Final = "vulnerability"


def report_roads(study: Study, inputs: Inputs, coverage: Coverage) -> tuple[Finding, ...]:
    """Find where the roads hang by one thread, and what is left when they flood or a link closes.

    Returns
    -------
    tuple of Finding
        ``cut_links`` and ``dead_ends`` (lines); ``road_loss`` (table: each hazard area, all of them together,
        each of the worst links); ``flooded_roads`` (lines) where there are hazard areas.
    """
    asked, network, hazards = study.road_links, coverage.network, inputs.context.hazards
    links = _links(coverage, asked)
    closings = _worst(links.table, asked.close_worst)
    findings = [links, _dead_ends(inputs, coverage, asked)]
    if hazards is not None and len(hazards):
        inside = roads_inside(network, hazards, stay_open=asked.stay_open)
        closings = [*_floods(hazards, inside), *closings]
        findings.append(_flooded(network, hazards, inside))
    return (*findings, _loss(coverage, closings, asked))


def _links(coverage: Coverage, asked: RoadLinksSpec) -> Finding:
    table, n_links = cut_links(
        coverage.network,
        coverage.demand_snaps,
        coverage.station_snaps,
        people=coverage.table["people"],
        zone=coverage.table["zone"],
        most_rows=asked.most_rows,
    )
    worst = float(table["people"].iloc[0]) if len(table) else 0.0
    figures = {"n_links": float(n_links), "people_worst": worst}
    columns = ("highway", "length_m", "people", "people_on_it", "zone")
    style = Style({"": "cut_link"}, columns=columns, size=4.0)
    notes = _notes("vulnerability.note_cut_links", n_links, len(table))
    return Finding("cut_links", _WORDS, table, style, figures, notes)


def _dead_ends(inputs: Inputs, coverage: Coverage, asked: RoadLinksSpec) -> Finding:
    table = dead_ends(
        coverage.network,
        coverage.demand_snaps,
        people=coverage.table["people"],
        outline=_outline(inputs),
        border_m=asked.border_m,
        skip=asked.skip_classes,
    )
    counted = table[~table["is_border"] & ~table["is_skipped"]].drop(columns=["is_border", "is_skipped"])
    figures = {
        "n_dead_ends": float(len(counted)),
        "people": math.fsum(counted["people"]),
        "length_m": math.fsum(counted["length_m"]),
        "n_border": float((table["is_border"] & ~table["is_skipped"]).sum()),
        "n_skipped": float(table["is_skipped"].sum()),
    }
    kept = counted.head(asked.most_rows).reset_index(drop=True)
    style = Style({"": "dead_end"}, columns=("highway", "length_m", "people"), size=3.0)
    counts = {"n_border": int(figures["n_border"]), "n_skipped": int(figures["n_skipped"])}
    left_out = Message("vulnerability.note_dead_ends_left_out", {**counts, "border_m": asked.border_m})
    return Finding(
        "dead_ends",
        _WORDS,
        kept,
        style,
        figures,
        (*_notes("vulnerability.note_dead_ends", len(counted), len(kept)), left_out),
    )


def _notes(key: str, n: int, n_listed: int) -> tuple[Message, ...]:
    """Say the rule, and how many rows of how many are listed where some are not."""
    rule = Message(key)
    return (
        (rule,) if n_listed == n else (rule, Message("vulnerability.note_listed", {"n": n_listed, "all": n}))
    )


def _outline(inputs: Inputs) -> shapely.Geometry | None:
    """Give the outer border of the zones, else of the land; towns meet inside it without one."""
    areas = inputs.zones if len(inputs.zones) else inputs.land
    if areas is None or not len(areas):
        return None
    parts = shapely.get_parts(shapely.union_all(areas.geometry.to_numpy()))
    return shapely.multilinestrings(shapely.get_exterior_ring(parts[shapely.get_type_id(parts) == 3]))


def _worst(links: pd.DataFrame, n: int) -> list[Closing]:
    """Close each of the worst links, alone."""
    rows = links.head(n)
    return [
        Closing(name or f"{zone} {highway}".strip(), "link", np.array([edge]))
        for name, zone, highway, edge in zip(
            rows["name"], rows["zone"], rows["highway"], rows["edge"], strict=True
        )
    ]


def _floods(hazards: gpd.GeoDataFrame, inside: list[NDArray[np.int64]]) -> list[Closing]:
    """Close the roads of each hazard area alone, and those of all together."""
    alone = [Closing(str(name), "hazard", edges) for name, edges in zip(hazards["name"], inside, strict=True)]
    return [*alone, Closing("", "hazards", np.unique(np.concatenate(inside)))]


def _flooded(network: RoadNetwork, hazards: gpd.GeoDataFrame, inside: list[NDArray[np.int64]]) -> Finding:
    edges, first = np.unique(np.concatenate(inside), return_index=True)
    hazard = np.repeat(hazards["name"].to_numpy(dtype=object), [len(own) for own in inside])[first]
    drawn = network.edges.loc[edges]
    table = gpd.GeoDataFrame(
        {
            "name": drawn["name"].to_numpy(dtype=object),
            "hazard": hazard,
            "highway": drawn["highway"].to_numpy(dtype=object),
            "length_m": network.edge_length[edges],
        },
        geometry=drawn.geometry.to_numpy(),
        crs=network.crs,
    )
    figures = {"n_edges": float(len(edges)), "length_m": math.fsum(network.edge_length[edges])}
    style = Style({"": "flooded_road"}, columns=("hazard", "highway", "length_m"), size=4.0)
    return Finding("flooded_roads", _WORDS, table, style, figures, (Message("vulnerability.note_flooded"),))


def _loss(coverage: Coverage, closings: list[Closing], asked: RoadLinksSpec) -> Finding:
    table = lose_roads(coverage, closings)
    figures = _figures(table, "hazards") | _figures(table, "link")
    notes: list[Message] = [
        Message("vulnerability.note_road_loss", {"limit": coverage.standard.limit_s / 60.0})
    ]
    if asked.stay_open:
        notes.append(Message("vulnerability.note_stay_open", {"classes": name_classes(asked.stay_open)}))
    return Finding("road_loss", _WORDS, table, None, figures, tuple(notes))


def _figures(table: pd.DataFrame, cause: str) -> dict[str, float]:
    """Give the figures of the closing of a cause that leaves the smallest share."""
    rows = table[(table["cause"] == cause) & table["share_after"].notna()]
    if not len(rows):
        return {}
    worst = rows.loc[rows["share_after"].astype(float).idxmin()]
    names = ("share_before", "share_after", "people_late", "people_cut_off", "n_edges")
    return {f"{cause}_{name}": float(worst[name]) for name in names}
