"""Moves files to an S3 store and back with gittrack or s3fs, and prints seconds, bytes, requests and memory.

Usage: store_worker.py TOOL VERB ENDPOINT STORE LOCAL. STORE is bucket/prefix; LOCAL a file or folder, for
gittrack the folder of a local store with a file `wanted` of digests (`put` makes it).
"""

from __future__ import annotations

import json
import logging
import resource
import sys
import time
from pathlib import Path
from typing import Any


class Counter(logging.Handler):
    """Counts the requests that botocore sends."""

    requests = 0

    def emit(self, record: logging.LogRecord) -> None:
        """One more."""
        self.requests += record.msg.startswith("Sending http request")


def gittrack(verb: str, endpoint: str, store: str, local: Path) -> dict[str, Any]:
    """`put` into the local store, `up` to S3, `down` to a new local store."""
    import s3fs  # noqa: F401  imported before the clock starts, as for s3fs itself

    from gittrack.artifacts.objects import Objects
    from gittrack.artifacts.remote import Remote
    from gittrack.artifacts.remote_objects import RemoteObjects
    from gittrack.artifacts.transfer import download, upload

    objects = Objects(local / "objects")
    if verb == "put":
        before = time.perf_counter()
        source = Path((local / "source").read_text())
        stored = (objects.put_directory if source.is_dir() else objects.put_file)(source)
        (local / "wanted").write_text(json.dumps([stored.sha256, source.is_dir()]))
        return {"seconds": time.perf_counter() - before}
    sha256, folder = json.loads((local / "wanted").read_text())
    wanted: dict[str, Any] = {"digests": [] if folder else [sha256], "manifests": [sha256] if folder else []}
    before = time.perf_counter()
    remote = RemoteObjects(Remote.open(f"s3://{store}", {"endpoint_url": endpoint}))
    if verb == "up":
        report = upload(objects, remote, **wanted)
    else:
        report = download(remote, Objects(local / "cache"), **wanted)
    seconds = time.perf_counter() - before
    if not report.complete:
        raise SystemExit(str(report)[:2000])
    return {"seconds": seconds, "bytes": report.size, "files": len(report.moved)}


def s3fs(verb: str, endpoint: str, store: str, local: Path) -> dict[str, Any]:
    """`up` and `down` as its own documentation does."""
    from s3fs import S3FileSystem

    before = time.perf_counter()
    files = S3FileSystem(endpoint_url=endpoint)
    if verb == "up":
        if local.is_dir():
            files.put(str(local), store, recursive=True)
        else:
            files.put_file(str(local), f"{store}/file")
    elif local.is_dir():
        files.get(store, str(local.with_name("s3fs-back")), recursive=True)
    else:
        files.get_file(f"{store}/file", str(local.with_name("s3fs-back")))
    return {"seconds": time.perf_counter() - before}


def main() -> None:
    """Do it and say what it took."""
    tool, verb, endpoint, store, local = sys.argv[1:]
    counter = Counter()
    for name in ("botocore.endpoint", "aiobotocore.endpoint"):
        logging.getLogger(name).setLevel(logging.DEBUG)
        logging.getLogger(name).addHandler(counter)
        logging.getLogger(name).propagate = False
    said = {"gittrack": gittrack, "s3fs": s3fs}[tool](verb, endpoint, store, Path(local))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"requests": counter.requests, "peak_mb": peak / 1000, **said}))


if __name__ == "__main__":
    main()
