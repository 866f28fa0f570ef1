"""Parts of broken uploads, which S3 keeps out of sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.artifacts.remote import Remote
from gittrack.store.kept.collect import collect_store
from gittrack.store.kept.places import Kept
from gittrack.store.runs import RunStore
from tests.support.servers.running import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest.importorskip("s3fs")


@pytest.fixture
def shared(
    repo: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Remote]:
    """The store of a repository: a real server of S3."""
    with running("s3", tmp_path_factory.mktemp("s3")) as access:
        for name, value in access.environment.items():
            monkeypatch.setenv(name, value)
        options = "".join(f"    {name}: {value}\n" for name, value in access.options.items())
        (repo / "gittrack.yaml").write_text(f"artifacts:\n  url: {access.url}\n  options:\n{options}")
        with Remote.open(access.url, access.options) as remote:
            yield remote


def test_they_go_when_they_are_old(
    shared: Remote, repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upload whose process was killed is named, and its parts are removed; a young one stays."""
    from gittrack.artifacts.drivers.s3 import S3

    (tmp_path / "big").write_bytes(bytes(9 << 20))

    def nothing(*_: object, **__: object) -> None:
        """Killed processes take nothing back."""

    def break_off(_: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(S3, "_abort", nothing)
        with pytest.raises(KeyboardInterrupt):
            shared.put_file(tmp_path / "big", "sha256/aa/x", progress=break_off)
    [broken] = shared.unfinished()
    assert broken.name == "sha256/aa/x"
    kept = Kept(RunStore.open(start=repo))
    assert collect_store(kept, grace=3600, dry=False).removed == {}
    assert len(list(shared.unfinished())) == 1
    [name] = collect_store(kept, grace=-60, dry=True).removed
    assert name.startswith("sha256/aa/x (parts of a broken upload")
    assert name in collect_store(kept, grace=-60, dry=False).removed
    assert list(shared.unfinished()) == []
    shared.give_up(broken)
