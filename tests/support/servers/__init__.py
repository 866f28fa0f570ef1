"""The servers of the artifact tests: one file each, one line each in the registry."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from tests.support.servers.apache import Apache
from tests.support.servers.azure import Azurite
from tests.support.servers.ftp import Pyftpd
from tests.support.servers.gcs import FakeGcs
from tests.support.servers.local import Folder, Memory
from tests.support.servers.s3 import SeaweedS3
from tests.support.servers.sftp import OpenSsh
from tests.support.servers.vsftpd import Vsftpd
from tests.support.servers.webdav import WsgiDav
from tests.support.servers.webhdfs import Hadoop

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.support.servers.base import Server

SERVERS: Mapping[str, Callable[[], Server]] = {
    "memory": Memory,
    "file": Folder,
    "s3": SeaweedS3,
    "gcs": FakeGcs,
    "azure": Azurite,
    "webhdfs": Hadoop,
    "ftp": Pyftpd,
    "vsftpd": Vsftpd,
    "sftp": OpenSsh,
    "webdav": WsgiDav,
    "apache": Apache,
}
"""Name to the class of a server."""

_DRIVERS = {
    "s3": "s3fs",
    "gcs": "gcsfs",
    "azure": "adlfs",
    "webhdfs": "requests",
    "sftp": "paramiko",
    "webdav": "webdav4",
    "apache": "webdav4",
}
"""Name of a server to the library that speaks to it, where that is not of the standard library."""


def missing(name: str, server: Server) -> str | None:
    """Why a server cannot be tested with here: it is not installed, or what speaks to it is not."""
    driver = _DRIVERS.get(name)
    if driver is not None and find_spec(driver) is None:
        return f"{driver} is not installed: pip install 'gittrack[{'webdav' if name == 'apache' else name}]'"
    return server.missing()
