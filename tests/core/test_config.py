"""Where a setting comes from, and how it is read."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittrack.core.config import Config, nearest
from gittrack.core.config_keys import KEYS, expected, parse, size

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
