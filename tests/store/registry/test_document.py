"""Files of models, those of others included."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import MalformedFile
from gittrack.core.text import dump, load
from gittrack.store.format.file_checks import check_file
from gittrack.store.registry.document import (
    LARGEST_FILE,
    Place,
    alias_file,
    edit_file,
    new_id,
    place_of,
    version_file,
)
from gittrack.store.registry.reading import READ
from tests.store.registry.test_fold import WHO, edited, moved, stamp, version

if TYPE_CHECKING:
    from gittrack.store.registry.records import Edited, Moved, Version

FULL = dataclasses.replace(
    version(1_795_492_993_123, 3),
    size=10,
    flavors=("onnx",),
    signature={"inputs": "[]"},
    source={"commit": "8c1f0b6f0a2f5b1d1f6a3e2c4b5a69788796a5b4", "dirty": True},
    inputs=({"name": "train", "sha256": "ab" * 32},),
)


def read(path: str, data: bytes) -> Version | Moved | Edited:
    """What a file says."""
    place = place_of(path)
    assert place is not None
    return READ[place.kind](path, place, data)


@pytest.mark.parametrize(
    ("path", "data", "value"),
    [
        (*version_file(FULL), FULL),
        (*version_file(version(1)), version(1)),
        (*alias_file("churn", moved(2, stamp(1), after=stamp(0)), 1), moved(2, stamp(1), after=stamp(0))),
        (*alias_file("churn", moved(2, None), None), moved(2, None)),
        (*edit_file("churn", edited(3, stamp(1), number=4)), edited(3, stamp(1), number=4)),
        (*edit_file("churn", edited(3, tags={"a": None}, note="")), edited(3, tags={"a": None}, note="")),
    ],
)
def test_written_and_read(path: str, data: bytes, value: object) -> None:
    """What is written is read, and nothing is wrong with it."""
    assert read(path, data) == value
    assert check_file(path, data) == []


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (f".models/churn/versions/{stamp(1)}.yaml", Place("churn", "version", stamp(1))),
        (f".models/churn/aliases/a/{stamp(1)}.yaml", Place("churn", "alias", stamp(1), "a")),
        (f".models/churn/edits/{stamp(1)}.yaml", Place("churn", "modeledit", stamp(1))),
        (f".models/churn/aliases/latest/{stamp(1)}.yaml", None),
        (f".models/churn/aliases/{stamp(1)}.yaml", None),
        (f".models/churn/versions/a/{stamp(1)}.yaml", None),
        (f".models/churn/other/{stamp(1)}.yaml", None),
        (".models/churn/versions/3.yaml", None),
        (f".models/churn/versions/{stamp(1)}", None),
        (f".runs/churn/versions/{stamp(1)}.yaml", None),
        (".models/README.md", None),
    ],
)
def test_places(path: str, place: Place | None) -> None:
    """A path says what its file is."""
    assert place_of(path) == place


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("schema", "gittrack.alias/1", "schema: not gittrack.version/"),
        ("name", "other", "belongs to another model"),
        ("name", "a/../b", "belongs to another model"),
        ("name", 3, "name: not text"),
        ("version", None, "version: missing"),
        ("version", 0, "version: not a number"),
        ("version", 10**9, "version: not a number"),
        ("version", True, "version: not a number"),
        ("run_id", "../x", "not the id of a run"),
        ("run_id", "--force", "not the id of a run"),
        ("path", "../../etc", "not a safe path"),
        ("path", "/etc/passwd", "not a safe path"),
        ("digest", "abc", "not a SHA-256"),
        ("size", -1, "size: not a number"),
        ("flavors", [1], "flavors: not a list"),
        ("flavors", "onnx", "flavors: not a list"),
        ("signature", [], "signature: not a mapping"),
        ("inputs", ["x"], "inputs: not a list"),
        ("time", "yesterday", "time: "),
        ("time", None, "time: missing"),
    ],
)
def test_versions_of_others(field: str, value: object, reason: str) -> None:
    """What another clone wrote is held against the rules; `validate` finds it too."""
    path, data = version_file(FULL)
    document = {**load(data, where=path), field: value}
    content = dump({key: item for key, item in document.items() if item is not None})
    with pytest.raises(MalformedFile, match=reason):
        read(path, content)
    assert [one.severity for one in check_file(path, content)][:1] == ["error"]


def test_other_fields_of_others() -> None:
    """Of aliases and later changes as well."""
    path, data = alias_file("churn", moved(2, stamp(1)), 1)
    with pytest.raises(MalformedFile, match="not that of its folder"):
        read(path.replace("/champion/", "/staging/"), data)
    with pytest.raises(MalformedFile, match="target: missing"):
        read(path, data.replace(b"target:", b"other:"))
    path, data = edit_file("churn", edited(3, tags={"a": "1"}))
    with pytest.raises(MalformedFile, match="a value that is not text"):
        read(path, data.replace(b'"1"', b"1"))


def test_large_file() -> None:
    """It is not even parsed."""
    path, data = version_file(FULL)
    with pytest.raises(MalformedFile, match="larger than"):
        read(path, data + b"#" * LARGEST_FILE)


def test_newer_version_is_read_as_far_as_it_goes() -> None:
    """Fields that are not known are passed over."""
    path, data = version_file(FULL)
    assert read(path, data.replace(b"version/1", b"version/2") + b'more: "x"\n') == FULL


def test_ids_rise() -> None:
    """A new id comes after all that is known, whatever the clock says; and is an id at the end of time."""
    assert new_id([], 5) > stamp(4, "zzzzzzzzzz")
    assert new_id([stamp(9), "nonsense"], 5).startswith(f"{10:015d}-")
    assert place_of(f".models/a/edits/{new_id([stamp(10**15 - 1)], 5)}.yaml")
    assert WHO
