"""The servers of the artifact tests: one file each, one line each in the registry."""

from __future__ import annotations

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
