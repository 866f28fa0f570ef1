"""The URL of a store."""

from __future__ import annotations

import pytest

from gittrack.artifacts.urls import extra_for, parse
from gittrack.core.errors import InvalidValue


@pytest.mark.parametrize(
    ("url", "family", "host", "path"),
    [
        ("s3://bucket/prefix/", "s3", "bucket", "prefix"),
        ("s3://My.Bucket", "s3", "My.Bucket", ""),
        ("gs://bucket/a//b", "gcs", "bucket", "a/b"),
        ("az://container/p", "azure", "container", "p"),
        ("abfs://box@acc.dfs.core.windows.net/p", "azure", "acc.dfs.core.windows.net", "p"),
        ("hdfs:///data", "hdfs", "", "/data"),
        ("webhdfs://name:9870/data", "webhdfs", "name", "/data"),
        ("ftp://host/a", "ftp", "host", "/a"),
        ("sftp://host", "sftp", "host", ""),
        ("SFTP://Host/x", "sftp", "host", "/x"),
        ("webdavs://host/dav/x", "webdav", "host", "/dav/x"),
        ("file:///mnt/share/", "local", "", "/mnt/share"),
        ("file://localhost/mnt/share", "local", "", "/mnt/share"),
        ("/mnt/share", "local", "", "/mnt/share"),
        ("memory://x/y", "memory", "x", "/y"),
        ("dropbox://a/b", "other", "a", "b"),
    ],
)
def test_parts(url: str, family: str, host: str, path: str) -> None:
    """Each scheme has its family, host or bucket, and path."""
    found = parse(url)
    assert (found.family, found.host, found.path) == (family, host, path)


def test_user_and_port() -> None:
    """A URL may say who logs in and where."""
    found = parse("sftp://ada@host:2222/x")
    assert (found.user, found.port, found.text) == ("ada", 2222, "sftp://ada@host:2222/x")


@pytest.mark.parametrize(
    "url",
    ["s3://AKID:secret@bucket/x", "s3://AKID@bucket", "sftp://ada:pw@host/x", "ftp://:pw@host/x", "gs://t@b"],
)
def test_credentials_are_refused(url: str) -> None:
    """A URL is shared with everybody, so it holds no secret, and the message none either."""
    with pytest.raises(InvalidValue, match="must not hold credentials") as caught:
        parse(url)
    assert "secret" not in str(caught.value)
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "relative/folder",
        "../up",
        "/mnt/../etc",
        "file://host/share",
        "s3://",
        "s3:///prefix",
        "s3://bucket/../x",
        "s3://bucket/x?versionId=1",
        "az://box/x?sv=1&sig=abc",
        "sftp://host/x#part",
        "sftp://-oProxyCommand=x/y",
        "sftp://$(id)/y",
        "sftp://-l@host/y",
        "sftp://host:port/y",
        "simplecache::s3://bucket",
        "zip://x",
        "reference://x",
        "1://x",
        "s3://buck\x00et",
    ],
)
def test_what_is_no_store(url: str) -> None:
    """What is no store, or would be more than one, is refused with a hint."""
    with pytest.raises(InvalidValue) as caught:
        parse(url)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("url", "extra"),
    [("s3://b", "s3"), ("gs://b", "gcs"), ("abfs://b", "azure"), ("sftp://h", "sftp"), ("ftp://h", None)],
)
def test_extra(url: str, extra: str | None) -> None:
    """The extra that brings the driver, if one is needed."""
    assert extra_for(parse(url)) == extra


def test_windows_paths() -> None:
    """A drive letter is no scheme, and the slash before it no part of the path."""
    from gittrack.artifacts import urls

    assert urls._local_path("file:///C:/store") == "C:/store"
