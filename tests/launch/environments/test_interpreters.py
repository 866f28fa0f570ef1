from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

import pytest

from gittrack.launch.environments.failures import NoSuchPython
from gittrack.launch.environments.interpreters import find, installed
from gittrack.launch.environments.processes import find_uv


def test_the_running_one_when_it_does() -> None:
    """Nothing is searched."""
    assert find(">=3.8", uv="/nowhere", environ={}) == (platform.python_version(), Path(sys.executable))


def test_the_newest_that_does(tmp_path: Path) -> None:
    """In the folders of pyenv, by name; its shims are not asked."""
    for version in ("2.6.1", "2.6.9", "2.5.0", "nonsense"):
        program = tmp_path / "versions" / version / "bin" / "python3"
        program.parent.mkdir(parents=True)
        program.touch()
    found = find("2.6", uv="/nowhere", environ={"PYENV_ROOT": str(tmp_path), "HOME": str(tmp_path)})
    assert found == ("2.6.9", tmp_path / "versions/2.6.9/bin/python3")


def test_all_that_are_there() -> None:
    """The running one among them, the newest first, no shim."""
    found = installed(find_uv(os.environ), os.environ)
    assert platform.python_version() in [one.version for one in found]
    assert not [one for one in found if "shims" in one.path.parts]


def test_a_download_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says that it was tried."""
    monkeypatch.delenv("UV_PYTHON_DOWNLOADS")
    monkeypatch.setenv("UV_PYTHON_INSTALL_MIRROR", "file:///nowhere")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    said: list[str] = []
    with pytest.raises(NoSuchPython, match=r"Python 3\.8\.20 is not installed and cannot be downloaded"):
        find("3.8.20", uv=find_uv(os.environ), environ=dict(os.environ), progress=said.append)
    assert said == ["downloading Python 3.8.20"]


def test_a_uv_that_says_nonsense(tmp_path: Path) -> None:
    """The running interpreter is left."""
    program = tmp_path / "uv"
    program.write_text("#!/bin/sh\necho nonsense\n")
    program.chmod(0o755)
    assert [one.path for one in installed(str(program), {"HOME": str(tmp_path)})] == [Path(sys.executable)]
