"""Dask: one task of a running scheduler a run, which starts the job as a process beside its worker.

The task is kept by the scheduler as a published data set, so that it outlives its submitter:
https://distributed.dask.org/en/stable/publish.html. Where a worker is lost, Dask runs the task again.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from gittrack.launch.backends import dask_task
from gittrack.launch.backends.base import (
    EngineError,
    EngineUnreachable,
    Handle,
    Option,
    Rejected,
    State,
    Ticket,
)
from gittrack.launch.backends.job_files import INLINE, LOG, inline, words
from gittrack.launch.backends.tail import tail

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TIMEOUT = 10.0  # seconds to reach a scheduler
_HERE = frozenset({"127.0.0.1", "localhost", "::1", None})
_WAITING = frozenset({"released", "waiting", "queued"})
_clients: dict[str, Any] = {}  # a distributed.Client has no types
_ADDRESS = re.compile(r"[a-z]+://[\w.\-\[\]:]+:\d+", re.ASCII)


class Dask:
    """Tasks of a Dask scheduler."""

    NAME: ClassVar[str] = "dask"
    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("address", "text", "of the scheduler: tcp://127.0.0.1:8786"),
        Option("scheduler_file", "text", "a file in which the scheduler says where it is"),
        Option("resources", "mapping", "what a worker must have, name to amount: {GPU: 1}"),
        Option("workers", "list", "names or addresses of the workers to use"),
        Option("priority", "int", "tasks of a higher one go first"),
        Option("environment", "mapping", "environment variables for the job"),
        Option("python", "text", "Python with gittrack in it; this one where files are shared, else python3"),
        Option("shared", "bool", "whether workers see this file system; they are asked when not given"),
    )

    def __init__(self, options: Mapping[str, Any]) -> None:
        if find_spec("distributed") is None:
            msg = "Dask is not installed"
            raise EngineError(msg, hint="pip install 'gittrack[dask]'")
        self._options = dict(options)

    def shares(self, nonce: str) -> bool:
        """What was said of it, else what the workers see."""
        if "shared" in self._options:
            return bool(self._options["shared"])
        if nonce:
            with _answering(self._address()) as client:
                seen = client.run(os.path.exists, nonce)
            if seen:
                return all(seen.values())
        with suppress(EngineError):
            return urlsplit(self._address()).hostname in _HERE
        return True

    def submit(self, ticket: Ticket) -> Handle:
        """Submit the task.

        Raises:
            Rejected: Dask refuses it.
        """
        address = self._address()
        request = self._request(ticket)
        told = {name: self._options.get(name) for name in ("resources", "workers", "priority")}
        with _answering(address) as client:
            try:
                future = client.submit(
                    dask_task.task,
                    *request["args"],
                    key=request["key"],
                    pure=False,
                    **{name: value for name, value in told.items() if value is not None},
                )
                client.publish_dataset(future, name=request["key"])
            except (TypeError, ValueError, KeyError) as error:
                msg = f"Dask refuses the job: {error}"
                raise Rejected(msg) from error
        log = ticket.folder if ticket.shared else None
        return {"id": request["key"], "run": ticket.run_id, "address": address, "folder": log}

    def status(self, handle: Handle) -> State:
        """What the scheduler says."""
        key = handle["id"]
        with _answering(handle["address"]) as client:
            found = client.run_on_scheduler(dask_task.look, key)
            if found is None:
                return State("lost", None, "Dask does not know the job any more")
            state, _, error = found
            if state == "no-worker":
                return State("queued", None, "no worker takes it")
            if state in _WAITING:
                return State("queued")
            if state == "memory":
                code = int(client.get_dataset(key).result(timeout=_TIMEOUT))
                client.unpublish_dataset(key)
                return State("failed" if code else "finished", code if code >= 0 else None)
            if state == "erred":
                client.unpublish_dataset(key)
                return State("lost" if "KilledWorker" in error else "failed", None, error[:500])
        return State("running")

    def cancel(self, handle: Handle) -> None:
        """Take the task back, or end its process."""
        key = handle["id"]
        with _answering(handle["address"]) as client:
            found = client.run_on_scheduler(dask_task.look, key)
            if found is not None and found[1] is not None:
                client.run(dask_task.stop, handle["run"], workers=[found[1]])
            elif found is not None and found[0] in {*_WAITING, "no-worker"}:
                client.get_dataset(key).cancel(force=True)
                client.unpublish_dataset(key)

    def logs(self, handle: Handle) -> Iterator[str]:
        """What the job prints."""
        if handle["folder"] is not None:
            yield from tail(Path(handle["folder"]) / LOG)
        seen = 0
        while True:
            with _answering(handle["address"]) as client:
                events = client.get_events(f"gittrack-{handle['run']}")
            yield "".join(text for _, text in events[seen:])
            seen = len(events)

    def preview(self, ticket: Ticket) -> str:
        """The task, as JSON."""
        return json.dumps(self._request(ticket), indent=2) + "\n"

    def _request(self, ticket: Ticket) -> dict[str, Any]:
        variables = {**ticket.variables, **self._options.get("environment", {})}
        if not ticket.shared:
            variables[INLINE] = inline(ticket)
        log = str(Path(ticket.folder) / LOG) if ticket.shared else None
        texts = {key: str(value) for key, value in variables.items()}
        return {"key": f"gittrack-{ticket.run_id}", "args": [words(ticket), texts, log, ticket.run_id]}

    def _address(self) -> str:
        """Where the scheduler is.

        Raises:
            EngineError: nobody says so; Dask would start one that ends with this process.
        """
        import dask

        path = self._options.get("scheduler_file")
        if path is not None:
            with suppress(OSError, ValueError, KeyError):
                return str(json.loads(Path(path).read_text())["address"])
            msg = f"{path} does not say where the scheduler is"
            raise EngineUnreachable(msg, hint="`dask scheduler --scheduler-file FILE` writes it")
        found = self._options.get("address") or dask.config.get("scheduler-address", None)
        if not found:
            msg = "which Dask scheduler is not said"
            raise EngineError(msg, hint="set `address` of backend dask, or DASK_SCHEDULER_ADDRESS")
        address = str(found) if "://" in str(found) else f"tcp://{found}"
        if not _ADDRESS.fullmatch(address):
            msg = f"not the address of a Dask scheduler: {address[:80]!r}"
            raise EngineError(msg, hint="write it like tcp://127.0.0.1:8786")
        return address


@contextmanager
def _answering(address: str) -> Iterator[Any]:
    """A client of a scheduler that answers; one a process, as making one takes a while.

    Raises:
        EngineUnreachable: it does not.
    """
    import cloudpickle
    import distributed

    cloudpickle.register_pickle_by_value(dask_task)
    client = _clients.get(address)
    try:
        if client is None or client.status != "running":
            make: Any = distributed.Client
            client = _clients[address] = make(
                address, timeout=_TIMEOUT, name="gittrack", set_as_default=False
            )
        yield client
    except OSError as error:  # and what Dask derives from it: TimeoutError, CommClosedError
        _clients.pop(address, None)
        msg = f"no Dask scheduler answers at {address}"
        raise EngineUnreachable(
            msg, hint="`dask scheduler` starts one; see `address` of backend dask"
        ) from error


def close() -> None:
    """Close the clients that were opened."""
    while _clients:
        _clients.popitem()[1].close()
