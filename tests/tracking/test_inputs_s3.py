"""Files of an S3 store as inputs, against a real one."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from gittrack.artifacts.failures import StoreError
from gittrack.core.errors import GitTrackError
from gittrack.core.text import dump_json
from gittrack.store.runs import RunStore
from gittrack.tracking.inputs import Wanted, input_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gittrack.core.records import Input

pytest.importorskip("s3fs")
pytestmark = pytest.mark.skipif(shutil.which("weed") is None, reason="no SeaweedFS")
_PATIENCE = 60.0


def _ports(count: int) -> list[int]:
    """Free ports whose ports 10,000 above are free for the same server."""
    found: list[int] = []
    while len(found) < count:
        with socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
            if port > 50_000:
                continue
            try:
                other.bind(("127.0.0.1", port + 10_000))
            except OSError:
                continue
            found.append(port)
    return found


def _command(folder: Path, ports: list[int]) -> list[str]:
    names = ("master.port", "volume.port", "filer.port", "s3.port")
    options = {"dir": folder, "ip": "127.0.0.1", "ip.bind": "127.0.0.1", "s3.config": folder / "s3.json"}
    options |= {"s3.port.iceberg": "0", "s3.port.lance": "0", "volume.max": "50"}
    options |= {"master.volumeSizeLimitMB": "64", "master.volumePreallocate": "false"}
    options |= dict(zip(names, ports, strict=True))
    return ["weed", "server", "-s3", *(f"-{name}={value}" for name, value in options.items())]


def _ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  http
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an S3 server with a bucket of two files."""
    folder = tmp_path_factory.mktemp("s3")
    keys = [{"accessKey": "AKIDTEST", "secretKey": "SECRETTEST"}]
    identity = {
        "name": "admin",
        "credentials": keys,
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    (folder / "s3.json").write_bytes(dump_json({"identities": [identity]}))
    ports = _ports(4)
    quiet = subprocess.DEVNULL
    with subprocess.Popen(_command(folder, ports), stdout=quiet, stderr=quiet) as server:
        try:
            address = f"http://127.0.0.1:{ports[-1]}"
            end = time.monotonic() + _PATIENCE
            while not _ready(f"{address}/healthz"):
                assert time.monotonic() < end
                time.sleep(0.05)
            _fill(address)
            yield address
        finally:
            server.kill()  # a polite end takes it 25 seconds


def _fill(address: str) -> None:
    import s3fs

    files = s3fs.S3FileSystem(
        key="AKIDTEST",
        secret="SECRETTEST",  # noqa: S106  of the test server
        endpoint_url=address,
        skip_instance_cache=True,
    )
    files.mkdir("data")
    files.pipe({"data/train/a.csv": b"1", "data/train/b.csv": b"23"})


@pytest.fixture
def store(repo: Path, s3: str, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """A store whose settings say where the S3 server is."""
    (repo / "gittrack.yaml").write_text(f'artifacts:\n  options: {{"endpoint_url": "{s3}"}}\n')
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDTEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "SECRETTEST")
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
