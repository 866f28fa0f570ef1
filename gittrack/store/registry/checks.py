"""What is wrong with the models on the runs branch, beyond what one file tells."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from gittrack.core.times import now_ms
from gittrack.store.format.file_checks import Problem, check_file
from gittrack.store.format.layout import parse_stamp
from gittrack.store.registry.document import LARGEST_FILE, ROOT, place_of
from gittrack.store.registry.names import folder_name
from gittrack.store.registry.read import all_models

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittrack.store.plumbing.git import Git
    from gittrack.store.registry.records import Model

_PLAIN = "100644"
_DAY = 86_400_000  # milliseconds


def check_models(git: Git, commit: str) -> Iterator[Problem]:
    """What is wrong with the files of models, and with the models that they make.

    Args:
        git: the repository.
        commit: of the runs branch.
    """
    sound = []
    for mode, oid, size, path in _listed(git, commit):
        if mode != _PLAIN:
            yield Problem(path, None, f"mode {mode}: left out by every reader")
        elif size > LARGEST_FILE and place_of(path) is not None:
            yield Problem(path, None, f"larger than {LARGEST_FILE:,} bytes: left out by every reader")
        else:
            sound.append((path, oid))
    held = git.read_many(oid for _, oid in sound)
    for (path, _), (_, data) in zip(sound, held, strict=True):
        yield from check_file(path, data or b"")
    for model in all_models(git, commit):
        yield from check_model(model, now_ms())


def _listed(git: Git, commit: str) -> Iterator[tuple[str, str, int, str]]:
    out = git.run("ls-tree", "-r", "-l", "-z", "--full-tree", commit, "--", f"{ROOT}/").out
    for line in out.decode(errors="surrogateescape").split("\0")[:-1]:
        head, _, path = line.partition("\t")
        mode, _, oid, size = head.split()
        yield mode, oid, int(size) if size.isdigit() else 0, path


def check_model(model: Model, now: int) -> Iterator[Problem]:
    """What is wrong with a model that no file of it tells alone.

    Args:
        model: the model.
        now: milliseconds since the epoch.
    """
    folder = f"{ROOT}/{folder_name(model.name)}"
    for number, count in sorted(Counter(model.claims.values()).items()):
        if count > 1:
            what = f"{count} versions claim the number {number}: the next push or register settles it"
            yield Problem(f"{folder}/versions", None, what, "warning")
    ids = {one.id for one in model.versions}
    for alias in sorted({one.alias for one in model.moves}):
        last = model.last_move(alias)
        if last is not None and last.target is not None and last.target not in ids:
            what = f"names a version that is not here: {last.target[:60]}"
            yield Problem(f"{folder}/aliases/{alias}/{last.id}.yaml", None, what)
    late = [one for one in model.ids if (stamp := parse_stamp(one)) and stamp.clock > now + _DAY]
    if late:
        yield Problem(
            folder, None, f"{len(late)} files are dated more than a day ahead: a clock is wrong", "warning"
        )
