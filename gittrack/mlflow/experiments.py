"""The experiments of a repository, as MLflow sees them."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gittrack.core.files import locked
from gittrack.core.times import now_ms
from gittrack.mlflow import experiment_files as files
from gittrack.mlflow.failures import bad_request, exists, invalid, missing
from gittrack.store.commit import branch
from gittrack.store.commit.pending import Changes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gittrack.mlflow.experiment_files import Known
    from gittrack.store.runs import RunStore

_DEFAULT_NAME = "Default"


class Experiments:
    """Experiments by id: those that MLflow made, and those that runs belong to.

    Args:
        store: of the runs.
    """

    def __init__(self, store: RunStore) -> None:
        self._store = store
        self._lock = threading.RLock()
        self._tip: str | None = None
        self._tree: str | None = None
        self._written: dict[str, Known] = {}
        self._default = str(store.config.get("experiment"))
        self._begun = now_ms()

    def all(self) -> dict[str, Known]:
        """Id to experiment."""
        found = dict(self._read())
        known = {one.key for one in found.values()}
        for key, (first, last) in self._of_runs().items():
            if key not in known:
                one = self._unwritten(key, first, last)
                found[one.id] = one
        if files.DEFAULT_ID not in found:
            one = self._unwritten(self._default, self._begun, self._begun)
            found[one.id] = one
        return found

    def get(self, experiment_id: object) -> Known:
        """The experiment of an id.

        Raises:
            MlflowException: it is no number, or there is none.
        """
        wanted = str(parse_id(experiment_id))
        with self._lock:
            known = self._read().get(wanted) or self.all().get(wanted)
        if known is None:
            msg = f"No Experiment with id={wanted} exists"
            raise missing(msg)
        return known

    def location(self, experiment_id: str) -> str | None:
        """Where the artifacts of an experiment go that said so, None for any other; asks no runs."""
        known = self._read().get(experiment_id)
        return None if known is None else known.location

    def by_name(self, name: str) -> Known | None:
        """The experiment of a name, deleted ones too."""
        return next((one for one in self.all().values() if one.name == name), None)

    def id_of_key(self, key: str) -> str:
        """The id of the experiment that a run of ours belongs to."""
        return files.DEFAULT_ID if key == self._default else files.id_of(key)

    # ---- changing

    def create(self, name: str, location: str | None, tags: Mapping[str, str]) -> str:
        """Make an experiment; its id.

        Raises:
            MlflowException: there is one of that name.
        """
        with self._turn():
            known = self.all()
            if any(one.name == name for one in known.values()):
                msg = f"Experiment(name={name}) already exists."
                raise exists(msg)
            key = self._free_key(name, known)
            experiment_id = self.id_of_key(key)
            body = {"event": "create", "key": key, "name": name, "tags": dict(tags)}
            self._write(experiment_id, (), body | ({"location": location} if location else {}))
        return experiment_id

    def rename(self, one: Known, name: str) -> None:
        """Give an experiment another name.

        Raises:
            MlflowException: another one has it.
        """
        with self._turn():
            if any(other.name == name and other.id != one.id for other in self.all().values()):
                msg = f"Experiment(name={name}) already exists."
                raise bad_request(msg)
            self._change(one, {"event": "rename", "name": name})

    def tag(self, one: Known, tags: Mapping[str, str | None]) -> None:
        """Set tags; None removes one."""
        with self._turn():
            self._change(one, {"event": "tag", "tags": dict(tags)})

    def delete(self, one: Known) -> None:
        """Hide an experiment."""
        with self._turn():
            self._change(one, {"event": "delete"})

    def restore(self, one: Known) -> None:
        """Show it again."""
        with self._turn():
            self._change(one, {"event": "restore"})

    # ---- reading and writing

    def _turn(self) -> Any:  # noqa: ANN401  a context manager
        return locked(self._store.git.directory / "mlflow.lock")

    def _change(self, one: Known, body: dict[str, Any]) -> None:
        events = self.get(one.id).events
        if not events:  # only its runs spoke of it so far
            start = {"event": "create", "key": one.key, "name": one.name, "time": one.created}
            events = (self._write(one.id, (), start),)
        self._write(one.id, events, body)

    def _write(self, experiment_id: str, known: tuple[str, ...], body: dict[str, Any]) -> str:
        path, content = files.event_file(experiment_id, known, {"time": now_ms(), **body})
        message = f"gittrack: {body['event']} experiment {body.get('name') or experiment_id}"
        branch.submit(self._store.git, Changes(message, {path: content}))
        return path.rpartition("/")[2].removesuffix(".json")

    def _free_key(self, name: str, known: Mapping[str, Known]) -> str:
        taken = {one.key for one in known.values()} | {self._default}
        key, number = name, 2
        while key in taken:
            key, number = f"{name}~{number}", number + 1
        return key

    def _unwritten(self, key: str, first: int, last: int) -> Known:
        name = _DEFAULT_NAME if key == self._default else key
        return files.Known(self.id_of_key(key), key, name, created=first, updated=last)

    def _of_runs(self) -> dict[str, tuple[int, int]]:
        """Key of each experiment that has a run to the times of its first and last one."""
        self._store.index.refresh()
        sql = (
            "SELECT experiment, min(start_time), max(coalesce(end_time, start_time)) FROM run"
            " GROUP BY experiment"
        )
        found = {key: (first, last) for key, first, last in self._store.index.query(sql)}
        for run in self._store.live():
            first, last = found.get(run.experiment, (run.start_time, run.start_time))
            found[run.experiment] = min(first, run.start_time), max(last, run.start_time)
        return found

    def _read(self) -> dict[str, Known]:
        git = self._store.git
        with self._lock:
            tip = branch.tip(git)
            if tip != self._tip:
                tree = git.resolve(f"{tip}:{files.ROOT}") if tip else None
                if tree != self._tree:
                    self._written, self._tree = self._folded(tree), tree
                self._tip = tip
            return self._written

    def _folded(self, tree: str | None) -> dict[str, Known]:
        if tree is None:
            return {}
        git = self._store.git
        entries = [one for one in git.tree(tree) if one.mode == "100644" and one.path.endswith(".json")]
        folders: dict[str, dict[str, bytes]] = {}
        for entry, (_, data) in zip(entries, git.read_many(one.oid for one in entries), strict=True):
            folder, slash, name = entry.path.partition("/")
            if slash and data is not None and len(data) <= files.LARGEST_FILE and folder.isdigit():
                folders.setdefault(folder, {})[name.removesuffix(".json")] = data
        known = ((name, files.fold(name, part)) for name, part in folders.items())
        return {name: self._named(one) for name, one in known if one is not None}

    def _named(self, one: Known) -> Known:
        return replace(one, name=_DEFAULT_NAME) if one.key == self._default == one.name else one


def parse_id(experiment_id: object) -> int:
    """An experiment's id as a number, 0 for none.

    Raises:
        MlflowException: it is no number.
    """
    try:
        return int(str(experiment_id or files.DEFAULT_ID))
    except (ValueError, TypeError) as error:
        msg = f"Invalid experiment ID '{experiment_id}'. Experiment ID must be a valid integer."
        raise invalid(msg) from error
