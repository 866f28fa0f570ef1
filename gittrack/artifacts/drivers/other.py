"""Any other protocol of fsspec: files with folders, and nothing that only some of them can."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import fsspec

from gittrack.artifacts.drivers.folders import Folders

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gittrack.artifacts.urls import StoreUrl


class Other(Folders):
    """What fsspec makes of the URL; where it needs credentials, they are in fsspec's own configuration."""

    def __init__(self, url: StoreUrl, options: Mapping[str, Any]) -> None:
        super().__init__(url, options)
        try:
            kind = fsspec.get_filesystem_class(url.scheme)
        except (ValueError, ImportError) as error:  # not a protocol of fsspec's, or a package is missing
            raise ImportError(str(error), name=url.scheme) from error
        self._base = kind._strip_protocol(url.text).rstrip("/")  # noqa: SLF001  fsspec's own way to a path

    def _make(self) -> Any:  # noqa: ANN401  fsspec has no types
        fs, _ = fsspec.core.url_to_fs(self._url.text, use_listings_cache=False, skip_instance_cache=True)
        return fs
