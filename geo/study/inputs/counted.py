"""Which rows of facilities count, for a planner: by their own statuses, and where rows repeat others."""

from __future__ import annotations

import geopandas as gpd

from geo.messages import Message
from geo.stations import find_repeats

__all__ = ["tell_repeats", "tell_statuses"]


def tell_statuses(facilities: gpd.GeoDataFrame, *, status: str) -> list[Message]:
    """Note the rows of a layer of existing facilities that do not count as such by their own words.

    Parameters
    ----------
    facilities : GeoDataFrame
        A ``Facilities`` table, of one layer.
    status : str
        Status of rows that state none.
    """
    n = facilities["status"].value_counts().drop("existing", errors="ignore")
    if status != "existing" or not len(n):
        return []
    words = tuple(
        Message("study.status_count", {"status": Message(f"maps.status_{word}"), "n": int(k)})
        for word, k in n.items()
    )
    return [Message("study.own_statuses", {"n": int(n.sum()), "n_rows": len(facilities), "words": words})]


def tell_repeats(facilities: gpd.GeoDataFrame) -> list[Message]:
    """Note the facilities that stand in the tables more than once: each of their rows counts."""
    repeats = find_repeats(facilities)
    notes = []
    for kind, rows in repeats.groupby(repeats["facility_id"].map(facilities["kind"]), sort=False):
        pairs = tuple(
            Message(
                "study.repeat",
                {
                    "name": facilities.at[row.facility_id, "name"] or row.facility_id,
                    "source": facilities.at[row.facility_id, "source"],
                    "first": facilities.at[row.first_id, "source"],
                    "metres": row.metres,
                },
            )
            for row in rows.head(5).itertuples()
        )
        label = Message(f"study.check_kind_{kind}")
        notes.append(Message("study.repeats", {"n": len(rows), "kind": label, "pairs": pairs}))
    return notes
