"""The documentation names everything, and what it names exists."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import gittrack
from gittrack.cli.main import VERBS
from tests.support import readme
from tests.support.git import make_repo

if TYPE_CHECKING:
    from pathlib import Path

DOCS = readme.README.parent / "docs"
PAGES = [readme.README, readme.README.with_name("CHANGELOG.md"), *sorted(DOCS.glob("*.md"))]
_LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")


def text_of(page: Path) -> str:
    """A page."""
    return page.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every link to a file of the project finds it."""
    links = [link for link in _LINK.findall(text_of(page)) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_the_index_names_each_page(page: Path) -> None:
    """No page is an orphan."""
    if page.name != "index.md":
        assert f"({page.name})" in text_of(DOCS / "index.md")


@pytest.mark.parametrize("name", [name for name in gittrack.__all__ if not name.startswith("_")])
def test_every_function_is_documented(name: str) -> None:
    """`docs/python-api.md` has each public name."""
    assert re.search(rf"\b{name}\b", text_of(DOCS / "python-api.md"))


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_documented(verb: str) -> None:
    """The README or a page of the documentation shows each verb."""
    assert any(re.search(rf"gittrack {verb}\b|`{verb}`", text_of(page)) for page in PAGES)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb: str) -> None:
    """`gittrack VERB --help` says what it does."""
    words = [sys.executable, "-m", "gittrack", verb, "--help"]
    done = subprocess.run(words, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"Usage: gittrack {verb}")


def test_the_programs_of_the_python_page_run(tmp_path: Path) -> None:
    """The first prints the last loss."""
    repo = make_repo(tmp_path / "repo")
    code = "\n".join(readme.blocks("python", text_of(DOCS / "python-api.md")))
    done = subprocess.run([sys.executable, "-c", code], cwd=repo, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("0.3333333333333333\n", "")


def test_the_changelog_has_this_version() -> None:
    """The version of the package is in `CHANGELOG.md`."""
    assert f"## {gittrack.__version__}" in text_of(readme.README.with_name("CHANGELOG.md"))
