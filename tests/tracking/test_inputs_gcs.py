"""Files of Google Cloud Storage as inputs, against an emulator; of Azure, without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gittrack.artifacts.drivers.facts import ObjectStore
from gittrack.artifacts.urls import parse
from gittrack.core.errors import GitTrackError
from gittrack.store.runs import RunStore
from gittrack.tracking.inputs import Wanted, input_of
from tests.support.servers.running import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def gcs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an emulator with a bucket of two files."""
    core = pytest.importorskip("gcsfs.core")
    with running("gcs", tmp_path_factory.mktemp("gcs")) as access:
        address = access.options["endpoint_url"]
        options: dict[str, Any] = {"endpoint_url": address, "token": "anon", "project": "test"}
        files = core.GCSFileSystem(**options, skip_instance_cache=True)
        files.mkdir("data")
        files.pipe({"data/train/a.csv": b"1", "data/train/b.csv": b"23"})
        yield address


@pytest.fixture
def store(repo: Path, gcs: str) -> RunStore:
    """A store whose settings say where the emulator is."""
    options = f'{{"endpoint_url": "{gcs}", "anon": true, "project": "test"}}'
    (repo / "gittrack.yaml").write_text(f"artifacts:\n  options: {options}\n")
    return RunStore.open(start=repo)


def test_a_file(store: RunStore) -> None:
    """By its generation, without a download."""
    one = input_of(Wanted("gs://data/train/a.csv"), store)
    assert (one.name, one.size, one.sha256) == ("a.csv", 1, None)
    assert (one.version or "").startswith("generation ")


def test_a_folder(store: RunStore) -> None:
    """By the listing of its files."""
    one = input_of(Wanted("gs://data/train"), store)
    assert (one.kind, one.size) == ("directory", 3)


def test_nothing_there(store: RunStore) -> None:
    """That is said with the address."""
    with pytest.raises(GitTrackError, match=r"gs://data/none\.csv is not there"):
        input_of(Wanted("gs://data/none.csv"), store)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("az://box/train/a.csv", "box/train/a.csv"),
        ("abfs://box@ada.dfs.core.windows.net/train/a.csv", "box/train/a.csv"),
    ],
)
def test_a_place_in_azure(url: str, path: str) -> None:
    """The container is found in both kinds of URL; nothing is reached yet."""
    pytest.importorskip("adlfs")
    place = ObjectStore(parse(url), {"account_name": "ada", "anon": True})
    assert place._path == path
