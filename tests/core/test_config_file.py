"""`gittrack.yaml`: read, and changed one value at a time."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittrack.core.config_file import key_lines, read, write
from gittrack.core.config_keys import KEYS
from gittrack.core.errors import GitTrackError, GitTrackWarning, InvalidValue, MalformedFile
from tests.core.test_config import config

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.core.config import Config


def in_file(folder: Path, text: str) -> Config:
    """A configuration from a `gittrack.yaml`."""
    (folder / "gittrack.yaml").write_text(text)
    return config(folder)


class TestFile:
    """`gittrack.yaml`."""

    def test_sections(self, tmp_path: Path) -> None:
        """Keys stand in sections."""
        found = in_file(tmp_path, "snapshot:\n  enabled: false\n  allow: [a.pem]\n")
        assert (found.get("snapshot.enabled"), found.get("snapshot.allow")) == (False, ("a.pem",))
        assert found.origin("snapshot.allow") == "gittrack.yaml line 3"

    def test_dotted(self, tmp_path: Path) -> None:
        """Keys may stand with dots."""
        found = in_file(tmp_path, "runs.remote: results\n")
        assert (found.get("runs.remote"), found.origin("runs.remote")) == ("results", "gittrack.yaml line 1")

    def test_braces(self, tmp_path: Path) -> None:
        """The line of a key in braces is the line of its section."""
        found = in_file(tmp_path, "# x\nruns: {remote: results}\n")
        assert found.origin("runs.remote") == "gittrack.yaml line 2"

    def test_mapping(self, tmp_path: Path) -> None:
        """Sections of globs are kept as they are."""
        found = in_file(tmp_path, "metrics:\n  val/*:\n    goal: minimize\n    atol: 1e-3\n")
        assert found.get("metrics") == {"val/*": {"goal": "minimize", "atol": 1e-3}}

    def test_null_is_unset(self, tmp_path: Path) -> None:
        """A key without a value is not set."""
        found = in_file(tmp_path, "experiment:\nruns:\n")
        assert (found.get("experiment"), found.problems()) == ("default", [])

    def test_unknown_key(self, tmp_path: Path) -> None:
        """An unknown key warns with its line and the nearest known one."""
        found = in_file(tmp_path, "experiment: a\nsnapshot:\n  max_filesize: 1\n")
        expected_text = (
            "gittrack.yaml line 3: unknown key snapshot.max_filesize, did you mean snapshot.max_file_size?"
        )
        with pytest.warns(GitTrackWarning, match=re.escape(expected_text)):
            assert found.get("experiment") == "a"
        assert found.problems() == [expected_text]

    def test_wrong_type(self, tmp_path: Path) -> None:
        """A value of the wrong type is an error with its line and a hint."""
        found = in_file(tmp_path, "snapshot:\n  max_file_size: big\n")
        with pytest.raises(
            InvalidValue, match=r"gittrack\.yaml line 2: snapshot\.max_file_size is not a size: 'big'"
        ) as error:
            found.get("snapshot.max_file_size")
        assert error.value.hint
        assert found.get("experiment") == "default"

    def test_broken(self, tmp_path: Path) -> None:
        """A file that is not YAML is named."""
        with pytest.raises(MalformedFile, match=r"gittrack\.yaml: not YAML"):
            in_file(tmp_path, "a: [\n").get("experiment")

    def test_not_a_mapping(self, tmp_path: Path) -> None:
        """A file with something else is named."""
        with pytest.raises(MalformedFile, match="not a mapping"):
            in_file(tmp_path, "- a\n").get("experiment")

    def test_folder(self, tmp_path: Path) -> None:
        """What cannot be read is said."""
        (tmp_path / "gittrack.yaml").mkdir()
        with pytest.raises(GitTrackError, match=r"cannot read gittrack\.yaml"):
            config(tmp_path).get("experiment")

    def test_items_survive(self, tmp_path: Path) -> None:
        """The list of settings shows what can be read and the problem of what cannot."""
        settings = {one.key: one for one in in_file(tmp_path, "code:\n  push: some\n").items()}
        assert settings["code.push"].problem
        assert settings["experiment"] == ("experiment", "default", "default", None)

    def test_broken_problems(self, tmp_path: Path) -> None:
        """A file that cannot be read at all is one problem a setting."""
        assert in_file(tmp_path, "a: [\n").problems()


class TestWrite:
    """Changing one value of the file."""

    @pytest.mark.parametrize(
        ("before", "name", "value", "after"),
        [
            ("", "experiment", "a", 'experiment: "a"\n'),
            ("", "runs.remote", "r", 'runs:\n  remote: "r"\n'),
            ("# top\nexperiment: a  # why\n", "experiment", "b", '# top\nexperiment: "b"  # why\n'),
            ("runs:  # x\n    remote: a\n", "runs.remote", "b", 'runs:  # x\n    remote: "b"\n'),
            (
                "snapshot:\n    enabled: true\n",
                "snapshot.max_file_size",
                5,
                "snapshot:\n    max_file_size: 5\n    enabled: true\n",
            ),
            (
                "code:\n  push: all\n# end\n",
                "redact.keys",
                ("a", "b"),
                'code:\n  push: all\n# end\nredact:\n  keys: ["a", "b"]\n',
            ),
            ('redact:\n  keys: ["a"] # mine\n', "redact.keys", ("b",), 'redact:\n  keys: ["b"]  # mine\n'),
            ("experiment: a\ncode.push: all\n", "code.push", "none", 'experiment: a\ncode.push: "none"\n'),
            ("experiment: a\nrepo: b\n", "experiment", None, "repo: b\n"),
            ("repo: b\n", "experiment", None, "repo: b\n"),
            ("runs:\n", "runs.remote", "r", 'runs:\n  remote: "r"\n'),
            ('experiment: "a # b"\n', "experiment", "c", 'experiment: "c"\n'),
        ],
    )
    def test_change(self, before: str, name: str, value: Any, after: str) -> None:
        """Only the line of the setting changes."""
        assert write(before, KEYS[name], value) == after

    @pytest.mark.parametrize(
        ("before", "name"),
        [
            ("redact:\n  keys:\n    - a\n", "redact.keys"),
            ("redact:\n  keys:\n  - a\n", "redact.keys"),
            ("runs: {remote: a}\n", "runs.remote"),
            ("experiment: |\n  a\n", "experiment"),
            ("experiment: a\n  b\n", "experiment"),
            ("{experiment: a}\n", "experiment"),
        ],
    )
    def test_refuse(self, before: str, name: str) -> None:
        """A form that lines cannot change safely is left to its author."""
        with pytest.raises(GitTrackError, match="does not change") as error:
            write(before, KEYS[name], ("b",) if name == "redact.keys" else "b")
        assert error.value.hint == "edit gittrack.yaml by hand"

    @given(st.text(st.characters(codec="utf-8"), max_size=30).filter(str.isprintable))
    def test_any_text(self, text: str) -> None:
        """Every text that a setting takes comes back from the file."""
        with warnings.catch_warnings(record=True):
            written = write("a: 1\n", KEYS["experiment"], text)
        assert read(written.encode()).values["experiment"] == text

    def test_lines(self) -> None:
        """Keys are found by their indentation, quoted or not."""
        assert key_lines('a:\n  "b":\n    c: 1\n  d: 2\n\n# e: 1\nf: 1\n') == {
            "a": 1,
            "a.b": 2,
            "a.b.c": 3,
            "a.d": 4,
            "f": 7,
        }
