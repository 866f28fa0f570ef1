"""The Dockerfile of a model; pure.

Two stages: one installs with uv, the other has what was installed, the model, and nothing else. What
changes rarely comes first, so that another model with the same requirements builds in seconds.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

Target = Literal["slim", "sagemaker"]
TARGETS: tuple[Target, ...] = ("slim", "sagemaker")
MODEL = "/opt/model"
PORT = 8080
USER = 10001
_TESTS = ("numpy", "scipy", "sklearn", "pandas", "pyarrow")
"""Packages that carry their tests, a quarter of what they take, and never import them."""
_HEALTH = (
    "import os, urllib.request as r; e = os.environ.get; "
    f"p = e('AIP_HTTP_PORT') or e('SAGEMAKER_BIND_TO_PORT') or e('PORT') or {PORT}; "
    "r.urlopen(f'http://127.0.0.1:{p}/ping', timeout=4)"
)
_SAGEMAKER = {"com.amazonaws.sagemaker.capabilities.accept-bind-to-port": "true"}


class Plan(NamedTuple):
    """What a Dockerfile needs to know.

    Attributes:
        target: which kind.
        base: image that both stages begin with.
        uv: image that has uv.
        wheel: name of the file with gittrack.
        labels: key to value.
    """

    target: Target
    base: str
    uv: str
    wheel: str
    labels: Mapping[str, str]


def dockerfile(plan: Plan) -> str:
    """The text of the file."""
    labels = {**plan.labels, **(_SAGEMAKER if plan.target == "sagemaker" else {})}
    lines = [f"    {key}={quoted(value)}" for key, value in labels.items()]
    return "\n".join(
        [
            f"# gittrack model image: {plan.target}",
            f"ARG BASE={plan.base}",
            f"ARG UV={plan.uv}",
            "",
            "FROM ${UV} AS uv",
            "",
            *_build(plan),
            "",
            "FROM ${BASE}",
            "LABEL \\",
            " \\\n".join(lines),
            'ENV PATH="/opt/venv/bin:$PATH" PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp \\',
            f"    GITTRACK_TRUST_FILE={MODEL}.trusted",
            "COPY --from=build /opt/venv /opt/venv",
            f"COPY trusted {MODEL}.trusted",
            f"COPY model {MODEL}",
            *_start(plan.target),
            "",
        ]
    )


def _build(plan: Plan) -> list[str]:
    tests = "|".join(_TESTS)
    return [
        "FROM ${BASE} AS build",
        "COPY --from=uv /uv /usr/local/bin/uv",
        "# where packages come from, if not from PyPI; nothing of it is in the image",
        "ARG UV_DEFAULT_INDEX UV_INDEX UV_FIND_LINKS",
        "ENV UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never",
        "COPY requirements.lock /build/",
        "RUN --mount=type=cache,target=/root/.cache/uv \\",
        "    uv venv --no-project --python python3 /opt/venv \\",
        "    && uv pip sync --python /opt/venv/bin/python --require-hashes /build/requirements.lock",
        f"COPY {plan.wheel} /build/",
        f"RUN uv pip install --offline --no-deps --python /opt/venv/bin/python /build/{plan.wheel} \\",
        "    && find /opt/venv/lib -regextype posix-extended -type d \\",
        f"        -regex '.*/site-packages/({tests})/(.*/)?tests' -prune -exec rm -rf {{}} + \\",
        "    && { /opt/venv/bin/python -m compileall -q -j 0 /opt/venv/lib || true; }",
    ]


def _start(target: Target) -> list[str]:
    check = json.dumps(["python", "-c", _HEALTH])
    health = f"HEALTHCHECK --interval=15s --timeout=5s --start-period=60s CMD {check}"
    common = [f"EXPOSE {PORT}", "STOPSIGNAL SIGTERM", health]
    if target == "sagemaker":
        return [
            *common,
            "# SageMaker runs `serve`, as root; it takes no other user",
            "COPY serve /usr/local/bin/serve",
            'CMD ["serve"]',
        ]
    words = json.dumps(["gittrack", "model", "serve", MODEL, "--host", "0.0.0.0"])  # noqa: S104  in a container
    return [*common, f"USER {USER}:0", f"ENTRYPOINT {words}"]


def serve_script() -> str:
    """`serve` of a SageMaker container: the model that was mounted where there is one, else its own.

    docs.aws.amazon.com, "Custom inference code with hosting services".
    """
    return (
        "#!/bin/sh\n"
        f"model={MODEL}\n"
        "if [ -f /opt/ml/model/MLmodel ]; then model=/opt/ml/model; fi\n"
        'exec gittrack model serve "$model" --host 0.0.0.0\n'
    )


def ignored() -> str:
    """The `.dockerignore`: only what the Dockerfile copies is sent."""
    kept = ("requirements.lock", "*.whl", "model", "trusted", "serve")
    return "*\n" + "".join(f"!{name}\n" for name in kept)


def quoted(text: str) -> str:
    """A value in a LABEL: in double quotes, with nothing that is replaced or ends it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$") + '"'
