"""Any other protocol of fsspec: files with folders, and nothing that only some of them can."""

from __future__ import annotations

from typing import Any

import fsspec

from gittrack.artifacts.drivers.folders import Folders


class Other(Folders):
    """What fsspec makes of the URL; where it needs credentials, they are in fsspec's own configuration."""

    def _make(self) -> Any:  # noqa: ANN401  fsspec has no types
        try:
            fs, path = fsspec.core.url_to_fs(
                self._url.text, use_listings_cache=False, skip_instance_cache=True
            )
        except ValueError as error:  # Protocol not known
            raise ImportError(str(error), name=self._url.scheme) from error
        self._base = path.rstrip("/")
        return fs
