from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.core.errors import InvalidValue, MalformedFile
from gittrack.launch.environments.requirements import flatten, logical_lines, read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_comments_and_continued_lines() -> None:
    """Each with the number of its first line."""
    text = "# head\nsix==1.0  # why\n\nidna \\\n  >=3 \\\n  # in between\n  , <4\na#b\n"
    assert list(logical_lines(text)) == [(2, "six==1.0"), (4, "idna >=3"), (7, ", <4"), (8, "a#b")]


def test_included_files_are_flattened(project: Callable[..., Path]) -> None:
    """`-r` and `-c` relative to the file that names them."""
    top = project(
        {
            "requirements.txt": "-r more/base.txt\n-cmore/limits.txt\n--requirement=more/base.txt\nsix\n",
            "more/base.txt": "idna\n-c limits.txt\n",
            "more/limits.txt": "idna<4\n",
        }
    )
    found = read("requirements.txt", directory=top)
    assert (found.lines, found.constraints) == (("idna", "six"), ("idna<4",))
    assert found.files == ("requirements.txt", "more/base.txt", "more/limits.txt")


@pytest.mark.parametrize("name", ["../outside.txt", "/etc/passwd", "https://example.org/r.txt", "link.txt"])
def test_an_included_file_may_not_leave_the_project(project: Callable[..., Path], name: str) -> None:
    """Nor through a link."""
    top = project({"requirements.txt": f"-r {name}\n"})
    (top / "link.txt").symlink_to("/etc/passwd")
    with pytest.raises(InvalidValue, match="is outside of the project"):
        read("requirements.txt", directory=top)


def test_a_wider_root_lets_files_be_shared(project: Callable[..., Path]) -> None:
    """A project in a folder of a repository may use what is above it."""
    top = project({"base.txt": "six\n", "sub/requirements.txt": "-r ../base.txt\n"})
    found = read("requirements.txt", directory=top / "sub", root=top)
    assert (found.lines, found.files) == (("six",), ("requirements.txt", "base.txt"))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("--python=/bin/sh\n", "line 1: an option that is not taken from files: --python"),
        ("six\n-x\n", "line 2: an option that is not taken from files: -x"),
        ("-r gone.txt\n", "gone.txt: no such file"),
        ("-r requirements.txt\n", "files that include each other"),
    ],
)
def test_what_is_refused(project: Callable[..., Path], text: str, problem: str) -> None:
    """With the place where it stands."""
    with pytest.raises(MalformedFile, match=problem):
        read("requirements.txt", directory=project({"requirements.txt": text}))


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    """It is named."""
    (tmp_path / "requirements.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(MalformedFile, match="not a text file"):
        read("requirements.txt", directory=tmp_path)


def test_a_line_that_hides_another(tmp_path: Path) -> None:
    """Text from YAML may have line ends in it."""
    with pytest.raises(MalformedFile, match="several lines"):
        flatten(["six\n--index-url http://x"], directory=tmp_path, where="python_env.yaml")


def test_options_that_files_may_hold(tmp_path: Path) -> None:
    """Indexes go to the file for uv, switches to flags of ours, the rest to the notes."""
    lines = ["-i https://a/simple", "--extra-index-url=https://b", "--no-index", "-f wheels", "-fhttps://c"]
    found = flatten(
        [*lines, "--pre", "--require-hashes", "--trusted-host b"], directory=tmp_path, where="x.yaml"
    )
    assert found.options == (
        *("--index-url https://a/simple", "--extra-index-url https://b", "--no-index"),
        *(f"--find-links {(tmp_path / 'wheels').as_uri()}", "--find-links https://c"),
    )
    assert found.flags == ("--prerelease=allow", "--require-hashes")
    assert found.notes == ("x.yaml: --trusted-host means nothing to uv and is left out",)


@pytest.mark.parametrize(
    ("line", "result", "editable"),
    [
        ("-e .", "-e {top}", True),
        ("-e ./sub[a,b]", "-e {top}/sub[a,b]", True),
        ("--editable=sub", "-e {top}/sub", True),
        ("./sub ; python_version > '3'", "{top}/sub ; python_version > '3'", False),
        ("wheels/six-1-py3-none-any.whl", "{top}/wheels/six-1-py3-none-any.whl", False),
        ("six @ ./wheels/six.whl", "six @ {top}/wheels/six.whl", False),
        ("six @ file:wheels/six.whl", "six @ {top}/wheels/six.whl", False),
    ],
)
def test_paths_are_relative_to_the_project(tmp_path: Path, line: str, result: str, editable: bool) -> None:  # noqa: FBT001  a column
    """And absolute in what uv gets."""
    found = flatten([line], directory=tmp_path, where="x")
    assert found.lines == (result.format(top=tmp_path.as_uri()),)
    assert [one.editable for one in found.locals] == [editable]


@pytest.mark.parametrize(
    "line", ["six", "six==1.0", "a @ https://x/a.whl", "a @ git+https://x/a@1", "https://x/a.zip"]
)
def test_other_requirements_stay(tmp_path: Path, line: str) -> None:
    """A URL is no path."""
    found = flatten([line], directory=tmp_path, where="x")
    assert (found.lines, found.locals) == ((line,), ())


def test_credentials_are_not_recorded(tmp_path: Path) -> None:
    """Uv gets them, the record does not."""
    found = flatten(
        ["-i https://me:hunter2@x/simple", "a @ https://t0k@x/a.whl"], directory=tmp_path, where="x"
    )
    assert "hunter2" in found.text()
    assert found.public() == {
        "dependencies": ["a @ https://x/a.whl"],
        "indexes": ["--index-url https://x/simple"],
    }
