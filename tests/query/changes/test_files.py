from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from gittrack.artifacts.manifest import Member
from gittrack.core.records import Artifact
from gittrack.query.changes.files import FileChange, FileSide, file_changes
from tests.support.runs import run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gittrack.core.records import Run


class Contents:
    """Contents by digest, manifests by digest."""

    def __init__(
        self, files: Mapping[str, bytes], folders: Mapping[str, Sequence[Member]] | None = None
    ) -> None:
        self.files = files
        self.folders = folders or {}

    def read(self, run: Run, path: str, sha256: str) -> bytes | None:  # noqa: ARG002  see Reader
        """By digest."""
        return self.files.get(sha256)

    def members(self, run: Run, artifact: Artifact) -> Sequence[Member] | None:  # noqa: ARG002
        """By digest."""
        return self.folders.get(artifact.sha256)


def changes(before: Artifact, after: Artifact, contents: Contents | None = None) -> tuple[FileChange, ...]:
    """What differs between two runs with one artifact each."""
    return file_changes(run(artifacts=(before,)), run(artifacts=(after,)), contents or Contents({}))


def test_numbers_of_a_csv() -> None:
    """Which numbers changed, and by how much."""
    (found,) = changes(
        Artifact("p.csv", "a", 9),
        Artifact("p.csv", "b", 9),
        Contents({"a": b"x,y\n1,2\n", "b": b"x,y\n1,3\n"}),
    )
    assert (found.kind, found.notes, found.more) == ("numbers", ("[1][1]: 2.0 → 3.0, by 1",), 0)


def test_many_numbers_are_counted() -> None:
    """The first five places are told, the others counted."""
    old, new = (b"[" + b",".join([one] * 9) + b"]" for one in (b"1", b"2"))
    (found,) = changes(Artifact("p.json", "a", 9), Artifact("p.json", "b", 9), Contents({"a": old, "b": new}))
    assert (len(found.notes), found.more) == (5, 4)


def test_pixels_of_a_png() -> None:
    """An image is named with its sizes in bytes and pixels."""
    one, two = (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 640, height) for height in (480, 500))
    (found,) = changes(Artifact("c.png", "a", 10), Artifact("c.png", "b", 12), Contents({"a": one, "b": two}))
    assert (found.kind, found.notes) == ("image", ("640x480 → 640x500 pixels",))
    assert (found.before, found.after) == (FileSide("a", 10), FileSide("b", 12))


def test_an_image_of_another_format() -> None:
    """Of what is no PNG nothing more is known."""
    (found,) = changes(Artifact("c.jpg", "a", 1), Artifact("c.jpg", "b", 1), Contents({"a": b"x", "b": b"y"}))
    assert (found.kind, found.notes) == ("image", ())


def test_without_contents() -> None:
    """Where the contents are not here, digests and sizes are told."""
    (found,) = changes(Artifact("p.csv", "a", 1), Artifact("p.csv", "b", 2))
    assert found.notes == ()
    assert found.as_json()["after"] == {"sha256": "b", "size": 2}


def test_a_file_that_came_and_one_that_went() -> None:
    """Both are changes, each with one side."""
    gone, new = changes(Artifact("a.bin", "a", 1), Artifact("b.bin", "a", 1))
    assert (gone.path, gone.after, new.path, new.before) == ("a.bin", None, "b.bin", None)


def test_into_directories() -> None:
    """Directories are compared file by file where both can be looked into, else by digest."""
    one, two = Artifact("d", "a", 2, "directory"), Artifact("d", "b", 2, "directory")
    folders = {
        "a": [Member("x", "1", 1), Member("y", "2", 1)],
        "b": [Member("x", "1", 1), Member("y", "3", 1)],
    }
    assert [found.path for found in changes(one, two, Contents({}, folders))] == ["d/y"]
    (whole,) = changes(one, two, Contents({}, {"a": []}))
    assert (whole.path, whole.kind) == ("d", "directory")


def test_the_captured_output_is_not_among_them() -> None:
    """It has a part of its own."""
    assert changes(Artifact("output.log", "a", 1), Artifact("output.log", "b", 1)) == ()
