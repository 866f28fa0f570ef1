"""Options of a store."""

from __future__ import annotations

from typing import Any

import pytest

from gittrack.artifacts.options import ALLOWED, check
from gittrack.artifacts.urls import parse
from gittrack.core.errors import InvalidValue

S3 = parse("s3://bucket")


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("s3://b", {"endpoint_url": "http://127.0.0.1:9000", "region": "eu-west-1", "anon": True}),
        ("s3://b", {"storage_class": "STANDARD_IA", "kms_key_id": "arn:aws:kms:eu-west-1:1:key/ab-c"}),
        ("gs://b", {"project": "p-1"}),
        ("az://b", {"account_name": "acc", "account_host": "acc.blob.core.windows.net"}),
        ("sftp://h", {"port": 2222, "user": "ada"}),
        ("webdav://h", {"tls": True}),
    ],
)
def test_taken(url: str, options: dict[str, Any]) -> None:
    """What a store knows is taken as it is."""
    assert check(parse(url), options) == options


def test_of_others() -> None:
    """An option of another kind of store is passed over: the URL may differ from one clone to another."""
    assert check(S3, {"project": "p", "region": "x"}) == {"region": "x"}


@pytest.mark.parametrize(
    "name",
    [
        "key",
        "secret",
        "token",
        "password",
        "aws_secret_access_key",
        "connection_string",
        "account_key",
        "sas",
    ],
)
def test_secrets_are_refused(name: str) -> None:
    """`gittrack.yaml` is shared, so it holds no secret, and the message none either."""
    with pytest.raises(InvalidValue, match="must not hold credentials") as caught:
        check(S3, {name: "hunter2"})
    assert "hunter2" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("s3://b", {"endpoint_url": "ftp://x"}),
        ("s3://b", {"endpoint_url": "http://user:pw@host"}),
        ("s3://b", {"anon": "yes"}),
        ("s3://b", {"region": 1}),
        ("s3://b", {"profile": "-x"}),
        ("sftp://h", {"port": 0}),
        ("sftp://h", {"port": True}),
        ("sftp://h", {"user": "-oProxyCommand=x"}),
        ("az://b", {"account_host": "evil.example.org"}),
    ],
)
def test_values_that_cannot_be(url: str, options: dict[str, Any]) -> None:
    """A value of another kind is refused, with a hint."""
    with pytest.raises(InvalidValue) as caught:
        check(parse(url), options)
    assert caught.value.hint


def test_unknown() -> None:
    """An option that no store has is refused, and the nearest named."""
    with pytest.raises(InvalidValue, match="no such option") as caught:
        check(S3, {"endpoint": "http://x"})
    assert caught.value.hint == "did you mean endpoint_url?"


def test_unknown_without_a_near_one() -> None:
    """Where none is near, all are named."""
    with pytest.raises(InvalidValue) as caught:
        check(parse("sftp://h"), {"zzz": 1})
    assert caught.value.hint == "this store knows: port, user"


def test_names_that_are_no_text() -> None:
    """YAML may have any key."""
    with pytest.raises(InvalidValue):
        check(S3, {1: "x"})  # type: ignore[dict-item]  # what YAML may give


def test_every_family_has_a_list() -> None:
    """No family of drivers takes options unseen."""
    from gittrack.artifacts.drivers import DRIVERS

    assert ALLOWED.keys() == DRIVERS.keys()
