"""Gets ready what a run needs to be repeated, and says what is missing."""

from __future__ import annotations

import contextlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from gittrack.core.errors import GitTrackError
from gittrack.launch.projects.download import Downloads
from gittrack.launch.reproduction import command as reproduce_command
from gittrack.launch.reproduction import downloads as reproduce_downloads
from gittrack.launch.reproduction import environment as reproduce_environment
from gittrack.launch.reproduction import inputs as reproduce_inputs
from gittrack.launch.reproduction import worktree
from gittrack.launch.reproduction.values import Preparation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gittrack.core.records import Run
    from gittrack.launch.containers.box import Box
    from gittrack.launch.reproduction.environment import Choice
    from gittrack.store.runs import RunStore

_LISTED = 3


@contextlib.contextmanager
def prepared(
    store: RunStore,
    run: Run,
    asked: str | None,
    *,
    progress: Callable[[str], None] | None = None,
    download: bool = True,
) -> Iterator[Preparation]:
    """A work tree with the code of a run, and what else is known of its repetition; gone with the block.

    Nothing is run and no environment is made. What is missing is in the value, not raised.

    Args:
        store: of the run.
        run: the original.
        asked: which environment, see `launch.reproduction.environment`.
        progress: called with what is being done, in a few words.
        download: whether files are fetched that a project had downloaded.

    Raises:
        UsageError: there is no such choice of environment.
    """
    whole = reproduce_command.part_of(store, run)
    if whole is not None:
        yield Preparation(run, missing=(f"it is a part of run {whole}: reproduce that",))
        return
    if run.status in {"queued", "running"}:
        yield Preparation(run, missing=("it has not ended yet",))
        return
    code = worktree.code_of(store, run)
    if not code.here and code.missing is None:
        _say(progress, f"fetching commit {str(code.commit)[:12]}")
        code = worktree.fetch(code, run, store.config.get("runs.remote"))
    if code.git is None or code.commit is None or code.missing is not None:
        yield Preparation(run, code.commit, missing=(code.missing or "the code cannot be had",))
        return
    with contextlib.ExitStack() as stack:
        try:
            tree = stack.enter_context(worktree.work_tree(code.git, code.commit))
        except (GitTrackError, OSError) as error:
            why = f"the code cannot be checked out: {error}"
            yield Preparation(run, code.commit, code.git, missing=(why,))
            return
        downloads = stack.enter_context(Downloads(tree.parent / "downloads", store)) if download else None
        say = progress or _silent
        yield replace(_looked(store, run, tree, asked, downloads, say), commit=code.commit, git=code.git)


def _looked(
    store: RunStore,
    run: Run,
    tree: Path,
    asked: str | None,
    downloads: Downloads | None,
    progress: Callable[[str], None],
) -> Preparation:
    missing: list[str] = []
    notes: list[str] = []
    directory = tree / (run.source.directory or ".")
    if run.source.directory is None:
        notes.append("it ran outside of its repository; it is repeated at the top of it")
    elif not _is_below(directory, tree):
        missing.append(f"there is no folder {run.source.directory!r:.100} in the code")
    if run.source.left_out:
        names = ", ".join(list(run.source.left_out)[:_LISTED])
        notes.append(f"the snapshot leaves out {len(run.source.left_out)} files: {names}")
    again = reproduce_command.again(store, run, tree)
    document = store.environment(run.id)
    choice = reproduce_environment.choose(
        document, again.words, asked, directory=directory, redactor=store.redactor
    )
    box = _container(store, choice, directory, progress if downloads else None)
    if isinstance(box, str):
        missing.append(box)
    if choice.plan is not None:
        notes += [*choice.plan.notes, *(f"{one.what}: {one.why}" for one in choice.plan.missing)]
    variables, unset = ({}, ()) if choice.as_asked else reproduce_command.variables(store, document)
    fetched = reproduce_downloads.fetch(store, run, again.words, downloads)
    own = {one.used.name for one in fetched.inputs}
    others = tuple(one for one in run.inputs if one.name not in own)
    found = [*fetched.inputs, *reproduce_inputs.look(store, others, tree)]
    missing += [*again.missing, *fetched.missing]
    missing += [one.reason for one in found if one.state in reproduce_inputs.BAD]
    notes += [*again.notes, *reproduce_environment.notes(choice)]
    return Preparation(
        run,
        tree=tree,
        command=fetched.words,
        rewritten=fetched.words != run.command,
        environment=choice,
        variables=variables,
        unset=unset,
        inputs=tuple(found),
        container=None if isinstance(box, str) else box,
        missing=tuple(missing),
        notes=tuple(notes),
    )


def _container(
    store: RunStore, choice: Choice, directory: Path, say: Callable[[str], None] | None
) -> Box | str | None:
    """What the run was in, None where it was in none; why it cannot be had as text."""
    if choice.container is None:
        return None
    from gittrack.launch.containers.again import again

    return again(store, choice.container, directory, say)


def _is_below(directory: Path, tree: Path) -> bool:
    """Whether it is a folder of the work tree: the record may be somebody else's."""
    written = str(directory.relative_to(tree)) if directory.is_relative_to(tree) else ".."
    plain = not re.search(r"(?:^|/)\.\.(?:/|$)", written)
    return plain and directory.is_dir() and directory.resolve().is_relative_to(tree.resolve())


def _silent(_text: str) -> None:
    pass


def _say(progress: Callable[[str], None] | None, text: str) -> None:
    if progress is not None:
        progress(text)
