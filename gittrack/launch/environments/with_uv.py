"""Making an environment with uv."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gittrack.launch.environments import interpreters
from gittrack.launch.environments.failures import EnvironmentFailed
from gittrack.launch.environments.pip_settings import indexes
from gittrack.launch.environments.processes import find_uv, run, variables_for_tools

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from gittrack.launch.environments.plans import Plan
    from gittrack.launch.environments.requirements import Requirements


_STALE = "uv.lock is not what pyproject.toml asks for, and is taken as it is: `uv lock` renews it"
_SIGNS = (
    "needs to be updated",
    "No solution found",
    "network was disabled",
    "Network connectivity is disabled",
)


class _Uv(NamedTuple):
    """uv, at work on one environment.

    Attributes:
        program: its path.
        folder: where its files are written; it runs there, so that no settings of a project apply.
        python: the interpreter of the environment.
        environ: its environment variables.
        progress: called with its lines.
        replace: our names in its messages to the reader's.
    """

    program: str
    folder: Path
    python: Path
    environ: dict[str, str]
    progress: Callable[[str], None] | None
    replace: dict[str, str]

    def __call__(self, *words: str) -> str:
        return run(
            [self.program, *words],
            tool="uv",
            cwd=self.folder,
            environ=self.environ,
            progress=self.progress,
            replace=self.replace,
        )


def make(
    plan: Plan, folder: Path, *, environ: Mapping[str, str], progress: Callable[[str], None] | None
) -> tuple[str, ...]:
    """Make the environment of a plan as `env` in a folder; it can be moved afterwards.

    Returns:
        What a person should know of it: a lock that is out of date, indexes taken from pip's settings.

    Raises:
        EnvironmentFailed: uv is missing, there is no such Python, or uv fails.
    """
    program = find_uv(environ)
    python = interpreters.find(plan.python, uv=program, environ=environ, progress=progress)
    environment = folder / "env"
    pip = indexes(environ)
    variables = variables_for_tools(
        environ, **pip.variables, UV_PYTHON_DOWNLOADS="never", UV_PROJECT_ENVIRONMENT=str(environment)
    )
    replace = {f"{folder}/": "", str(folder): plan.source}
    uv = _Uv(program, folder, _python_in(environment), variables, progress, replace)
    uv("venv", "--quiet", "--relocatable", "--no-project", "--python", str(python.path), str(environment))
    if plan.lock is not None:
        _locked(plan, uv)
    elif plan.script is not None:
        _install(uv, ["--requirements", str(plan.script)], plan.layers)
    elif plan.project:
        _project(plan, uv)
    else:
        install_layers(plan.layers, uv, exact=plan.exact)
    stale = plan.lock is not None and plan.lock.kind == "uv" and _is_stale(plan, uv)
    return (*pip.notes, *([_STALE] if stale else []))


def _is_stale(plan: Plan, uv: _Uv) -> bool:
    """Whether `uv.lock` is not what `pyproject.toml` asks for; False where uv cannot tell.

    A lock that fits is accepted without a network and without a cache; any other has to be solved again.
    """
    words = ("lock", "--check", "--offline", "--project", str(plan.directory), "--python", str(uv.python))
    try:
        uv._replace(progress=None)(*words)
    except EnvironmentFailed as error:
        return any(sign in error.output for sign in _SIGNS)
    return False


def install_into(
    python: Path,
    plan: Plan,
    folder: Path,
    *,
    environ: Mapping[str, str],
    progress: Callable[[str], None] | None,
) -> None:
    """Install the requirements of a plan into an environment that is there.

    Raises:
        EnvironmentFailed: uv is missing or fails.
    """
    replace = {f"{folder}/": "", str(folder): plan.source}
    variables = variables_for_tools(environ, **indexes(environ).variables)
    uv = _Uv(find_uv(environ), folder, python, variables, progress, replace)
    install_layers(plan.layers, uv, exact=plan.exact)


def install_layers(layers: Sequence[Requirements], uv: _Uv, *, exact: bool) -> None:
    """Install requirements, one layer after the other, as MLflow does with build dependencies."""
    for number, layer in enumerate(layers):
        if not layer.lines:
            continue
        # uv names the file in its messages: it bears the name that the reader knows
        name = "requirements.txt" if not number else f"requirements-{number}.txt"
        file = uv.folder / name
        _write(file, layer.text())
        _install(uv, ["--requirements", str(file), *(["--no-deps"] if exact else [])], [layer])
        file.unlink()  # it may hold credentials


def _install(uv: _Uv, words: Sequence[str], layers: Sequence[Requirements]) -> None:
    flags = [flag for layer in layers for flag in layer.flags]
    constraints = [line for layer in layers for line in layer.constraints]
    if constraints:
        file = uv.folder / "constraints.txt"
        _write(file, "".join(f"{line}\n" for line in constraints))
        words = [*words, "--constraints", str(file)]
    uv("pip", "install", "--python", str(uv.python), *words, *flags)
    (uv.folder / "constraints.txt").unlink(missing_ok=True)


def _locked(plan: Plan, uv: _Uv) -> None:
    if plan.lock is None:  # pragma: no cover  narrowed for the type checker
        return
    if plan.lock.kind == "uv":
        uv("sync", "--frozen", "--project", str(plan.directory), "--python", str(uv.python))
    elif plan.lock.kind == "pylock":
        uv("pip", "sync", "--preview-features", "pylock", "--python", str(uv.python), str(plan.lock.path))
    else:
        file = uv.folder / "requirements.txt"
        uv("export", "--quiet", "--script", str(plan.script), "--frozen", "--output-file", str(file))
        uv("pip", "sync", "--python", str(uv.python), str(file))
        file.unlink()


def _project(plan: Plan, uv: _Uv) -> None:
    """Install a project without a lock: itself in place when it is a package, else what it needs."""
    if any(text.startswith(f"{plan.directory} ") for text in plan.ties):
        _write(uv.folder / "requirements.txt", f"-e {plan.directory.as_uri()}\n")
        _install(uv, ["--requirements", str(uv.folder / "requirements.txt")], [])
        (uv.folder / "requirements.txt").unlink()
    else:
        _install(uv, ["--requirements", str(plan.directory / "pyproject.toml")], [])


def _python_in(environment: Path) -> Path:
    import sys

    return environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def _write(file: Path, text: str) -> None:
    """Write a file that only its owner can read."""
    file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8")
