"""The image of a scikit-learn model beside the one that `mlflow models generate-dockerfile` writes.

Both are built by podman, as root, on the base that `.ci/parts` makes, with pip besides: MLflow's Dockerfile
installs by pip and names a base of the Docker Hub, which is replaced by that one. Packages come over the
network; ten minutes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from harness.environments import uv
from harness.measure import Failed, spend
from harness.models import GITTRACK, saved, tools
from harness.results import Measured

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.context import Context
    from harness.environments import Tool

_PARTS = Path(os.environ.get("GITTRACK_TEST_PARTS") or Path.home() / ".cache/gittrack/test-parts")
_BASE = "localhost/python-pip:3.11"
_WITH_PIP = """\
FROM localhost/python:3.11-slim
COPY uv /tmp/uv
RUN /tmp/uv venv --seed /opt/python && rm /tmp/uv
ENV PATH="/opt/python/bin:$PATH"
"""
_CERTIFICATES = os.environ.get("SSL_CERT_FILE")


def measure(context: Context) -> Iterator[Measured]:
    """Bytes of both, and their ratio."""
    if shutil.which("podman") is None or os.geteuid():
        return
    podman = _podman(context)
    sizes: dict[str, float] = {}
    try:
        context.attempt(_bases, podman, context)
        for tool in tools(context):
            size = context.attempt(_size, podman, context, tool)
            if size is not None:
                sizes[tool.name] = size
    finally:
        for mounted in ("root/overlay", "run"):
            subprocess.run(["umount", "-q", context.scratch / "podman" / mounted], check=False)
    for name, size in sizes.items():
        yield Measured("image of a scikit-learn model", name, size / 1e6, "MB", "", "podman, same base")
    if len(sizes) > 1:
        ratio = sizes["gittrack"] / sizes["mlflow"]
        yield Measured("image of a scikit-learn model over mlflow's", "gittrack", ratio, "", "<= 0.5")


def _podman(context: Context) -> list[str]:
    folder = context.scratch / "podman"
    return [
        *("podman", "--root", str(folder / "root"), "--runroot", str(folder / "run")),
        *("--storage-driver", "overlay", "--storage-opt", f"additionalimagestore={_PARTS / 'containers'}"),
        *("--cgroup-manager", "cgroupfs", "--runtime", "runc"),
    ]


def _bases(podman: list[str], context: Context) -> None:
    folder = context.scratch / "base"
    folder.mkdir()
    from uv import find_uv_bin

    shutil.copy2(find_uv_bin(), folder / "uv")
    for name, text in ((_BASE, _WITH_PIP), ("localhost/uv:1", "FROM scratch\nCOPY uv /uv\n")):
        (folder / "Dockerfile").write_text(text)
        _build(podman, folder, name)


def _size(podman: list[str], context: Context, tool: Tool) -> float:
    model, folder, name = saved(context), context.scratch / f"image-{tool.name}", f"localhost/{tool.name}:1"
    env = {**tool.environ(context.home), **({"SSL_CERT_FILE": _CERTIFICATES} if _CERTIFICATES else {})}
    program = str(tool.script(tool.name))
    if tool is GITTRACK:
        uv("pip", "install", "-q", "-p", str(tool.python), "uv")
        words = [program, "model", "image", str(model), "-o", str(folder), "--base", _BASE]
        spend([*words, "--uv-image", "localhost/uv:1"], context.scratch, env)
    else:
        spend(
            [program, "models", "generate-dockerfile", "-m", str(model), "-d", str(folder)],
            context.scratch,
            env,
        )
        lines = (folder / "Dockerfile").read_text().splitlines()
        changed = [f"FROM {_BASE}" if line.startswith("FROM ") else line for line in lines]
        (folder / "Dockerfile").write_text("\n".join(changed))
    _build(podman, folder, name)
    done = subprocess.run(
        [*podman, "image", "inspect", "--format={{.Size}}", name], capture_output=True, check=True
    )
    return float(done.stdout)


def _build(podman: list[str], folder: Path, name: str) -> None:
    trusted = (f"--volume={_CERTIFICATES}:/ca.pem:ro", "--env=SSL_CERT_FILE=/ca.pem") if _CERTIFICATES else ()
    pip = ("--env=PIP_CERT=/ca.pem",) if _CERTIFICATES else ()
    words = [
        *podman,
        "build",
        "--isolation=chroot",
        "--format=docker",
        *trusted,
        *pip,
        f"--tag={name}",
        str(folder),
    ]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(done.stderr[-600:])
