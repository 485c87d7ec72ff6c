"""The addresses of the server as OpenAPI describes them; the WebSocket is described in docs/serve.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from geo.outputs import product_version
from geo.words import LANGS

__all__ = ["describe_protocol"]

_NUMBER: Final = {"type": "number"}
_MAYBE: Final = {"type": ["number", "null"]}
_TEXT: Final = {"type": "string"}
_WHOLE: Final = {"type": "integer", "minimum": 0}


def describe_protocol() -> dict[str, Any]:
    """Give the description: every address below the key, what it answers, and how it refuses."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "geo serve",
            "version": product_version(),
            "description": "The live page of a study. Addresses stand below the key that `geo serve` prints.",
        },
        "paths": {
            "/": _get("The page.", "text/html", _TEXT),
            "/study.json": _get("The study, its stations and its figures today.", "application/json", _STUDY),
            "/words.json": _get("Words of the page, by language.", "application/json", _WORDS),
            "/openapi.json": _get("This description.", "application/json", {"type": "object"}),
            "/map.bin": _get("Roads, people, towns and water as one frame.", _BYTES, _BINARY),
            "/files/{path}": _get(
                "A file that was exported since the server began.",
                _BYTES,
                _BINARY,
                parameters=[
                    {"name": "path", "in": "path", "required": True, "schema": _TEXT},
                ],
            ),
        },
    }


_BYTES: Final = "application/octet-stream"
_BINARY: Final = {"type": "string", "format": "binary"}
_REFUSALS: Final = {
    "401": "A password is needed.",
    "403": "Another page asks.",
    "404": "Nothing is there.",
    "405": "Only GET and HEAD are answered.",
    "413": "No request has a body.",
    "421": "Another host was asked for.",
    "429": "Too many requests, or too many wrong passwords.",
}


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(item: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": dict(item)}


_STUDY: Final = _object(
    {
        "study": _object(
            {
                "name": _TEXT,
                "lang": {"enum": list(LANGS)},
                "synthetic": {"type": "boolean"},
                "people": _NUMBER,
                "n_points": _WHOLE,
                "bands_s": _list(_NUMBER),
                "limit_s": _NUMBER,
                "standard": _TEXT,
                "turnout_s": _NUMBER,
                "least_limit_s": _NUMBER,
                "most_people": _NUMBER,
                "station_classes": _list(_TEXT),
            }
        ),
        "today": _object(
            {
                "covered_people": _NUMBER,
                "share_covered": _MAYBE,
                "two_people": _NUMBER,
                "unreachable_people": _NUMBER,
                "mean_s": _MAYBE,
                "p90_s": _MAYBE,
                "worst_s": _MAYBE,
                "gain_people": _NUMBER,
                "lose_people": _NUMBER,
                "served_people": _list(_NUMBER),
                "zone_people": _list(_list(_NUMBER)),
                "order": _list(_TEXT),
            }
        ),
        "zones": _list(_TEXT),
        "stations": _list(
            {
                "type": "object",
                "properties": {
                    "id": _TEXT,
                    "name": {"type": ["string", "null"]},
                    "x": _NUMBER,
                    "y": _NUMBER,
                    "status": _TEXT,
                    "answers": {"type": "boolean"},
                    "station_class": {"type": ["string", "null"]},
                    "turnout_s": _MAYBE,
                },
                "required": ["id", "name", "x", "y", "status", "answers", "station_class", "turnout_s"],
            }
        ),
        "scenarios": _list(_TEXT),
    }
)
_WORDS: Final = {
    "type": "object",
    "propertyNames": {"enum": list(LANGS)},
    "additionalProperties": {"type": "object", "additionalProperties": _TEXT},
}


def _get(
    summary: str, media: str, schema: Mapping[str, Any], *, parameters: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    refusals = {
        status: {"description": why, "content": {"text/plain": {"schema": _TEXT}}}
        for status, why in _REFUSALS.items()
    }
    answered = {"description": summary, "content": {media: {"schema": dict(schema)}}}
    operation = {"summary": summary, "responses": {"200": answered, **refusals}}
    return {"get": operation | ({"parameters": parameters} if parameters else {})}
