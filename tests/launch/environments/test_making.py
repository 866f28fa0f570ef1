from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gittrack.launch.environments import (
    CannotSolve,
    EnvironmentFailed,
    NoSuchPython,
    plan,
    prepare,
)
from gittrack.launch.environments.cache import Cache
from gittrack.launch.environments.processes import find_uv
from tests.support.python import python_environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from gittrack.launch.environments import Prepared

PYPROJECT = (
    '[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = ["six<1.17"]\n'
)
SYSTEM = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'


def packages(ready: Prepared) -> dict[str, str]:
    """What is installed."""
    found: dict[str, str] = ready.record["installed"].get("packages", {})
    return found


def output_of(ready: Prepared, *words: str, cwd: Path | None = None) -> str:
    """What a program says that runs in an environment."""
    environ = {name: value for name, value in os.environ.items() if name not in ready.unset}
    environ |= {**ready.variables, "PATH": os.pathsep.join((*ready.path, os.environ["PATH"]))}
    return subprocess.run(
        words, env=environ, cwd=cwd, capture_output=True, check=True, text=True
    ).stdout.strip()


def test_python_env_is_made_and_kept(project: Callable[..., Path], cache: Path) -> None:
    """Build dependencies, `-r`, programs; the second time it is there."""
    top = project(
        {
            "python_env.yaml": "build_dependencies: [wheel==0.45.1]\ndependencies: [-r requirements.txt]\n",
            "requirements.txt": "six==1.16.0\n",
        }
    )
    said: list[str] = []
    ready = prepare(plan(top, python_env="python_env.yaml"), cache=cache, progress=said.append)
    assert packages(ready)["six"] == "1.16.0"
    assert said[0] == "making the environment of python_env.yaml"
    assert output_of(ready, "python", "-c", "import six; print(six.__version__)") == "1.16.0"
    assert output_of(ready, "wheel", "version").startswith("wheel 0.45.1")  # its path was rewritten
    again = prepare(plan(top, python_env="python_env.yaml"), cache=cache)
    assert (ready.reused, again.reused) == (False, True)
    assert (again.record, again.path, again.variables) == (ready.record, ready.path, ready.variables)


def test_a_lock_is_kept_to_and_drift_is_reported(project: Callable[..., Path], cache: Path) -> None:
    """What somebody installs into it later shows."""
    top = project({"pyproject.toml": PYPROJECT})
    subprocess.run([find_uv(os.environ), "lock", "--quiet"], cwd=top, check=True)
    ready = prepare(plan(top), cache=cache)
    assert (packages(ready), "drift" in ready.record) == ({"six": "1.16.0"}, False)
    uv = [
        find_uv(os.environ),
        "pip",
        "install",
        "--quiet",
        "--python",
        str(ready.python),
        "six==1.15.0",
        "idna==3.7",
    ]
    subprocess.run(uv, check=True)
    assert prepare(plan(top), cache=cache).record["drift"] == {
        "changed": {"six": {"locked": "1.16.0", "installed": "1.15.0"}},
        "extra": {"idna": "3.7"},
    }


def test_a_stale_lock_is_told(project: Callable[..., Path], cache: Path) -> None:
    """`uv.lock` that is not what pyproject.toml asks for is taken as it is, and that is said each time."""
    top = project({"pyproject.toml": PYPROJECT})
    subprocess.run([find_uv(os.environ), "lock", "--quiet"], cwd=top, check=True)
    assert "notes" not in prepare(plan(top), cache=cache).record
    (top / "pyproject.toml").write_text(
        PYPROJECT.replace("dependencies = [", 'dependencies = ["packaging", ')
    )
    said: list[str] = []
    for _ in range(2):
        (note,) = prepare(plan(top), cache=cache, progress=said.append).record["notes"]
        assert "uv.lock is not what pyproject.toml asks for" in note
    assert sum("uv.lock is not" in line for line in said) == 2


def test_a_locked_package_is_installed_in_place(project: Callable[..., Path], cache: Path) -> None:
    """As `uv sync` does; it is no drift."""
    top = project({"pyproject.toml": PYPROJECT + SYSTEM, "src/demo/__init__.py": "VALUE = 1"})
    subprocess.run([find_uv(os.environ), "lock", "--quiet"], cwd=top, check=True)
    ready = prepare(plan(top), cache=cache)
    assert (packages(ready), "drift" in ready.record) == ({"demo": "1", "six": "1.16.0"}, False)
    assert ready.record["installed"]["direct_urls"] == {"demo": f"-e {top.as_uri()}"}


def test_a_lock_of_another_version(project: Callable[..., Path], cache: Path) -> None:
    """Uv's words."""
    top = project({"pyproject.toml": PYPROJECT, "uv.lock": "version = 9\n"})
    with pytest.raises(EnvironmentFailed, match=r"^uv sync failed: Failed to parse `uv\.lock`"):
        prepare(plan(top), cache=cache)


def test_pylock(project: Callable[..., Path], cache: Path) -> None:
    """As uv exports it."""
    top = project({"pyproject.toml": PYPROJECT})
    export = [find_uv(os.environ), "export", "--quiet", "--format", "pylock.toml", "-o", "pylock.toml"]
    subprocess.run(export, cwd=top, check=True, capture_output=True)
    (top / "uv.lock").unlink()
    ready = prepare(plan(top), cache=cache)
    assert (ready.record["asked"]["source"], packages(ready)) == ("pylock.toml", {"six": "1.16.0"})


def test_a_project_without_a_lock(project: Callable[..., Path], cache: Path) -> None:
    """What it needs; itself only when it is a package."""
    top = project({"pyproject.toml": PYPROJECT})
    assert packages(prepare(plan(top), cache=cache)) == {"six": "1.16.0"}


def test_a_package_is_installed_in_place(project: Callable[..., Path], cache: Path) -> None:
    """So that what is changed later counts."""
    top = project({"pyproject.toml": PYPROJECT + SYSTEM, "src/demo/__init__.py": "VALUE = 1"})
    ready = prepare(plan(top), cache=cache)
    (top / "src/demo/__init__.py").write_text("VALUE = 2")
    assert output_of(ready, "python", "-c", "import demo; print(demo.VALUE)") == "2"
    assert ready.record["installed"]["direct_urls"] == {"demo": f"-e {top.as_uri()}"}


def test_scripts_with_and_without_a_lock(project: Callable[..., Path], cache: Path) -> None:
    """The lock decides."""
    top = project({"x.py": '# /// script\n# dependencies = ["six<1.17"]\n# ///\n'})
    assert packages(prepare(plan(top, script="x.py"), cache=cache)) == {"six": "1.16.0"}
    subprocess.run([find_uv(os.environ), "lock", "--quiet", "--script", "x.py"], cwd=top, check=True)
    ready = prepare(plan(top, script="x.py"), cache=cache)
    assert (ready.reused, packages(ready)) == (False, {"six": "1.16.0"})


def test_constraints_and_local_wheels_hold(project: Callable[..., Path], cache: Path) -> None:
    """`-c`, and a package of the project that is copied."""
    top = project(
        {
            "requirements.txt": "six\n./lib\n-c limits.txt\n",
            "limits.txt": "six<1.16\n",
            "lib/pyproject.toml": '[project]\nname = "lib"\nversion = "7"\n' + SYSTEM,
            "lib/lib.py": "",
        }
    )
    assert packages(prepare(plan(top), cache=cache)) == {"lib": "7", "six": "1.15.0"}


def test_what_cannot_be_solved(project: Callable[..., Path], cache: Path) -> None:
    """The solver's words; nothing is left behind."""
    top = project({"requirements.txt": "-i https://me:hunter2@pypi.org/simple\nsix==98.7\n"})
    with pytest.raises(CannotSolve, match=r"there is no version of six==98\.7") as caught:
        prepare(plan(top), cache=cache)
    assert caught.value.hint
    assert "hunter2" not in caught.value.output
    assert [path for path in cache.rglob("*") if path.is_file() and path.suffix != ".lock"] == []


def test_a_requirement_that_is_none(project: Callable[..., Path], cache: Path) -> None:
    """The file is called as its owner calls it."""
    top = project({"requirements.txt": "six=1\n"})
    with pytest.raises(EnvironmentFailed, match=r"in `requirements.txt`.*no such comparison operator"):
        prepare(plan(top), cache=cache)


def test_credentials_stay_out_of_what_is_kept(project: Callable[..., Path], cache: Path) -> None:
    """Neither in a file of ours nor in the record."""
    top = project({"requirements.txt": "--extra-index-url https://me:hunter2@pypi.org/simple\nsix==1.16.0\n"})
    ready = prepare(plan(top), cache=cache)
    kept = [path for path in cache.rglob("*") if path.is_file() and b"hunter2" in path.read_bytes()]
    assert (kept, "hunter2" in str(ready.record)) == ([], False)


def test_a_python_that_is_not_there(project: Callable[..., Path], cache: Path) -> None:
    """The error says which are."""
    with pytest.raises(NoSuchPython, match=r"Python 3\.99 is not installed") as caught:
        prepare(plan(project({"python_env.yaml": "python: '3.99'"})), cache=cache)
    assert ".".join(map(str, sys.version_info[:3])) in str(caught.value.hint)


def test_local_takes_what_is_there(
    project: Callable[..., Path], cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And says how it differs from the lock."""
    monkeypatch.setenv("PATH", os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])))
    lock = 'lock-version = "1.0"\n[[packages]]\nname = "pytest"\nversion = "0.1"\n'
    ready = prepare(plan(project({"pylock.toml": lock}), manager="local"), cache=cache)
    assert (ready.manager, ready.path, ready.variables, cache.exists()) == ("local", (), {}, False)
    assert ready.record["drift"]["changed"]["pytest"]["locked"] == "0.1"


def test_local_without_anything(project: Callable[..., Path]) -> None:
    """The Python on PATH is named."""
    assert "python" in prepare(plan(project({"a": ""}))).record["installed"]


_BUILD = """
import sys
from pathlib import Path
from gittrack.launch.environments import plan, prepare
top, cache = map(Path, sys.argv[1:])
ready = prepare(plan(top), cache=cache)
print("reused" if ready.reused else "made", flush=True)
"""


def start(top: Path, cache: Path) -> subprocess.Popen[str]:
    """A process that prepares the environment of a project."""
    words = [sys.executable, "-c", _BUILD, str(top), str(cache)]
    return subprocess.Popen(words, env=python_environment(), stdout=subprocess.PIPE, text=True)


def test_two_at_once_make_it_once(project: Callable[..., Path], cache: Path) -> None:
    """The others wait, and use it."""
    top = project({"requirements.txt": "six==1.16.0\nidna==3.7\n"})
    running = [start(top, cache) for _ in range(3)]
    ends = [process.communicate(timeout=120)[0].splitlines()[-1] for process in running]
    assert sorted(ends) == ["made", "reused", "reused"]


def test_one_that_is_killed_leaves_nothing_usable(project: Callable[..., Path], cache: Path) -> None:
    """The next makes it anew and clears up."""
    top = project({"requirements.txt": "six==1.16.0\n"})
    process = start(top, cache)
    deadline = time.monotonic() + 60
    while not list((cache / "making").glob("*/env/pyvenv.cfg")) and time.monotonic() < deadline:
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert Cache(cache).find(plan(top).digest) is None
    assert not prepare(plan(top), cache=cache).reused
    assert list((cache / "making").iterdir()) == []


def test_an_environment_whose_python_is_gone_is_made_again(project: Callable[..., Path], cache: Path) -> None:
    """As after an upgrade of the system."""
    top = project({"requirements.txt": "six==1.16.0\n"})
    ready = prepare(plan(top), cache=cache)
    assert ready.python is not None
    ready.python.unlink()
    assert not prepare(plan(top), cache=cache).reused
