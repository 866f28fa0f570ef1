"""Params of type `path` that are URLs: brought onto this machine for one run."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from gittrack.core.errors import InvalidValue
from gittrack.launch.projects.parameters import WrongParam
from gittrack.store.registry.names import is_model
from gittrack.store.sync.remote import without_credentials

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from gittrack.store.runs import RunStore

_RUNS = "runs:"


class Downloads:
    """Where the URLs of one run go.

    Args:
        parent: a folder is made in it when the first URL comes; where it is None a temporary one, which is
            gone with the block. Each URL gets a folder in that, named by the position of its param.
        store: where `runs:/RUN/PATH` is looked for; its configuration says how its artifact store is
            reached.
    """

    def __init__(self, parent: Path | None, store: RunStore) -> None:
        self._parent = parent
        self._store = store
        self._made: Path | None = None

    def __enter__(self) -> Downloads:  # noqa: PYI034  typing.Self is newer than Python 3.10
        return self

    def __exit__(self, *_: object) -> None:
        if self._made is not None and self._parent is None:
            shutil.rmtree(self._made, ignore_errors=True)

    def _folder(self) -> Path:
        import tempfile  # most runs download nothing

        if self._made is None:
            if self._parent is not None:
                self._parent.mkdir(parents=True, exist_ok=True)
            self._made = Path(tempfile.mkdtemp(prefix="gittrack-", dir=self._parent))
        return self._made

    def fetch(self, url: str, position: int) -> Path:
        """Bring the file or folder at a URL here.

        Args:
            url: of any store that fsspec reaches, `http(s)://…`, `runs:/RUN/PATH` for an artifact, or
                `models:/NAME/VERSION` and the like for a model; an empty one is an empty folder, as in
                MLflow.
            position: of the param.

        Raises:
            WrongParam: there is no such file, or the URL is none.
            ModelNotFound: there is no such model.
            StoreError, RemoteError: the store refuses, or cannot be reached.
            OSError: it cannot be written here.
        """
        target = self._folder() / f"param_{position}"
        target.mkdir(parents=True)
        if not url:
            return target
        if is_model(url):
            from gittrack.store.registry.content import checked_uri  # most runs use no model

            url = checked_uri(self._store, url)
        scheme = urlsplit(url).scheme.lower()
        if url.startswith(_RUNS):
            return _artifact(self._store, url, target)
        if scheme in {"http", "https"}:
            from gittrack.launch.projects.archive import download

            path = target / (PurePosixPath(unquote(urlsplit(url).path)).name or "index.html")
            download(url, path)
            return path
        return self._from_store(url, target)

    def _from_store(self, url: str, target: Path) -> Path:
        from gittrack.artifacts.remote import Remote

        above, _, name = url.rstrip("/").rpartition("/")
        if above.endswith("/") or not name:  # s3://bucket: all of it
            above, name = url, ""
        with Remote.open(above, self._options(above)) as remote:
            if name and remote.stat(name) is not None:
                remote.get_file(name, target / name)
                return target / name
            found = 0
            for entry in remote.list(name):
                path = _below(target / (name or "all"), entry.name.removeprefix(name).lstrip("/"))
                path.parent.mkdir(parents=True, exist_ok=True)
                remote.get_file(entry.name, path)
                found += 1
        if not found:
            msg = f"there is no file or folder at {without_credentials(url)}"
            raise WrongParam(msg, hint="check the address, and that you may read it")
        return target / (name or "all")

    def _options(self, url: str) -> Mapping[str, Any] | None:
        """Of the configured store, where the URL is in one like it."""
        with contextlib.suppress(KeyError):
            configured = self._store.config.get("artifacts.url") or ""
            if urlsplit(configured).scheme == urlsplit(url).scheme:
                options: Mapping[str, Any] = self._store.config.get("artifacts.options")
                return options
        return None


def _below(root: Path, name: str) -> Path:
    """The path of an entry; a store is not trusted with names."""
    if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        msg = f"not the name of a file: {name[:200]!r}"
        raise InvalidValue(msg, hint="the store lists it")
    return root / name


def _artifact(store: RunStore, url: str, target: Path) -> Path:
    """An artifact of a run: `runs:/RUN/PATH`, as in MLflow; from wherever it is kept, verified."""
    from gittrack.query.select import resolve
    from gittrack.store.kept.places import Kept
    from gittrack.store.kept.writing import get

    name, _, path = url[len(_RUNS) :].strip("/").partition("/")
    get(Kept(store), resolve(store, name), [path] if path else [], target)
    return target / path
