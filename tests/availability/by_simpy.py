"""Calls replayed by SimPy: engines as objects, each call and each waiting a process of its own."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import simpy

from geo.availability import DispatchTable, Rules


@dataclass(eq=False)
class Engine:
    """One engine: where it belongs, where it stands, and whether it is free."""

    home: int
    kind: int
    base: int
    is_free: bool = True
    due_s: float = 0.0
    n_trips: int = 0


@dataclass(eq=False)
class Waiting:
    """An engine that is asked for and not there."""

    place: int
    kind: int
    engine: Any


class Town:
    """A town whose engines go out."""

    def __init__(self, table: DispatchTable, rules: Rules) -> None:
        self.env = simpy.Environment()
        self.table, self.rules = table, rules
        engines = rules.engines
        if engines is None:
            engines = pd.DataFrame({"engines": table.crews}, index=table.station_id)
        self.engines = [
            Engine(s, kind, s)
            for s, row in enumerate(engines.to_numpy())
            for kind, n in enumerate(row)
            for _ in range(n)
        ]
        self.own: list[list[Engine]] = [[] for _ in table.station_id]
        for engine in self.engines:
            self.own[engine.home].append(engine)
        self.away: list[Engine] = []
        self.waiting: list[Waiting] = []
        self.n_moves = 0

    def nearest(self, place: int, kind: int) -> Engine | None:
        for s in self.table.order[place, : self.table.n_reached[place]]:
            for engine in self.own[s]:
                if engine.base == s and engine.kind == kind and engine.is_free:
                    return engine
            for engine in self.away:
                if engine.base == s and engine.kind == kind and engine.is_free:
                    return engine
        return None

    def call(
        self, place: int, need: list[int], service_s: float, row: dict[str, Any]
    ) -> Generator[Any, Any, None]:
        asked_s = self.env.now
        for kind, n in enumerate(need):
            for _ in range(n):
                engine = self.nearest(place, kind)
                if engine is not None:
                    self.env.process(self.go(engine, place, service_s, asked_s, row))
                elif self.rules.is_queued:
                    self.env.process(self.wait(place, kind, service_s, asked_s, row))
                else:
                    row["full_s"] = np.inf
                yield self.env.timeout(0)  # the engine is on its way before the next is looked for

    def wait(
        self, place: int, kind: int, service_s: float, asked_s: float, row: dict[str, Any]
    ) -> Generator[Any, Any, None]:
        ticket = Waiting(place, kind, self.env.event())
        self.waiting.append(ticket)
        engine = yield ticket.engine
        yield from self.go(engine, place, service_s, asked_s, row)

    def go(
        self, engine: Engine, place: int, service_s: float, asked_s: float, row: dict[str, Any]
    ) -> Generator[Any, Any, None]:
        s = engine.base
        if engine.base != engine.home:
            self.away.remove(engine)
        engine.is_free, engine.base = False, engine.home
        engine.n_trips += 1
        drive_s = self.table.response_s[place, s]
        came = self.env.now - asked_s + drive_s
        if came < row["first_s"]:
            row["first_s"], row["station_id"] = came, self.table.station_id[s]
        row["full_s"] = max(row["full_s"], came)
        row["n_sent"] += 1
        busy_s = service_s + self.rules.n_drives * drive_s
        engine.due_s = self.env.now + busy_s
        self.cover(s, engine.kind)
        yield self.env.timeout(busy_s)
        engine.is_free = True
        yield self.env.timeout(0)  # engines of one call come back at one second: the nearest of them goes
        self.hand_out()

    def hand_out(self) -> None:
        """Give engines that are back to those who wait longest."""
        for ticket in list(self.waiting):
            engine = self.nearest(ticket.place, ticket.kind)
            if engine is not None:
                self.waiting.remove(ticket)
                engine.is_free = False
                ticket.engine.succeed(engine)

    def cover(self, s: int, kind: int) -> None:
        moves = self.rules.moves
        alike = [e for e in self.own[s] if e.kind == kind]
        if (
            moves is None
            or any(e.base == s and e.kind == kind for e in self.away)
            or any(e.base == s and e.is_free for e in alike)
        ):
            return
        back_s = min((e.due_s for e in alike if e.base == s), default=0.0)
        move_s = moves.times_s.to_numpy()
        for donor in np.argsort(move_s[:, s], kind="stable"):
            if donor == s or not self.env.now + move_s[donor, s] < back_s:
                continue
            spare = [e for e in self.own[donor] if e.base == donor and e.is_free and e.kind == kind]
            if len(spare) > moves.keep:
                self.n_moves += 1
                spare[-1].is_free, spare[-1].base = False, s
                self.away = sorted([*self.away, spare[-1]], key=self.engines.index)
                self.env.process(self.stand_in(spare[-1], s, move_s, back_s))
                return

    def stand_in(self, engine: Engine, s: int, move_s: Any, back_s: float) -> Generator[Any, Any, None]:
        n_trips = engine.n_trips
        yield self.env.timeout(move_s[engine.home, s])
        engine.is_free = True
        yield self.env.timeout(back_s - self.env.now)
        if engine.n_trips == n_trips:
            self.away.remove(engine)
            engine.is_free, engine.base = False, engine.home
            engine.due_s = self.env.now + move_s[s, engine.home]
            yield self.env.timeout(move_s[s, engine.home])
            engine.is_free = True


def replay_by_simpy(table: DispatchTable, calls: pd.DataFrame, *, rules: Rules) -> tuple[pd.DataFrame, int]:
    """Give ``first_s``, ``full_s``, ``station_id`` and ``n_sent`` by call, and the number of moves."""
    town = Town(table, rules)
    kinds = ["engines"] if rules.engines is None else list(rules.engines)
    needs = calls.reindex(columns=kinds).fillna(1 if len(kinds) == 1 else 0).to_numpy(dtype=int)
    rows: list[dict[str, Any]] = []

    def source() -> Generator[Any, Any, None]:
        places = table.demand_id.get_indexer(pd.Index(calls["demand_id"]))
        for time_s, place, service_s, need in zip(
            calls["time_s"], places, calls["service_s"], needs, strict=True
        ):
            yield town.env.timeout(time_s - town.env.now)
            rows.append({"first_s": np.inf, "full_s": 0.0, "station_id": None, "n_sent": 0})
            town.env.process(town.call(place, list(need), service_s, rows[-1]))

    town.env.process(source())
    town.env.run()
    told = pd.DataFrame(rows, index=calls.index, columns=["first_s", "full_s", "station_id", "n_sent"])
    told["station_id"] = pd.Series([row["station_id"] for row in rows], index=calls.index, dtype=object)
    told.loc[told["n_sent"] == 0, "full_s"] = np.inf
    return told, town.n_moves
