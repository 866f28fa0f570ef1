from __future__ import annotations

import asyncio
import bz2
import hashlib
import io
import json
import os
import sys
import tarfile
from typing import TYPE_CHECKING

import pytest

from gittrack.launch.environments import CannotSolve, EnvironmentFailed, ToolMissing, plan, prepare
from gittrack.launch.environments.conda_env import CondaEnv
from gittrack.launch.environments.with_conda import find
from gittrack.launch.environments.with_rattler import channels

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_FILES = {
    "bin/tool": b"#!/bin/sh\necho tool\n",
    "etc/conda/activate.d/tool.sh": b"export TOOL_HOME=$CONDA_PREFIX/share\nexport GITTRACK_X=1\n",
}


@pytest.fixture
def channel(tmp_path: Path) -> str:
    """A channel with one package, `tool`: a program and a script for activation."""
    top = tmp_path / "channel"
    index = {
        "name": "tool",
        "version": "1.2",
        "build": "0",
        "build_number": 0,
        "depends": [],
        "subdir": "noarch",
    }
    paths = [
        {
            "_path": name,
            "path_type": "hardlink",
            "sha256": hashlib.sha256(data).hexdigest(),
            "size_in_bytes": len(data),
        }
        for name, data in _FILES.items()
    ]
    members = {
        "info/index.json": json.dumps(index).encode(),
        "info/paths.json": json.dumps({"paths": paths, "paths_version": 1}).encode(),
        "info/files": "\n".join(_FILES).encode(),
        **_FILES,
    }
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(data), 0o755
            tar.addfile(member, io.BytesIO(data))
    content = bz2.compress(archive.getvalue())
    digests = {"md5": hashlib.md5(content).hexdigest(), "sha256": hashlib.sha256(content).hexdigest()}  # noqa: S324  Conda has it
    for subdir, packages in (
        ("noarch", {"tool-1.2-0.tar.bz2": index | digests | {"size": len(content)}}),
        ("linux-64", {}),
    ):
        (top / subdir).mkdir(parents=True)
        document = {
            "info": {"subdir": subdir},
            "packages": packages,
            "packages.conda": {},
            "repodata_version": 1,
        }
        (top / subdir / "repodata.json").write_text(json.dumps(document))
    (top / "noarch" / "tool-1.2-0.tar.bz2").write_bytes(content)
    return top.as_uri()


@pytest.fixture
def stand_in(tmp_path: Path) -> Callable[[str, str], dict[str, str]]:
    """Puts a program of a name on PATH that does as told; no Conda can be installed for tests."""

    def make(name: str, body: str) -> dict[str, str]:
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f'#!/bin/sh\necho "$@" >{tmp_path}/words\n{body}')
        program.chmod(0o755)
        return {**os.environ, "PATH": f"{program.parent}:/usr/bin:/bin"}

    return make


@pytest.mark.skipif(sys.platform != "linux", reason="the channel is for linux-64")
def test_rattler_makes_it_without_a_conda(project: Callable[..., Path], cache: Path, channel: str) -> None:
    """Solved and installed from the channel, activated, kept."""
    pytest.importorskip("rattler")
    text = (
        f"channels: ['{channel}']\ndependencies: [tool=1.2]\nvariables: {{A: b, PATH: /x, GITTRACK_RUN: y}}\n"
    )
    wanted = plan(project({"conda.yaml": text}), manager="rattler")
    ready = prepare(wanted, cache=cache)
    prefix = cache / wanted.digest / "env"
    assert (prefix / "bin" / "tool").exists()
    assert (ready.manager, ready.path, ready.python) == ("rattler", (str(prefix / "bin"),), None)
    assert ready.record["installed"] == {"conda": {"tool": "1.2=0"}}
    assert {"CONDA_PREFIX", "A", "TOOL_HOME"} <= set(ready.variables)
    assert not {"PATH", "GITTRACK_RUN", "GITTRACK_X"} & set(ready.variables)
    assert prepare(wanted, cache=cache).reused


@pytest.mark.skipif(sys.platform != "linux", reason="the channel is for linux-64")
def test_rattler_works_in_a_notebook(project: Callable[..., Path], cache: Path, channel: str) -> None:
    """Where an event loop runs already; errors come through."""
    pytest.importorskip("rattler")
    good = plan(
        project({"conda.yaml": f"channels: ['{channel}']\ndependencies: [tool]"}, "a"), manager="rattler"
    )
    bad = plan(
        project({"conda.yaml": f"channels: ['{channel}']\ndependencies: [other]"}, "b"), manager="rattler"
    )

    async def cell() -> str:
        with pytest.raises(CannotSolve):
            prepare(bad, cache=cache)
        return prepare(good, cache=cache).manager

    assert asyncio.run(cell()) == "rattler"


@pytest.mark.parametrize(
    ("channel_name", "kind"), [("{channel}", CannotSolve), ("file:///nowhere/at/all", EnvironmentFailed)]
)
def test_rattler_that_fails(
    project: Callable[..., Path], cache: Path, channel: str, channel_name: str, kind: type[Exception]
) -> None:
    """The solver's words; nothing is left that looks like an environment."""
    pytest.importorskip("rattler")
    text = f"channels: ['{channel_name.format(channel=channel)}']\ndependencies: [other]\n"
    wanted = plan(project({"conda.yaml": text}), manager="rattler")
    with pytest.raises(kind, match="rattler"):
        prepare(wanted, cache=cache)
    assert not (cache / wanted.digest).exists()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("conda", "env create --quiet --prefix {env} --file {file}"),
        ("mamba", "env create --quiet --prefix {env} --file {file}"),
        ("micromamba", "create --quiet --yes --prefix {env} --file {file}"),
    ],
)
def test_the_commands_of_the_family(
    project: Callable[..., Path],
    cache: Path,
    tmp_path: Path,
    stand_in: Callable[[str, str], dict[str, str]],
    name: str,
    words: str,
) -> None:
    """A file of ours with channels and dependencies, and the place; no more."""
    environ = stand_in(name, f'for f; do :; done\ncp "$f" {tmp_path}/file\nmkdir -p "$(dirname "$f")/env"\n')
    wanted = plan(project({"conda.yaml": "name: x\nprefix: /etc\nchannels: [c]\ndependencies: [r-base]\n"}))
    ready = prepare(wanted, cache=cache, environ=environ)
    folder = cache / wanted.digest
    expected = words.format(env=folder / "env", file=folder / "environment.yaml")
    assert (ready.manager, (tmp_path / "words").read_text().strip()) == (name, expected)
    assert (tmp_path / "file").read_text() == 'channels:\n  - "c"\ndependencies:\n  - "r-base"\n'


def test_a_conda_that_fails(
    project: Callable[..., Path], cache: Path, stand_in: Callable[[str, str], dict[str, str]]
) -> None:
    """Its words, and nothing left."""
    environ = stand_in("conda", "echo 'PackagesNotFoundError: r-base'\nexit 1\n")
    wanted = plan(project({"conda.yaml": "dependencies: [r-base]"}))
    with pytest.raises(CannotSolve, match="conda env create failed: PackagesNotFoundError: r-base"):
        prepare(wanted, cache=cache, environ=environ)
    assert not (cache / wanted.digest).exists()


def test_pip_packages_go_into_it(
    project: Callable[..., Path], cache: Path, stand_in: Callable[[str, str], dict[str, str]]
) -> None:
    """By uv, into the Python that Conda installed."""
    environ = stand_in(
        "conda", f'for f; do :; done\n{sys.executable} -m venv --without-pip "$(dirname "$f")/env"\n'
    )
    wanted = plan(project({"conda.yaml": "dependencies: [python, r-base, {pip: [six==1.16.0]}]"}))
    ready = prepare(wanted, cache=cache, environ=environ)
    assert ready.record["installed"]["packages"] == {"six": "1.16.0"}


def test_pip_packages_without_a_python(
    project: Callable[..., Path], cache: Path, stand_in: Callable[[str, str], dict[str, str]]
) -> None:
    """There is nothing to install them into."""
    environ = stand_in("conda", "")
    with pytest.raises(ToolMissing, match="pip packages and no Python"):
        prepare(
            plan(project({"conda.yaml": "dependencies: [r-base, {pip: [six]}]"})),
            cache=cache,
            environ=environ,
        )


def test_which_program(stand_in: Callable[[str, str], dict[str, str]], tmp_path: Path) -> None:
    """The fastest that is there, the one that is asked for, the one that a variable names; else rattler."""
    environ = stand_in("conda", "") | stand_in("mamba", "")
    assert find(None, environ) == ("mamba", f"{tmp_path}/bin/mamba")
    assert find("conda", environ) == ("conda", f"{tmp_path}/bin/conda")
    assert find("conda", {"CONDA_EXE": f"{tmp_path}/bin/conda"})[0] == "conda"
    with pytest.raises(ToolMissing, match="micromamba is not installed"):
        find("micromamba", {"PATH": ""})


def test_none_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hint names what can be installed."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(ToolMissing, match="no program for Conda environments") as caught:
        find(None, {"PATH": ""})
    assert "gittrack[conda]" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ((), ["conda-forge"]),
        (
            ("defaults", "nodefaults"),
            ["https://repo.anaconda.com/pkgs/main", "https://repo.anaconda.com/pkgs/r"],
        ),
        (("/a/b", "bioconda"), ["file:///a/b", "bioconda"]),
    ],
)
def test_channels_as_rattler_takes_them(given: tuple[str, ...], taken: list[str]) -> None:
    """`defaults` is no channel to it."""
    assert channels(CondaEnv(given, ())) == taken
