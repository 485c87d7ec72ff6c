"""The candidates of a study: gathered, sifted by the land rules, named and placed in their towns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.errors import InputError, StudyError
from geo.messages import Message, name_some
from geo.network import RoadNetwork
from geo.stations import select
from geo.study.inputs import Inputs
from geo.study.response import answering_stations, snap_rules
from geo.study.settings import CandidatesSpec, Study
from geo.study.sites.candidates import along_roads, from_nodes, from_plots, on_grid, roads_of_class
from geo.study.sites.land_rules import (
    LandRule,
    Sifted,
    apart_rule,
    crowd_rule,
    district_rule,
    hazmat_rule,
    inside_rule,
    outside_rule,
    road_rule,
    sift,
    size_rules,
)
from geo.words import nearest_words

__all__ = ["FAR_M", "list_candidates", "named_sites"]

HAZMAT: Final = "hazmat"
DISTRICT_LEVELS: Final = ("district", "town")
"""Zones that together are the district; villages leave gaps between them."""
FAR_M: Final = 50_000.0
"""A place this far from everything has wrong coordinates; projected metres mean nothing there."""
_OF_THE_PLACE: Final = ("off_district", "in_water")


def list_candidates(study: Study, inputs: Inputs) -> Sifted:
    """Gather the candidates of a study and apply its land rules.

    Parameters
    ----------
    study : Study
        ``[candidates]``, ``[response]`` and ``[snap]`` are heeded.
    inputs : Inputs
        The layers.

    Returns
    -------
    Sifted
        Candidates with ``zone`` (town), ``road`` and ``highway`` (name and class of the road that they are
        entered from), ``snap_m``, ``cost`` (nan where none is told) beside the columns of a Candidates table.

    Raises
    ------
    StudyError
        Plots are asked for and no layer of plots is named.
    InfeasibleError
        No candidate is left; the message says which rule removed how many.
    """
    spec = study.candidates or CandidatesSpec()
    candidates = _gathered(spec, study, inputs)
    snaps = snap_rules(study, inputs).snap(candidates, inputs.network)
    candidates = _described(candidates, snaps, inputs)
    off = LandRule(
        "off_road",
        lambda sites: ~snaps.loc[sites.index, "is_snapped"].to_numpy(dtype=bool),
        study.snap.max_m,
        "m",
        "[snap] max_m",
    )
    rules, notes = _rules(spec, inputs, candidates)
    stations = answering_stations(study, inputs)
    if spec.apart_m and len(stations):
        rules.append(apart_rule(stations, least_m=spec.apart_m))
    # What is wrong with the place itself is told before its distance to a road.
    first = [rule for rule in rules if rule.name in _OF_THE_PLACE]
    rest = [rule for rule in rules if rule.name not in _OF_THE_PLACE]
    return replace(sift(candidates, [*first, off, *rest]), notes=tuple(notes))


def named_sites(asked: Sequence[str], sifted: Sifted, *, what: str) -> pd.Index:
    """Give the ids of candidates that are told by id or name.

    Raises
    ------
    InputError
        A word names no candidate, several, or one that a land rule removed.
    """
    kept, ids = sifted.kept, []
    for word in asked:
        matches = kept.index[(kept.index == word) | (kept["name"] == word)]
        if len(matches) == 1:
            ids.append(matches[0])
            continue
        if len(matches):
            raise InputError(
                Message("siting.several_named", {"what": what, "word": word, "names": name_some(matches)})
            )
        gone = sifted.removed
        hit = gone[(gone.index == word) | (gone["name"] == word)]
        if len(hit):
            raise InputError(
                Message(
                    "siting.removed",
                    {"what": what, "word": word, "rule": Message(f"siting.class_{hit['reason'].iloc[0]}")},
                )
            )
        near = nearest_words(word, map(str, (*kept.index, *kept["name"].dropna())))
        hint = (
            Message("settings.did_you_mean", {"words": repr(near[0])})
            if near
            else Message("siting.see_candidates")
        )
        raise InputError(Message("siting.not_called", {"what": what, "word": word, "hint": hint}))
    return pd.Index(ids, dtype=object).unique()


def _gathered(spec: CandidatesSpec, study: Study, inputs: Inputs) -> gpd.GeoDataFrame:
    network, source = inputs.network, _source(spec, inputs)
    if source == "plots":
        candidates = _plots(inputs)
    elif source == "roads":
        candidates = along_roads(network, spacing_m=spec.spacing_m, classes=spec.classes)
    elif source == "nodes":
        candidates = from_nodes(network, classes=spec.classes)
    else:
        candidates = on_grid(network, spacing_m=spec.spacing_m, land=inputs.land)
    if spec.with_planned:
        kind = study.response.facility_kind
        planned = select(inputs.facilities, kind=kind, status=["planned"])
        if len(planned):
            stations = from_plots(planned, network).assign(origin="planned")
            candidates = gpd.GeoDataFrame(pd.concat([candidates, stations]), crs=candidates.crs)
    taken = set(inputs.facilities.index[inputs.facilities["status"] != "planned"])
    clear = [f"site-{site}" if site in taken else site for site in candidates.index]
    return candidates.set_axis(pd.Index(clear, name="site_id", dtype=object))


def _source(spec: CandidatesSpec, inputs: Inputs) -> str:
    """Choose plots where there are any, else roads, when the choice is left to the layers."""
    plots = inputs.context.plots
    return spec.source if spec.source != "auto" else "roads" if plots is None else "plots"


def _plots(inputs: Inputs) -> gpd.GeoDataFrame:
    plots = inputs.context.plots
    if plots is None or not len(plots):
        raise StudyError(Message("siting.no_plots"))
    return from_plots(plots.set_axis(_plot_ids(plots)), inputs.network).assign(cost=plots["cost"].to_numpy())


def _plot_ids(plots: gpd.GeoDataFrame) -> pd.Index:
    """Take the layer's own ids, or its names, where every plot has one of its own."""
    for column in ("id", "name"):
        own = plots[column]
        if own.notna().all() and not own.duplicated().any():
            return pd.Index(own.astype(str), dtype=object)
    return pd.Index([f"plot-{k}" for k in range(1, len(plots) + 1)], dtype=object)


def _described(candidates: gpd.GeoDataFrame, snaps: pd.DataFrame, inputs: Inputs) -> gpd.GeoDataFrame:
    """Add the road, the town and a name to each candidate."""
    network = inputs.network
    on = snaps["is_snapped"].to_numpy(dtype=bool)
    edge = np.where(on, snaps["edge"].to_numpy(), 0)
    road = np.where(on, np.array(network.names, dtype=object)[network.edge_name[edge]], "")
    highway = np.where(on, np.array(network.classes, dtype=object)[network.edge_class[edge]], "")
    zone = _towns(candidates, inputs)
    called = [
        f"{town} {way or site}".strip() for town, way, site in zip(zone, road, candidates.index, strict=True)
    ]
    own = candidates["name"].to_numpy(dtype=object)
    return candidates.assign(
        name=np.where(own == "", called, own),
        zone=zone,
        road=road,
        highway=highway,
        snap_m=snaps["snap_m"].to_numpy(),
        cost=candidates.get("cost", np.nan),
    )


def _towns(candidates: gpd.GeoDataFrame, inputs: Inputs) -> list[str]:
    """Name the town that each candidate is in or nearest to; the place of people where there are no towns.

    One that is farther than ``FAR_M`` from all of them is in none.
    """
    zones = inputs.zones[inputs.zones["level"] == "town"] if len(inputs.zones) else inputs.zones
    zones = zones if len(zones) else inputs.zones
    if len(zones):
        shapes, names = zones.geometry, zones["name"]
    elif "name" in inputs.demand and len(inputs.demand):
        shapes, names = inputs.demand.geometry, inputs.demand["name"]
    else:
        return [""] * len(candidates)
    places, at = np.asarray(shapes.array), np.asarray(candidates.geometry.array)
    nearest = shapely.STRtree(places).nearest(at)
    is_far = shapely.distance(at, places[nearest]) > FAR_M
    towns = names.to_numpy(dtype=object)[nearest]
    return ["" if far or pd.isna(town) else str(town) for town, far in zip(towns, is_far, strict=True)]


def _rules(
    spec: CandidatesSpec, inputs: Inputs, candidates: gpd.GeoDataFrame
) -> tuple[list[LandRule], list[Message]]:
    context = inputs.context
    rules: list[LandRule] = []
    notes: list[Message] = []
    zones = inputs.zones[inputs.zones["level"].isin(DISTRICT_LEVELS)] if len(inputs.zones) else inputs.zones
    if len(zones):
        rules.append(district_rule(zones, inputs.demand, most_m=spec.outside_m))
    if spec.source == "auto" and context.plots is None:
        notes.append(Message("siting.note_no_plots", {"m": f"{spec.spacing_m:,g}"}))
    if inputs.land is not None:
        rules.append(outside_rule("off_land", inputs.land, source="[land]"))
    if inputs.barriers is not None:
        rules.append(inside_rule("in_water", inputs.barriers, source="[[barriers]]"))
    if context.keep_out is not None:
        rules.append(inside_rule("keep_out", context.keep_out, source="[[keep_out]]"))
    if context.hazards is not None and not spec.in_hazards:
        rules.append(inside_rule("in_hazard", context.hazards, source="[[hazards]]"))
    if context.sensitive is not None:
        is_hazmat = (context.sensitive["kind"] == HAZMAT).to_numpy(dtype=bool)
        if (~is_hazmat).any():
            rules.append(crowd_rule(context.sensitive[~is_hazmat], least_m=spec.crowd_m))
        if is_hazmat.any():
            rule, disputed = hazmat_rule(
                context.sensitive[is_hazmat], edition=spec.hazmat_edition, least_m=spec.hazmat_m
            )
            rules.append(rule)
            notes.append(
                Message("siting.note_hazmat", {"n": disputed(candidates), "limit": f"{rule.limit:g}"})
            )
    else:
        notes.append(Message("siting.note_no_sensitive"))
    least_m2 = spec.min_area_m2.get(spec.station_class)
    if least_m2 is not None:
        rules += size_rules(least_m2, station_class=spec.station_class)
    elif (candidates["origin"] == "plot").any():
        word = Message(f"maps.class_{spec.station_class}")
        notes.append(Message("siting.note_no_area", {"station_class": word}))
    if spec.near_classes:
        rules.append(_near_rule(spec, inputs.network))
    return rules, notes


def _near_rule(spec: CandidatesSpec, network: RoadNetwork) -> LandRule:
    lines = roads_of_class(network, spec.near_classes)
    return road_rule(lines, most_m=spec.near_m, classes=spec.near_classes)
