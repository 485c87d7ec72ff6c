"""What siting gives, as findings: proposed sites, people newly in time, curve, other plans, candidates."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.findings import Finding, Style, class_roles
from geo.maps import site_style
from geo.messages import Message
from geo.siting import MOST_SHARED
from geo.statistics import summarise, weighted_mean
from geo.study.sites.result import SiteResult
from geo.study.sites.sifted import FAR_M
from geo.study.sites.values import STANDINGS, value_columns
from geo.study.sites.why import name_site
from geo.times import limit_ms

__all__ = ["figures", "report_sites"]

WORDS: Final = "siting"
SITE_COLUMNS: Final = (
    "order",
    "year",
    "plot_id",
    "zone",
    "road",
    "area_m2",
    "cost",
    "people_new",
    "share_new",
    "people_in_all",
    "share_in_all",
    "people_served",
    "people_assigned",
    "station_near",
    "station_m",
)
CLOSE_M: Final = 1500.0
"""A proposed site nearer than this to a station that is there says something about that station."""
_REASONS: Final = (
    "off_district",
    "off_road",
    "off_land",
    "in_water",
    "keep_out",
    "in_hazard",
    "crowd_exits",
    "hazmat",
    "area_unknown",
    "too_small",
    "road_class",
    "near_station",
)
_CHANGES: Final = ("in_time", "second", "sooner")


def report_sites(result: SiteResult) -> tuple[Finding, ...]:
    """Give the findings of siting.

    Returns
    -------
    tuple of Finding
        ``proposed_sites``, ``site_people``, ``site_curve``, or ``site_plans`` and ``site_alternatives``,
        where they were asked for, ``ranges_plans`` with ``[uncertainty]``, ``site_why`` where
        ``[siting] why`` names places, ``candidates``,
        ``candidates_removed``, ``candidate_rules``.
    """
    findings = [_proposed(result), _people(result)]
    if result.answer.curve is not None:
        findings.append(_curve(result))
    if result.answer.others is not None:
        findings += [_plans(result), _alternatives(result)]
    if result.ranges is not None:
        findings.append(result.ranges)
    if result.why:
        findings.append(_why(result))
    return (*findings, *_candidates(result))


def figures(result: SiteResult) -> dict[str, float]:
    """Give the headline numbers: people in time before and after, value, bound and gap of the plan.

    ``mean_before_s`` and ``mean_after_s`` are of all who are reached in each state, so of other people where
    the sites bring a first route to somebody; ``both_before_mean_s`` and ``both_after_mean_s`` are of the
    ``both_people`` who are reached before and afterwards.
    """
    before, after = summarise(result.before.table), summarise(result.after.table)
    plan = result.answer.plan
    return {
        "n_sites": float(len(plan.site_ids)),
        "people": before["people"],
        "people_before": before["people_covered"],
        "people_after": after["people_covered"],
        "people_new": after["people_covered"] - before["people_covered"],
        "share_before": before["share_covered"],
        "share_after": after["share_covered"],
        "mean_before_s": before["mean_s"],
        "mean_after_s": after["mean_s"],
        **_means_of_both(result),
        "value": plan.value,
        "bound": plan.bound,
        "gap": plan.gap,
        "people_out_of_reach": result.answer.n_out_of_reach,
    }


def _means_of_both(result: SiteResult) -> dict[str, float]:
    """Give the people who are reached without and with the sites, and their means."""
    was, now = (state.table["first_s"].to_numpy(dtype=float) for state in (result.before, result.after))
    n, both = result.before.table["people"].to_numpy(dtype=float), np.isfinite(was) & np.isfinite(now)
    return {
        "both_people": float(n[both].sum()),
        "both_before_mean_s": weighted_mean(was[both], n[both]),
        "both_after_mean_s": weighted_mean(now[both], n[both]),
    }


def _proposed(result: SiteResult) -> Finding:
    plan = result.answer.plan
    order, years = _build_order(result)
    table = result.sifted.kept.loc[order]
    gained = _gains(result, order)
    total = result.question.people.sum()
    in_all = result.before.table.loc[result.before.table["is_covered"], "people"].sum() + np.cumsum(gained)
    proposed = table.assign(
        order=np.arange(1, len(order) + 1),
        year=years,
        people_new=gained,
        share_new=np.array(gained) / total,
        people_in_all=in_all,
        share_in_all=in_all / total,
        people_served=result.after.stations.loc[order, "people_served"].to_numpy(dtype=float),
    )
    proposed["station_near"], proposed["station_m"] = _nearest_station(result, table)
    if plan.shares is not None:
        loads = plan.shares.groupby("site_id")["people"].sum()
        proposed["people_assigned"] = loads.reindex(order).fillna(0.0).to_numpy()
    proposed = _valued(result, proposed)
    keep = [
        name for name in (*SITE_COLUMNS, *value_columns(result.spec), "exchanged_for") if name in proposed
    ]
    keep = [name for name in keep if not proposed[name].isin(["", None, np.nan]).all()]
    notes: list[Message] = [
        Message("siting.note_before_after", {**_shares(result), "n": len(order)}),
        plan.tell_proof(),
    ]
    close = proposed[proposed["station_m"] < CLOSE_M]
    if len(close):
        names = ", ".join(f"{row.name}: {row.station_near}" for row in close.itertuples(index=False))
        notes.append(Message("siting.note_close", {"n": len(close), "names": names, "m": f"{CLOSE_M:,.0f}"}))
    if result.answer.n_out_of_reach:
        notes.append(Message("siting.note_out_of_reach", {"people": f"{result.answer.n_out_of_reach:,.0f}"}))
    if result.ranges is not None:
        notes += result.ranges.notes
    if result.spec.scenario is not None:
        notes.append(Message("siting.note_scenario", {"name": result.spec.scenario}))
    notes += result.sifted.notes
    notes.append(plan.tell_method())
    return Finding(
        name="proposed_sites",
        words=WORDS,
        table=gpd.GeoDataFrame(proposed[["name", *keep, "geometry"]], crs=table.crs),
        style=site_style(columns=tuple(keep), label="order"),
        figures=figures(result),
        notes=tuple(notes),
    )


def _nearest_station(result: SiteResult, sites: gpd.GeoDataFrame) -> tuple[list[str], NDArray[np.float64]]:
    """Name the nearest station that is there already, with its distance in a straight line."""
    stations = result.before.stations
    if not len(stations) or not len(sites):
        return [""] * len(sites), np.full(len(sites), np.nan)
    shapes = np.asarray(stations.geometry.array)
    at = np.asarray(sites.geometry.array)
    nearest = shapely.STRtree(shapes).nearest(at)
    names = stations["name"].where(stations["name"].notna(), stations.index).to_numpy(dtype=object)
    return [str(name) for name in names[nearest]], shapely.distance(at, shapes[nearest])


def _shares(result: SiteResult) -> dict[str, str]:
    numbers = figures(result)
    return {
        "before": f"{numbers['share_before']:.1%}",
        "after": f"{numbers['share_after']:.1%}",
        "people": f"{numbers['people_new']:,.0f}",
    }


def _build_order(result: SiteResult) -> tuple[list[Hashable], list[float]]:
    """Order sites as they are built, or by what each adds to people in time, most first; ties by id."""
    plan = result.answer.plan
    if plan.steps is not None:
        is_dated = plan.problem == "build_programme"
        years = plan.steps["year"].astype(float) if is_dated else [np.nan] * len(plan.steps)
        return plan.steps["site_id"].tolist(), list(years)
    left = sorted(plan.site_ids, key=str)
    order: list[Hashable] = []
    while left:
        gains = [_gains(result, [*order, site])[-1] for site in left]
        order.append(left.pop(int(np.argmax(gains))))
    return order, [np.nan] * len(order)


def _gains(result: SiteResult, order: Sequence[Hashable]) -> list[float]:
    """Count the people whom each site of a list brings in time after those before it."""
    times, most_ms = result.question.times, limit_ms(result.question.limit_s)
    people = result.question.people.to_numpy()
    covered = result.before.table["is_covered"].to_numpy(dtype=bool).copy()
    gains = []
    for site in order:
        at = int(times.facility_id.get_loc(site))
        part = slice(times.start[at], times.start[at + 1])
        points = times.demand[part][times.ms[part] <= most_ms]
        gains.append(float(people[points[~covered[points]]].sum()))
        covered[points] = True
    return gains


def _people(result: SiteResult) -> Finding:
    before, after = result.before.table, result.after.table
    change = np.select(
        [
            after["is_covered"] & ~before["is_covered"],
            (after["n_in_time"] >= 2) & (before["n_in_time"] < 2),
            after["first_s"] < before["first_s"],
        ],
        list(_CHANGES),
        default="",
    )
    table = after.assign(
        before_s=before["first_s"],
        after_s=after["first_s"],
        site_id=after["first_id"],
        change=change,
    )
    columns = ["people", "zone", "before_s", "after_s", "site_id", "change"]
    named = [*(["name"] if "name" in table else []), *columns, "geometry"]
    rows = table.loc[change != "", named]
    if "name" not in rows:
        rows.insert(0, "name", rows.index.astype(str))
    counts = {f"people_{word}": float(rows.loc[rows["change"] == word, "people"].sum()) for word in _CHANGES}
    shown = ("people", "zone", "before_s", "after_s", "site_id")
    return Finding(
        name="site_people",
        words=WORDS,
        table=gpd.GeoDataFrame(rows, crs=after.crs),
        style=Style(class_roles("site_change", _CHANGES), by="change", columns=shown, is_on=True, size=4.0),
        figures=counts,
    )


def _curve(result: SiteResult) -> Finding:
    curve = result.answer.curve
    assert curve is not None
    table = curve.table.reset_index()
    table["site_ids"] = [", ".join(map(str, plan.site_ids)) for plan in curve.plans]
    table["name"] = table["n"].astype(str)
    return Finding(name="site_curve", words=WORDS, table=table, figures={"knee": float(curve.knee)})


def _plans(result: SiteResult) -> Finding:
    """Give a row per plan: how good it is, how sure that is, and how it differs from the best."""
    others = result.answer.others
    assert others is not None
    names = result.sifted.kept["name"]
    table = others.changes.rename(columns={"n_people_covered": "people_in_all"})
    for column in ("sites_in", "sites_out"):
        table[column] = [", ".join(map(str, names.loc[list(ids)])) for ids in table[column]]
    table.insert(0, "plan", np.arange(1, len(table) + 1))
    table.insert(0, "name", table["plan"].astype(str))
    return Finding(
        name="site_plans",
        words=WORDS,
        table=table,
        figures={"n_plans": float(len(table)), "is_complete": float(others.is_complete)},
    )


def _alternatives(result: SiteResult) -> Finding:
    others = result.answer.others
    assert others is not None
    sites, parts = result.sifted.kept, []
    first = set(others.plans[0].site_ids)
    for k, plan in enumerate(others.plans):
        row = others.changes.iloc[k]
        part = sites.loc[list(plan.site_ids), ["name", "zone", "road", "geometry"]].reset_index()
        parts.append(
            part.assign(
                plan=k + 1,
                value=row["value"],
                share_lost=row["share_lost"],
                people_in_all=row["n_people_covered"],
                role=["same" if site in first else "other" for site in plan.site_ids],
            )
        )
    table = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=sites.crs)
    columns = ("plan", "site_id", "zone", "road", "value", "share_lost", "people_in_all")
    return Finding(
        name="site_alternatives",
        words=WORDS,
        table=table[["plan", "site_id", "name", "zone", "road", "role", *columns[4:], "geometry"]],
        style=Style(class_roles("alternative", ("same", "other")), by="role", columns=columns, size=6.0),
        figures={"n_plans": float(len(others.plans)), "is_complete": float(others.is_complete)},
    )


def _candidates(result: SiteResult) -> tuple[Finding, ...]:
    kept, removed, rules = result.sifted.kept, result.sifted.removed, result.sifted.rules
    columns = [name for name in ("zone", "road", "highway", "area_m2", "cost") if kept[name].notna().any()]
    names = ["name", "origin", *columns]
    reasons = [word for word in _REASONS if (removed["reason"] == word).any()]
    valued = _valued(result, kept)
    told = ("standing", *value_columns(result.spec), "exchanged_for")
    there = [word for word in STANDINGS if (valued["standing"] == word).any()]
    findings = [
        Finding(
            name="candidates",
            words=WORDS,
            table=gpd.GeoDataFrame(valued[[*names, *told, "geometry"]], crs=kept.crs),
            style=Style(class_roles("standing", there), by="standing", columns=(*told, *columns), size=4.0),
            figures={"n_candidates": float(len(kept))},
            notes=_note_values(result),
        )
    ]
    if len(removed):
        findings.append(
            Finding(
                name="candidates_removed",
                words=WORDS,
                table=_without_far(removed[[*names, "reason", "geometry"]], result),
                style=Style(
                    class_roles("removed", reasons), by="reason", columns=("reason", *columns), size=2.5
                ),
                figures={"n_removed": float(len(removed))},
            )
        )
    named = rules.assign(name=rules["rule"])
    named = named[["name", *rules.columns]]  # what is counted stands before its numbers
    return (*findings, Finding(name="candidate_rules", words=WORDS, table=named))


def _without_far(removed: gpd.GeoDataFrame, result: SiteResult) -> gpd.GeoDataFrame:
    """Leave the place of a far candidate empty: projected to and fro it would be another one."""
    xy = result.inputs.network.node_xy
    ground = shapely.box(*xy.min(axis=0), *xy.max(axis=0))
    shapes = np.array(removed.geometry.array, dtype=object)
    shapes[shapely.distance(shapes, ground) > FAR_M] = shapely.Point()
    return gpd.GeoDataFrame(removed.drop(columns="geometry"), geometry=shapes, crs=removed.crs)


def _valued(result: SiteResult, sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Add what candidates are worth; the partner of an exchange by its name."""
    values = result.values.loc[sites.index].drop(columns="is_chosen")
    partner = [
        "" if site is None else name_site(result.sifted.kept, site) for site in values["exchanged_for"]
    ]
    return sites.join(values.assign(exchanged_for=partner))


def _note_values(result: SiteResult) -> tuple[Message, ...]:
    """Say what the values mean, and where the goal leaves them undefined."""
    spec = result.spec
    notes = [Message("siting.note_values")]
    if spec.asked in ("worst", "backup", "fewest", "expected", "reliable"):
        notes.append(Message(f"siting.note_values_{spec.asked}"))
    elif spec.asked == "capacity":
        key = "siting.note_values_shared" if spec.is_split else "siting.note_values_capacity"
        notes.append(Message(key, {"most": MOST_SHARED}))
    return (*notes, *(message for reasons in result.why for message in reasons.told))


def _why(result: SiteResult) -> Finding:
    rows = [
        {
            "site_id": reasons.site_id,
            "name": reasons.name,
            "standing": reasons.standing,
            **reasons.figures,
            "why": reasons.say(result.lang),
        }
        for reasons in result.why
    ]
    return Finding(name="site_why", words=WORDS, table=pd.DataFrame(rows).set_index("site_id"))
