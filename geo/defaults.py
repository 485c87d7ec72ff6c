"""What holds where a study and its data say nothing else."""

from __future__ import annotations

from typing import Final

__all__ = ["ACCESS_KPH", "BANDS_S", "FASTEST_SHARE", "MAX_SNAP_M", "SHORE_M", "SLOWEST_SHARE"]

MAX_SNAP_M: Final = 500.0
"""How far from a road a point may be that still stands on it, metres."""
SHORE_M: Final = 1e-4
"""A way that ends no farther than this inside a barrier does not go through it, metres: roads begin on
shores, and where their ends lie is rounded."""
ACCESS_KPH: Final = 10.0
"""Speed of a vehicle on the ground between a point and its road."""
BANDS_S: Final = (180.0, 240.0, 300.0, 480.0, 900.0)
"""Response times that tables and maps tell people by, seconds."""
SLOWEST_SHARE: Final = 0.01
"""A road slower than this share of its speed is closed, not slow."""
FASTEST_SHARE: Final = 2.0
"""All roads at more than this share of their speeds are a slip of the pen."""
