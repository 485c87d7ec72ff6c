"""Coverage in draws: chances known on paper, networkx, and what must hold of any draw."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from geo.coverage import cover
from geo.errors import InputError
from geo.network import scale_speeds
from geo.routing import nearest
from geo.standards import ResponseStandard
from geo.times import UNREACHED_MS
from geo.uncertainty import (
    DRAWN_FIGURES,
    Chances,
    Sizes,
    draw_coverage,
    draw_roads,
    draw_starts,
    draw_state,
    prepare_roads,
    prepare_states,
)
from geo.uncertainty.sizes import WITHIN_95
from tests.independent import slow_times
from tests.towns import places, town
from tests.uncertainty.places import CLOCK, chain, computed, grid, on_chain, on_grid, with_stations

EVERYTHING = Sizes(
    speed=0.2,
    by_class=0.3,
    junction=0.5,
    access=0.5,
    turnout=0.3,
    turnout_by_station=0.2,
    start_loss=0.3,
    position_m=80.0,
    station_position_m=40.0,
    people=0.05,
    people_by_place=0.3,
)


@pytest.mark.thorough
def test_chances_on_a_road_are_those_on_paper() -> None:
    """One station at the west end; all speeds by one factor f of size 0.25.

    A place x m away is driven to in x / 10 / f seconds, after 60 s, within 300 s where f >= x / 2,400:
    a chance of Phi(-ln(x / 2400) / s) with s = ln(1.25) / 1.96 = 0.11385; at 2,400 m exactly a half.
    """
    at_m = np.array([1900.0, 2100.0, 2300.0, 2400.0, 2500.0, 2700.0, 2900.0])
    draws = draw_coverage(prepare_states(on_chain({"A": 0.0}, at_m), Sizes(speed=0.25)), 400)
    chance = norm.cdf(-np.log(at_m / 2400.0) / (np.log(1.25) / WITHIN_95))
    assert chance[3] == 0.5
    # A binomial share of 400 draws is within four standard errors of its chance but once in 16,000.
    off = np.abs(draws.share_in_time.to_numpy() - chance)
    assert (off <= 4.0 * np.sqrt(chance * (1.0 - chance) / 400)).all()
    # Farther is never surer in the same draws, and the people in time are those of the places.
    assert (np.diff(draws.share_in_time) <= 0.0).all()
    assert draws.figures["people_covered"].mean() == pytest.approx(100.0 * draws.share_in_time.sum())


@pytest.mark.thorough
def test_two_stations_of_their_own_chance_are_late_together_in_a_quarter_of_the_draws() -> None:
    """A and B stand 2,400 m to the west and east of a place, 240 s of 300 s: in time with turnout <= 60 s.

    Each is that in a half of the draws. One turnout for both: 1/2. Each its own: 1 - 1/2 x 1/2 = 3/4.
    """
    coverage = on_chain({"A": 0.0, "B": 4800.0}, [2400.0])
    together = draw_coverage(prepare_states(coverage, Sizes(turnout=0.5)), 400)
    apart = draw_coverage(prepare_states(coverage, Sizes(turnout_by_station=0.5)), 400)
    assert together.share_in_time["p0"] == pytest.approx(0.5, abs=4 * np.sqrt(0.25 / 400))
    assert apart.share_in_time["p0"] == pytest.approx(0.75, abs=4 * np.sqrt(0.1875 / 400))
    served = apart.served.to_numpy()
    assert (served.sum(axis=1) == 100.0).all()
    assert (served[:, 0] > 0.0).mean() == pytest.approx(0.5, abs=4 * np.sqrt(0.25 / 400))


def test_no_size_is_the_district_as_computed_to_the_last_digit() -> None:
    coverage = on_grid(grid())
    draws = draw_coverage(prepare_states(coverage, Sizes(), junction_delay_s=2.0), 3)
    known = computed(coverage)
    for _, row in draws.figures.iterrows():
        assert row.to_dict() == {name: known[name] for name in DRAWN_FIGURES}
    assert (draws.n_in_time == 3 * coverage.table["is_covered"]).all()
    assert (draws.served.iloc[0] == coverage.stations["people_served"]).all()
    west = coverage.table[coverage.table["zone"] == "West"]
    share = west.loc[west["is_covered"], "people"].sum() / west["people"].sum()
    assert draws.zones["West"].tolist() == [share] * 3


@settings(max_examples=50)
@given(seed=st.integers(0, 2**31 - 1), draw=st.integers(0, 10_000), zone=st.integers(0, 50))
def test_no_size_gives_every_time_again(seed: int, draw: int, zone: int) -> None:
    coverage = on_grid(grid(4), seed=zone, n=8)
    prepared = prepare_states(coverage, Sizes(), junction_delay_s=3.0, chances=Chances(seed))
    state = draw_state(prepared, draw)
    starts = draw_starts(prepared, draw, coverage.stations, CLOCK)
    near = nearest(
        state.network, state.station_snaps, state.demand_snaps, direction="from_facility", start_s=starts
    )
    pd.testing.assert_frame_equal(near, coverage.table[list(near.columns)], check_exact=True)
    assert (state.people == coverage.table["people"]).all()


def test_each_draw_is_routed_exactly() -> None:
    """By networkx, on the edge table of the drawn roads; which of two parallel ones is faster changes."""
    coverage = on_grid(grid(), n=25)
    prepared = prepare_states(coverage, EVERYTHING, chances=Chances(5))
    network, twin = coverage.network, 2 * 6 * 5
    n_faster = 0
    for draw in range(4):
        state = draw_state(prepared, draw)
        starts = draw_starts(prepared, draw, coverage.stations, CLOCK)
        near = nearest(
            state.network, state.station_snaps, state.demand_snaps, direction="from_facility", start_s=starts
        )
        slow = slow_times(state.network, state.station_snaps, state.demand_snaps, direction="from_facility")
        slow = slow + starts.to_numpy()
        assert near["first_s"].to_numpy() == pytest.approx(slow.min(axis=1).to_numpy(), abs=0.003)
        second = np.sort(slow.to_numpy(), axis=1)[:, 1]
        assert near["second_s"].to_numpy() == pytest.approx(second, abs=0.003)
        n_faster += int(
            (state.network.edge_ms[twin:] < state.network.edge_ms[: network.n_edges - twin]).sum()
        )
        closed = network.edge_back_ms == UNREACHED_MS
        assert closed.any()
        assert (state.network.edge_back_ms[closed] == UNREACHED_MS).all()
    assert n_faster > 0


def test_roads_are_drawn_class_by_class_and_the_junction_apart() -> None:
    # 1000 m at 36 km/h are 100 s; at the crossing of three roads half of 4 s is waited: 102 s as built.
    network = town(
        {0: (0, 0), 1: (1000, 0), 2: (2000, 0), 3: (1000, 900)}, [(0, 1, 102.0), (1, 2, 102.0), (1, 3, 92.0)]
    )
    roads = prepare_roads(network, junction_delay_s=4.0)
    # speed x 1.25 and delay x 2: 100 / 1.25 + 4 = 84 s, 90 / 1.25 + 4 = 76 s
    drawn = draw_roads(roads, np.full(len(network.classes), 1.25), junction=2.0)
    assert drawn.edge_ms.tolist() == drawn.edge_back_ms.tolist() == [84_000, 84_000, 76_000]
    assert sorted(drawn.arcs.ms) == sorted(drawn.arcs_back.ms) == [76_000] * 2 + [84_000] * 4
    alone = prepare_roads(network)  # without the delay of the profile all of it goes with the speed
    assert draw_roads(alone, np.full(len(network.classes), 2.0)).edge_ms.tolist() == [51_000, 51_000, 46_000]


def test_arcs_back_are_those_of_the_drawn_times() -> None:
    network = grid()
    drawn = draw_roads(prepare_roads(network), np.array([0.7, 1.0, 1.9]))
    best: dict[tuple[int, int], int] = {}
    for u, v, ms, back in zip(network.edge_u, network.edge_v, drawn.edge_ms, drawn.edge_back_ms, strict=True):
        best[u, v] = min(best.get((u, v), UNREACHED_MS), ms)
        best[v, u] = min(best.get((v, u), UNREACHED_MS), back)
    for arcs, is_turned in ((drawn.arcs, False), (drawn.arcs_back, True)):
        tails = np.repeat(np.arange(network.n_nodes), np.diff(arcs.start))
        told: dict[tuple[int, int], int] = {}
        for tail, head, ms in zip(tails, arcs.head, arcs.ms, strict=True):
            key = (int(head), int(tail)) if is_turned else (int(tail), int(head))
            told[key] = min(told.get(key, int(UNREACHED_MS)), int(ms))
        assert told == {key: ms for key, ms in best.items() if ms < UNREACHED_MS}


@settings(max_examples=30)
@given(
    factor=st.floats(0.3, 0.99),
    speed=st.floats(0.0, 1.0),
    turnout=st.floats(0.0, 1.0),
    seed=st.integers(0, 99),
)
def test_slower_roads_never_gain_people_in_any_draw(
    factor: float, speed: float, turnout: float, seed: int
) -> None:
    sizes = Sizes(speed=speed, by_class=speed / 2, turnout=turnout, people_by_place=0.2, position_m=50.0)
    usual = on_grid(grid(4), seed=seed, n=12)
    slower = on_grid(scale_speeds(usual.network, factor), seed=seed, n=12)
    before, after = (draw_coverage(prepare_states(each, sizes), 3) for each in (usual, slower))
    assert (after.n_in_time <= before.n_in_time).all()
    assert (after.figures["people_covered"] <= before.figures["people_covered"]).all()
    assert (after.figures["p90_s"] >= before.figures["p90_s"]).all()


@pytest.mark.thorough
def test_the_same_seed_is_the_same_to_the_byte_and_more_draws_only_go_on() -> None:
    coverage = on_grid(grid(), n=20)
    first, again, more = (draw_coverage(prepare_states(coverage, EVERYTHING), n) for n in (6, 6, 9))
    assert first.figures.to_numpy().tobytes() == again.figures.to_numpy().tobytes()
    assert first.served.to_numpy().tobytes() == more.served.to_numpy()[:6].tobytes()
    other = draw_coverage(prepare_states(coverage, EVERYTHING, chances=Chances(1)), 6)
    assert (first.figures["mean_s"] != other.figures["mean_s"]).all()


def test_the_order_of_rows_does_not_matter() -> None:
    coverage = on_grid(grid(), n=20)
    turned = cover(
        coverage.network,
        coverage.stations[["geometry"]],
        coverage.table[["people", "zone", "geometry"]].iloc[::-1],
        standard=CLOCK,
    )
    one, other = (draw_coverage(prepare_states(each, EVERYTHING), 5) for each in (coverage, turned))
    assert one.n_in_time.equals(other.n_in_time.iloc[::-1])
    assert one.figures["people_covered"].to_numpy() == pytest.approx(
        other.figures["people_covered"].to_numpy()
    )


@pytest.mark.thorough
def test_two_states_differ_by_less_than_their_noise_on_common_chance() -> None:
    """A third station: its gain varies less from draw to draw than with a chance of its own."""
    before = on_grid(grid(), stations=2)
    after = with_stations(before, 3)
    people = {
        name: draw_coverage(prepare_states(state, EVERYTHING, chances=Chances(seed)), 60).figures[
            "people_covered"
        ]
        for name, state, seed in (("before", before, 0), ("after", after, 0), ("other", after, 1))
    }
    common, independent = people["after"] - people["before"], people["other"] - people["before"]
    assert (common >= 0.0).all()  # one more station is never worse, whatever the draw
    assert (independent < 0.0).any()
    assert common.std() < 0.7 * independent.std()


def test_a_clock_from_departure_has_no_turnout_to_draw() -> None:
    clock = ResponseStandard(
        "drive", "departure", call_s=0.0, turnout_s=0.0, travel_s=240.0, start_loss_s=20.0
    )
    coverage = on_chain({"A": 0.0}, [1000.0], standard=clock)
    prepared = prepare_states(coverage, Sizes(turnout=1.0, turnout_by_station=1.0))
    assert draw_starts(prepared, 3, coverage.stations, clock).tolist() == [20.0]
    with_loss = prepare_states(coverage, Sizes(start_loss=0.5))
    assert draw_starts(with_loss, 3, coverage.stations, clock)["A"] != 20.0


def test_a_place_off_the_roads_and_an_island_stay_unreached() -> None:
    network = town({0: (0, 0), 1: (1000, 0), 5: (0, 9000), 6: (1000, 9000)}, [(0, 1, 50.0), (5, 6, 50.0)])
    homes = places({"near": (900, 0), "island": (500, 9000), "far": (500, 4000)}, people=[10.0, 20.0, 30.0])
    coverage = cover(network, places({"A": (0, 0)}), homes, standard=CLOCK)
    draws = draw_coverage(prepare_states(coverage, EVERYTHING), 5)
    assert draws.n_in_time.tolist() == [5, 0, 0]
    assert (draws.figures["p90_s"] == np.inf).all()
    assert (draws.figures["people_unreachable"] > 30.0).all()


def test_what_cannot_be_drawn_is_told() -> None:
    coverage = on_chain({"A": 0.0}, [100.0])
    with pytest.raises(InputError, match="one draw"):
        draw_coverage(prepare_states(coverage, Sizes()), 0)
    lengths = chain()
    object.__setattr__(lengths, "impedance", "mm")
    with pytest.raises(InputError, match="lengths"):
        prepare_roads(lengths)
    nobody = on_chain({"A": 0.0}, [])
    assert draw_coverage(prepare_states(nobody, EVERYTHING), 2).figures["people_covered"].tolist() == [
        0.0,
        0.0,
    ]


@pytest.mark.thorough
def test_places_on_the_roads_are_shared_by_states_with_the_same_people_and_roads() -> None:
    before = on_grid(grid(), stations=2)
    first = prepare_states(before, EVERYTHING)
    after = with_stations(before, 3)
    shared, alone = prepare_states(after, EVERYTHING, like=first), prepare_states(after, EVERYTHING)
    assert shared.demand is first.demand
    assert draw_coverage(shared, 4).figures.equals(draw_coverage(alone, 4).figures)
    slower = on_grid(scale_speeds(before.network, 0.8), stations=2)
    assert prepare_states(slower, EVERYTHING, like=first).demand is not first.demand
    fewer = prepare_states(after, Sizes(speed=0.2), like=first)
    assert fewer.demand is not first.demand
