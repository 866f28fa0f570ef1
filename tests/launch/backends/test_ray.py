from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from gittrack.core.errors import UsageError
from gittrack.launch.backends.base import EngineUnreachable, Rejected, Ticket
from gittrack.launch.backends.ray import Ray
from gittrack.query.select import resolve
from tests.launch.backends.conftest import place
from tests.support.servers.base import HOST, free_port

pytest.importorskip("ray")

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.engines import Engines

TICKET = Ticket("20261124-034313-abcdefgh", {"kind": "project"}, "/r", "/r x/1", "n", ("/usr/bin/python3",))


def request(options: dict[str, Any], ticket: Ticket = TICKET) -> dict[str, Any]:
    """What Ray would be sent."""
    found: dict[str, Any] = json.loads(Ray(options).preview(ticket))
    return found


def test_request() -> None:
    """The request has the run's id, its command quoted for a shell, resources and environment."""
    told = {"num_gpus": 0.5, "memory": 10, "resources": {"a": 1}, "pip": ["x"], "environment": {"A": 1}}
    found = request(told)
    assert found["submission_id"] == TICKET.run_id
    assert found["entrypoint"] == "exec /usr/bin/python3 -m gittrack exec '/r x/1/ticket.json'"
    assert (found["entrypoint_num_gpus"], found["entrypoint_memory"]) == (0.5, 10)
    assert found["entrypoint_resources"] == {"a": 1}
    assert found["runtime_env"] == {"env_vars": {"A": "1"}, "pip": ["x"]}


@pytest.mark.parametrize(
    ("options", "shared"),
    [
        ({}, True),
        ({"address": "http://127.0.0.1:8265"}, True),
        ({"address": "localhost:8265"}, True),
        ({"address": "https://ray.example.org"}, False),
        ({"address": "https://ray.example.org", "shared": True}, True),
        ({"shared": False}, False),
    ],
)
def test_shares(options: dict[str, Any], shared: bool) -> None:  # noqa: FBT001  the expected answer
    """A cluster on this machine shares its files, another one where that is said."""
    assert Ray(options).shares("") is shared


@pytest.mark.parametrize("address", ["os://x", "ray://127.0.0.1:1", "http://a b", "http://a?x=1"])
def test_address(address: str) -> None:
    """Only HTTP addresses: Ray would import a module that another scheme names."""
    with pytest.raises(UsageError, match="not the address of a Ray dashboard"):
        Ray({"address": address})


def test_unreachable() -> None:
    """A cluster that is not there does not answer; the hint says how to start one."""
    address = f"http://{HOST}:{free_port()}"
    with pytest.raises(EngineUnreachable, match=f"Ray does not answer at {address}") as caught:
        Ray({"address": address}).status({"id": "x", "address": address})
    assert "ray start --head" in str(caught.value.hint)


def test_odd_answers(project: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that Ray refuses is a failed run; a job that it does not know is lost; no job has no log."""
    refused = place("ray", project, engines, monkeypatch, pip=[3])
    with pytest.raises(Rejected, match="Ray refuses the job"):
        refused.submit()
    assert resolve(refused.store, "@last").status == "failed"
    handle = {"id": "gone", "address": None}
    assert refused.engine.backend.status(handle).phase == "lost"
    assert next(refused.engine.backend.logs(handle)) == ""


def test_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Ray the hint says what to install."""
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(Exception, match="Ray is not installed"):
        Ray({})
