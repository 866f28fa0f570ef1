"""Which artifacts go onto the runs branch."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittrack.artifacts.manifest import is_safe
from gittrack.core.redact import default_redactor
from gittrack.store.format.file_checks import check_path
from gittrack.store.format.reviewable import Candidate, choose, contents, is_clean, is_portable, is_reviewable
from gittrack.store.sync.merge import File, foreign
from tests.support.runs import DIGEST


def paths(*wanted: str, limit: int = 10, total: int = 100, size: int = 1) -> list[str]:
    """Those of some paths that go onto the branch."""
    candidates = [Candidate(path, DIGEST, size) for path in wanted]
    return [one.path for one in choose(candidates, limit=limit, total=total)]


@pytest.mark.parametrize(
    "path", ["a.png", "plots/Loss.SVG", "t.csv", "m.json", "a b/ü.md", "x.txt", "r.html"]
)
def test_reviewable(path: str) -> None:
    """Pictures, tables and texts, in either case."""
    assert is_reviewable(path)


@pytest.mark.parametrize(
    "path",
    [
        "model.pkl",
        "output.log",
        "run.yaml",
        ".git/a.md",
        "a/.GIT/a.md",
        ".gitignore.md",
        "git~1/a.md",
        ".g\u200cit/a.md",
        "a./b.md",
        "a /b.md",
        " a.md",
        "con.md",
        "a/NUL/b.txt",
        "Com1.txt",
        "../a.md",
        "a:b.md",
        f"{'x' * 150}.md",
        "/".join(["deep" * 20] * 4) + "/a.md",
        "a\u202eb.md",
    ],
)
def test_not_on_the_branch(path: str) -> None:
    """Other kinds of files, and names that some system takes for something else."""
    assert not is_reviewable(path)


def test_names_in_other_letters() -> None:
    """Of names that are one on macOS and Windows, the first goes."""
    assert paths("A.md", "a.md", "ü.md", "u\u0308.md", "Plots/a.png", "plots/b.png") == [
        "A.md",
        "ü.md",
        "Plots/a.png",
        "plots/b.png",
    ]


def test_a_file_and_a_folder_of_one_name() -> None:
    """Git cannot have both; the first goes."""
    assert paths("a.md", "A.md/b.md") == ["a.md"]
    assert paths("a.md/b.md", "A.md") == ["a.md/b.md"]
    assert paths("x.md", "x.md") == ["x.md"]


def test_limits() -> None:
    """A file that is too large, or does not fit any more, stays off; a smaller one after it may go."""
    candidates = [Candidate(f"{size}.md", DIGEST, size) for size in (11, 10, 8, 5)]
    assert [one.size for one in choose(candidates, limit=10, total=16)] == [10, 5]
    assert choose(candidates, limit=0, total=100) == []


SECRET = b"password: hunter22hunter\n"


def test_a_secret_keeps_a_text_off() -> None:
    """Whatever its suffix, but for pictures."""
    assert not is_clean("a.json", SECRET, default_redactor)
    assert is_clean("a.json", b'{"loss": 1}', default_redactor)
    assert is_clean("a.png", SECRET, default_redactor)
    assert is_clean("a.txt", b"\xff\xfe no UTF-8", default_redactor)


def test_contents() -> None:
    """What is not here any more, and what holds a secret, is left out."""
    store = {"1": b"fine", "2": SECRET}
    chosen = [Candidate("a.md", "1", 1), Candidate("b.md", "2", 1), Candidate("c.md", "3", 1)]
    assert contents(chosen, store.get, default_redactor) == {"a.md": b"fine"}


ODD = st.text(st.characters(codec="utf-8") | st.sampled_from("./ ~\\:gitGIT1\u200c"), max_size=20)


@given(ODD)
def test_a_portable_path_passes_every_check(path: str) -> None:
    """What is put onto the branch, merge and `validate` take."""
    if is_portable(path):
        whole = f".runs/x/2026-11/24/20261124-034313-k3f9a2x1/artifacts/{path}"
        assert is_safe(path)
        assert foreign(whole, File("100644", "")) is None
        assert list(check_path(whole)) == []
