"""`hdfs://`: Hadoop through libhdfs, which pyarrow looks for (`HADOOP_HOME`, `CLASSPATH`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow.fs as arrow

from gittrack.artifacts.drivers.folders import Folders

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEFAULT_PORT = 8020


class Hdfs(Folders):
    """A rename to a name that is taken fails in HDFS, so creating is atomic."""

    def _make(self) -> Any:  # noqa: ANN401  fsspec has no types
        from fsspec.implementations.arrow import HadoopFileSystem

        return HadoopFileSystem(
            host=self._url.host or "default",
            port=self._options.get("port") or self._url.port or (_DEFAULT_PORT if self._url.host else 0),
            user=self._options.get("user") or self._url.user,
            skip_instance_cache=True,
        )

    def _rename(self, fs: Any, source: str, target: str, *, replace: bool) -> bool:  # noqa: ANN401
        if replace and self._look(fs, target) is not None:
            self._unlink(fs, target)
        try:
            fs.fs.move(source, target)
        except OSError:
            if self._look(fs, target) is None:
                raise
            return False
        return True

    def _scan(self, fs: Any, path: str) -> Iterator[tuple[str, bool, int, int | None]]:  # noqa: ANN401
        for one in fs.fs.get_file_info(arrow.FileSelector(path or "/")):
            modified = None if one.mtime_ns is None else one.mtime_ns // 10**6
            yield one.base_name, one.type == arrow.FileType.Directory, one.size or 0, modified
