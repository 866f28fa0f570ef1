"""Ray: one job of its Jobs API a run, with the run id as submission id.

See https://docs.ray.io/en/latest/cluster/running-applications/job-submission/ (the Python SDK). A job lives
no longer than its cluster, and is not started again.
"""

from __future__ import annotations

import re
import shlex
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from gittrack.core.errors import UsageError
from gittrack.launch.backends.base import (
    EngineError,
    EngineUnreachable,
    Handle,
    Option,
    Phase,
    Rejected,
    State,
    Ticket,
)
from gittrack.launch.backends.job_files import INLINE, inline, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ray.job_submission import JobSubmissionClient

_PHASES: Mapping[str, Phase] = {
    "PENDING": "queued",
    "RUNNING": "running",
    "SUCCEEDED": "finished",
    "FAILED": "failed",
    "STOPPED": "cancelled",
}
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})
_ADDRESS = re.compile(r"(?:https?://)?(?:[\w.\-]+|\[[\da-fA-F:]+\])(?::\d+)?(?:/[\w.\-/]*)?", re.ASCII)
_PASSED = ("entrypoint_num_cpus", "entrypoint_num_gpus", "entrypoint_memory", "entrypoint_resources")


class Ray:
    """Jobs of a Ray cluster."""

    NAME: ClassVar[str] = "ray"
    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("address", "text", "of the dashboard: http://127.0.0.1:8265"),
        Option("num_cpus", "number", "processors to reserve for the job"),
        Option("num_gpus", "number", "GPUs to reserve for the job"),
        Option("memory", "int", "bytes of memory to reserve for the job"),
        Option("resources", "mapping", "other resources to reserve, name to amount"),
        Option("pip", "list", "packages for the Python of the job"),
        Option("environment", "mapping", "environment variables for the job"),
        Option("python", "text", "Python with gittrack in it; this one where files are shared, else python3"),
        Option("shared", "bool", "whether the cluster sees this file system; true for one on this machine"),
    )

    def __init__(self, options: Mapping[str, Any]) -> None:
        if find_spec("ray") is None:
            msg = "Ray is not installed"
            raise EngineError(msg, hint="pip install 'gittrack[ray]'")
        self._options = dict(options)
        address = self._options.get("address")
        if address is not None and not _ADDRESS.fullmatch(address):  # Ray would import what `x://` names
            msg = f"not the address of a Ray dashboard: {address[:80]!r}"
            raise UsageError(msg, hint="write it like http://127.0.0.1:8265")

    def shares(self, nonce: str) -> bool:  # noqa: ARG002  a job could look, and that is a job
        """What was said of it, else whether the cluster is on this machine."""
        said = self._options.get("shared")
        if said is not None:
            return bool(said)
        address = self._options.get("address") or "http://127.0.0.1"
        return urlsplit(address if "://" in address else f"//{address}").hostname in _HERE

    def submit(self, ticket: Ticket) -> Handle:
        """Submit the job.

        Raises:
            Rejected: Ray refuses it.
        """
        request = self._request(ticket)
        with _answering(self._options.get("address")) as client:
            try:
                name = client.submit_job(**request)
            except (RuntimeError, TypeError, ValueError) as error:
                msg = f"Ray refuses the job: {_first_line(error)}"
                raise Rejected(msg) from error
            return {"id": name, "address": client.get_address()}

    def status(self, handle: Handle) -> State:
        """What the cluster says."""
        with _answering(handle["address"]) as client:
            try:
                job = client.get_job_info(handle["id"])
            except RuntimeError as error:
                if "404" in str(error) or "does not exist" in str(error):
                    return State("lost", None, "Ray does not know the job any more")
                raise
            phase = _PHASES[str(job.status.value)]
            reason = (job.message or "") if phase == "failed" else ""
            return State(phase, job.driver_exit_code, "" if job.driver_exit_code else reason[:500])

    def cancel(self, handle: Handle) -> None:
        """Stop the job: it gets a signal, and is killed three seconds later."""
        with _answering(handle["address"]) as client:
            client.stop_job(handle["id"])

    def logs(self, handle: Handle) -> Iterator[str]:
        """What the job prints."""
        seen = 0
        while True:
            with _answering(handle["address"]) as client:
                try:
                    text = client.get_job_logs(handle["id"])
                except RuntimeError:  # it has not begun
                    text = ""
            yield text[seen:]
            seen = max(seen, len(text))

    def preview(self, ticket: Ticket) -> str:
        """The request, as JSON."""
        import json

        return json.dumps(self._request(ticket), indent=2) + "\n"

    def _request(self, ticket: Ticket) -> dict[str, Any]:
        told = self._options
        variables = {**ticket.variables, **told.get("environment", {})}
        if not ticket.shared:
            variables[INLINE] = inline(ticket)
        environment: dict[str, Any] = {"env_vars": {key: str(value) for key, value in variables.items()}}
        if "pip" in told:
            environment["pip"] = list(told["pip"])
        wanted = {name: told.get(name.removeprefix("entrypoint_")) for name in _PASSED}
        return {
            "entrypoint": f"exec {shlex.join(words(ticket))}",
            "submission_id": ticket.run_id,
            "runtime_env": {key: value for key, value in environment.items() if value},
            "metadata": {"gittrack.run": ticket.run_id, "gittrack.name": ticket.name},
            **{name: value for name, value in wanted.items() if value is not None},
        }


@contextmanager
def _answering(address: str | None) -> Iterator[JobSubmissionClient]:
    """A client of a cluster that answers.

    Raises:
        EngineUnreachable: it does not.
    """
    import logging

    import requests
    from ray.exceptions import AuthenticationError
    from ray.job_submission import JobSubmissionClient

    logging.getLogger("ray.dashboard.modules.dashboard_sdk").setLevel(logging.WARNING)
    try:
        yield JobSubmissionClient(address)
    except AuthenticationError as error:
        msg = f"Ray wants a token: {_first_line(error)}"
        raise EngineError(
            msg, hint="RAY_AUTH_MODE=token and RAY_AUTH_TOKEN, see Ray's documentation"
        ) from error
    except (ConnectionError, requests.exceptions.RequestException) as error:
        found = re.search(r"at address: (\S+?)\.?$", str(error))
        where = found[1] if found else address or "http://127.0.0.1:8265"
        msg = f"Ray does not answer at {where}"
        raise EngineUnreachable(msg, hint="`ray start --head`, or set `address` of backend ray") from error


def _first_line(error: Exception) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[0][:300] if lines else type(error).__name__
