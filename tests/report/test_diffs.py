"""Diffs as HTML: what differs in full, images side by side, nothing loaded, nothing that works."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

import pytest

from gittrack.core.events import ArtifactLogged, Ended
from gittrack.core.records import Artifact, Run, Source
from gittrack.query.changes.whole import differences
from gittrack.report import pictures
from gittrack.report.diffs import diff_page
from gittrack.report.pictures import form_of
from tests.report.test_hostile import check_html
from tests.report.test_html import Nesting
from tests.support.diff_screens import example, page_of
from tests.support.hostile import HOSTILE
from tests.support.reviews import commit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gittrack.store.runs import RunStore

_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
_SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def with_files(store: RunStore, files: Mapping[str, bytes], **fields: object) -> Run:
    """A finished run with these artifacts."""
    run = Run(**{"id": store.new_id(), "start_time": 1_790_000_000_000, "name": "x", **fields})  # type: ignore[arg-type]  # fields of a run
    journal = store.create(run)
    for path, data in files.items():
        journal.event(ArtifactLogged(Artifact(path, *store.objects.put_bytes(data))))
    journal.event(Ended("finished", run.start_time + 5000, 0))
    journal.close()
    finished = store.finish(run.id)
    assert finished is not None
    return finished


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunStore, Run, Run]:
    """Two runs that differ in everything."""
    return example(tmp_path_factory.mktemp("diff") / "repo")


@pytest.fixture(scope="module")
def page(made: tuple[RunStore, Run, Run]) -> str:
    """The page of what differs between them."""
    return page_of(*made)


@pytest.mark.parametrize(
    "said",
    [
        "<h1>cosine against baseline: 2 metrics better, 1 worse</h1>",
        '<td class="r" data-key="0.0',  # a metric
        '<span class="bad">worse</span>',
        "<code>cosine</code>",  # a param
        "acc: 0.9 → 0.93, by 0.03",  # within a JSON file
        '<span class="del">-    for batch in data:</span>',
        '<span class="add">+    for batch in shuffled(data):</span>',
        "output.log: 6 lines differ, from line 1 on",
        "Hardware (1)",
        "Packages (1)",
        "other packages: torch",  # what may be why
    ],
)
def test_what_differs(page: str, said: str) -> None:
    """Metrics with their verdict, params, numbers in files, code, output, packages, reasons."""
    assert said in page


def test_images_side_by_side(made: tuple[RunStore, Run, Run], page: str) -> None:
    """Of both runs, in the page itself; its policy lets in these and nothing else."""
    store, before, after = made
    for run in (before, after):
        sha256 = next(one.sha256 for one in run.artifacts if one.path == "plots/loss.png")
        assert f'src="data:image/png;base64,{base64.b64encode(store.objects.read(sha256)).decode()}"' in page
    assert page.count('src="data:image/svg+xml;base64,') == 2
    assert "img-src data:;" in page


def test_it_is_one_file(page: str, made: tuple[RunStore, Run, Run]) -> None:
    """Well-formed, without an address, and the same each time."""
    found = Nesting()
    found.feed(page.replace("<img ", "<br "))
    assert found.open == []
    assert len(found.ids) == len(set(found.ids))
    assert set(found.targets) <= set(found.ids)
    assert "http" not in page.replace('http-equiv="', "")
    assert page == page_of(*made)


def test_without_the_patch(made: tuple[RunStore, Run, Run]) -> None:
    """How many lines of which files, then."""
    store, before, after = made
    page = diff_page(store, [differences(store, before, after)], patch=False)
    assert "for batch" not in page
    assert '<td class="r" data-key="2">+2</td>' in page


def test_three_runs(made: tuple[RunStore, Run, Run]) -> None:
    """The first against each of the others: a column a run, `=` for what is the same."""
    store, before, after = made
    third = with_files(store, {"plots/loss.png": _PNG}, name="third", params={"lr": 0.1})
    page = page_of(store, before, after, third)
    assert "<h1>2 runs against baseline</h1>" in page
    assert '<th scope="col">C third</th>' in page
    assert '<span class="dim">=</span>' in page
    assert page.count('src="data:image/png') == 3
    assert "was not recorded" in page  # the code of the third


def test_no_difference(made: tuple[RunStore, Run, Run]) -> None:
    """Is said, and which run it is."""
    store, before, _ = made
    assert "baseline against baseline: no difference" in page_of(store, before, before)


def test_only_the_code_differs(made: tuple[RunStore, Run, Run]) -> None:
    """Without metrics that changed the headline says what does differ."""
    store, before, after = made
    found = differences(store, before, after, only=["code"])
    assert "cosine against baseline: code differs" in diff_page(store, [found])


def test_an_image_that_is_not_here(store: RunStore) -> None:
    """Is not fetched: the page says which command does."""
    before, after = (with_files(store, {"a.png": _PNG + end * 1_900_000}) for end in (b"1", b"2"))
    gone = before.artifacts[0].sha256
    store.objects.path_of(gone).unlink()
    page = page_of(store, before, after)
    assert page.count("src=") == 1
    assert f"artifacts get {before.id} a.png" in page


def test_an_image_of_one_run(store: RunStore) -> None:
    """Beside it the page says that the other has none."""
    page = page_of(store, with_files(store, {}), with_files(store, {"a.png": _PNG}))
    assert page.count("src=") == 1
    assert '<p class="none dim">none</p>' in page


def test_images_have_limits(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large one is left out; so are those that the page has no room for. Both are said."""
    large, small = _PNG + b"1" * 3000, _PNG
    before = with_files(store, {"a.png": large, "b.png": small + b"1", "c.png": small + b"1"})
    after = with_files(store, {"a.png": small, "b.png": small + b"2", "c.png": small + b"2"})
    monkeypatch.setattr(pictures, "LARGEST", 2000)
    monkeypatch.setattr(pictures, "WHOLE", 4 * len(small))
    page = page_of(store, before, after)
    assert page.count("src=") == 3
    assert "images of up to 2 kB are shown" in page
    assert page.count("left out: a page has") == 2


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (_PNG, "png"),
        (b"\xff\xd8\xff\xe0", "jpeg"),
        (b"GIF89a", "gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "webp"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<svg/>', "svg+xml"),
        (b"<html><body>", None),
        (b"<svg>\xff</svg>", None),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>', None),
        (b"BM", None),
        (b"", None),
    ],
)
def test_bytes_say_what_an_image_is(data: bytes, form: str | None) -> None:
    """Not the name: what is no image, or would grow without end, is not shown as one."""
    assert form_of(data) == form


def test_what_is_no_image(store: RunStore) -> None:
    """A file that is called `.png` and is none is not in the page."""
    page = page_of(store, with_files(store, {"a.png": b"<html>"}), with_files(store, {"a.png": _PNG}))
    assert "neither PNG, JPEG, GIF, WebP nor SVG" in page


def test_hostile_text(store: RunStore, repo: Path) -> None:
    """In names, params, paths, code and output: nothing of it is markup."""
    texts = [text for text in HOSTILE if text.isprintable() and len(text) < 200]
    oids = [commit(repo, "\n".join(texts[start::2]), "a <b>&.py") for start in range(2)]
    runs = [
        with_files(
            store,
            {'p"><i>.png': _SVG + bytes([48 + place]), "output.log": "\n".join(texts[place:]).encode()},
            name=texts[place],
            params={text: f"{text}{place}" for text in texts},
            command=tuple(texts[place:]),
            source=Source(oid, snapshot=oid),
        )
        for place, oid in enumerate(oids)
    ]
    page = page_of(store, *runs)
    assert page.count('<img src="data:image/svg+xml;base64,') == 2
    bare = re.sub(r' src="data:image/[a-z+]+;base64,[\w+/=]+"', "", page)
    check_html(bare.replace("<img ", "<br "))
