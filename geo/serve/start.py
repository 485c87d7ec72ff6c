"""A study served: on this machine alone, or with a password to others on the network."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import secrets
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import uvicorn

from geo.errors import StudyError
from geo.messages import Message
from geo.serve.access_control import LOOPBACK, Keys
from geo.serve.app import MOST_BYTES, make_app
from geo.serve.live_study import LiveStudy
from geo.serve.planner import Room
from geo.serve.saving import Desk
from geo.serve.slow_readers import ImpatientHttp, ImpatientWebSocket
from geo.serve.warming import warming

__all__ = ["FIRST_PORT", "Server", "serve_study", "serving"]

FIRST_PORT: Final = 8765
_HOME: Final = "127.0.0.1"
_LEAST_PASSWORD: Final = 8
_SWITCH_S: Final = 0.0005
"""How long a thread holds the lock of Python before another may have it, a tenth of Python's own: a pin takes
the lock a dozen times, and would wait so long each time while a state is computed in full."""


@dataclass(frozen=True, eq=False)
class Server:
    """A server that runs.

    Parameters
    ----------
    url : str
        The whole address, with its token: who has it may come in.
    port : int
        Where it listens.
    room : Room
        The study and who works on it.
    """

    url: str
    port: int
    room: Room


@contextmanager
def serving(
    live: LiveStudy,
    folder: Path,
    *,
    host: str = _HOME,
    port: int | None = None,
    password: str = "",
    frame_from: tuple[str, ...] = (),
) -> Iterator[tuple[Server, uvicorn.Server]]:
    """Make a server ready: its port is taken, its address known; nothing is answered yet.

    Parameters
    ----------
    live : LiveStudy
        The study.
    folder : Path
        Where changes are kept and exports are written.
    host : str
        Address of this machine to listen on; another one than the loopback needs a password.
    port : int, optional
        8765 when left out, or any that is free.
    password : str
        At least 8 characters.
    frame_from : tuple of str
        Origins whose pages may show the page inside.

    Raises
    ------
    StudyError
        The host needs a password, the password is too short, or the port is taken.
    """
    _require_safe(host, password)
    with _listening(host, port) as sock:
        at = sock.getsockname()[1]
        named = f"[{host}]" if ":" in host else host
        hosts = tuple(dict.fromkeys([*LOOPBACK, *([] if _is_any(host) else [named]), *_own_names(host)]))
        keys = Keys(secrets.token_urlsafe(24), hosts, at, password, frame_from)
        room = Room(live, Desk(folder, live.study.study.name, live.study.folder))
        config = uvicorn.Config(
            make_app(room, keys),
            log_level="error",
            access_log=False,
            lifespan="off",
            server_header=False,
            date_header=False,
            http=ImpatientHttp,
            ws=ImpatientWebSocket,
            ws_max_size=MOST_BYTES,
            ws_per_message_deflate=False,
            h11_max_incomplete_event_size=MOST_BYTES,
            limit_concurrency=200,
            timeout_keep_alive=20,
            timeout_graceful_shutdown=2,
        )
        shown = "localhost" if _is_any(host) else named
        yield Server(f"http://{shown}:{at}/{keys.token}/", at, room), _Quiet(config, sock, room)


class _QuickTurns:
    """Threads that take turns sooner, as long as any server of this process runs."""

    def __init__(self) -> None:
        self._lock, self._n_running, self._before_s = threading.Lock(), 0, 0.0

    @contextmanager
    def taken(self) -> Iterator[None]:
        with self._lock:
            if not self._n_running:
                self._before_s = sys.getswitchinterval()
                sys.setswitchinterval(_SWITCH_S)
            self._n_running += 1
        try:
            yield
        finally:
            with self._lock:
                self._n_running -= 1
                if not self._n_running:
                    sys.setswitchinterval(self._before_s)


_quick_turns: Final = _QuickTurns()


class _Quiet(uvicorn.Server):
    """A server on a socket that was opened before; signals are left to the command."""

    def __init__(self, config: uvicorn.Config, sock: socket.socket, room: Room) -> None:
        super().__init__(config)
        self._sock, self._room = sock, room

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        with _quick_turns.taken():
            warming(self._room)
            super().run(sockets or [self._sock])

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def serve_study(
    live: LiveStudy,
    folder: Path,
    *,
    tell: Callable[[str], None],
    is_opened: bool = True,
    **where: Any,
) -> None:
    """Serve a study until the command is stopped.

    Parameters
    ----------
    live, folder
        As for :func:`serving`.
    tell : callable
        Told the address.
    is_opened : bool
        Whether a browser is opened.
    **where
        ``host``, ``port`` and ``password`` of :func:`serving`.
    """
    with serving(live, folder, **where) as (server, uvicorn_server):
        tell(server.url)
        if is_opened:
            threading.Timer(0.5, _open, [server.url]).start()
        uvicorn_server.run()


def _open(url: str) -> None:
    with contextlib.suppress(webbrowser.Error):
        webbrowser.open(url)


def _require_safe(host: str, password: str) -> None:
    if password and len(password) < _LEAST_PASSWORD:
        raise StudyError(Message("serve.short_password", {"least": _LEAST_PASSWORD}))
    if not password and not _is_loopback(host):
        raise StudyError(Message("serve.needs_password", {"host": host}))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_any(host: str) -> bool:
    return host in ("0.0.0.0", "::", "")


def _own_names(host: str) -> list[str]:
    """Give the names that others on the network may ask for where all addresses of the machine are open."""
    if not _is_any(host):
        return []
    name = socket.gethostname()
    with contextlib.suppress(OSError):
        return [name, *socket.gethostbyname_ex(name)[2]]
    return [name]


@contextmanager
def _listening(host: str, port: int | None) -> Iterator[socket.socket]:
    """Take a port; the first one when none is asked for, or any that is free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with contextlib.closing(socket.socket(family, socket.SOCK_STREAM)) as sock:
        if os.name == "posix":  # a port that was served a moment ago is free; elsewhere this lets others in
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        for wanted in [FIRST_PORT, 0] if port is None else [port]:
            try:
                sock.bind((host, wanted))
                sock.listen(128)  # who comes before the server answers waits a moment
                break
            except OSError as error:
                failure = error
        else:
            why = failure.strerror or str(failure)
            raise StudyError(Message("serve.no_port", {"host": host, "port": port or 0, "why": why}))
        yield sock
