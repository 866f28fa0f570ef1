"""`models:/…` → the version that it names; the one place where that is decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.store.registry.names import parse
from gittrack.store.registry.read import ModelNotFound, known

if TYPE_CHECKING:
    from gittrack.store.registry.names import Wanted
    from gittrack.store.registry.records import Model, Version
    from gittrack.store.runs import RunStore


def version_of(store: RunStore, text: str) -> Version:
    """The version that a text names.

    Args:
        store: of the runs.
        text: `models:/NAME/VERSION`, `models:/NAME@ALIAS`, `models:/NAME/latest`, the same without
            `models:/`, or `NAME` alone for the latest.

    Raises:
        InvalidValue: it names none.
        ModelNotFound: there is no such model, version or alias.
    """
    wanted = parse(text)
    try:
        return pick(known(store, wanted.name), wanted)
    except ModelNotFound as error:
        raise _of_gto(store, wanted) or error from error


def _of_gto(store: RunStore, wanted: Wanted) -> ModelNotFound | None:
    """The error for what only a tag of GTO's names; None where none does."""
    from gittrack.store.registry.gto import asked  # an error is rare

    found = asked(store.code or store.git, wanted)
    if found is None:
        return None
    short = found.commit[:10]
    msg = f"{found.name}@{found.version} is a tag of GTO at commit {short}: it names no run"
    return ModelNotFound(
        msg, hint=f"`gittrack model register runs:/@{short} {found.name}` registers one of it"
    )


def pick(model: Model, wanted: Wanted) -> Version:
    """The version of a model that is asked for.

    Raises:
        ModelNotFound: there is none.
    """
    if wanted.alias is not None:
        number = model.aliases.get(wanted.alias)
    elif wanted.version is None:
        number = model.versions[-1].number if model.versions else None
    else:
        number = wanted.version if isinstance(wanted.version, int) else None
    found = None if number is None else model.version(number)
    if found is not None:
        return found
    what = f"alias {wanted.alias!r}" if wanted.alias else f"version {wanted.version or 'yet'}"
    msg = f"model {model.name} has no {what}"
    raise ModelNotFound(msg, hint=_has(model, aliases=wanted.alias is not None))


def _has(model: Model, *, aliases: bool) -> str:
    if aliases and model.aliases:
        return f"it has {', '.join(model.aliases)}"
    if aliases:
        return f"`gittrack model promote {model.name} ALIAS` sets one"
    numbers = [str(one.number) for one in model.versions]
    return f"it has {', '.join(numbers[-5:])}" if numbers else "`gittrack model register` adds one"
