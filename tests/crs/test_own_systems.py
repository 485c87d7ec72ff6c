"""Systems of one's own: worked by hand, there and back, and contradictions told."""

from __future__ import annotations

import numpy as np
import pytest
from pyproj import CRS, Transformer

from geo.crs import SystemSpec, find_old_datum, make_system, with_code
from geo.crs.old_datums import choose_shift
from geo.crs.own_systems import DatumSystem, PlaneSystem
from geo.errors import CrsError

TO = "CGCS2000 中央经线 121.5"
HERE = np.array([[0.0, 0.0], [1000.0, 0.0], [0.0, 1000.0]])


def test_four_parameters_by_hand():
    # A quarter turn to the left (324,000 seconds), 1,000 ppm longer: (1000, 0) goes to (0, 1001), (0, 1000)
    # to (-1001, 0); then 500,000 east and 3,400,000 north are added.
    four = {"dx_m": 500_000, "dy_m": 3_400_000, "rotation_s": 324_000, "scale_ppm": 1000}
    there = make_system("city", SystemSpec(to_crs=TO, four=four)).to_target(HERE)
    wanted = [[500_000, 3_400_000], [500_000, 3_401_001], [498_999, 3_400_000]]
    assert np.allclose(there, wanted, rtol=0, atol=1e-6)


def test_affine_by_hand():
    there = make_system("city", SystemSpec(to_crs=TO, affine=(1, 2, 3, 4, 5, 6))).to_target(
        np.array([[10.0, 20.0]])
    )
    assert there.tolist() == [[53.0, 146.0]]  # 10 + 40 + 3, 40 + 100 + 6


@pytest.mark.parametrize("fit", ["four", "affine"])
def test_control_points_give_back_the_transformation_that_made_them(fit):
    rng = np.random.default_rng(5)
    here = rng.uniform(-20_000, 20_000, (6, 2))
    true = make_system(
        "t", SystemSpec(to_crs=TO, four={"dx_m": 4e5, "dy_m": 3.4e6, "rotation_s": 95.0, "scale_ppm": -12.0})
    )
    control = np.column_stack([here, true.to_target(here)]).tolist()
    fitted = make_system("city", SystemSpec(to_crs=TO, control=control, fit=fit))
    places = rng.uniform(-30_000, 30_000, (50, 2))
    assert np.abs(fitted.to_target(places) - true.to_target(places)).max() < 0.001
    (note,) = fitted.notes
    assert note.key == "crs.own_residuals"
    assert note.values["rms_m"] < 0.001


def test_residuals_tell_the_point_that_is_off():
    control = [
        [0, 0, 5e5, 3.4e6],
        [1e4, 0, 5.1e5, 3.4e6],
        [0, 1e4, 5e5, 3.41e6],
        [1e4, 1e4, 5.1e5 + 3, 3.41e6],
    ]
    (note,) = make_system("city", SystemSpec(to_crs=TO, control=control, fit="affine")).notes
    # An affine fit of four corners leaves a quarter of the error at each: 0.75 m.
    assert note.values["most_m"] == pytest.approx(0.75, abs=1e-6)


def test_contradicting_and_exchanged_control_points_stop():
    square = [[0, 0, 5e5, 3.4e6], [1e4, 0, 5.1e5, 3.4e6], [0, 2e4, 5e5, 3.42e6]]
    wrong = [*square, [1e4, 2e4, 5.2e5, 3.42e6]]
    with pytest.raises(CrsError, match="contradict each other"):
        make_system("city", SystemSpec(to_crs=TO, control=wrong))
    turned = [[y, x, east, north] for x, y, east, north in square]
    with pytest.raises(CrsError, match="write the easting first"):
        make_system("city", SystemSpec(to_crs=TO, control=turned))
    with pytest.raises(CrsError, match="in one place or in one line"):
        make_system("city", SystemSpec(to_crs=TO, control=square[:1] * 3))
    assert make_system("city", SystemSpec(to_crs=TO, control=square[:2])).notes[0].key == "crs.own_no_spare"


def test_control_points_in_degrees_lead_to_a_plane():
    control = [[0, 0, 121.47, 31.23], [-14940, -13000, 121.3133, 31.1128], [5000, 9000, 121.5225, 31.3112]]
    system = make_system("上海", SystemSpec(to_crs="EPSG:4490", control=control))
    assert isinstance(system, PlaneSystem)
    assert system.target.to_epsg() == 4549
    back = Transformer.from_crs(system.target, 4490, always_xy=True).transform(
        *system.to_target(np.zeros((1, 2)))[0]
    )
    assert np.allclose(back, (121.47, 31.23), atol=5e-4)


def test_seven_parameters_are_those_of_proj_in_both_conventions():
    # EPSG 15920, Beijing 1954 to WGS 84 (2), position vector, as PROJ has it.
    seven = {"dx_m": 15.53, "dy_m": -113.82, "dz_m": -41.38, "rz_s": 0.814, "scale_ppm": -0.38}
    published = Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step +proj=cart +ellps=krass +step "
        "+proj=helmert +x=15.53 +y=-113.82 +z=-41.38 +rz=0.814 +s=-0.38 +convention=position_vector "
        "+step +inv +proj=cart +ellps=WGS84 +step +proj=unitconvert +xy_in=rad +xy_out=deg"
    ).transform(121.4, 31.1)
    spec = SystemSpec(to_crs="EPSG:4326", from_crs="EPSG:4214", seven=seven, convention="position_vector")
    place = np.array([[121.4, 31.1]])
    assert np.allclose(make_system("b", spec).to_target(place), published, rtol=0, atol=1e-10)
    turned = SystemSpec(
        to_crs="EPSG:4326",
        from_crs="EPSG:4214",
        seven={**seven, "rz_s": -0.814},
        convention="coordinate_frame",
    )
    system = make_system("b", turned)
    assert isinstance(system, DatumSystem)
    assert np.allclose(system.to_target(place), published, rtol=0, atol=1e-10)


def test_what_contradicts_itself_is_listed():
    faults = SystemSpec(four={"dx": 1}, affine=(1, 2), seven={"rx_s": 1}, control=[[1, 2, 3]]).faults()
    listed = [str(fault) for fault in faults]
    for word in ("give one of", "dx is unknown", "six numbers", "convention", "four numbers"):
        assert any(word in fault for fault in listed), word
    assert SystemSpec().faults()
    assert not SystemSpec(control=[[0, 0, 1, 1], [1, 1, 2, 2]]).faults()


def test_one_operation_holds_for_beijing_1954_through_shanghai():
    # PROJ left to itself shifts by 71 m north of 31.23 N and by nothing south of it.
    proj = Transformer.from_crs(4214, 4326, always_xy=True)
    assert proj.transform(121.47, 31.22)[0] == 121.47
    assert proj.transform(121.47, 31.24)[0] > 121.4705
    shift = choose_shift("Beijing 1954", (121.47, 31.2))
    (south, north) = shift.to_wgs84(np.array([[121.47, 31.22], [121.47, 31.24]]), CRS.from_epsg(4214))
    assert abs((south[0] - 121.47) - (north[0] - 121.47)) * 95_000 < 0.1
    assert shift.note.values["shift_m"] == pytest.approx(71, abs=2)
    assert "published operations differ" in str(shift.note)
    assert choose_shift("Xian 1980", (121.47, 31.2)).note.key == "crs.old_unshifted"
    assert choose_shift("Beijing 1954", (108.5, 37.0)).note.key == "crs.old_shifted"


def test_old_datums_are_known_by_name_and_by_ellipsoid():
    assert find_old_datum(CRS.from_epsg(28421)) == "Beijing 1954"  # Pulkovo 1942, as MapInfo's 1001
    assert find_old_datum(CRS.from_epsg(2385)) == "Xian 1980"
    assert (
        find_old_datum(CRS.from_user_input("+proj=tmerc +lon_0=120 +x_0=500000 +ellps=krass"))
        == "Beijing 1954"
    )
    assert find_old_datum(CRS.from_epsg(32651)) is None
    nameless = CRS.from_user_input("+proj=tmerc +lon_0=120 +k=1 +x_0=40500000 +ellps=krass")
    assert with_code(nameless).to_epsg() == 2416  # Beijing 1954 / 3-degree Gauss-Kruger zone 40
