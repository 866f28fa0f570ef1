"""From a plan to an environment that is ready: the kept one if there is one, else a new one."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from gittrack.core.files import is_locked, write_atomic
from gittrack.core.redact import Redactor
from gittrack.core.text import dump_json
from gittrack.core.times import iso, now_ms
from gittrack.launch.environments import activation, locked
from gittrack.launch.environments.cache import MARKER, Cache, default_folder
from gittrack.launch.environments.drift import compare
from gittrack.launch.environments.failures import EnvironmentFailed, NoSuchPython
from gittrack.launch.environments.plans import Missing
from gittrack.launch.environments.versions import exact, parts
from gittrack.tracking import interpreter, packages

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from gittrack.launch.environments.cache import Environment
    from gittrack.launch.environments.plans import Plan

_ROUNDS = 20  # how often packages that cannot be had are left out before a recorded environment is given up


@dataclass(frozen=True)
class Prepared:
    """An environment that programs can run in.

    Attributes:
        manager: who made it: `uv`, `conda`, `mamba`, `micromamba`, `rattler`, or `local` for what was there.
        variables: to be set.
        path: folders to be put in front of PATH.
        unset: variables to be taken out.
        record: `asked` (of the plan), `installed` (`python`, `packages`, `direct_urls`, `conda`), `drift`
            from the lock and `missing` packages where there are any. No credentials.
        python: its interpreter, None when it has none or is the one that was there.
        digest: its name in the cache, None for `local`.
        reused: whether it was there already.
    """

    manager: str
    variables: Mapping[str, str] = field(default_factory=dict)
    path: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()
    record: Mapping[str, Any] = field(default_factory=dict)
    python: Path | None = None
    digest: str | None = None
    reused: bool = False


def prepare(
    plan: Plan,
    *,
    progress: Callable[[str], None] | None = None,
    cache: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> Prepared:
    """Make the environment of a plan, or take the one that was made before.

    Two processes at once make it once. One that is killed leaves nothing that could be taken for an
    environment.

    Args:
        plan: from :func:`plan` or :func:`from_record`.
        progress: called with lines about what happens.
        cache: where environments are kept, `cache.default_folder` when None.
        environ: the environment variables, those of this process when None.

    Raises:
        CannotSolve: what is asked for contradicts itself or is nowhere to be had.
        NoSuchPython: the Python asked for is not there; says which are.
        ToolMissing: the program that makes such environments is not installed.
        EnvironmentFailed: it cannot be made for another reason.
    """
    environ = os.environ if environ is None else environ
    say = progress or _silent
    if plan.manager == "local":
        return _as_it_is(plan, environ)
    kept = Cache(cache or default_folder(environ))
    for _ in range(_ROUNDS):
        try:
            return _ready(plan, kept, environ, say)
        except NoSuchPython as error:
            plan = _with_nearby_python(plan, error)
        except EnvironmentFailed as error:
            gone = _gone(plan, error)
            if not gone:
                raise
            say(f"going on without {', '.join(one.name for one in gone)}")
            plan = plan.without(gone)
    msg = "too many of the recorded packages cannot be had"
    raise EnvironmentFailed(msg, hint="run with the environment as it is: --env local")


def _gone(plan: Plan, error: EnvironmentFailed) -> tuple[Missing, ...]:
    from gittrack.launch.environments.recorded import unavailable

    return unavailable(error.output, plan) if plan.exact else ()


def _ready(plan: Plan, cache: Cache, environ: Mapping[str, str], say: Callable[[str], None]) -> Prepared:
    found, reused = cache.hold(plan.digest), True
    while found is None:
        _, reused = _made(plan, cache, environ, say)
        found = cache.hold(plan.digest)  # unless somebody has just removed it
    cache.touch(plan.digest)
    for note in found.about.get("notes") or ():
        say(f"note: {note}")
    return _prepared(plan, found, environ, reused=reused)


def _made(
    plan: Plan, cache: Cache, environ: Mapping[str, str], say: Callable[[str], None]
) -> tuple[Environment, bool]:
    """The environment, made here or meanwhile by another process; whether it was the other."""
    if is_locked(cache.lock_of(plan.digest)):
        say("waiting for another process that makes the same environment")
    with cache.alone(plan.digest):
        found = cache.find(plan.digest)
        if found is not None:
            return found, True
        say(f"making the environment of {plan.source}")
        made = (
            _conda(plan, cache, environ, say) if plan.manager == "conda" else _uv(plan, cache, environ, say)
        )
        return made, False


def _uv(plan: Plan, cache: Cache, environ: Mapping[str, str], say: Callable[[str], None]) -> Environment:
    from gittrack.launch.environments import with_uv

    with cache.beside(plan.digest) as folder:
        notes = with_uv.make(plan, folder, environ=environ, progress=say)
        return cache.put(plan.digest, folder, _about(plan, folder / "env", "uv", notes))


def _conda(plan: Plan, cache: Cache, environ: Mapping[str, str], say: Callable[[str], None]) -> Environment:
    """Conda writes its prefix into files: its environments are made where they stay, and marked last."""
    from gittrack.launch.environments import with_conda

    folder = cache.folder / plan.digest
    folder.mkdir(parents=True)
    try:
        tool = with_conda.make(plan, folder, environ=environ, progress=say)
        write_atomic(folder / MARKER, dump_json(_about(plan, folder / "env", tool)), sync=True)
    finally:
        cache.drop_unmarked(plan.digest)
    found = cache.find(plan.digest)
    if found is None:
        msg = f"{tool} made no environment"
        raise EnvironmentFailed(msg, hint="see what it says: --verbose")
    return found


def _about(plan: Plan, prefix: Path, tool: str, notes: tuple[str, ...] = ()) -> dict[str, Any]:
    """What `environment.json` says."""
    installed = locked.installed_in(prefix)
    return {
        "format": 1,
        "tool": tool,
        "asked": plan.to_record(),
        "installed": installed,
        "python": installed.get("python"),
        "created": iso(now_ms()),
        "locked": locked.pins(plan),
        "notes": list(notes),
    }


def _prepared(plan: Plan, found: Environment, environ: Mapping[str, str], *, reused: bool) -> Prepared:
    conda = plan.manager == "conda"
    variables = dict(plan.conda.variables) if plan.conda else {}
    return Prepared(
        manager=str(found.about.get("tool", plan.manager)),
        variables=activation.of_conda(found.path, variables, environ)
        if conda
        else {"VIRTUAL_ENV": str(found.path)},
        path=activation.folders(found.path, conda=conda),
        unset=activation.UNSET_FOR_CONDA if conda else activation.UNSET_FOR_UV,
        record=_record(
            plan, locked.installed_in(found.path), found.about.get("locked"), found.about.get("notes")
        ),
        python=found.python if found.about.get("python") else None,
        digest=found.digest,
        reused=reused,
    )


def _record(plan: Plan, installed: dict[str, Any], pinned: object, notes: object = None) -> dict[str, Any]:
    drift = compare(locked.from_json(pinned), installed.get("packages", {})) if pinned else None
    fields = {
        "asked": plan.to_record(),
        "installed": installed,
        "drift": drift.to_record() if drift else None,
        "missing": [one._asdict() for one in plan.missing],
        "notes": notes,
    }
    return {name: value for name, value in fields.items() if value}


def _as_it_is(plan: Plan, environ: Mapping[str, str]) -> Prepared:
    """The environment that PATH leads to; what is installed in it is read from its files."""
    import shutil
    from pathlib import Path

    found = shutil.which("python", path=environ.get("PATH")) or shutil.which(
        "python3", path=environ.get("PATH")
    )
    there = interpreter.other(Path(found)) if found else interpreter.own()
    installed: dict[str, Any] = {"python": there.version}
    pinned = locked.pins(plan)
    if pinned:
        installed["packages"] = packages.installed(there.paths, Redactor()).versions
    return Prepared("local", record=_record(plan, installed, pinned))


def _with_nearby_python(plan: Plan, error: NoSuchPython) -> Plan:
    """A recorded plan with any patch of the Python that it names; others fail.

    Raises:
        NoSuchPython: the error, where there is nothing to loosen.
    """
    version = exact(plan.python)
    if not plan.exact or version is None or len(parts(version)) <= 2:  # noqa: PLR2004  major, minor
        raise error
    minor = ".".join(map(str, parts(version)[:2]))
    gone = Missing("python", version, f"it is not installed: another {minor} is taken")
    return replace(plan, python=minor, missing=(*plan.missing, gone))


def _silent(_line: str) -> None:
    pass
