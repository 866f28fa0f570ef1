from __future__ import annotations

import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from gittrack.core import text
from gittrack.core.config import Config
from gittrack.core.redact import REDACTED, default_redactor
from gittrack.tracking import environment, interpreter
from gittrack.tracking.environment import capture, packages_of, variables


def _config(**options: object) -> Config:
    named = {name.replace("__", "."): value for name, value in options.items()}
    return Config.load(None, {}, dict).with_options(named)


def test_document() -> None:
    """Every part is there, in a fixed order, and can be written."""
    document = capture(config=_config(), environ={"TZ": "UTC"})
    assert list(document)[:5] == ["schema", "python", "platform", "hardware", "variables"]
    assert list(document)[-1] == "packages"
    assert document["python"]["version"] == platform.python_version()
    assert document["python"]["implementation"] == platform.python_implementation()
    assert text.load(text.dump(document), where="environment.yaml") == document


def test_same_bytes() -> None:
    """The same machine and environment give the same bytes, in another process too."""
    code = (
        "import sys; from gittrack.core import text; from gittrack.core.config import Config;"
        "from gittrack.tracking.environment import capture;"
        "sys.stdout.buffer.write(text.dump(capture(config=Config.load(None, {}, dict), environ={})))"
    )
    root = Path(environment.__file__).parents[2]
    command = [sys.executable, "-c", code]
    first, second = (subprocess.run(command, check=True, capture_output=True, cwd=root).stdout for _ in "12")
    assert first == second


def test_packages_are_those_of_importlib() -> None:
    """Names and versions agree with what importlib.metadata says."""
    known: dict[str, str] = {}
    for one in metadata.distributions():
        known.setdefault(one.metadata["Name"].lower().replace("_", "-").replace(".", "-"), one.version)
    assert capture(config=_config())["packages"] == dict(sorted(known.items()))


def test_new_package_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that is installed while the process runs is in the next document."""
    monkeypatch.syspath_prepend(tmp_path)
    assert "late" not in capture(config=_config())["packages"]
    (tmp_path / "late-1.0.dist-info").mkdir()
    assert capture(config=_config())["packages"]["late"] == "1.0"


# ---- variables


def test_variables() -> None:
    """Known and configured variables are taken, sorted; others and Terraform's are not."""
    environ = {
        "OMP_NUM_THREADS": "4",
        "CUDA_VISIBLE_DEVICES": "0,1",
        "HOME": "/home/ada",
        "TF_VAR_region": "eu",
        "TF_TOKEN_app_terraform_io": "abc",
        "MY_SEED": "1",
        "LC_ALL": "C",
    }
    assert list(variables(environ, ("MY_*",), default_redactor).items()) == [
        ("CUDA_VISIBLE_DEVICES", "0,1"),
        ("LC_ALL", "C"),
        ("MY_SEED", "1"),
        ("OMP_NUM_THREADS", "4"),
    ]


def test_secret_variables() -> None:
    """A variable that is asked for and names a secret is redacted."""
    environ = {"MY_TOKEN": "abc", "JAX_URL": "https://u:p@host/"}
    assert variables(environ, ("MY_*",), default_redactor) == {
        "JAX_URL": f"https://{REDACTED}@host/",
        "MY_TOKEN": REDACTED,
    }


def test_configured_variables() -> None:
    """`environment.variables` and `redact.keys` hold."""
    config = _config(environment__variables=["LAB_*"], redact__keys=["LAB_CODE"])
    document = capture(config=config, environ={"LAB_CODE": "x", "LAB_ROOM": "y"})
    assert document["variables"] == {"LAB_CODE": REDACTED, "LAB_ROOM": "y"}


# ---- packages on disk


def _install(folder: Path, name: str, direct_url: str | None = None, **files: str) -> None:
    path = folder / name
    path.mkdir(parents=True)
    if direct_url is not None:
        (path / "direct_url.json").write_text(direct_url)
    for file, content in files.items():
        (path / file).write_text(content)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The package folder of a virtual environment made of files."""
    prefix = tmp_path / "venv"
    folder = prefix / "lib" / "python3.12" / "site-packages"
    folder.mkdir(parents=True)
    (prefix / "pyvenv.cfg").write_text("home = /usr/bin\nimplementation = CPython\nversion_info = 3.12.4\n")
    return folder


def _python(site: Path) -> Path:
    return site.parents[2] / "bin" / "python"


def test_names_and_versions(site: Path) -> None:
    """All forms of installed packages, names normalised; leftovers are none."""
    _install(site, "scikit_learn-1.5.0.dist-info")
    _install(site, "Zope.Interface-6.0+local.1.dist-info")
    _install(site, "old_style-2.1-py3.12.egg-info")
    _install(
        site, "develop.egg-info", **{"PKG-INFO": "Metadata-Version: 2.1\nName: develop\nVersion: 0.3\n\nx"}
    )
    (site / "distutils_one.egg-info").write_text("Name: one\nVersion: 4\n")
    _install(site, "nameless.dist-info", METADATA="Name: nameless\n\nVersion: 9\n")
    _install(site, "~ip-24.0.dist-info")
    (site / "module.py").write_text("")
    assert packages_of(_python(site)) == {
        "develop": "0.3",
        "distutils-one": "4",
        "nameless": "",
        "old-style": "2.1",
        "scikit-learn": "1.5.0",
        "zope-interface": "6.0+local.1",
    }


def test_direct_urls(site: Path) -> None:
    """Where packages came from that came from no index, without credentials."""
    _install(
        site,
        "a-1.dist-info",
        '{"url": "https://me:pw@host/a.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}}',
    )
    _install(site, "b-1.dist-info", '{"url": "file:///src/b", "dir_info": {"editable": true}}')
    _install(
        site, "c-1.dist-info", '{"url": "https://h/c.whl", "archive_info": {"hashes": {"sha256": "12"}}}'
    )
    _install(site, "d-1.dist-info", '{"url": "https://h/d.whl", "archive_info": {"hash": "sha256=34"}}')
    _install(site, "e-1.dist-info", '{"url": 5}')
    _install(site, "f-1.dist-info", "not json")
    _install(site, "g-1.dist-info", '{"url": "file:///src/g", "dir_info": {}, "archive_info": []}')
    assert capture(_python(site), config=_config())["direct_urls"] == {
        "a": "git+https://host/a.git@abc",
        "b": "-e file:///src/b",
        "c": "https://h/c.whl#sha256=12",
        "d": "https://h/d.whl#sha256=34",
        "g": "file:///src/g",
    }


# ---- other interpreters


def test_virtual_environment(site: Path) -> None:
    """A virtual environment tells its version and implementation without being started."""
    assert capture(_python(site), config=_config())["python"] == {
        "version": "3.12.4",
        "implementation": "CPython",
        "kind": "venv",
    }


def test_virtual_environment_on_top_of_another(site: Path, tmp_path: Path) -> None:
    """Where the packages of the system are visible they count, its own first."""
    base = tmp_path / "base"
    _install(base / "lib" / "python3.12" / "site-packages", "base_only-1.dist-info")
    _install(base / "lib" / "python3.12" / "site-packages", "both-1.dist-info")
    _install(base / "lib" / "python3.9" / "site-packages", "older-1.dist-info")
    _install(site, "both-2.dist-info")
    (site.parents[2] / "pyvenv.cfg").write_text(
        f"home = {base / 'bin'}\ninclude-system-site-packages = true\nversion = 3.12.4\n"
    )
    assert packages_of(_python(site)) == {"base-only": "1", "both": "2"}


def test_conda(tmp_path: Path) -> None:
    """A conda environment is one by its folder of metadata."""
    (tmp_path / "conda-meta").mkdir()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3.10").write_text("")
    (tmp_path / "bin" / "python").symlink_to("python3.10")
    _install(tmp_path / "lib" / "python3.10" / "site-packages", "numpy-2.0.dist-info")
    found = interpreter.other(tmp_path / "bin" / "python")
    assert (found.kind, found.version) == ("conda", "3.10")
    assert packages_of(tmp_path / "bin" / "python") == {"numpy": "2.0"}


def test_nothing_there(tmp_path: Path) -> None:
    """A path without an interpreter tells nothing, and raises nothing."""
    document = capture(tmp_path / "bin" / "python", config=_config(), environ={})
    assert document["python"] == {"kind": "system"}
    assert "packages" not in document


def test_debian() -> None:
    """The system's interpreter also has what Debian installs for all versions."""
    paths = [path.as_posix() for path in interpreter._packages(Path("/usr"), "3.11")]
    assert all(path.endswith("-packages") for path in paths)


def test_own_interpreter() -> None:
    """This interpreter is known by its path; its environment's other names too, another's are not."""
    here = Path(sys.executable)
    assert interpreter.is_own(here)
    assert interpreter.is_own(here.with_name("python3")) or not here.with_name("python3").exists()
    assert not interpreter.is_own(Path("/nowhere/bin/python"))


def test_own_interpreter_of_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside of virtual environments names are followed to the file."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3.11").write_text("")
    (tmp_path / "bin" / "python").symlink_to("python3.11")
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python3.11"))
    assert interpreter.is_own(tmp_path / "bin" / "python")
    assert interpreter.own().kind in {"system", "conda"}
