from __future__ import annotations

import json

from gittrack.models.images.dockerfile import Plan, dockerfile, ignored, quoted, serve_script

PLAN = Plan(
    "slim",
    "python:3.11-slim@sha256:" + "ab" * 32,
    "ghcr.io/astral-sh/uv:0.13.9",
    "gittrack-1-py3-none-any.whl",
    {"a": "b"},
)


def _lines(plan: Plan) -> list[str]:
    return dockerfile(plan).splitlines()


def test_the_last_stage_has_no_uv() -> None:
    """What builds is not in what runs: after the last FROM nothing comes from the stage of uv."""
    last = dockerfile(PLAN).rpartition("FROM ${BASE}")[2]
    assert "--from=uv" not in last
    assert "COPY --from=build /opt/venv /opt/venv" in last


def test_both_stages_begin_with_the_same_base() -> None:
    """The paths of an environment hold only in the image that it was made in."""
    assert _lines(PLAN)[1] == f"ARG BASE={PLAN.base}"
    assert [line for line in _lines(PLAN) if line.startswith("FROM")] == [
        "FROM ${UV} AS uv",
        "FROM ${BASE} AS build",
        "FROM ${BASE}",
    ]


def test_packages_come_before_the_model() -> None:
    """Another model with the same requirements builds from what is there."""
    lines = _lines(PLAN)
    assert lines.index("COPY requirements.lock /build/") < lines.index("COPY model /opt/model")


def test_it_runs_as_a_user_without_rights() -> None:
    """The last user is none of the system's, by number, as Kubernetes can check."""
    assert [line for line in _lines(PLAN) if line.startswith("USER")] == ["USER 10001:0"]


def test_hashes_are_required() -> None:
    """A package that is not what was locked is not installed."""
    assert (
        "uv pip sync --python /opt/venv/bin/python --require-hashes /build/requirements.lock"
        in dockerfile(PLAN)
    )


def test_sagemaker_runs_serve_as_root() -> None:
    """As SageMaker asks for: the word `serve`, no other user, and the port by a variable."""
    text = dockerfile(PLAN._replace(target="sagemaker"))
    assert 'CMD ["serve"]' in text
    assert "USER" not in text
    assert 'com.amazonaws.sagemaker.capabilities.accept-bind-to-port="true"' in text
    assert "/opt/ml/model/MLmodel" in serve_script()


def test_the_check_of_health_is_python() -> None:
    """It needs no program besides, and compiles."""
    line = next(one for one in _lines(PLAN) if one.startswith("HEALTHCHECK"))
    words = json.loads(line.partition(" CMD ")[2])
    assert words[:2] == ["python", "-c"]
    compile(words[2], "health", "exec")


def test_only_what_is_copied_is_sent() -> None:
    """Everything is ignored but the files that the Dockerfile names."""
    assert ignored().splitlines()[0] == "*"
    assert {"!model", "!requirements.lock", "!*.whl", "!trusted"} <= set(ignored().splitlines())


def test_a_label_stays_one_value() -> None:
    """Quotes, backslashes and variables of a run end or replace nothing."""
    assert quoted('a"b\\c$D') == '"a\\"b\\\\c\\$D"'
