"""Where a setting comes from, and how it is read."""

from __future__ import annotations

import re
import subprocess
import sys
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittrack.core.config import Config, nearest
from gittrack.core.config_file import key_lines, read, write
from gittrack.core.config_keys import KEYS, expected, parse, size
from gittrack.core.errors import GitTrackError, GitTrackWarning, InvalidValue, MalformedFile

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def config(
    directory: Path | None = None,
    environ: Mapping[str, str] | None = None,
    git: Mapping[str, list[str]] | None = None,
) -> Config:
    """A configuration from these places."""
    return Config.load(directory, environ or {}, lambda: git or {})


def in_file(folder: Path, text: str) -> Config:
    """A configuration from a `gittrack.yaml`."""
    (folder / "gittrack.yaml").write_text(text)
    return config(folder)


class TestPrecedence:
    """The nearest place wins."""

    @pytest.fixture
    def everywhere(self, tmp_path: Path) -> Config:
        """The experiment set in every place, in another way."""
        (tmp_path / "gittrack.yaml").write_text("experiment: from-file\n")
        return config(
            tmp_path, {"GITTRACK_EXPERIMENT": "from-environment"}, {"gittrack.experiment": ["from-git"]}
        )

    def test_option(self, everywhere: Config) -> None:
        """An option beats everything."""
        chosen = everywhere.with_options({"experiment": "from-option"})
        assert (chosen.get("experiment"), chosen.origin("experiment")) == ("from-option", "option")

    def test_no_option(self, everywhere: Config) -> None:
        """An option that was not given changes nothing."""
        assert everywhere.with_options({"experiment": None}).get("experiment") == "from-environment"

    def test_environment(self, everywhere: Config) -> None:
        """The environment beats the file and says which variable it was."""
        assert everywhere.get("experiment") == "from-environment"
        assert everywhere.origin("experiment") == "GITTRACK_EXPERIMENT"

    def test_file(self, tmp_path: Path) -> None:
        """The file beats Git's configuration and says which line it was."""
        (tmp_path / "gittrack.yaml").write_text("# ours\nexperiment: from-file\n")
        both = config(tmp_path, {}, {"gittrack.experiment": ["from-git"]})
        assert (both.get("experiment"), both.origin("experiment")) == ("from-file", "gittrack.yaml line 2")

    def test_git(self) -> None:
        """Git's configuration beats the default, its last value holds."""
        found = config(git={"gittrack.experiment": ["old", "new"]})
        assert (found.get("experiment"), found.origin("experiment")) == ("new", "git config")

    def test_default(self) -> None:
        """With nothing set the default holds."""
        assert (config().get("experiment"), config().origin("experiment")) == ("default", "default")

    def test_empty_variable(self) -> None:
        """An empty variable is an unset one."""
        assert config(environ={"GITTRACK_EXPERIMENT": ""}).get("experiment") == "default"


class TestLazy:
    """What is not needed is not read."""

    def test_git_is_not_asked(self, tmp_path: Path) -> None:
        """A key that the environment or the file sets costs no Git command."""
        (tmp_path / "gittrack.yaml").write_text("experiment: a\n")

        def refuse() -> Mapping[str, list[str]]:
            raise AssertionError

        lazy = Config.load(tmp_path, {"GITTRACK_REPO": "/elsewhere"}, refuse)
        assert (lazy.get("repo"), lazy.get("experiment")) == ("/elsewhere", "a")

    def test_git_is_asked_once(self) -> None:
        """All keys share one look at Git's configuration."""
        calls: list[int] = []

        def count() -> Mapping[str, list[str]]:
            calls.append(1)
            return {}

        lazy = Config.load(None, {}, count)
        lazy.items()
        assert len(calls) == 1

    def test_file_is_not_read(self, tmp_path: Path) -> None:
        """A broken file does not matter where a variable answers."""
        (tmp_path / "gittrack.yaml").write_text("{")
        assert config(tmp_path, {"GITTRACK_EXPERIMENT": "a"}).get("experiment") == "a"

    def test_no_yaml_without_file(self) -> None:
        """Without a file PyYAML is not imported."""
        code = (
            "import sys; from gittrack.core.config import Config; from pathlib import Path;"
            "Config.load(Path('/nowhere'), {}, dict).items(); print('yaml' in sys.modules)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
        assert done.stdout.strip() == "False"


class TestNames:
    """Each setting has one name a place."""

    def test_variables(self) -> None:
        """A variable is the name in capitals, with underscores."""
        assert KEYS["snapshot.max_file_size"].variable == "GITTRACK_SNAPSHOT_MAX_FILE_SIZE"

    def test_variables_differ(self) -> None:
        """No two settings share a variable."""
        names = [key.variable for key in KEYS.values() if key.variable]
        assert len(names) == len(set(names))

    def test_git_names(self) -> None:
        """Git allows no underscore in a name."""
        assert KEYS["snapshot.max_file_size"].git_name == "gittrack.snapshot.maxFileSize"

    @pytest.mark.parametrize("name", ["maxfilesize", "max-file-size", "maxFileSize"])
    def test_git_spellings(self, name: str) -> None:
        """Any spelling that Git allows is read."""
        assert config(git={f"gittrack.snapshot.{name}": ["1kB"]}).get("snapshot.max_file_size") == 1000

    def test_mappings_are_for_the_file(self) -> None:
        """A mapping has neither a variable nor a name in Git's configuration."""
        assert (KEYS["metrics"].variable, KEYS["metrics"].git_name) == (None, None)
        assert config(environ={"GITTRACK_METRICS": "x"}, git={"gittrack.metrics": ["x"]}).get("metrics") == {}

    def test_no_such_key(self) -> None:
        """Asking for a setting that does not exist is a defect of the caller."""
        with pytest.raises(KeyError):
            config().get("experimant")
        with pytest.raises(KeyError):
            config().with_options({"experimant": "a"})

    @pytest.mark.parametrize(
        ("typed", "meant"),
        [
            ("experimant", "experiment"),
            ("snapshot.max_filesize", "snapshot.max_file_size"),
            ("remote", "runs.remote"),
        ],
    )
    def test_nearest(self, typed: str, meant: str) -> None:
        """A mistyped name finds the one that was meant."""
        assert nearest(typed) == meant

    def test_nothing_near(self) -> None:
        """A name like no other gets no guess."""
        assert nearest("qqqqqq") is None


class TestKinds:
    """How values are read."""

    @pytest.mark.parametrize(
        ("text", "bytes_"),
        [
            ("200", 200),
            ("10MB", 10**7),
            ("1.5 GiB", 3 * 2**29),
            ("1k", 1000),
            ("2kib", 2048),
            (".5 kB", 500),
            ("3B", 3),
        ],
    )
    def test_sizes(self, text: str, bytes_: int) -> None:
        """Units of 1000 and of 1024, in any case."""
        assert size(text) == bytes_

    @pytest.mark.parametrize("text", ["", "MB", "-1", "1i", "1 EB", "1e3", "ten"])
    def test_no_sizes(self, text: str) -> None:
        """What is no size is refused."""
        with pytest.raises(ValueError, match="not a size"):
            size(text)

    @pytest.mark.parametrize(
        ("name", "raw", "value"),
        [
            ("snapshot.enabled", "no", False),
            ("snapshot.enabled", True, True),
            ("snapshot.max_file_size", 5, 5),
            ("monitor.interval", "off", 0.0),
            ("monitor.interval", "2.5s", 2.5),
            ("monitor.interval", 3, 3.0),
            ("redact.keys", "a, b\nc", ("a", "b", "c")),
            ("redact.patterns", "a{1,2}\nb", ("a{1,2}", "b")),
            ("redact.keys", ["a", "b"], ("a", "b")),
            ("code.push", "none", "none"),
            ("metrics", {"acc": {"goal": "maximize"}}, {"acc": {"goal": "maximize"}}),
        ],
    )
    def test_values(self, name: str, raw: Any, value: Any) -> None:
        """Text and JSON are both read."""
        assert parse(KEYS[name], raw) == value

    @pytest.mark.parametrize(
        ("name", "raw"),
        [
            ("experiment", 3),
            ("experiment", "two\nlines"),
            ("snapshot.enabled", "maybe"),
            ("snapshot.enabled", 1),
            ("snapshot.max_file_size", True),
            ("snapshot.max_file_size", -1),
            ("snapshot.max_file_size", float("inf")),
            ("monitor.interval", "soon"),
            ("monitor.interval", -1),
            ("monitor.interval", "nan"),
            ("redact.keys", 5),
            ("redact.keys", ["a", 1]),
            ("code.push", "some"),
            ("code.push", ["all"]),
            ("metrics", "acc"),
        ],
    )
    def test_wrong_values(self, name: str, raw: Any) -> None:
        """What cannot be one is refused with what it is not."""
        with pytest.raises(ValueError, match=r"^not "):
            parse(KEYS[name], raw)

    @pytest.mark.parametrize("key", KEYS.values(), ids=list(KEYS))
    def test_defaults(self, key: Any) -> None:
        """Every default is a value of its kind, and every kind has a hint."""
        assert key.default is None or parse(key, key.default) == key.default
        assert expected(key).startswith("write ")

    @given(
        st.sampled_from(list(KEYS.values())),
        JSON,
    )
    def test_anything(self, key: Any, raw: Any) -> None:
        """Any value is read or refused with a ValueError of one line."""
        message = ""
        try:
            parse(key, raw)
        except ValueError as error:
            message = str(error)
        assert "\n" not in message

    def test_git_lists(self) -> None:
        """A name that Git's configuration has several times is a list."""
        git = {"gittrack.redact.patterns": ["a,b", "c"]}
        assert config(git=git).get("redact.patterns") == ("a,b", "c")


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
