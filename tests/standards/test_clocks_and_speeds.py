"""Profiles and clocks: the numbers of the standards, and files of the planner's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.errors import FileError, StudyError
from geo.standards import load_profile, load_response, profile_names, response_names


def test_the_clocks_are_those_of_the_standards() -> None:
    parts = {
        name: (clock.clock_start, clock.call_s, clock.turnout_s, clock.travel_s, clock.share)
        for name in response_names()
        for clock in [load_response(name)]
    }
    assert parts == {
        "dispatch-5min": ("dispatch", 0, 60, 240, 1.0),
        "drive-5min": ("departure", 0, 0, 300, 1.0),
        "micro-3min": ("call", 0, 60, 120, 1.0),
        "nfpa-1710": ("dispatch", 0, 80, 240, 0.9),
        "agbf-8min": ("dispatch", 0, 90, 390, 0.95),
        "transport-1h": ("departure", 0, 0, 3600, 1.0),
        "walk-15min": ("departure", 0, 0, 900, 1.0),
    }
    assert load_response("dispatch-5min").limit_s == load_response("drive-5min").limit_s == 300


def test_every_profile_and_clock_names_its_source_and_mark() -> None:
    for source in [load_profile(name).source for name in profile_names()] + [
        load_response(name).source for name in response_names()
    ]:
        assert source.endswith(("[V]", "[V2]", "[M]"))
        assert len(source) > 20
    assert "4.1.3-1" in load_response("dispatch-5min").source


def test_engines_may_not_use_what_only_walkers_may() -> None:
    shut = {"steps", "footway", "path", "construction", "proposed", "cycleway"}
    for name in ("fire_engine", "fire_engine_urban", "fire_engine_mixed", "car"):
        assert not shut & set(load_profile(name).speeds_kph), name
        assert not load_profile(name).ferries
    walk = load_profile("walk")
    assert {"steps", "footway", "path"} <= set(walk.speeds_kph)
    assert "motorway" not in walk.speeds_kph
    assert (walk.mode, walk.oneway) == ("walk", "ignore")


def test_the_urban_set_is_slower_on_every_class() -> None:
    suburban, urban = load_profile("fire_engine"), load_profile("fire_engine_urban")
    mixed = load_profile("fire_engine_mixed")
    assert set(suburban.speeds_kph) == set(urban.speeds_kph)
    assert all(urban.speeds_kph[kind] <= speed for kind, speed in suburban.speeds_kph.items())
    assert mixed.speeds_kph == suburban.speeds_kph
    assert all(mixed.urban_speeds_kph[kind] == urban.speeds_kph[kind] for kind in mixed.urban_speeds_kph)


def test_numbers_that_a_copy_takes_over_keep_their_own_source(tmp_path: Path) -> None:
    """A district's measured speeds were told as 'from memory', and the base's speeds as the district's."""
    path = tmp_path / "ours.toml"
    path.write_text(
        '[ours]\nbased_on = "fire_engine"\nsource = "Measured 2025"\n[ours.speeds_kph]\nprimary = 52\n'
    )
    ours, engine = load_profile(path), load_profile("fire_engine")
    assert ours.source == "Measured 2025"  # without the mark [M] of the base
    assert set(ours.bases) == set(engine.speeds_kph) - {"primary"}
    assert set(ours.bases.values()) == {"fire_engine"}
    path.write_text('[ours]\nbased_on = "fire_engine_urban"\n[ours.urban_speeds_kph]\nsecondary = 20\n')
    ours, urban = load_profile(path), load_profile("fire_engine_urban")
    assert ours.source == ""
    assert "secondary" not in ours.bases
    assert ours.bases["primary"] == urban.bases.get("primary", "fire_engine_urban")
    assert engine.bases == {}


def test_a_planner_changes_a_copy(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[night]\nbased_on = "fire_engine"\noneway = "obey"\n[night.speeds_kph]\nprimary = 55\n')
    mine, base = load_profile(path), load_profile("fire_engine")
    assert (mine.name, mine.oneway, mine.speeds_kph["primary"]) == ("night", "obey", 55)
    assert mine.speeds_kph["secondary"] == base.speeds_kph["secondary"]
    path.write_text(path.read_text() + "[day]\n[day.speeds_kph]\nprimary = 40\n")
    assert dict(load_profile(f"{path}#day").speeds_kph) == {"primary": 40}
    with pytest.raises(StudyError, match=r"several tables.*night, day"):
        load_profile(path)
    with pytest.raises(StudyError, match=r"'noon' is unknown; known are night, day"):
        load_profile(f"{path}#noon")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[x]\n", "no speeds_kph"),
        ("[x.speeds_kph]\nprimary = 0", "primary = 0"),
        ('[x.speeds_kph]\nprimary = "40"', "primary = '40'"),
        (
            "[x]\noneway = 1.5\n[x.speeds_kph]\nprimary = 40",
            "oneway = .* should be a number above 0 and up to 1",
        ),
        (
            "[x]\noneway = 0\n[x.speeds_kph]\nprimary = 40",
            "oneway = .* should be a number above 0 and up to 1",
        ),
        ('[x]\nonewai = "obey"\n[x.speeds_kph]\nprimary = 40', "unknown keys onewai; known are access_kph"),
        ('[x]\nbased_on = "fire_engin"', "'fire_engin' is unknown; known are fire_engine"),
        ('[x]\nmode = "fly"\n[x.speeds_kph]\nprimary = 40', "mode must be"),
        ('[x]\nferries = "no"\n[x.speeds_kph]\nprimary = 40', "ferries must be"),
        ("[x]\nmaxspeed_factor = -1\n[x.speeds_kph]\nprimary = 40", "maxspeed_factor = -1 should be"),
        ("[x]\njunction_delay_s = -1\n[x.speeds_kph]\nprimary = 40", "junction_delay_s = -1 should be"),
        ("primary = 40", "must hold tables"),
    ],
)
def test_a_mistyped_profile_is_a_clear_error(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "p.toml").write_text(text)
    with pytest.raises(StudyError, match=message):
        load_profile(tmp_path / "p.toml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[x]\ntravel_s = 240", "clock_start must be"),
        ('[x]\nclock_start = "call"', "travel_s is missing"),
        (
            '[x]\nclock_start = "call"\ntravel_s = 240\nshare = 90',
            "share = 90 should be a number from 0 to 1",
        ),
        (
            '[x]\nclock_start = "call"\ntravel_s = 240\nturnout_s = "60"',
            "turnout_s = .60. should be a number",
        ),
        ('[x]\nclock_start = "call"\ntravel_s = 240\nturnout = 60', "unknown keys turnout"),
    ],
)
def test_a_mistyped_clock_is_a_clear_error(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "p.toml").write_text(text)
    with pytest.raises(StudyError, match=message):
        load_response(tmp_path / "p.toml")


def test_unknown_names_list_the_known_ones_and_bad_files_are_file_errors(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"'engine' is unknown; known are fire_engine, .*walk"):
        load_profile("engine")
    with pytest.raises(StudyError, match=r"known are dispatch-5min"):
        load_response("5min")
    with pytest.raises(FileError, match="does not exist"):
        load_profile(tmp_path / "missing.toml")
    (tmp_path / "bad.toml").write_text("[x\n")
    with pytest.raises(FileError, match="no TOML"):
        load_profile(tmp_path / "bad.toml")
