"""What changes: facilities added, moved, closed; one change at once; differences of two states."""

import importlib
import warnings
from typing import Any

import lazy_loader

_of_this_front, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

# Scenarios of a study file lived here once, and changes of the roads were handed on: what users wrote then
# goes on working. The homes are named as texts: this room may not import them (tests/test_structure.py).
_MOVED = {
    **dict.fromkeys(
        ("AddSpec", "CloseRoadsSpec", "MoveSpec", "ScenarioSpec", "SlowSpec", "UpgradeSpec"), "geo.study"
    ),
    **dict.fromkeys(("change_inputs", "naming_scenario", "pick_roads"), "geo.study"),
    **dict.fromkeys(("carry_snaps", "close_edges", "slow_edges"), "geo.network"),
}


def __getattr__(name: str) -> Any:
    """Give a name of the front; one that has moved comes with a warning that names its new home."""
    if name not in _MOVED:
        return _of_this_front(name)
    home = _MOVED[name]
    moved = getattr(importlib.import_module(home), name)
    # Warned last: an import may change the filters, and then one line would be warned about twice.
    message = f"geo.scenarios.{name} has moved; write: from {home} import {name}"
    warnings.warn(message, DeprecationWarning, stacklevel=2)
    return moved
