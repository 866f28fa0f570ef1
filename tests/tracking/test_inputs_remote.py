"""URLs as inputs, against real servers."""

from __future__ import annotations

import base64
import hashlib
import http.server
import threading
from typing import TYPE_CHECKING, Any, ClassVar

import fsspec
import pytest

from gittrack.artifacts.drivers.facts import Facts, facts_of, listing
from gittrack.core.errors import GitTrackError, InvalidValue
from gittrack.tracking.inputs import Wanted, input_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittrack.core.records import Input
    from gittrack.store.runs import RunStore

CONTENT = b"a,b\n1,2\n"


class Site(http.server.BaseHTTPRequestHandler):
    """A web server with one file at every path; what it says is in the path."""

    protocol_version = "HTTP/1.1"
    seen: ClassVar[list[tuple[str, str, str | None]]] = []

    def do_HEAD(self) -> None:
        """Headers only; not where the URL is signed for GET."""
        self._answer(403 if "signed" in self.path else 200, b"")

    def do_GET(self) -> None:
        """The file, or one byte of it."""
        if self.headers.get("Range"):
            self._answer(206, CONTENT[:1])
        else:
            self._answer(200, CONTENT)

    def _answer(self, status: int, body: bytes) -> None:
        self.seen.append((self.command, self.path, self.headers.get("Authorization")))
        for code in ("401", "403", "404", "500"):
            if self.path.startswith(f"/{code}"):
                status, body = int(code), b""
        self.send_response(status)
        if status == 206:
            self.send_header("Content-Range", f"bytes 0-0/{len(CONTENT)}")
        length = len(body) if body or status >= 400 else len(CONTENT)
        self.send_header("Content-Length", str(length + (5 if "cut" in self.path else 0)))
        if "etag" in self.path:
            self.send_header("ETag", 'W/"33a64df5"')
        if "md5" in self.path:
            self.send_header("Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg==")
        if "s3" in self.path:
            self.send_header("x-amz-version-id", "3/L4kqtJlcpXro")
        if "date" in self.path:
            self.send_header("Last-Modified", "Tue, 24 Nov 2026 10:00:00 GMT")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)
        self.close_connection = "cut" in self.path or self.close_connection

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    """The address of a web server."""
    Site.seen.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def used(store: RunStore, url: str, **options: Any) -> Input:
    """What is recorded of a URL."""
    return input_of(Wanted(url, **options), store)


@pytest.mark.parametrize(
    ("path", "version"),
    [
        ("etag-date.csv", "etag 33a64df5"),
        ("s3-etag.csv", "version 3/L4kqtJlcpXro"),
        ("md5.csv", "md5 1B2M2Y8AsgTpgAmY7PhCfg=="),
        ("date.csv", "modified 2026-11-24T10:00:00.000Z"),
        ("nothing.csv", None),
        ("signed-etag.csv", "etag 33a64df5"),
    ],
)
def test_a_web_page(store: RunStore, site: str, path: str, version: str | None) -> None:
    """By what its server says, without a download."""
    one = used(store, f"http://{site}/data/{path}", context="train")
    assert (one.name, one.uri, one.version) == (path, f"http://{site}/data/{path}", version)
    assert (one.size, one.sha256, one.kind, one.context) == (len(CONTENT), None, "file", "train")
    assert ("GET" in {method for method, *_ in Site.seen}) is ("signed" in path)


def test_a_kept_web_page(store: RunStore, site: str) -> None:
    """It is downloaded; then its digest is known too."""
    one = used(store, f"http://{site}/etag.csv", keep=True)
    assert (one.sha256, one.version, one.kept) == (hashlib.sha256(CONTENT).hexdigest(), "etag 33a64df5", True)
    assert store.objects.read(one.sha256 or "") == CONTENT


def test_credentials_open_and_are_not_recorded(store: RunStore, site: str) -> None:
    """Neither a password nor a signature."""
    url = f"http://ada:p%40ss@{site}/x.csv?X-Amz-Signature=0123456789abcdef&part=2"
    one = used(store, url)
    assert one.uri == f"http://{site}/x.csv?X-Amz-Signature=[redacted]&part=2"
    [(_, path, login)] = Site.seen
    assert path == "/x.csv?X-Amz-Signature=0123456789abcdef&part=2"
    assert login == f"Basic {base64.b64encode(b'ada:p@ss').decode()}"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("401", "wants other credentials"),
        ("403", "is refused"),
        ("404", "is not there"),
        ("500", "answers with HTTP 500"),
    ],
)
@pytest.mark.parametrize("keep", [False, True])
def test_a_refusal(store: RunStore, site: str, path: str, said: str, *, keep: bool) -> None:
    """In our words, without what was secret in the address."""
    with pytest.raises(GitTrackError, match=said) as caught:
        used(store, f"http://ada:hunter22@{site}/{path}?token=hunter22", keep=keep)
    assert "hunter22" not in caught.value.message


@pytest.mark.parametrize("keep", [False, True])
def test_nobody_answers(store: RunStore, *, keep: bool) -> None:
    """The same."""
    with pytest.raises(GitTrackError, match="cannot be reached"):
        used(store, "http://127.0.0.1:9/x.csv", keep=keep)


def test_a_download_that_breaks_off(store: RunStore, site: str) -> None:
    """Half a file is not kept."""
    with pytest.raises(GitTrackError, match=r"broke off|cannot be reached"):
        used(store, f"http://{site}/cut.csv", keep=True)


@pytest.mark.parametrize("url", ["s3://bucket/a\nb", "https://[x", "simplecache://x/y"])
def test_what_is_no_url(store: RunStore, url: str) -> None:
    """A mistake is said at once, or is a warning."""
    with pytest.raises(GitTrackError):
        used(store, url)


@pytest.fixture
def memory() -> Iterator[Any]:
    """A store in memory."""
    files = fsspec.filesystem("memory")
    files.pipe({"/inputs/a.csv": b"1", "/inputs/b.csv": b"23"})
    yield files
    files.rm("/inputs", recursive=True)


@pytest.mark.usefixtures("memory")
def test_a_store_that_knows_times_only(store: RunStore) -> None:
    """Size and time are what there is to record."""
    one = used(store, "memory://inputs/a.csv")
    assert (one.name, one.uri, one.size, one.kind) == ("a.csv", "memory://inputs/a.csv", 1, "file")
    assert (one.version or "").startswith("modified 20")
    kept = used(store, "memory://inputs/a.csv", keep=True)
    assert store.objects.read(kept.sha256 or "") == b"1"


def test_a_folder_of_a_store(store: RunStore, memory: Any) -> None:
    """By the listing of its files: it changes when one of them does."""
    one = used(store, "memory://inputs")
    assert (one.kind, one.size, one.name) == ("directory", 3, "inputs")
    assert (one.version or "").startswith("listing ")
    memory.pipe("/inputs/c.csv", b"4")
    assert used(store, "memory://inputs").version != one.version
    with pytest.raises(GitTrackError, match="not kept"):
        used(store, "memory://inputs", keep=True)


@pytest.mark.usefixtures("memory")
def test_a_folder_within(store: RunStore) -> None:
    """The same below the top of a store."""
    fsspec.filesystem("memory").pipe("/inputs/deep/d.csv", b"5")
    one = used(store, "memory://inputs/deep/")
    assert (one.kind, one.size, one.name) == ("directory", 1, "deep")


def test_nothing_there(store: RunStore) -> None:
    """That is said with the address."""
    with pytest.raises(GitTrackError, match=r"memory://inputs/none.csv is not there"):
        used(store, "memory://inputs/none.csv")


def test_credentials_in_the_url_of_a_store(store: RunStore) -> None:
    """They come from elsewhere; the message does not repeat them."""
    with pytest.raises(InvalidValue) as caught:
        used(store, "s3://AKIDTEST:SECRETTEST@bucket/x")
    assert "SECRET" not in f"{caught.value}{caught.value.hint}"


@pytest.mark.parametrize(
    ("info", "version"),
    [
        ({"ETag": '"abc"', "VersionId": None}, "etag abc"),
        ({"ETag": '"abc"', "VersionId": "v1"}, "version v1"),
        ({"etag": "abc", "generation": "17"}, "generation 17"),
        ({"VersionId": "null", "LastModified": "2026-11-24T10:00:00Z"}, "modified 2026-11-24T10:00:00.000Z"),
        ({"content_md5": bytearray(b"\x01\x02")}, "md5 0102"),
        ({"mtime": 0.5}, "modified 1970-01-01T00:00:00.500Z"),
        ({"mtime": "soon"}, None),
        ({}, None),
    ],
)
def test_what_drivers_say(info: dict[str, Any], version: str | None) -> None:
    """The strongest of it is the version."""
    assert facts_of(info) == Facts(None, version)


def test_a_listing_has_no_order() -> None:
    """Stores list in any."""
    files = [("a", Facts(1, "etag x")), ("b", Facts(None, None))]
    assert listing(iter(files)) == listing(reversed(files))
    assert listing(iter(files)).size == 1
