"""What was measured as a speed profile and a response clock, and as the TOML text of their files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Final

from geo.calibration.calibrate import SpeedCalibration
from geo.calibration.intervals import clock_intervals, intervals_toml, profile_intervals
from geo.calibration.routes import ACCESS
from geo.calibration.turnout import TurnoutCalibration
from geo.errors import InputError
from geo.messages import Message
from geo.settings import NOTHING, FixedMapping
from geo.standards import ResponseStandard, SpeedProfile

__all__ = [
    "MEASURED",
    "clock_toml",
    "measured_clock",
    "measured_clocks",
    "measured_profiles",
    "profiles_toml",
]

MEASURED: Final = "measured"
"""The mark, and the name of the profile and the clock."""


def measured_profiles(
    measured: SpeedCalibration, profile: SpeedProfile, *, source: str
) -> tuple[SpeedProfile, ...]:
    """Give the profile with the measured speeds, and one for each band of hours with a measured factor.

    Speeds of a class, in and out of built-up areas, change by one factor; what was not told is kept.

    Parameters
    ----------
    measured : SpeedCalibration
        What was measured.
    profile : SpeedProfile
        The profile of the network on which it was measured.
    source : str
        Of what calls; the mark is added.

    Returns
    -------
    tuple of SpeedProfile
        The first, ``"measured"``, is that of the mean hour of the calls; then ``"measured_night"`` and so on.

    Raises
    ------
    InputError
        The profile takes speeds from signs (``maxspeed_factor``): factors by class say nothing of these.
    """
    if profile.maxspeed_factor is not None:
        raise InputError(Message("calibration.profile_of_signs", {"profile": profile.name}))
    table = measured.parameters
    factor = table[table["kind"].isin(("class", ACCESS))].set_index("name")["factor"].to_dict()
    delay = float(table.loc[table["kind"] == "junction", "value"].iloc[0])
    marked = f"{source} [{MEASURED}]"
    own = replace(profile, name=MEASURED, source=marked, bases=NOTHING, junction_delay_s=delay)
    mean = _scaled(own, factor, 1.0)
    bands = table[(table["kind"] == "band") & (table["state"] == "measured")]
    return (
        mean,
        *(
            _scaled(replace(mean, name=f"{MEASURED}_{row.name_}"), {}, float(row.value))
            for row in bands.rename(columns={"name": "name_"}).itertuples()
        ),
    )


def _scaled(profile: SpeedProfile, factor: dict[str, float], of_all: float) -> SpeedProfile:
    """Give a profile with its speeds multiplied, and the junction delay divided by the factor of all."""

    def times(speeds: object) -> FixedMapping[str, float]:
        return FixedMapping(
            {name: round(kph * factor.get(name, 1.0) * of_all, 2) for name, kph in dict(speeds).items()}  # type: ignore[call-overload]
        )

    return replace(
        profile,
        speeds_kph=times(profile.speeds_kph),
        urban_speeds_kph=times(profile.urban_speeds_kph),
        access_kph=round(profile.access_kph * factor.get(ACCESS, 1.0) * of_all, 2),
        junction_delay_s=round(profile.junction_delay_s / of_all, 2),
    )


def measured_clock(
    standard: ResponseStandard,
    *,
    turnout: TurnoutCalibration | None,
    speeds: SpeedCalibration | None,
    source: str,
) -> ResponseStandard:
    """Give a clock with the same limit, on which the measured turnout leaves so much less for the travel.

    Parameters
    ----------
    standard : ResponseStandard
        The clock of the study.
    turnout : TurnoutCalibration, optional
        Its turnout of all stations takes the place of the standard's, unless the clock starts at departure.
    speeds : SpeedCalibration, optional
        Its start loss.
    source : str
        Of what calls; the mark is added.

    Raises
    ------
    InputError
        The measured turnout leaves no time to drive.
    """
    turnout_s = standard.turnout_s
    if turnout is not None and standard.clock_start != "departure":
        turnout_s = round(float(turnout.overall["turnout_s"]), 1)
    loss_s = standard.start_loss_s
    if speeds is not None:
        table = speeds.parameters
        loss_s = round(float(table.loc[table["kind"] == "loss", "value"].iloc[0]), 1)
    about = f"{source}; {standard.source}" if standard.source else source
    clock = replace(standard, name=MEASURED, start_loss_s=loss_s, source=f"{about} [{MEASURED}]")
    return _with_turnout(clock, turnout_s)


def measured_clocks(
    standard: ResponseStandard,
    *,
    turnout: TurnoutCalibration | None,
    speeds: SpeedCalibration | None,
    source: str,
) -> tuple[ResponseStandard, ...]:
    """Give the clock of :func:`measured_clock`, and one for each band of hours with a measured factor.

    Raises
    ------
    InputError
        The measured turnout leaves no time to drive.
    """
    mean = measured_clock(standard, turnout=turnout, speeds=speeds, source=source)
    if turnout is None or standard.clock_start == "departure":
        return (mean,)
    told = turnout.bands[turnout.bands["is_told"]]
    seconds = float(turnout.overall["turnout_s"])
    return (
        mean,
        *(
            _with_turnout(replace(mean, name=f"{MEASURED}_{name}"), round(seconds * float(factor), 1))
            for name, factor in told["factor"].items()
        ),
    )


def _with_turnout(clock: ResponseStandard, turnout_s: float) -> ResponseStandard:
    """Give a clock with the same limit and another turnout."""
    travel_s = round(clock.limit_s - clock.call_s - turnout_s, 1)
    if travel_s <= clock.start_loss_s:
        values = {"turnout": turnout_s, "limit": clock.limit_s}
        raise InputError(Message("calibration.no_time_left", values))
    return replace(clock, turnout_s=turnout_s, travel_s=travel_s)


def profiles_toml(profiles: Iterable[SpeedProfile], *, measured: SpeedCalibration | None = None) -> str:
    r"""Write profiles as a file that :func:`geo.standards.load_profile` reads: ``"speeds.toml#measured"``.

    With ``measured`` their intervals stand beside them, as :func:`geo.standards.load_intervals` reads them.

    Examples
    --------
    >>> from geo.standards import SpeedProfile
    >>> print(profiles_toml((SpeedProfile("own", {"primary": 41.5}, source='the "new" log [measured]'),)))
    [own]
    junction_delay_s = 0.0
    oneway = "obey"
    no_access = ["motorway", "motorway_link"]
    ferries = false
    private_roads = false
    access_kph = 10.0
    mode = "drive"
    source = "the \"new\" log"
    mark = "measured"
    [own.speeds_kph]
    primary = 41.5
    """
    return "\n".join(_profile_toml(profile, measured) for profile in profiles).rstrip("\n")


def _profile_toml(profile: SpeedProfile, measured: SpeedCalibration | None) -> str:
    lines = [f"[{profile.name}]"]
    for item in fields(SpeedProfile):
        value = getattr(profile, item.name)
        if item.name in ("name", "source", "bases", "speeds_kph", "urban_speeds_kph") or value is None:
            continue
        lines.append(f"{item.name} = {_toml(sorted(value) if isinstance(value, frozenset) else value)}")
    lines += _source_lines(profile.source)
    for key in ("speeds_kph", "urban_speeds_kph"):
        speeds = getattr(profile, key)
        if speeds:
            lines += [f"[{profile.name}.{key}]", *(f"{_key(name)} = {kph}" for name, kph in speeds.items())]
    if measured is not None:
        of_profile = profile_intervals(measured, profile, band=_band_of(profile.name))
        lines += intervals_toml(profile.name, of_profile)
    return "\n".join(lines) + "\n"


def _band_of(name: str) -> str:
    """Give the band of hours that a measured profile or clock is named after."""
    return name.removeprefix(MEASURED).removeprefix("_")


def clock_toml(
    clock: ResponseStandard,
    *,
    turnout: TurnoutCalibration | None = None,
    speeds: SpeedCalibration | None = None,
) -> str:
    """Write a clock as a table of a file that :func:`geo.standards.load_response` reads.

    With what it was measured by, its intervals stand beside it.

    Examples
    --------
    >>> from geo.standards import ResponseStandard
    >>> clock = ResponseStandard("measured", "dispatch", 0.0, 71.5, 228.5, source="calls [measured]")
    >>> print(clock_toml(clock))
    [measured]
    clock_start = "dispatch"
    call_s = 0.0
    turnout_s = 71.5
    travel_s = 228.5
    share = 1.0
    start_loss_s = 0.0
    standard = "calls"
    mark = "measured"
    """
    numbers = ("clock_start", "call_s", "turnout_s", "travel_s", "share", "start_loss_s")
    lines = [f"[{clock.name}]", *(f"{key} = {_toml(getattr(clock, key))}" for key in numbers)]
    intervals = clock_intervals(clock, turnout=turnout, speeds=speeds, band=_band_of(clock.name))
    lines += _source_lines(clock.source, key="standard")
    return "\n".join([*lines, *intervals_toml(clock.name, intervals)])


def _source_lines(source: str, *, key: str = "source") -> list[str]:
    """Write the source without its mark, and the mark; loading puts them together again."""
    text = source.removesuffix(f" [{MEASURED}]")
    return [f"{key} = {_toml(text)}", f'mark = "{MEASURED}"']


def _key(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() and name.isascii() else _toml(name)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_toml(item) for item in value)}]"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        kept = "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in escaped)
        return f'"{kept}"'
    return str(value)
