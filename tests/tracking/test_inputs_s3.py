"""Files of an S3 store as inputs, against a real one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gittrack.artifacts.failures import StoreError
from gittrack.core.errors import GitTrackError
from gittrack.store.runs import RunStore
from gittrack.tracking.inputs import Wanted, input_of
from tests.support.servers.running import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gittrack.core.records import Input
    from tests.support.servers.base import Access

pytest.importorskip("s3fs")


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Access]:
    """An S3 server with a bucket of two files."""
    with running("s3", tmp_path_factory.mktemp("s3")) as access:
        _fill(access)
        yield access


def _fill(access: Access) -> None:
    import s3fs

    files = s3fs.S3FileSystem(
        key=access.environment["AWS_ACCESS_KEY_ID"],
        secret=access.environment["AWS_SECRET_ACCESS_KEY"],
        endpoint_url=access.options["endpoint_url"],
        skip_instance_cache=True,
    )
    files.mkdir("data")
    files.pipe({"data/train/a.csv": b"1", "data/train/b.csv": b"23"})


@pytest.fixture
def store(repo: Path, s3: Access, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """A store whose settings say where the S3 server is."""
    (repo / "gittrack.yaml").write_text(f"artifacts:\n  options: {json.dumps(s3.options)}\n")
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    return RunStore.open(start=repo)


def used(store: RunStore, url: str, **options: Any) -> Input:
    """What is recorded of a URL."""
    return input_of(Wanted(url, **options), store)


def test_a_file(store: RunStore) -> None:
    """By its ETag, without a download."""
    one = used(store, "s3://data/train/a.csv")
    assert (one.name, one.uri, one.size, one.kind) == ("a.csv", "s3://data/train/a.csv", 1, "file")
    assert (one.version, one.sha256) == ("etag c4ca4238a0b923820dcc509a6f75849b", None)


def test_a_kept_file(store: RunStore) -> None:
    """Downloaded, with its digest besides."""
    one = used(store, "s3://data/train/a.csv", keep=True)
    assert store.objects.read(one.sha256 or "") == b"1"
    assert (one.version or "").startswith("etag ")


def test_a_folder(store: RunStore) -> None:
    """By the listing of its files."""
    one = used(store, "s3://data/train/")
    assert (one.kind, one.size, one.name) == ("directory", 3, "train")
    assert (one.version or "").startswith("listing ")
    with pytest.raises(GitTrackError, match="not kept"):
        used(store, "s3://data/train", keep=True)


@pytest.mark.parametrize("url", ["s3://data/none.csv", "s3://data/none/", "s3://no-such-bucket/x"])
def test_nothing_there(store: RunStore, url: str) -> None:
    """That is said with the address."""
    with pytest.raises(GitTrackError, match=url.rstrip("/")):
        used(store, url)


def test_wrong_credentials(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error is that of artifacts, and repeats no key."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "WRONGWRONG")
    with pytest.raises(StoreError) as caught:
        used(store, "s3://data/train/a.csv")
    assert "WRONG" not in f"{caught.value}{caught.value.hint}"
    assert "AKID" not in f"{caught.value}{caught.value.hint}"
