"""Makes commits of our own objects and moves refs to them, all or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.store.plumbing.fast_import import signature
from gittrack.store.plumbing.loose import LooseObjects
from gittrack.store.plumbing.refs import move
from gittrack.store.plumbing.trees import add_files

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gittrack.store.plumbing.git import Git
    from gittrack.store.plumbing.refs import Move

_KNOWN_TREES = 64


class Commits:
    """Makes commits in one repository; remembers the trees it wrote, to save reading them.

    Args:
        git: the repository.
    """

    def __init__(self, git: Git) -> None:
        self._git = git
        self._objects = LooseObjects(git)
        self._trees: dict[str, bytes] = {}

    def with_files(self, parent: str | None, files: Mapping[str, bytes], message: str) -> str:
        """Write a commit that has the parent's files and some more; gives its id."""
        blobs = {path: self._objects.write(b"blob", content) for path, content in files.items()}
        return self.commit(self.tree_with(parent, blobs), [parent] if parent else [], message)

    def tree_with(self, commit: str | None, blobs: Mapping[str, str]) -> str:
        """Write the tree that has a commit's files and some more; gives its id.

        Args:
            commit: whose files, None for no others.
            blobs: path to the id of its content.
        """
        with _Reader(self._git, self._objects, self._trees) as reader:
            tree = reader.tree_of(commit) if commit else None
            return add_files(tree, blobs, reader.read, self.write)

    def commit(self, tree: str, parents: Sequence[str], message: str, who: bytes | None = None) -> str:
        """Write a commit; gives its id."""
        author = who or signature(self._git)
        lines = [b"tree " + tree.encode(), *(b"parent " + oid.encode() for oid in parents)]
        lines += [b"author " + author, b"committer " + author, b"", message.encode()]
        oid = self._objects.write(b"commit", b"\n".join(lines) + b"\n")
        self._remember(oid, b"tree " + tree.encode())
        return oid

    def write(self, kind: bytes, content: bytes) -> str:
        """Write an object; gives its id."""
        oid = self._objects.write(kind, content)
        if kind == b"tree":
            self._remember(oid, content)
        return oid

    def move(self, moves: Sequence[Move]) -> None:
        """Move refs, all or none.

        Raises:
            RefMoved: one of them is not where it was.
            GitFailed: anything else.
        """
        move(self._git, moves, signature(self._git))

    def _remember(self, oid: str, content: bytes) -> None:
        if len(self._trees) >= _KNOWN_TREES:
            del self._trees[next(iter(self._trees))]
        self._trees[oid] = content


class _Reader:
    """Reads commits and trees; starts a process only for what is neither remembered nor loose."""

    def __init__(self, git: Git, objects: LooseObjects, known: Mapping[str, bytes]) -> None:
        self._objects = objects
        self._known = known
        self._batch = git.batch()

    def __enter__(self) -> _Reader:  # noqa: PYI034  `Self` needs Python 3.11
        return self

    def __exit__(self, *_: object) -> None:
        self._batch.close()

    def tree_of(self, commit: str) -> str:
        """The tree of a commit."""
        return self.read(commit)[5:].split(b"\n", 1)[0].decode()

    def read(self, oid: str) -> bytes:
        """The content of an object.

        Raises:
            GitFailed: it is missing.
        """
        content = self._known.get(oid)
        if content is None:
            content = self._objects.read(oid)
        return content if content is not None else self._batch.read(oid)
