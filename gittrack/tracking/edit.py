"""Later changes of runs, as people make them: checked, freed of secrets, recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.core.errors import InvalidValue
from gittrack.core.events import Deleted, Noted, Renamed, Restored, TagsSet
from gittrack.store.registry.read import used_by_models
from gittrack.tracking import values

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gittrack.store.runs import RunStore


def tag(
    store: RunStore, run_ids: Sequence[str], tags: Mapping[str, object], remove: Iterable[str] = ()
) -> None:
    """Set and remove tags of runs.

    Args:
        store: where the runs are.
        run_ids: which.
        tags: name to value.
        remove: names of tags to take away.

    Raises:
        RunNotFound: one of the runs does not exist; nothing is changed then.
        InvalidValue: a key or value cannot be taken.
    """
    redactor = store.redactor
    given = {key: str(redactor.value(key, text)) for key, text in values.check_tags(tags).items()}
    removed = dict.fromkeys((values.check_key(key, "tag") for key in remove), None)
    store.edit(run_ids, [TagsSet({**removed, **given})])


def note(store: RunStore, run_ids: Sequence[str], text: str) -> None:
    """Replace the note of runs; an empty text takes it away.

    Raises:
        RunNotFound: one of the runs does not exist; nothing is changed then.
        InvalidValue: the text is too long.
    """
    store.edit(run_ids, [Noted(store.redactor.text(values.check_note(text)))])


def rename(store: RunStore, run_id: str, name: str) -> None:
    """Give a run another name.

    Raises:
        RunNotFound: there is no such run.
        InvalidValue: the name cannot be taken.
    """
    store.edit([run_id], [Renamed(store.redactor.text(values.check_name(name)))])


def hide(store: RunStore, run_ids: Sequence[str], *, force: bool = False) -> None:
    """Take runs out of sight; :func:`restore` shows them again.

    Args:
        store: where the runs are.
        run_ids: which.
        force: also those that a registered model is of; it can be loaded all the same.

    Raises:
        RunNotFound: one of the runs does not exist; nothing is changed then.
        InvalidValue: one of them is still running, or a registered model is of it.
    """
    named = {} if force else used_by_models(store.git)
    for run_id in run_ids:
        if versions := named.get(run_id):
            msg = f"run {run_id} made a registered model: {', '.join(versions[:3])}"
            raise InvalidValue(msg, hint="`gittrack rm --force` hides it all the same; the model stays")
    store.edit(run_ids, [Deleted()])


def restore(store: RunStore, run_ids: Sequence[str]) -> None:
    """Show hidden runs again.

    Raises:
        RunNotFound: one of the runs does not exist; nothing is changed then.
    """
    store.edit(run_ids, [Restored()])
