"""Measured speeds: a case worked by hand, known factors found again, laws, wild times, and refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from geo.calibration import CalibrationRules, calibrate_speeds, road_parts
from geo.calibration.calibrate import SpeedCalibration
from geo.calibration.law import log_slopes, travel_time
from geo.calibration.routes import route_parts
from geo.calibration.rules import Band, band_of
from geo.calibration.telling import first_shape, narrow
from geo.calibration.trips import recorded_times, stamp_unit, weather_classes
from geo.errors import InputError
from geo.routing import route, sum_along_routes
from tests.calibration.draws import CLASSES, Drawn, Truth, draw, grid
from tests.random_roads import make_snaps


def _measure(drawn: Drawn, **rules: object) -> SpeedCalibration:
    return calibrate_speeds(
        drawn.roads, drawn.trips, drawn.stations, drawn.places, rules=CalibrationRules(**rules)
    )


def _by_name(measured: SpeedCalibration) -> pd.DataFrame:
    return measured.parameters.set_index("name")


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    return draw(1, 600)


@pytest.fixture(scope="module")
def measured(drawn: Drawn) -> SpeedCalibration:
    return _measure(drawn)


def test_the_law_of_fire_engines() -> None:
    # Loss 20 s: 5 s of cruising take 2 sqrt(5 * 20) = 20 s, 20 s take 40 s, 100 s take 120 s.
    assert travel_time(np.array([5.0, 20.0, 100.0]), 20.0).tolist() == [20.0, 40.0, 120.0]
    # With a = 1 m/s2 and v = 20 m/s, 100 m take 2 sqrt(100 / 1) = 20 s: F = 100 / 20 = 5 s, L = 20 / 1 s.
    cruise = np.array([3.0, 19.9, 20.1, 90.0])
    by_cruise, by_loss = log_slopes(cruise, 20.0)
    step = 1e-5
    log = [np.log(travel_time(cruise + more, 20.0)) for more in (-step, step)]
    assert by_cruise == pytest.approx((log[1] - log[0]) / (2 * step), rel=1e-6)
    log = [np.log(travel_time(cruise, 20.0 + more)) for more in (-step, step)]
    assert by_loss == pytest.approx((log[1] - log[0]) / (2 * step), rel=1e-6)


def test_parts_of_ways_add_up_to_their_times() -> None:
    network = grid()
    roads = road_parts(network, junction_delay_s=2.0)
    rng = np.random.default_rng(0)
    station = make_snaps([(17, 0.3, 6.0)], prefix="s")
    places = make_snaps(
        [(int(edge), 0.4, 3.0) for edge in rng.integers(0, network.n_edges, 60)] + [(17, 0.9, 0.0)],
        prefix="t",
    )
    ways = sum_along_routes(network, station, places, *roads.values)
    whole = ways.sums[:, :-1].sum(axis=1) + 2.0 * ways.sums[:, -1] + ways.access_ms / 1000.0
    assert whole == pytest.approx(ways.total_ms / 1000.0, abs=0.01)  # parts of edges are rounded to 1 ms
    metres = network.edge_length[:, None]
    length = sum_along_routes(network, station, places, metres, metres).sums[:, 0]
    for i in (0, 7, 60):
        way = places.iloc[[i]]
        _, line, _ = route(network, station, way, direction="from_facility")
        assert length[i] == pytest.approx(shapely.length(line), abs=0.01)


@pytest.mark.thorough
def test_two_classes_by_hand() -> None:
    # Exact times: primary at 45 km/h instead of 60, secondary at 60 instead of 50, 2 s a junction as in the
    # profile, and no start loss.
    truth = Truth({"primary": 0.75, "secondary": 1.2}, 2.0, 0.0, bands=(1.0, 1.0, 1.0), spread=1e-4)
    found = _by_name(_measure(draw(5, 300, truth)))
    assert found.loc[list(CLASSES), "factor"].tolist() == pytest.approx([0.75, 1.2, 1.0], rel=2e-3)
    assert found.loc["junction", "value"] == pytest.approx(2.0, abs=0.02)
    assert found.loc["loss", "value"] == pytest.approx(0.0, abs=0.05)


@pytest.mark.thorough
def test_known_factors_are_found_again_within_their_intervals() -> None:
    """Seeded, and smaller than bench/calibration_intervals.py: 20 sets, 8 parameters, 95 % intervals."""
    from bench.calibration_intervals import holds

    held = pd.DataFrame([holds(seed) for seed in range(20)])
    assert np.nanmean(held.to_numpy()) >= 0.9
    assert held.notna().sum().min() >= 15


@pytest.mark.thorough
def test_error_after_is_that_of_calls_left_out(measured: SpeedCalibration) -> None:
    before, after = measured.errors.loc["before"], measured.errors.loc["after"]
    assert after["median_abs_share"] < 0.13 < 0.25 < before["median_abs_share"]  # 0.67 sd of 15 % is 10 %
    assert abs(after["bias_share"]) < 0.02
    assert before["bias_share"] < -0.2  # the profile is too fast
    assert measured.counts.sum() == 600
    assert measured.is_settled
    assert set(measured.fitted["fold"]) == set(range(5))


@pytest.mark.thorough
def test_times_twice_as_long_are_speeds_half_as_high(drawn: Drawn, measured: SpeedCalibration) -> None:
    twice = _measure(drawn.with_trips(driving_s=drawn.trips["driving_s"] * 2.0), most_junction_s=8.0)
    once = _by_name(measured)
    half = _by_name(twice)
    names = list(CLASSES)
    ratio = half.loc[names, "factor"] / once.loc[names, "factor"]
    assert ratio.to_numpy() == pytest.approx(0.5, rel=1e-3)  # times of edges are whole milliseconds
    for name in ("junction", "loss"):
        assert half.loc[name, "value"] == pytest.approx(2.0 * once.loc[name, "value"], rel=5e-3)


@pytest.mark.thorough
def test_the_order_of_the_trips_does_not_matter(drawn: Drawn, measured: SpeedCalibration) -> None:
    order = np.random.default_rng(2).permutation(len(drawn.trips))
    other = Drawn(drawn.roads, drawn.trips.iloc[order], drawn.stations, drawn.places.iloc[order])
    again = _measure(other).parameters
    np.testing.assert_allclose(again["factor"], measured.parameters["factor"], rtol=1e-4)


@pytest.mark.thorough
def test_one_wild_time_in_twenty_moves_speeds_by_less_than_8_percent(
    drawn: Drawn, measured: SpeedCalibration
) -> None:
    seconds = drawn.trips["driving_s"].copy()
    wild = np.random.default_rng(3).choice(len(seconds), len(seconds) // 20, replace=False)
    seconds.iloc[wild] *= np.where(np.arange(len(wild)) % 4 == 0, 0.1, 10.0)
    found = _by_name(_measure(drawn.with_trips(driving_s=seconds)))
    was = _by_name(measured)
    moved = found.loc[list(CLASSES), "factor"] / was.loc[list(CLASSES), "factor"]
    assert (np.abs(np.log(moved)) < 0.08).all()


@pytest.mark.thorough
def test_whole_minutes_are_not_taken_at_their_word(drawn: Drawn, measured: SpeedCalibration) -> None:
    rng = np.random.default_rng(4)
    left = rng.uniform(0.0, 60.0, len(drawn.trips))
    cut = np.floor((left + drawn.trips["driving_s"]) / 60.0) * 60.0  # left_at is cut to 0
    found = _measure(drawn.with_trips(driving_s=cut))
    assert found.unit_s == 60.0
    was = _by_name(measured)
    assert _by_name(found).loc["primary", "factor"] == pytest.approx(was.loc["primary", "factor"], rel=0.06)


@pytest.mark.thorough
def test_times_at_a_cap_count_as_at_least_so_long(drawn: Drawn, measured: SpeedCalibration) -> None:
    cap = float(drawn.trips["driving_s"].quantile(0.9))
    found = _measure(drawn.with_trips(driving_s=drawn.trips["driving_s"].clip(upper=cap)))
    assert found.n_capped >= 59
    was = _by_name(measured)
    assert _by_name(found).loc["primary", "factor"] == pytest.approx(was.loc["primary", "factor"], rel=0.04)


@pytest.mark.thorough
def test_a_class_that_is_hardly_driven_keeps_its_speed(drawn: Drawn) -> None:
    found = _measure(drawn, least_share=0.5)  # only primary has half of the time
    table = _by_name(found)
    assert table.loc["primary", "state"] == "measured"
    assert table.loc[["secondary", "residential"], "state"].tolist() == ["rare", "rare"]
    assert table.loc[["secondary", "residential"], "factor"].tolist() == [1.0, 1.0]
    assert table.loc[["secondary"], ["low", "high"]].isna().all(axis=None)


def test_classes_that_are_always_driven_together_change_together() -> None:
    # Each trip has half as many seconds on secondary as on primary: only their sum can be told.
    drawn = draw(6, 200)
    parts = route_parts(drawn.roads, drawn.roads.network, drawn.trips, drawn.stations, drawn.places)
    alike = parts.seconds.copy()
    alike[:, 1] = 0.5 * alike[:, 0]
    rules = CalibrationRules()
    both = type(parts)(alike, parts.n_junctions, parts.is_routed, parts.names)
    noise = np.exp(np.random.default_rng(0).normal(0.0, 0.1, len(alike)))
    recorded, _ = recorded_times((1.3 * alike.sum(axis=1) + 2.0 * parts.n_junctions) * noise + 1.0)
    when = np.tile([2, -1], (len(alike), 1))
    shape, kept = first_shape(both, when, rules, junction_delay_s=2.0)
    told = narrow(shape, kept, both, when, recorded, np.arange(len(alike)), rules)
    assert (0, 1) in told.fit.shape.groups


@pytest.mark.thorough
def test_weather_has_a_factor_of_its_own(drawn: Drawn) -> None:
    """A third of the trips is 1.25 times as long, for rain: the speeds are those of the mean weather."""
    n = len(drawn.trips)
    word = np.random.default_rng(8).choice(["rain", "clear", " clear"], n)
    slower = np.where(word == "rain", 1.25, 1.0)
    word[:19] = "fog"  # too few for a factor
    word[-30:] = ""  # unknown
    wet = drawn.with_trips(driving_s=drawn.trips["driving_s"] * slower, weather=word)
    measured = _measure(wet)
    table = measured.parameters[measured.parameters["kind"] == "weather"].set_index("name")
    assert table.index.tolist() == ["clear", "rain"]
    assert set(table["state"]) == {"measured"}
    told = measured.fitted["weather"]
    assert told.value_counts().to_dict() == table["n_trips"].to_dict()
    share = (told == "rain").sum() / told.notna().sum()
    right = {"clear": 1.25**share, "rain": 1.25 ** (share - 1.0)}
    for name, value in right.items():
        assert table.loc[name, "low"] < value < table.loc[name, "high"], name
    assert (np.log(table["value"]) * table["n_trips"]).sum() == pytest.approx(0.0, abs=1e-9)
    # and all else as without it, but for the mean of the weather
    plain, now = (_by_name(each) for each in (_measure(drawn), measured))
    for name in ("primary", "secondary", "residential"):
        held = now.loc[name, "factor"] * 1.25**share / plain.loc[name, "factor"]
        assert held == pytest.approx(1.0, abs=0.05)
    assert now.loc[["night", "rush", "other"], "value"].tolist() == pytest.approx(
        plain.loc[["night", "rush", "other"], "value"].tolist(), abs=0.03
    )


def test_words_of_weather_are_asked_where_two_or_more_are_frequent() -> None:
    drawn = draw(6, 60)
    parts = route_parts(drawn.roads, drawn.roads.network, drawn.trips, drawn.stations, drawn.places)
    asked = {}
    for n_wet in (0, 19, 20, 41):
        word = pd.DataFrame({"weather": ["rain"] * n_wet + ["clear"] * (60 - n_wet)})
        code, words = weather_classes(word, least=1)
        when = np.column_stack([np.full(60, 2), code])
        shape, _ = first_shape(parts, when, CalibrationRules(), junction_delay_s=2.0)
        asked[n_wet] = tuple(words[i] for i in shape.weather)
    assert asked == {0: (), 19: (), 20: ("clear", "rain"), 41: ()}


@pytest.mark.thorough
def test_trips_that_cannot_tell_are_refused(drawn: Drawn) -> None:
    few = Drawn(drawn.roads, drawn.trips.iloc[:49], drawn.stations, drawn.places.iloc[:49])
    with pytest.raises(InputError, match="Only 49 trips"):
        _measure(few)
    with pytest.raises(InputError, match="from 1 stations"):
        _measure(drawn.with_trips(station_id="s0"))
    noise = np.random.default_rng(0).lognormal(5.0, 3.0, len(drawn.trips))
    sixty = Drawn(
        drawn.roads, drawn.trips.assign(driving_s=noise).iloc[:60], drawn.stations, drawn.places.iloc[:60]
    )
    with pytest.raises(InputError, match="Not even one factor"):
        _measure(sixty)


@pytest.mark.thorough
def test_every_trip_is_counted_with_its_reason(drawn: Drawn) -> None:
    trips = drawn.trips.copy()
    trips.iloc[:3, trips.columns.get_loc("driving_s")] = [np.nan, 0.0, np.nan]
    trips.iloc[3:5, trips.columns.get_loc("station_id")] = ["nowhere", None]
    places = drawn.places.copy()
    places.iloc[5, places.columns.get_loc("is_snapped")] = False
    counts = _measure(Drawn(drawn.roads, trips, drawn.stations, places)).counts
    assert counts[["no_time", "no_station", "no_place"]].tolist() == [3, 2, 1]
    assert counts.sum() == 600


def test_hours_stand_in_the_first_band_that_has_them() -> None:
    bands = (Band("night", ((22.0, 6.0),)), Band("early", ((5.0, 8.0),)))
    hours = pd.Series([22.0, 5.5, 6.0, 8.0, 24.0, np.nan])
    assert band_of(hours, bands).tolist() == [0, 0, 1, 2, 0, 2]
    with pytest.raises(InputError, match="0 to 24"):
        band_of(pd.Series([25.0]), bands)


def test_few_times_tell_no_unit() -> None:
    assert stamp_unit(np.array([60.0] * 19)) == 0.0
    assert stamp_unit(np.array([60.0] * 20)) == 600.0 / 10


@pytest.mark.thorough
def test_times_of_other_drives_are_refused_and_not_fitted() -> None:
    drawn = draw(1, 300)
    others = np.random.default_rng(2).permutation(drawn.trips["station_id"].to_numpy())
    wrong = drawn.with_trips(station_id=others)
    with pytest.raises(InputError, match="more than twice"):
        calibrate_speeds(wrong.roads, wrong.trips, wrong.stations, wrong.places)


@pytest.mark.thorough
def test_what_is_no_speed_is_refused() -> None:
    """A digit lost: ten times as fast."""
    drawn = draw(1, 300)
    wrong = drawn.with_trips(driving_s=drawn.trips["driving_s"] / 10.0)
    with pytest.raises(InputError, match="no speed"):
        calibrate_speeds(wrong.roads, wrong.trips, wrong.stations, wrong.places)
