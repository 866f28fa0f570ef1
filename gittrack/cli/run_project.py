"""`gittrack run URI`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from gittrack.cli import options, output
from gittrack.cli.wrapped import leave, summary
from gittrack.core.errors import UsageError
from gittrack.terminal.escape import line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gittrack.launch.backends.engine import Engine
    from gittrack.launch.projects.job import Job
    from gittrack.launch.projects.request import Request


def run_project(ctx: click.Context, uri: str, given: dict[str, Any]) -> int:
    """Run a project, or say what would be run; gives the exit status.

    Args:
        ctx: click's context.
        uri: of the project.
        given: the options by their names.
    """
    from gittrack.cli import on_engine
    from gittrack.launch.projects import job

    _check(given)
    with job.opened(_request(uri, given), options.state(ctx).repo) as ready:
        on = _engine(ready, given)
        if given["dry_run"]:
            preview = on.preview(ready) if on else ready.preview()
            if given["as_json"]:
                output.emit_json(preview)
            else:
                output.emit_lines(_lines(preview))
            return 0
        if on is not None:
            return on_engine.run(ready, on, detach=given["detach"], quiet=given["quiet"])
        return _run(ready, quiet=given["quiet"])


def _run(ready: Job, *, quiet: bool) -> int:
    from gittrack.launch.projects import running

    def say(text: str) -> None:
        if not quiet:
            click.echo(line(text), err=True)

    launched = running.run(ready, progress=say)
    if launched.wrapped is None:
        say(f"run {launched.run_id} is reused: {launched.reason}")
        return 0
    if launched.wrapped.error is not None:
        raise launched.wrapped.error
    say(summary(launched.wrapped))
    return leave(launched.wrapped.exit)


def _request(uri: str, given: Mapping[str, Any]) -> Request:
    from gittrack.launch.projects.request import Request

    return Request(
        uri,
        given["entry_point"] or "main",
        params=_params(given["params"]),
        version=given["version"],
        experiment=given["experiment"],
        name=given["name"],
        tags=given["tags"],
        note=given["note"],
        manager=given["env"],
        storage_dir=given["storage_dir"],
        needed=given["needed"],
        output=not given["no_output"],
        seed=given["seed"],
        docker_args=given["docker_args"],
        build_image=given["build_image"],
    )


def _params(words: tuple[str, ...]) -> dict[str, str]:
    from gittrack.cli.run import pairs

    names = [word.partition("=")[0] for word in words]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        msg = f"param {twice!r} is given twice"
        raise UsageError(msg, hint="give it once; a list may be one text: -P layers=64,128")
    return pairs(words)


def _check(given: Mapping[str, Any]) -> None:
    if given["as_json"] and not given["dry_run"]:
        msg = "--json goes with --dry-run: the output of a run is its own"
        raise UsageError(msg, hint="`gittrack show --json @last` prints the run")
    if given["backend_config"]:
        from gittrack.launch.backends import options as backend_options

        backend_options.parse(given["backend_config"])
    if given["backend"]:
        from gittrack.launch.backends import all_backends

        all_backends.find(given["backend"])


def _engine(ready: Job, given: Mapping[str, Any]) -> Engine | None:
    """The engine that was asked for; None for a command of this very process."""
    backend = given["backend"] or "local"
    if backend == "local" and not given["detach"]:
        return None
    from gittrack.launch.backends.engine import Engine

    return Engine.of(ready.store.config, backend, given["backend_config"])


def _lines(preview: Mapping[str, Any]) -> Iterator[str]:
    """What would be done, for eyes."""
    where = preview["directory"] or "a temporary folder"
    version = f" at {preview['commit'][:12]}" if preview["commit"] else ""
    yield f"project      {line(preview['uri'])}{version}"
    yield f"entry point  {line(preview['entry_point'])}"
    label = "params"
    for name, value in preview["params"].items():
        yield f"{label:12} {line(name)} = {line(str(value))}"
        label = ""
    yield f"environment  {line(_environment(preview['environment']))}"
    yield f"command      {line(preview['command'])}"
    yield f"runs         {preview['backend']}, in {line(where)}"
    yield f"records in   {line(preview['repository'])}, experiment {line(preview['experiment'])}"
    if preview.get("job"):
        yield ""
        yield from (line(text) for text in preview["job"].splitlines())


def _environment(record: Mapping[str, Any]) -> str:
    parts = [str(record["manager"])]
    if record.get("image") or record.get("dockerfile"):
        parts.append(f"image {record.get('image') or 'built from ' + record['dockerfile']}")
        parts += [f"with {text}" for text in record.get("volumes", ())]
        return " ".join(parts)
    if record.get("source") not in {None, "none"}:
        parts.append(f"from {record['source']}")
    if record.get("python"):
        parts.append(f"with Python {record['python']}")
    return " ".join([*parts, *(f"({note})" for note in record.get("notes", ()))])
