"""What speaks to each kind of store: siblings behind one `Driver`, and the list of them."""

from __future__ import annotations

import importlib
import logging
from typing import TYPE_CHECKING, Any

from gittrack.artifacts.failures import MissingDriver
from gittrack.artifacts.urls import extra_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gittrack.artifacts.drivers.base import Driver
    from gittrack.artifacts.urls import StoreUrl

DRIVERS: Mapping[str, str] = {
    "s3": "S3",
    "gcs": "Gcs",
    "azure": "Azure",
    "hdfs": "Hdfs",
    "webhdfs": "WebHdfs",
    "ftp": "Ftp",
    "sftp": "Sftp",
    "webdav": "WebDav",
    "local": "Local",
    "memory": "Memory",
    "other": "Other",
}
"""Family of drivers, which is also the name of its module here, to its class."""


_LOUD = ("adlfs", "aiobotocore", "azure", "botocore", "fsspec", "gcsfs", "paramiko", "s3fs", "webdav4")
"""Packages that log errors, which Python writes to standard error where nobody set up logging."""


def driver_for(url: StoreUrl, options: Mapping[str, Any]) -> Driver:
    """The driver of a store; reaches nothing yet.

    Args:
        url: of the store.
        options: checked (`artifacts.options`).

    Raises:
        MissingDriver: a package that it needs is not installed.
    """
    for name in _LOUD:  # what goes wrong is said by an exception
        logging.getLogger(name).addHandler(logging.NullHandler())
    try:
        module = importlib.import_module(f"{__name__}.{url.family}")
        driver: Driver = getattr(module, DRIVERS[url.family])(url, options)
    except ImportError as error:
        extra = extra_for(url)
        msg = f"no driver for {url.scheme}:// is installed ({error.name or error})"
        hint = f"pip install 'gittrack[{extra}]'" if extra else "install the package that brings it to fsspec"
        raise MissingDriver(msg, hint=hint) from error
    return driver
