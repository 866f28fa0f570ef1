"""A server for the tests of one file."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import pytest

from tests.support.servers import SERVERS, missing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.servers.base import Access


@contextlib.contextmanager
def running(name: str, folder: Path) -> Iterator[Access]:
    """How to come to a server that runs while the block does; a missing one skips, or fails in CI."""
    server = SERVERS[name]()
    if reason := missing(name, server):
        (pytest.fail if os.environ.get("GITTRACK_TEST_REQUIRE") == "all" else pytest.skip)(reason)
    server.start(folder)
    try:
        yield server.access("files")
    finally:
        server.stop()
