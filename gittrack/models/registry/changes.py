"""Changes of what is registered: aliases, tags, notes; checked, freed of secrets, recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gittrack.core.errors import GitTrackError, UsageError
from gittrack.store.registry import read
from gittrack.store.registry.document import alias_file, edit_file
from gittrack.store.registry.names import check_alias, parse
from gittrack.store.registry.records import Edited, Moved
from gittrack.store.registry.resolve import pick
from gittrack.store.registry.write import Stamps, commit, turn
from gittrack.tracking import values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gittrack.store.registry.records import Model, Version
    from gittrack.store.runs import RunStore

Files = list[tuple[str, bytes]]


class AliasMoved(GitTrackError):
    """An alias is not where it was expected: somebody else was faster."""


class Change(NamedTuple):
    """What is to be changed of a version, or of a model where `target` is empty."""

    target: str
    tags: Mapping[str, object]
    remove: Iterable[str] = ()
    note: str | None = None


class Promoted(NamedTuple):
    """What became of an alias.

    Attributes:
        name: of the model.
        alias: which.
        version: the number that it names now; None where it is gone.
        was: the number that it named before; None where there was none.
        changed: False where it was so already.
    """

    name: str
    alias: str
    version: int | None
    was: int | None
    changed: bool


ANY = -1
"""Whatever the alias names when the call begins."""


def promote(
    store: RunStore,
    what: str,
    alias: str,
    *,
    expect: int | None = ANY,
    message: str = "",
    before: Callable[[Version], None] | None = None,
) -> Promoted:
    """Let an alias name a version.

    Args:
        store: of the runs; the change goes where runs go.
        what: `NAME/VERSION`, `NAME` for the latest, `NAME@ALIAS` for what another alias names; with or
            without `models:/`.
        alias: which.
        expect: the number that the alias must name now, None for none.
        message: why.
        before: called with the version right before the alias is moved; what it raises keeps it there.

    Raises:
        InvalidValue: the name or alias cannot be.
        ModelNotFound: there is no such model or version.
        AliasMoved: the alias names another version than expected, or was moved meanwhile.
    """
    check_alias(alias)
    wanted = parse(what)
    seen = read.known(store, wanted.name)
    with turn(store.git):
        model = read.known(store, wanted.name)
        version = pick(model, wanted)
        _check_unmoved(seen, model, alias, expect)
        was = model.aliases.get(alias)
        if was == version.number:
            return Promoted(model.name, alias, was, was, changed=False)
        if before is not None:
            before(version)
        files = alias_files(store, model, alias, version, message, Stamps(store.git, model))
        commit(store.git, message_of("promote", version.shown, alias), files)
        _check_holds(read.model(store.git, model.name), alias, version)
    return Promoted(model.name, alias, version.number, was, changed=True)


def demote(
    store: RunStore, name: str, alias: str, *, expect: int | None = ANY, message: str = ""
) -> Promoted:
    """Take an alias away.

    Args:
        store: of the runs; the change goes where runs go.
        name: of the model.
        alias: which.
        expect: the number that it must name now.
        message: why.

    Raises:
        InvalidValue: the alias cannot be.
        ModelNotFound: there is no such model or alias.
        AliasMoved: as for :func:`promote`.
    """
    check_alias(alias)
    seen = read.known(store, parse(name).name)
    with turn(store.git):
        model = read.known(store, seen.name)
        _check_unmoved(seen, model, alias, expect)
        was = pick(model, parse(f"{model.name}@{alias}"))
        files = alias_files(store, model, alias, None, message, Stamps(store.git, model))
        commit(store.git, message_of("demote", was.shown, alias), files)
    return Promoted(model.name, alias, None, was.number, changed=True)


def edit(
    store: RunStore,
    what: str,
    tags: Mapping[str, object] | None = None,
    remove: Iterable[str] = (),
    note: str | None = None,
) -> Model:
    """Set tags and the note of a version, or of a model.

    Args:
        store: of the runs; the change goes where runs go.
        what: `NAME/VERSION`, `NAME@ALIAS`; `NAME` for the model itself.
        tags: name to value.
        remove: names of tags to take away.
        note: Markdown; an empty one takes it away, None leaves it.

    Returns:
        The model as it is then.

    Raises:
        InvalidValue: a tag or note cannot be.
        ModelNotFound: there is no such model, version or alias.
        UsageError: nothing is to be changed.
    """
    wanted = parse(what)
    with turn(store.git):
        model = read.known(store, wanted.name)
        target = "" if _is_whole(what) else pick(model, wanted).id
        files = edit_files(
            store, model.name, Change(target, tags or {}, tuple(remove), note), Stamps(store.git, model)
        )
        if not files:
            msg = "nothing to change"
            raise UsageError(msg, hint="give tags, or a note")
        commit(store.git, f"gittrack: edit model {wanted.shown if target else model.name}", files)
    return read.known(store, model.name)


def note_of(store: RunStore, what: str) -> str:
    """The note of a version, or of a model; as in :func:`edit`."""
    wanted = parse(what)
    model = read.known(store, wanted.name)
    return model.note if _is_whole(what) else pick(model, wanted).note


def _is_whole(what: str) -> bool:
    """Whether a text names a model, not one version of it."""
    return not {"/", "@"} & set(what.removeprefix("models:/"))


def alias_files(
    store: RunStore, model: Model, alias: str, version: Version | None, message: str, stamps: Stamps
) -> Files:
    """The file that moves an alias to a version, or takes it away."""
    last = model.last_move(alias)
    said = store.redactor.text(values.check_note(message))
    target = None if version is None else version.id
    moved = Moved(stamps.next(), alias, target, last.id if last else "", stamps.time, stamps.author, said)
    name = version.name if version is not None else model.name
    return [alias_file(name, moved, None if version is None else version.number)]


def edit_files(store: RunStore, name: str, change: Change, stamps: Stamps) -> Files:
    """The file that changes tags and note; none where nothing is to be changed."""
    redactor = store.redactor
    given = {key: str(redactor.value(key, text)) for key, text in values.check_tags(change.tags).items()}
    removed = dict.fromkeys((values.check_key(key, "tag") for key in change.remove), None)
    note = None if change.note is None else redactor.text(values.check_note(change.note))
    if not given and not removed and note is None:
        return []
    edited = Edited(
        stamps.next(), change.target, stamps.time, stamps.author, tags={**removed, **given}, note=note
    )
    return [edit_file(name, edited)]


def message_of(verb: str, shown: str, alias: str | None) -> str:
    """The subject of a commit."""
    return f"gittrack: {verb} model {shown}" + (f" as {alias}" if alias else "")


def _check_unmoved(seen: Model, now: Model, alias: str, expect: int | None) -> None:
    number = now.aliases.get(alias)
    if seen.last_move(alias) != (last := now.last_move(alias)) and last is not None:
        msg = f"{alias} of {now.name} was moved meanwhile: {_named(number)}, by {last.author}"
        raise AliasMoved(msg, hint="look at it with `gittrack model history`, and do it again if it is right")
    if expect not in (ANY, number):
        msg = f"{alias} of {now.name} names {_named(number)}, not {_named(expect)}"
        raise AliasMoved(msg, hint=f"`gittrack model history {now.name}` says who moved it")


def _check_holds(now: Model, alias: str, version: Version) -> None:
    """A pull of this clone may have brought a later move between our look and our commit."""
    last = now.last_move(alias)
    if last is not None and last.target != version.id:
        msg = f"{alias} of {now.name} names {_named(now.aliases.get(alias))}, moved at the same time"
        raise AliasMoved(msg, hint=f"`gittrack model history {now.name}` has both moves")


def _named(number: int | None) -> str:
    return "no version" if number is None else f"version {number}"
