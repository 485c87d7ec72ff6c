"""The addresses answer as OpenAPI describes them, whatever is asked: schemathesis makes the questions."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.serve.access_control import Rate
from geo.serve.live_study import LiveStudy
from geo.serve.protocol import describe_protocol
from geo.serve.start import Server
from tests.serve.conftest import Serve
from tests.serve.test_server import get

pytestmark = pytest.mark.study
PATHS = tuple(describe_protocol()["paths"])
MODES = ("POSITIVE", "NEGATIVE")


@pytest.fixture
def server(town: LiveStudy, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setattr(Rate, "take", lambda rate, **now: True)  # how many are asked is not asked here
    return serve(town)


@pytest.mark.parametrize("path", PATHS)
def test_every_address_answers_as_it_is_described(server: Server, path: str) -> None:
    """Answers are of a status, type and form that the description names."""
    schemathesis = pytest.importorskip(
        "schemathesis", reason="schemathesis is not installed: pip install 'emergency-geo[protocol]'"
    )
    operation = schemathesis.openapi.from_dict(describe_protocol())[path]["GET"]

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def ask(data: st.DataObject) -> None:
        mode = schemathesis.GenerationMode[data.draw(st.sampled_from(MODES))]
        case = data.draw(operation.as_strategy(generation_mode=mode))
        case.call_and_validate(base_url=server.url.rstrip("/"))

    ask()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_refused_as_it_is_described(server: Server, method: str) -> None:
    for path in ("", "study.json", "files/study-1.toml"):
        answer = get(server, path, method=method)
        assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_the_description_is_served_and_names_every_address(server: Server) -> None:
    told = get(server, "openapi.json")
    assert json.loads(told.body) == describe_protocol()
    for path in describe_protocol()["paths"]:
        if "{" not in path:
            assert get(server, path.removeprefix("/")).status == 200, path


def test_the_study_is_told_for_scripts(server: Server) -> None:
    told = json.loads(get(server, "study.json").body)
    assert told["study"]["name"] == "Paper Town"
    assert told["today"]["covered_people"] == 1300.0
    assert [row["id"] for row in told["stations"] if row["answers"]] == told["today"]["order"] == ["A"]
