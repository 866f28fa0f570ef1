"""Making a Conda environment with py-rattler: the solver and installer of pixi, without a Conda.

The one door to py-rattler.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from gittrack.launch.environments.failures import CannotSolve, EnvironmentFailed, without_credentials

if TYPE_CHECKING:
    from collections.abc import Callable

    from gittrack.launch.environments.conda_env import CondaEnv

_DEFAULTS = ("https://repo.anaconda.com/pkgs/main", "https://repo.anaconda.com/pkgs/r")
_LONGEST = 400


def installed() -> bool:
    """Whether py-rattler is there."""
    return importlib.util.find_spec("rattler") is not None


def make(env: CondaEnv, prefix: Path, *, progress: Callable[[str], None] | None = None) -> None:
    """Solve an environment and install it.

    Scripts that packages want to run when they are linked are not run.

    Args:
        env: what has to be in it.
        prefix: where it goes, and stays.
        progress: called with what happens.

    Raises:
        CannotSolve: no set of packages meets what is asked for.
        EnvironmentFailed: a channel cannot be read, or a package cannot be installed.
    """
    import asyncio

    from rattler import exceptions

    try:
        _run(lambda: asyncio.run(_solve_and_install(env, prefix, progress or (lambda _: None))))
    except exceptions.SolverError as error:
        hint = "loosen one of the versions named, or add the channel that has the package"
        msg = f"rattler cannot solve it: {_short(error)}"
        raise CannotSolve(msg, hint, output=_text(error)) from error
    except _failures() as error:
        hint = "check the network and the channels in conda.yaml"
        msg = f"rattler failed: {_short(error)}"
        raise EnvironmentFailed(msg, hint, output=_text(error)) from error


def channels(env: CondaEnv) -> list[str]:
    """The channels as rattler takes them: `defaults` spelled out, paths as URLs; conda-forge for none."""
    found: list[str] = []
    for name in env.channels:
        if name == "defaults":
            found += _DEFAULTS
        elif name != "nodefaults":
            found.append(Path(name).as_uri() if name.startswith("/") else name)
    return found or ["conda-forge"]


async def _solve_and_install(env: CondaEnv, prefix: Path, progress: Callable[[str], None]) -> None:
    import rattler

    progress(f"solving {len(env.dependencies)} requirements with rattler")
    records = await rattler.solve(
        sources=channels(env),
        specs=list(env.dependencies),
        virtual_packages=rattler.VirtualPackage.detect(),
    )
    progress(f"installing {len(records)} Conda packages")
    await rattler.install(records, target_prefix=prefix, show_progress=False, execute_link_scripts=False)


def _run(work: Callable[[], None]) -> None:
    """Run it here, or in a thread where an event loop runs already, as in a notebook."""
    import asyncio
    import threading

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        work()
        return
    caught: list[BaseException] = []

    def guarded() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001  raised again below
            caught.append(error)

    thread = threading.Thread(target=guarded, name="gittrack-rattler")
    thread.start()
    thread.join()
    if caught:
        raise caught[0]


def _failures() -> tuple[type[Exception], ...]:
    """Everything that rattler raises by itself; its classes have no base of their own."""
    from rattler import exceptions

    found = [one for one in vars(exceptions).values() if isinstance(one, type) and issubclass(one, Exception)]
    return tuple(one for one in found if not issubclass(one, Warning))


def _text(error: Exception) -> str:
    return without_credentials(str(error))


def _short(error: Exception) -> str:
    text = " ".join(_text(error).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
