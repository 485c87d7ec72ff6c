"""Who may come in: a token in the address, own hosts and origins only, a password beyond this machine."""

from __future__ import annotations

import base64
import binascii
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["LOOPBACK", "NOTEBOOKS", "Doors", "Keys", "Rate", "guarded"]

LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")
NOTEBOOKS: Final = ("http://127.0.0.1:*", "http://localhost:*")
"""Where notebooks of this machine come from."""
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors {frames}"
)
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
    "Cache-Control": "no-store",
}
_REFUSED: Final = 1008
_TOLD_WITH: Final = {401: {"WWW-Authenticate": 'Basic realm="geo serve"'}, 405: {"Allow": "GET, HEAD"}}
"""Headers that a refusal needs."""


@dataclass(frozen=True)
class Keys:
    """What opens the doors.

    Parameters
    ----------
    token : str
        First part of every path.
    hosts : tuple of str
        What a browser may have asked for, without the port: a page of another host that was pointed at this
        machine asks for its own.
    port : int
        Of the server.
    password : str
        Asked for where others on the network may come in; ``""`` asks for none.
    frame_from : tuple of str
        Origins whose pages may show this one inside; none by default.
    """

    token: str = field(repr=False)
    hosts: tuple[str, ...]
    port: int
    password: str = field(default="", repr=False)
    frame_from: tuple[str, ...] = ()

    @property
    def headers(self) -> dict[str, str]:
        """What every answer says of itself."""
        policy = _POLICY.format(frames=" ".join(self.frame_from) or "'none'")
        frame = {} if self.frame_from else {"X-Frame-Options": "DENY"}  # it knows one origin at most
        return {**_HEADERS, "Content-Security-Policy": policy, **frame}

    def fits_host(self, host: str) -> bool:
        """Say whether a ``Host`` header names this server."""
        return host in self._names()

    def fits_origin(self, origin: str | None) -> bool:
        """Say whether a page of this server asks; a script that is no page has no origin."""
        return origin is None or origin in {f"http://{name}" for name in self._names()}

    def fits_token(self, path: str) -> bool:
        """Say whether a path begins with the token."""
        first = path.removeprefix("/").partition("/")[0]
        return secrets.compare_digest(first.encode(), self.token.encode())

    def fits_password(self, authorization: str) -> bool:
        """Say whether a header of basic authentication holds the password, whoever the user."""
        if not self.password:
            return True
        scheme, _, coded = authorization.partition(" ")
        try:
            text = base64.b64decode(coded, validate=True)
        except (binascii.Error, ValueError):
            return False
        given = text.partition(b":")[2]
        return scheme.casefold() == "basic" and secrets.compare_digest(given, self.password.encode())

    def _names(self) -> set[str]:
        return {f"{host}:{self.port}" for host in self.hosts} | (
            set(self.hosts) if self.port == 80 else set()
        )


class Rate:
    """So many a second, and more at once after a rest.

    Parameters
    ----------
    per_s, most : float
        How fast room grows, and how much there is at most.

    Examples
    --------
    >>> rate = Rate(per_s=1, most=2)
    >>> rate.take(now=0.0), rate.take(now=0.0), rate.take(now=0.0), rate.take(now=1.0)
    (True, True, False, True)
    """

    def __init__(self, *, per_s: float, most: float) -> None:
        self._per_s, self._most, self._room = per_s, most, most
        self._at: float | None = None

    def take(self, *, now: float | None = None) -> bool:
        """Say whether there is room for one more, and take it."""
        at = time.monotonic() if now is None else now
        rested_s = 0.0 if self._at is None else at - self._at
        self._room, self._at = min(self._most, self._room + rested_s * self._per_s), at
        is_free = self._room >= 1.0
        self._room -= float(is_free)
        return is_free


class Doors:
    """Let in who has the keys, and give every answer the headers that keep a page to itself.

    Parameters
    ----------
    app : ASGI application
        Behind the doors.
    keys : Keys
        What opens them.
    """

    def __init__(self, app: ASGIApp, keys: Keys) -> None:
        self._app, self._keys = app, keys
        # Apart: whoever knocks without the keys, such as a page of the web, keeps no planner out.
        self._requests, self._strangers = (Rate(per_s=100, most=400) for _ in range(2))
        self._wrong = Rate(per_s=0.5, most=10)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        status, why = self._refusal(scope)
        if not status:
            await self._app(scope, receive, guarded(send, self._keys.headers))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _REFUSED, "reason": why})
        else:
            headers = _TOLD_WITH.get(status)
            answer = PlainTextResponse(why + "\n", status, headers)
            await answer(scope, receive, guarded(send, self._keys.headers))

    def _refusal(self, scope: Scope) -> tuple[int, str]:
        """Give the status of a refusal and its reason; 0 where the door opens."""
        status, why = self._wrong_key(scope)
        if not (self._strangers if status else self._requests).take():
            return 429, "too many requests"
        return status, why

    def _wrong_key(self, scope: Scope) -> tuple[int, str]:
        headers, keys = Headers(scope=scope), self._keys
        if not keys.fits_host(headers.get("host", "")):
            return 421, "this is not the host that was asked for"
        if not keys.fits_origin(headers.get("origin")):
            return 403, "other pages may not ask"
        if not keys.fits_token(scope["path"]):
            return 404, "nothing here: open the whole address that geo serve printed"
        if not keys.fits_password(headers.get("authorization", "")):
            is_patient = "authorization" not in headers or self._wrong.take()
            return (401, "a password is needed") if is_patient else (429, "too many wrong passwords")
        if scope["type"] == "http" and scope["method"] not in ("GET", "HEAD"):
            return 405, "only GET"
        if headers.get("content-length", "0") != "0" or "transfer-encoding" in headers:
            return 413, "no request has a body"
        return 0, ""


def guarded(send: Send, of_all: Mapping[str, str]) -> Send:
    """Give a way to send that adds headers to every answer."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers: Any = MutableHeaders(scope=message)
            for name, value in of_all.items():
                headers[name] = value
        await send(message)

    return send_with_headers
