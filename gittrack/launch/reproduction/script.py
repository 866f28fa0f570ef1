"""The repetition of a run as a shell script that needs Git and uv, or pip, but not gittrack; pure."""

from __future__ import annotations

import shlex
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from gittrack.launch.containers.images import CODE
from gittrack.launch.reproduction.inputs import BAD

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gittrack.launch.reproduction.values import Preparation
    from gittrack.store.runs import RunStore

_VENV = '"$work/venv"'


def script_of(store: RunStore, preparation: Preparation) -> list[str]:
    """The lines of the script.

    Args:
        store: of the run; names the repository that the code comes from.
        preparation: what the run needs.
    """
    return list(_lines(store, preparation))


def _lines(store: RunStore, preparation: Preparation) -> Iterator[str]:
    run = preparation.run
    yield "#!/bin/sh"
    yield from _comment(f"Repeats run {run.id}" + (f" ({run.name})" if run.name else ""))
    for text in preparation.missing:
        yield from _comment(f"MISSING: {text}")
    for text in preparation.notes:
        yield from _comment(f"note: {text}")
    yield "set -eu"
    if preparation.missing:
        yield f"echo {_quoted('the run cannot be repeated: ' + preparation.missing[0])} >&2"
        yield "exit 5"
        return
    yield 'work=$(mktemp -d "${TMPDIR:-/tmp}/reproduce-XXXXXX")'
    yield "trap 'rm -rf \"$work\"' EXIT"
    yield from _code(store, preparation)
    yield from _inputs(preparation)
    yield from _environment(preparation)
    for name in preparation.unset:
        yield f"unset {name}"
    for name, value in preparation.variables.items():
        yield f"export {name}={_quoted(value)}"
    yield f"cd ./{_quoted(run.source.directory or '.')}"
    yield from _command(preparation)


def _code(store: RunStore, preparation: Preparation) -> Iterator[str]:
    place = (preparation.git or store.git).place
    remote = preparation.run.source.remote or ""
    yield "# the code, as it was when the run started"
    yield f"repository=${{REPOSITORY:-{_quoted(str(place.common_dir))}}}"
    yield f'[ -e "$repository" ] || repository={_quoted(remote)}'
    yield 'git clone --quiet --no-checkout -- "$repository" "$work/code"'
    yield 'cd "$work/code"'
    commit = str(preparation.commit)
    yield f"git cat-file -e {commit}^{{commit}} 2>/dev/null || git fetch --quiet origin {commit}"
    yield f"git checkout --quiet --detach {commit}"


def _inputs(preparation: Preparation) -> Iterator[str]:
    lines = []
    for one in preparation.inputs:
        if one.used.sha256 is None or one.used.kind not in {None, "file"} or one.state in BAD:
            continue
        if one.place is None or "://" in one.used.uri:
            continue
        if one.state == "here" and one.source is not None:
            parent = PurePosixPath(one.used.uri).parent.as_posix()
            yield f"mkdir -p -- {_quoted(parent)}"
            yield f"cp -- {_quoted(str(one.source))} {_quoted(one.used.uri)}"
        lines.append(f"{one.used.sha256}  {one.used.uri}")
    for used in (one.used for one in preparation.inputs if one.state == "kept"):
        yield from _comment(f"get {used.uri} first: `gittrack artifacts get {preparation.run.id}` has it")
    for used in (one.used for one in preparation.inputs if one.state == "to be fetched"):
        yield from _comment(f"fetch {used.uri} first, to where the command names it")
    if lines:
        yield "# the data that it used"
        yield f"printf '%s\\n' {' '.join(map(_quoted, lines))} | sha256sum --check --quiet -"


def _environment(preparation: Preparation) -> Iterator[str]:
    choice = preparation.environment
    if choice is not None and choice.container is not None:
        yield from _comment(f"in the image that it had: {choice.container.get('image')}")
        return
    if choice is None or choice.plan is None:
        yield from _comment(
            f"the environment is taken as it is: {choice.reason if choice else 'not recorded'}"
        )
        return
    plan = choice.plan
    yield from _comment("the packages that it had")
    python = f" --python {_quoted(plan.python)}" if plan.python else ""
    requirements = [line for layer in plan.layers for line in layer.lines]
    yield f"printf '%s\\n' {' '.join(map(_quoted, requirements))} > \"$work/requirements.txt\""
    yield "if command -v uv >/dev/null; then"
    yield f"  uv venv --quiet{python} {_VENV}"
    yield f'  VIRTUAL_ENV={_VENV} uv pip install --quiet --no-deps -r "$work/requirements.txt"'
    yield "else"
    yield f"  python3 -m venv {_VENV}"
    yield f'  {_VENV}/bin/pip install --quiet --no-deps -r "$work/requirements.txt"'
    yield "fi"
    yield f'export VIRTUAL_ENV={_VENV} PATH={_VENV}/bin:"$PATH"'


def _command(preparation: Preparation) -> Iterator[str]:
    words = preparation.command
    container = preparation.environment.container if preparation.environment else None
    if container is not None:
        yield f"${{ENGINE:-docker}} run --rm {' '.join(_in_container(preparation, container))} \\"
    if preparation.rewritten:
        tree = str(preparation.tree)
        parts = [word.split(tree) for word in words]
        text = " ".join('"$work/code"'.join(_quoted(one) if one else "" for one in part) for part in parts)
        yield text
    else:
        yield shlex.join(words)


def _in_container(preparation: Preparation, container: Mapping[str, Any]) -> Iterator[str]:
    yield '--user "$(id -u):$(id -g)" --volume "$work:$work:ro"'
    if not container.get("code"):
        yield f'--volume "$PWD:{CODE}"'
    yield f"--workdir {CODE}"
    for name, value in {**preparation.variables, **(container.get("variables") or {})}.items():
        yield _quoted(f"--env={name}={value}")
    yield from (_quoted(f"--env={name}") for name in container.get("copied") or ())
    yield from (_quoted(f"--volume={text}") for text in container.get("volumes") or ())
    yield _quoted(str(next(iter(container.get("digests") or ()), container.get("id"))))


def _comment(text: str) -> Iterator[str]:
    yield "# " + "".join(one if one.isprintable() else "?" for one in text)


def _quoted(text: str) -> str:
    return shlex.quote(text)
