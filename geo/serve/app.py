"""The server: the page, its scripts, the map, and one connection for each planner."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import os
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from geo.serve.access_control import Doors, Keys, Rate
from geo.serve.frames import plain_json
from geo.serve.page import page_files
from geo.serve.planner import Planner, Room
from geo.serve.protocol import describe_protocol
from geo.serve.scene import scene_frame
from geo.serve.telling import tell_whole

__all__ = ["MOST_BYTES", "make_app"]

MOST_BYTES: Final = 16_384
"""Of one message to the server."""
_MOST_PLANNERS: Final = 40
_PER_S: Final = 250
_AT_ONCE: Final = 500
"""Messages of a planner a second, and at once after a rest; as many may wait for an answer."""
_REST_S: Final = 0.4
"""How long nothing is changed before a state is computed in full."""
_MOST_WAIT_S: Final = 5.0
"""How long a computation in full waits while others drag."""
_MOST_WORKS: Final = 8
"""Of the 40 threads that answer."""
_GOING_AWAY: Final = 1001
_TOO_FAST: Final = 1008
_FULL: Final = 1013


def make_app(room: Room, keys: Keys) -> ASGIApp:
    """Make the server of a study.

    Parameters
    ----------
    room : Room
        The study and who works on it.
    keys : Keys
        What opens its doors.
    """
    files = page_files(room.live)
    scene = scene_frame(room.live)
    study_told = plain_json(tell_whole(room.live))
    n_planners = [0]
    n_cores = max(2, os.cpu_count() or 1)
    checks, works, follows, drags = map(asyncio.Semaphore, (1, _MOST_WORKS, n_cores, n_cores))
    slow = _Slow(checks, works, follows, drags)

    async def file(request: Request) -> Response:
        content, media = files.get(request.path_params.get("name", ""), (None, ""))
        return _nothing() if content is None else Response(content, media_type=media)

    async def whole_map(request: Request) -> Response:
        return Response(scene, media_type="application/octet-stream")

    async def described(request: Request) -> Response:
        return JSONResponse(describe_protocol())

    async def told_study(request: Request) -> Response:
        return JSONResponse(study_told)

    async def written(request: Request) -> Response:
        path = room.desk.given(request.path_params["path"])
        if path is None or not path.is_file():
            return _nothing()
        return FileResponse(path, filename=path.name, media_type="application/octet-stream")

    async def plan(socket: WebSocket) -> None:
        if n_planners[0] >= _MOST_PLANNERS:
            await socket.close(_FULL, "too many planners at once")
            return
        n_planners[0] += 1
        try:
            await _serve_planner(socket, room, slow)
        except asyncio.CancelledError:  # Ctrl-C while the page is open: no fault, and no traceback
            pass
        finally:
            n_planners[0] -= 1

    at = f"/{keys.token}"
    routes = [
        Route(f"{at}/", file),
        Route(f"{at}/map.bin", whole_map),
        Route(f"{at}/openapi.json", described),
        Route(f"{at}/study.json", told_study),
        Route(f"{at}/files/{{path:path}}", written),
        Route(f"{at}/{{name}}", file),
        WebSocketRoute(f"{at}/live", plan),
    ]
    return Doors(Starlette(routes=routes), keys)


def _nothing() -> Response:
    return PlainTextResponse("nothing here\n", 404)


async def _serve_planner(socket: WebSocket, room: Room, slow: _Slow) -> None:
    """Answer one planner until the page is closed."""
    await socket.accept()
    query = socket.query_params
    enter = partial(room.enter, query.get("session", "")[:64], is_fresh=query.get("fresh") == "1")
    planner = await run_in_threadpool(enter)
    line = _Line(socket, planner, slow)
    try:
        await line.talk()
    except WebSocketDisconnect:
        pass
    finally:
        await run_in_threadpool(room.leave, planner)  # its lock is held while a state is computed


@dataclass(frozen=True)
class _Slow:
    """How much of what is slow is done at once, whoever asks: the threads that are left answer pins.

    Parameters
    ----------
    checks, works, follows, drags : Semaphore
        Computations in full, one after the other as they take all cores; what planners ask for; and pins on
        their way, as many as there are cores: more threads would only wait for each other. Those of
        shelters, depots and hydrants are counted apart, as they take longer than those of stations, and
        apart from runs and searches, which take minutes.
    dragged_at : list of float
        When a drag of anybody was answered last, on the clock of the loop.
    """

    checks: asyncio.Semaphore
    works: asyncio.Semaphore
    follows: asyncio.Semaphore
    drags: asyncio.Semaphore
    dragged_at: list[float] = field(default_factory=lambda: [-math.inf])


def _now() -> float:
    return asyncio.get_running_loop().time()


class _Line:
    """The connection of a planner: one message after the other; of drags that wait only the last.

    Parameters
    ----------
    socket : WebSocket
        Accepted.
    planner : Planner
        Who answers.
    slow : _Slow
        How much that is slow is done at once.
    """

    def __init__(self, socket: WebSocket, planner: Planner, slow: _Slow) -> None:
        self._socket, self._planner, self._slow = socket, planner, slow
        self._waiting: asyncio.Queue[dict[str, Any]] = asyncio.Queue(_AT_ONCE)
        self._ahead: dict[str, Any] | None = None
        """Taken from those that wait, and the next to be answered."""
        self._rate = Rate(per_s=_PER_S, most=_AT_ONCE)
        self._checking: asyncio.Task[None] | None = None
        self._checking_held: asyncio.Task[None] | None = None
        self._followed: Mapping[str, Any] | None = None
        self._working: set[asyncio.Task[None]] = set()
        self._fault: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def talk(self) -> None:
        await self._socket.send_bytes(await run_in_threadpool(self._planner.greet))
        self._planner.room.is_greeted.set()
        self._check_soon()
        answering = asyncio.create_task(self._answer_all())
        listening = asyncio.create_task(self._listen())
        ends = (answering, listening, self._fault)
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        self._leave_held()
        if self._checking is not None:
            self._checking.cancel()
        self._followed = None
        self._planner.stop()
        for task in ends:
            task.cancel()
        for end in await asyncio.gather(*ends, return_exceptions=True):
            if end is not None and not isinstance(end, asyncio.CancelledError | WebSocketDisconnect):
                raise end

    async def _listen(self) -> None:
        """Take messages in; a flood and what is no message of ours end the connection.

        Messages are taken as they come, however long the answers take: if this waited for the answers, a
        flood would be counted at their pace, and on a slow machine never be seen as one.
        """
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text")
            if not self._rate.take() or self._waiting.full():
                await self._socket.close(_TOO_FAST, "too many messages")
                return
            asked = _read(text)
            if asked is None:
                await self._socket.close(_TOO_FAST, "a message is a JSON object of at most 16 kB")
                return
            self._waiting.put_nowait(asked)

    async def _answer_all(self) -> None:
        while True:
            asked = await self._take()
            if self._planner.is_replaced:
                await self._socket.close(_GOING_AWAY, "another page took this session over")
                return
            await self._answer(self._newest(asked))

    async def _take(self) -> dict[str, Any]:
        asked, self._ahead = self._ahead, None
        return await self._waiting.get() if asked is None else asked

    def _newest(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Give the last of the drags that wait by now in the place of one: nobody would see the others."""
        if asked.get("do") != "drag":
            return asked
        is_of_resource = self._planner.is_of_resource(asked)
        while self._ahead is None and not self._waiting.empty():
            later = self._waiting.get_nowait()
            if later.get("do") == "drag" and self._planner.is_of_resource(later) == is_of_resource:
                asked = later
            else:
                self._ahead = later
        return asked

    async def _answer(self, asked: dict[str, Any]) -> None:
        if self._planner.is_long(asked):
            self._begin(self._work(asked)).add_done_callback(self._end)
            return
        is_drag = asked.get("do") == "drag"
        if is_drag:
            self._leave_held()
        if self._planner.is_of_resource(asked):
            is_busy, self._followed = self._followed is not None, asked
            if not is_busy:
                self._begin(self._follow()).add_done_callback(self._end)
            return
        if is_drag:
            await self._drag(asked)
            return
        before = self._planner.session.state
        await self._send(await run_in_threadpool(self._planner.answer, asked))
        if self._planner.session.state is not before:
            self._leave_held()
            self._check_soon()

    async def _drag(self, asked: dict[str, Any]) -> None:
        """Answer where a station is in hand when it is this planner's turn: where it is by then.

        Taking it into the hand is left to a thread, and so is what it reaches where that is much. All other
        places cost a millisecond or less, less than threads lose by waiting for each other's lock: they are
        answered at once, one planner after the other.
        """
        if self._planner.is_quick(asked):
            await asyncio.sleep(0)  # all others first, and what came meanwhile
            asked = self._newest(asked)
        if self._planner.is_quick(asked):
            frame = self._planner.answer(asked)
        else:
            async with self._slow.drags:
                asked = self._newest(asked)
                frame = await run_in_threadpool(self._planner.answer, asked)
        await self._send(frame)
        self._slow.dragged_at[0] = _now()
        self._check_held_soon(asked)

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._working.add(task)  # else nothing holds it
        task.add_done_callback(self._working.discard)
        return task

    def _end(self, task: asyncio.Task[None]) -> None:
        """End the connection at a fault of ours, as for any other answer: the page would wait for ever."""
        error = None if task.cancelled() else task.exception()
        if error is not None and not self._fault.done():
            self._fault.set_exception(error)

    async def _follow(self) -> None:
        """Tell what a shelter, depot or hydrant in hand changes: one place after the other, the newest."""
        asked = None
        while self._followed is not asked:
            asked = self._followed
            if asked is not None:
                async with self._slow.follows:
                    frame = await run_in_threadpool(self._planner.follow, asked)
                await self._push(frame)
                self._check_held_soon(asked)
        self._followed = None

    async def _work(self, asked: Mapping[str, Any]) -> None:
        """Answer what takes long while the planner goes on; how far it is comes from its thread."""
        loop = asyncio.get_running_loop()

        def send(frame: bytes) -> None:
            asyncio.run_coroutine_threadsafe(self._push(frame), loop)

        async with self._slow.works:
            frame = await run_in_threadpool(self._planner.work, asked, send)
        await self._push(frame)

    def _check_soon(self) -> None:
        """Compute the state in full when nothing has been changed for a moment; what came before is left."""
        if self._checking is not None:
            self._checking.cancel()
        self._checking = asyncio.create_task(self._check())

    async def _check(self) -> None:
        await self._rest()
        state = self._planner.session.state
        check = partial(self._planner.check, state)
        self._begin(self._in_full(check, lambda: state is self._planner.session.state))

    def _check_held_soon(self, asked: Mapping[str, Any]) -> None:
        self._leave_held()
        self._checking_held = asyncio.create_task(self._check_held(asked))

    def _leave_held(self) -> None:
        if self._checking_held is not None:
            self._checking_held.cancel()
        self._checking_held = None

    async def _check_held(self, asked: Mapping[str, Any]) -> None:
        """Compute in full what is in hand when it has not been moved for a moment."""
        await self._rest()
        own, check = self._checking_held, partial(self._planner.check_held, asked)
        self._begin(self._in_full(check, lambda: self._checking_held is own))

    async def _rest(self) -> None:
        """Wait for a moment without a change, then for the computation before; what comes later ends it.

        While others drag it waits some seconds more: it would take all cores from them.
        """
        await asyncio.sleep(_REST_S)
        latest = _now() + _MOST_WAIT_S
        await self._slow.checks.acquire()
        try:
            while (wait_s := min(self._slow.dragged_at[0] + _REST_S, latest) - _now()) > 0:
                await asyncio.sleep(wait_s)
        except asyncio.CancelledError:
            self._slow.checks.release()
            raise

    async def _in_full(self, compute: Callable[[], bytes | None], is_wanted: Callable[[], bool]) -> None:
        """Compute in full what :meth:`_rest` waited for, to its end: its thread cannot be stopped.

        It is never cancelled: another would begin while its thread goes on, and they would pile up.
        """
        try:
            frame = await run_in_threadpool(compute)
        finally:
            self._slow.checks.release()
        if frame is not None and is_wanted():
            await self._push(frame)

    async def _push(self, frame: bytes) -> None:
        """Send what no question waits for; the page may be closed by now."""
        with contextlib.suppress(WebSocketDisconnect):
            await self._send(frame)

    async def _send(self, frame: bytes) -> None:
        """Send a frame, unless this side is ending the connection: the end may still wait to be read."""
        if self._socket.application_state is WebSocketState.CONNECTED:
            await self._socket.send_bytes(frame)


def _read(text: str | None) -> dict[str, Any] | None:
    """Read a message; None for what is none."""
    if text is None or len(text) > MOST_BYTES:
        return None
    try:
        asked = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return asked if isinstance(asked, dict) else None
