"""HDFS: Hadoop's own NameNode and DataNode, reached over WebHDFS."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.servers.base import HOST, PARTS, Access, Process, fetch, free_port, lacking, poll

if TYPE_CHECKING:
    from collections.abc import Mapping

_SIMPLE = "Hadoop without Kerberos believes any name"
_JAVA = Path("/usr/share/java")
_DEBIAN = ("jersey1-core", "jersey1-server", "jersey1-servlet", "jsr311-api", "asm")
_FLAGS = (
    *("--add-opens", "java.base/java.lang=ALL-UNNAMED", "--add-opens", "java.base/java.util=ALL-UNNAMED"),
    *("--add-exports", "java.security.jgss/sun.security.krb5=ALL-UNNAMED", "-Xmx256m"),
    *("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"),  # it lives for a minute: begin fast
)
_SERVER = "org.apache.hadoop.hdfs.server"


class Hadoop:
    """A store is a folder that belongs to `ada`; other names may read it."""

    name = "webhdfs"
    cannot: Mapping[str, str] = {
        "wrong": _SIMPLE,
        "unknown": _SIMPLE,
        "anonymous": _SIMPLE,
        "proxy": "the NameNode sends clients to its DataNode, past the proxy",
    }
    many = 60  # a small file takes half a second

    def __init__(self) -> None:
        self.port = free_port()
        self._processes: list[Process] = []

    def missing(self) -> str | None:
        """As in `Server`."""
        if shutil.which("java") is None:
            return "Java is not installed"
        return lacking(PARTS / "hadoop", *(_JAVA / f"{name}.jar" for name in _DEBIAN))

    def start(self, folder: Path) -> None:
        """As in `Server`."""
        self._write_configuration(folder)
        for name in ("hdfs", "datanode", "static"):
            (folder / "web" / "webapps" / name).mkdir(parents=True)
        self._class_path = _class_path(folder)
        self._java(folder, "namenode.NameNode", "-format", "-nonInteractive").wait_until_done()
        self._processes += [self._java(folder, name) for name in ("namenode.NameNode", "datanode.DataNode")]
        for process in self._processes:
            process.wait_until(self._ready)
        self._operate("/stores", "MKDIRS")
        self._operate("/stores", "SETOWNER", owner="ada")

    def stop(self) -> None:
        """As in `Server`."""
        for process in self._processes:
            process.kill()

    def make(self, place: str) -> None:
        """As in `Server`."""
        self._operate(f"/stores/{place}", "MKDIRS", user="ada")

    def folder(self, place: str) -> None:
        """Nothing that could be looked into."""

    def access(self, place: str, case: str = "good", port: int | None = None) -> Access:
        """As in `Server`."""
        folder = "nowhere" if case == "no-store" else place
        user = "reader" if case == "read-only" else "ada"
        return Access(f"webhdfs://{HOST}:{port or self.port}/stores/{folder}", {"user": user})

    def set_quota(self, folder: Path, place: str, kind: str, size: int) -> None:
        """Let a store have so many names, itself being one (`-setQuota`), or bytes (`-setSpaceQuota`)."""
        words = [kind, str(size), f"/stores/{place}"]
        command = self._command("org.apache.hadoop.hdfs.tools.DFSAdmin", *words)
        Process(command, folder, HADOOP_USER_NAME=self._owner()).wait_until_done()

    def _ready(self) -> bool:
        query = "qry=Hadoop:service=NameNode,name=FSNamesystemState"
        _, text = fetch(f"http://{HOST}:{self.port}/jmx?{query}")
        return '"NumLiveDataNodes" : 1' in text

    def _operate(self, path: str, operation: str, user: str | None = None, **words: str) -> None:
        query = "&".join(f"{name}={value}" for name, value in words.items())
        who = user or self._owner()
        url = f"http://{HOST}:{self.port}/webhdfs/v1{path}?op={operation}&user.name={who}&{query}"
        poll(lambda: fetch(url, "PUT")[0] == 200, f"HDFS: {operation} {path}")

    def _owner(self) -> str:
        import getpass

        return getpass.getuser()

    def _java(self, folder: Path, name: str, *words: str) -> Process:
        return Process(self._command(f"{_SERVER}.{name}", *words), folder)

    def _command(self, name: str, *words: str) -> list[str]:
        return [shutil.which("java") or "java", *_FLAGS, "-cp", self._class_path, name, *words]

    def _write_configuration(self, folder: Path) -> None:
        rpc = f"{HOST}:{free_port()}"
        core = {"fs.defaultFS": f"hdfs://{rpc}", "hadoop.tmp.dir": str(folder / "data")}
        hdfs = {
            "dfs.replication": "1",
            "dfs.blocksize": "4194304",
            "dfs.namenode.http-address": f"{HOST}:{self.port}",
            "dfs.namenode.rpc-address": rpc,
            "dfs.datanode.address": f"{HOST}:{free_port()}",
            "dfs.datanode.http.address": f"{HOST}:{free_port()}",
            "dfs.datanode.ipc.address": f"{HOST}:{free_port()}",
            "dfs.datanode.hostname": HOST,
            "dfs.webhdfs.enabled": "true",
            "dfs.permissions.enabled": "true",
            "dfs.namenode.datanode.registration.ip-hostname-check": "false",
            "dfs.namenode.safemode.extension": "0",
        }
        for name, values in (("core", core), ("hdfs", hdfs)):
            properties = "".join(
                f"<property><name>{key}</name><value>{value}</value></property>"
                for key, value in values.items()
            )
            path = folder / "conf" / f"{name}-site.xml"
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"<configuration>{properties}</configuration>")


def _class_path(folder: Path) -> str:
    jars = [str(_JAVA / f"{name}.jar") for name in _DEBIAN]
    return ":".join([str(folder / "conf"), str(folder / "web"), *jars, f"{PARTS}/hadoop/*"])
