"""What if: a named scenario changes facilities and roads and gives new inputs; today stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.crs import to_metric
from geo.defaults import SLOWEST_SHARE
from geo.errors import FaultsError, GeoError, InputError
from geo.messages import Message
from geo.network import (
    RoadNetwork,
    carry_snaps,
    close_edges,
    inside_share,
    nearest_road,
    roads_between,
    roads_in,
    roads_named,
    roads_of,
    scale_speeds,
    set_speed,
    slow_edges,
)
from geo.routing import tell_off_road
from geo.scenarios import (
    CHANGES,
    Difference,
    Prepared,
    add_facility,
    build_facility,
    close_facility,
    compare_facilities,
    compare_people,
    compare_stations,
    compare_targets,
    compare_zones,
    find_facility,
    move_facility,
    prepare,
    preview,
    total_figures,
    upgrade_facility,
)
from geo.schema import FACILITY_STATUSES
from geo.standards import SpeedProfile
from geo.study.inputs import Inputs, LayerLog, profile_of
from geo.study.response import snap_rules
from geo.study.scenarios.places import area_of, point_of, read_area
from geo.study.settings import (
    AddSpec,
    CloseRoadsSpec,
    LimitSpec,
    MoveSpec,
    PlaceSpec,
    ScenarioSpec,
    SlowSpec,
    Study,
    UpgradeSpec,
    scenario_faults,
)

__all__ = [
    "CHANGES",
    "AddSpec",
    "CloseRoadsSpec",
    "Difference",
    "MoveSpec",
    "Prepared",
    "ScenarioSpec",
    "SlowSpec",
    "UpgradeSpec",
    "carry_snaps",
    "change_inputs",
    "close_edges",
    "compare_facilities",
    "compare_people",
    "compare_stations",
    "compare_targets",
    "compare_zones",
    "naming_scenario",
    "pick_roads",
    "prepare",
    "preview",
    "slow_edges",
    "total_figures",
]

_UNBUILT = ("planned", "candidate")


def change_inputs(study: Study, inputs: Inputs, scenario: ScenarioSpec) -> Inputs:
    """Give the inputs as a scenario makes them.

    Facilities are first built and added, then moved and upgraded, then closed; roads are first closed and
    limited, then given their speeds, then slowed, and then all of them are driven at ``speed_factor``. Closed
    roads are closed to people on foot too; neither a limit nor slow traffic concerns them.

    Parameters
    ----------
    study : Study
        Its folder, what it calls a station, and how far a station may stand from a road.
    inputs : Inputs
        As read; not changed.
    scenario : ScenarioSpec
        What changes.

    Returns
    -------
    Inputs
        New ``facilities``, ``network`` and ``walking``; all else is shared.

    Raises
    ------
    StudyError, InputError, CrsError, FileError
        The scenario changes nothing or contradicts itself; a name is unknown or ambiguous; a place is far
        from every road. The message names the scenario.
    FaultsError
        Several of these; all are told at once.

    Examples
    --------
    ``change_inputs(study, inputs, ScenarioSpec("two more", build=["P1", "P2"]))``
    """
    faults = scenario_faults([scenario])
    if faults:
        raise InputError(Message("scenarios.cannot", {"name": scenario.name}), faults=faults)
    log = LayerLog()
    with naming_scenario(scenario.name):
        facilities = _change_facilities(study, inputs, scenario, log)
        network = _change_roads(study, inputs, inputs.network, scenario, log)
        log.require_no_errors()
        walking = inputs.walking
        if walking is not None and scenario.close_roads:
            # a motorway is not among the roads for people on foot: what is missing there is no fault
            on_foot = replace(scenario, limit=(), speed=(), slow=(), speed_factor=None)
            walking = _change_roads(study, inputs, walking, on_foot, LayerLog())
        changed = replace(inputs, facilities=facilities, network=network, walking=walking)
        _require_on_roads(study, inputs, changed)
    return changed


@contextmanager
def naming_scenario(name: str) -> Iterator[None]:
    """Name the scenario in front of any error inside; of several in front of each."""
    try:
        yield
    except GeoError as error:
        several = error.errors if isinstance(error, FaultsError) else (error,)
        for each in several:
            inside = f"] [{each.section}" if each.section else ""
            each.section = f"scenarios {name!r}{inside}"
        if isinstance(error, FaultsError):
            raise FaultsError(several) from error
        raise


def pick_roads(
    study: Study,
    inputs: Inputs,
    network: RoadNetwork,
    roads: CloseRoadsSpec,
) -> NDArray[np.float64]:
    """Give the share (0-1) of each edge that a closure or slowdown means.

    All conditions must hold. A closure means a whole edge, from junction to junction, where any part of it
    lies in an area; a slowdown means the part that does.

    Raises
    ------
    InputError
        A condition fits no road of the network, or all together do not.
    """
    share = np.ones(network.n_edges)
    if roads.name is not None:
        share *= roads_named(network, roads.name)
    if roads.highway:
        share *= roads_of(network, roads.highway)
    if roads.id:
        share *= _by_source(network, roads.id)
    areas = _areas(study, inputs, roads)
    if areas is not None:
        is_slow = isinstance(roads, SlowSpec)
        share *= inside_share(network, areas) if is_slow else roads_in(network, areas)
    among = share > 0
    if roads.at is not None and among.any():
        x, y = roads.at
        place = point_of(study, inputs, (x, y), crs=roads.crs, order=roads.order)
        share *= nearest_road(network, place, among=among)
    if roads.between is not None and among.any():
        ends = [point_of(study, inputs, (x, y), crs=roads.crs, order=roads.order) for x, y in roads.between]
        share *= roads_between(network, ends[0], ends[1], among=among)
    if not share.any():
        raise InputError(Message("scenarios.no_road"))
    return share


def _change_facilities(
    study: Study, inputs: Inputs, scenario: ScenarioSpec, log: LayerLog
) -> gpd.GeoDataFrame:
    """Build, add, move, upgrade and close; a change that cannot be made is kept in the log and left out."""
    table = inputs.facilities
    lost: set[str] = set()  # what could not be built or added is not missed once more by later changes
    for which in scenario.build:
        built = _attempt(log, partial(_build, study, which=which), table)
        table, lost = (table, lost | {which}) if built is None else (built, lost)
    for add in scenario.add:
        added = _attempt(log, partial(_add, study, inputs, add=add), table)
        table, lost = (table, lost | {add.name, add.id or ""}) if added is None else (added, lost)
    changes = (
        *((move.facility, partial(_move, study, inputs, move=move)) for move in scenario.move),
        *((upgrade.facility, partial(_upgrade, study, upgrade=upgrade)) for upgrade in scenario.upgrade),
        *((which, partial(_close, study, which=which)) for which in scenario.close),
    )
    for which, change in changes:
        changed = None if which in lost else _attempt(log, change, table)
        table = table if changed is None else changed
    if scenario.turnout_s is not None:
        is_station = (table["kind"] == study.response.facility_kind) & table["status"].isin(
            study.response.facility_status
        )
        table = table.assign(turnout_s=table["turnout_s"].mask(is_station, scenario.turnout_s))
    return table


def _attempt(
    log: LayerLog, change: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame], table: gpd.GeoDataFrame
) -> gpd.GeoDataFrame | None:
    return log.attempt("", partial(change, table))


def _build(study: Study, table: gpd.GeoDataFrame, *, which: str) -> gpd.GeoDataFrame:
    return build_facility(table, _find(study, table, which, status=_UNBUILT))


def _add(study: Study, inputs: Inputs, table: gpd.GeoDataFrame, *, add: AddSpec) -> gpd.GeoDataFrame:
    at = _place(study, inputs, table, add)
    return add_facility(table, kind=add.kind, name=add.name, at=at, facility_id=add.id, values=add.values())


def _move(study: Study, inputs: Inputs, table: gpd.GeoDataFrame, *, move: MoveSpec) -> gpd.GeoDataFrame:
    facility_id = _find(study, table, move.facility)
    return move_facility(table, facility_id, at=_place(study, inputs, table, move))


def _upgrade(study: Study, table: gpd.GeoDataFrame, *, upgrade: UpgradeSpec) -> gpd.GeoDataFrame:
    return upgrade_facility(table, _find(study, table, upgrade.facility), upgrade.values())


def _close(study: Study, table: gpd.GeoDataFrame, *, which: str) -> gpd.GeoDataFrame:
    return close_facility(table, _find(study, table, which))


def _find(
    study: Study, table: gpd.GeoDataFrame, which: str, *, status: Collection[str] = ("existing",)
) -> str:
    """Find a facility that may be meant; stations first, then all other kinds."""
    if which in table.index:
        return which
    chosen = table[table["status"].isin(status)]
    return find_facility(chosen, which, first=study.response.facility_kind)


def _place(study: Study, inputs: Inputs, table: gpd.GeoDataFrame, place: PlaceSpec) -> shapely.Point:
    if place.site is not None:
        at = _find(study, table, place.site, status=FACILITY_STATUSES)
        return table.geometry.loc[at]
    assert place.lon is not None
    assert place.lat is not None
    return point_of(study, inputs, (place.lon, place.lat), crs=place.crs, order=place.order)


def _change_roads(
    study: Study, inputs: Inputs, network: RoadNetwork, scenario: ScenarioSpec, log: LayerLog
) -> RoadNetwork:
    """Close, limit and slow roads; conditions are read on the roads as they are today.

    Roads that are not there are kept in the log, and their change is left out.
    """
    picked = network
    profile = profile_of(study, study.roads.profile) if scenario.limit or scenario.speed else None

    def pick(roads: CloseRoadsSpec) -> NDArray[np.float64]:
        share = log.attempt("", partial(pick_roads, study, inputs, picked, roads))
        return np.zeros(picked.n_edges) if share is None else share

    for roads in scenario.close_roads:
        network = close_edges(network, pick(roads) > 0)
    for limited in scenario.limit:
        is_limited = pick(limited) > 0
        if log.attempt("", partial(_is_over, profile, limited)):
            network = close_edges(network, is_limited)
    for roads in scenario.speed:
        is_chosen = pick(roads) > 0
        assert profile is not None
        against = profile.oneway if isinstance(profile.oneway, float) else 1.0
        network = set_speed(
            network, is_chosen, roads.kph, junction_delay_s=profile.junction_delay_s, against=against
        )
    for slow in scenario.slow:
        share = pick(slow)
        factor = 1.0 / (share / slow.factor + (1.0 - share))
        network = slow_edges(network, share > 0, np.clip(factor, SLOWEST_SHARE, 1.0))
    return network if scenario.speed_factor is None else scale_speeds(network, scenario.speed_factor)


def _is_over(profile: SpeedProfile | None, roads: LimitSpec) -> bool:
    """Say whether the study's vehicle is heavier, higher or wider than roads take.

    Raises
    ------
    InputError
        The profile does not say how heavy, high or wide the vehicle is.
    """
    for name, limit in roads.limits().items():
        size = getattr(profile, name)
        if size is None:
            raise InputError(Message("scenarios.no_vehicle", {"name": name, "limit": limit}))
        if size > limit:
            return True
    return False


def _by_source(network: RoadNetwork, ids: Sequence[int]) -> NDArray[np.bool_]:
    missing = sorted(set(ids) - set(network.edge_source.tolist()))
    if missing:
        raise InputError(Message("scenarios.no_road_id", {"ids": ", ".join(map(str, missing[:5]))}))
    flags: NDArray[np.bool_] = np.isin(network.edge_source, ids)
    return flags


def _areas(study: Study, inputs: Inputs, roads: CloseRoadsSpec) -> list[shapely.Geometry] | None:
    """Give the areas that a closure names; None where it names none."""
    areas: list[shapely.Geometry] | None = None
    if roads.path is not None:
        read = read_area(study, inputs, roads, study.file(roads.path))
        areas = list(to_metric(read.table, inputs.network.crs).geometry)
    if roads.hazards:
        areas = [*(areas or []), *_hazards(inputs, roads.hazards)]
    if roads.area is not None:
        drawn = area_of(study, inputs, roads.area, crs=roads.crs, order=roads.order)
        areas = [*(areas or []), drawn]
    return areas


def _hazards(inputs: Inputs, names: Sequence[str] | bool) -> list[shapely.Geometry]:
    hazards = inputs.context.hazards
    if hazards is None:
        raise InputError(Message("scenarios.no_hazards"))
    if isinstance(names, bool):
        return list(hazards.geometry)
    missing = [name for name in names if name not in set(hazards["name"])]
    if missing:
        known = ", ".join(map(str, dict.fromkeys(hazards["name"])))
        raise InputError(Message("scenarios.no_hazard", {"name": missing[0], "known": known}))
    return list(hazards.geometry[hazards["name"].isin(names)])


def _require_on_roads(study: Study, before: Inputs, after: Inputs) -> None:
    """Stop where a station that was added or moved stands on no road: nothing would change, silently."""
    old, new = before.facilities, after.facilities
    is_fresh = ~new.index.isin(old.index)
    is_fresh |= new.geometry.ne(old.geometry.reindex(new.index)).to_numpy()
    stations = new[is_fresh & (new["kind"] == study.response.facility_kind).to_numpy()]
    snaps = snap_rules(study, before).snap(stations, before.network)
    lost = snaps[~snaps["is_snapped"]]
    if len(lost):
        faults = [tell_off_road(new.loc[i, "name"], row) for i, row in lost.iterrows()]
        raise InputError(
            Message("scenarios.off_roads", {"n": len(lost), "max_m": study.snap.max_m}),
            faults=faults,
        )
