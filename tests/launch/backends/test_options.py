from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gittrack.core.errors import UsageError
from gittrack.launch.backends import all_backends, options
from gittrack.launch.backends.base import Option
from gittrack.launch.backends.engine import Engine
from gittrack.store.runs import RunStore

if TYPE_CHECKING:
    from pathlib import Path

    from gittrack.launch.backends.base import Kind

KNOWN = (Option("partition", "text", "which"), Option("nodes", "int", "how many"))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", "a b"),
        ("text", 4),
        ("int", 3),
        ("number", 0.5),
        ("bool", True),
        ("list", ["a"]),
        ("mapping", {"a": 1}),
    ],
)
def test_kinds(kind: Kind, value: object) -> None:
    """Each kind takes its values."""
    assert options.checked("x", (Option("o", kind, "h"),), {"o": value}) == {"o": value}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", "a\n#SBATCH --x"),
        ("text", True),
        ("int", "3"),
        ("number", True),
        ("bool", 1),
        ("list", "a"),
        ("mapping", []),
    ],
)
def test_other_kinds(kind: Kind, value: object) -> None:
    """And refuses others, line breaks that would become a line of a script among them."""
    with pytest.raises(UsageError, match="option o of backend x is not"):
        options.checked("x", (Option("o", kind, "h"),), {"o": value})


def test_nothing() -> None:
    """None takes an option back."""
    assert options.checked("x", KNOWN, {"partition": None}) == {}


def test_nearest() -> None:
    """An unknown option is refused with the nearest one."""
    with pytest.raises(UsageError, match="no option 'partion'") as caught:
        options.checked("x", KNOWN, {"partion": "a"})
    assert caught.value.hint == "did you mean 'partition'?"


@pytest.mark.parametrize(("known", "hint"), [(KNOWN, "it has: partition, nodes"), ((), "it has none")])
def test_far(known: tuple[Option, ...], hint: str) -> None:
    """Where none is near, all are named."""
    with pytest.raises(UsageError) as caught:
        options.checked("x", known, {"zzz": 1})
    assert caught.value.hint == hint


def test_file(tmp_path: Path) -> None:
    """Options come from a JSON file or from JSON."""
    path = tmp_path / "slurm.json"
    path.write_text('{"partition": "gpu"}')
    assert options.parse(str(path)) == options.parse('{"partition": "gpu"}') == {"partition": "gpu"}


def test_configured(repo: Path) -> None:
    """What the command line says wins over `gittrack.yaml`."""
    (repo / "gittrack.yaml").write_text("backends:\n  slurm:\n    partition: long\n    mem: 4G\n")
    config = RunStore.open(start=repo).config
    assert Engine.of(config, "slurm", {"partition": "short"}).options == {"partition": "short", "mem": "4G"}


@pytest.mark.parametrize(
    ("text", "name", "problem"),
    [
        ("backends: {slurm: [a]}", "slurm", "backends.slurm is not a mapping"),
        ("backends: {kubernetes: {kubeconfig: x}}", "kubernetes", "is not for gittrack.yaml"),
    ],
)
def test_configured_badly(repo: Path, text: str, name: str, problem: str) -> None:
    """`gittrack.yaml` has mappings, and not what only the user may say."""
    (repo / "gittrack.yaml").write_text(text)
    with pytest.raises(UsageError, match=problem):
        Engine.of(RunStore.open(start=repo).config, name)


@pytest.mark.parametrize("name", all_backends.BACKENDS)
def test_registry(name: str) -> None:
    """Every backend of the registry is there under its name, and says what it can be told."""
    found = all_backends.find(name)
    assert name == found.NAME
    assert all(option.help for option in found.OPTIONS)


def test_unknown() -> None:
    """A mistyped name gets the nearest."""
    with pytest.raises(UsageError, match="no such backend: slum") as caught:
        all_backends.find("slum")
    assert caught.value.hint == "did you mean 'slurm'?"


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that brings two backends, one of which cannot be imported."""
    (tmp_path / "theirs.py").write_text("from gittrack.launch.backends.local import Local as Mine\n")
    meta = tmp_path / "theirs-1.dist-info"
    meta.mkdir()
    (meta / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1\n")
    (meta / "entry_points.txt").write_text("[gittrack.backends]\nmine = theirs:Mine\nbroken = theirs:Gone\n")
    monkeypatch.syspath_prepend(str(tmp_path))


@pytest.mark.usefixtures("plugin")
def test_plugin() -> None:
    """Another package may bring a backend."""
    made: Any = all_backends.make("mine", {})
    assert "mine" in all_backends.names()
    assert made.shares("")


@pytest.mark.usefixtures("plugin")
def test_broken_plugin() -> None:
    """One that cannot be loaded says where it comes from."""
    with pytest.raises(UsageError, match="backend broken cannot be loaded") as caught:
        all_backends.make("broken", {})
    assert caught.value.hint == "it comes from theirs:Gone"
