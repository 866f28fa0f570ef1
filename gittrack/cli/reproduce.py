"""`gittrack reproduce`."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gittrack.cli import options, output

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittrack.core.records import Run
    from gittrack.launch.backends.engine import Engine
    from gittrack.launch.reproduction.values import Reproduction
    from gittrack.store.runs import RunStore


@options.verb("reproduce")
@options.run_argument()
@click.option(
    "--env",
    type=click.Choice(["local", "recorded"]),
    help="Take the environment as it is, or restore the recorded one in any case.",
)
@click.option(
    "--repeat", type=click.IntRange(1, 1000), default=1, metavar="N", help="Run it so often, for statistics."
)
@click.option("--on", metavar="BACKEND", help="Where it runs: local, slurm, …")
@click.option("-c", "--backend-config", metavar="JSON|FILE", help="What the backend needs.")
@click.option("--against", metavar="RUN", help="Compare with this run, which is there already; run nothing.")
@click.option("--show", is_flag=True, help="Show the verdict that is kept with RUN; run nothing.")
@click.option("--dry-run", is_flag=True, help="Say what would be done and what is missing; run nothing.")
@click.option("--script", is_flag=True, help="Print a shell script that does it without gittrack.")
@click.option(
    "--junit", type=click.Path(path_type=Path), metavar="FILE", help="Write the verdict as JUnit XML."
)
@click.option(
    "--markdown",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Append the verdict as Markdown, as $GITHUB_STEP_SUMMARY wants it.",
)
@options.json_option
@click.option("-q", "--quiet", is_flag=True, help="Do not say what is being done.")
def command(  # noqa: PLR0913  one argument an option
    ctx: click.Context,
    run: str,
    *,
    env: str | None,
    repeat: int,
    on: str | None,
    backend_config: str | None,
    against: str | None,
    show: bool,
    dry_run: bool,
    script: bool,
    junit: Path | None,
    markdown: Path | None,
    as_json: bool,
    quiet: bool,
) -> int:
    """Run a recorded RUN again and say whether the same came out.

    The code comes from its snapshot, into a throw-away work tree. Exit status: 0 identical, within tolerance
    or statistically consistent; 1 differs; 4 the command failed; 5 not comparable, something is missing.
    """
    store, original = options.store(ctx), options.resolve(ctx, run)
    if dry_run or script:
        return _preview(store, original, env, script=script, as_json=as_json)
    from gittrack.launch.reproduction.reproduce import compare_runs, repeat_run

    def say(text: str) -> None:
        from gittrack.terminal.escape import line

        click.echo(line(text), err=True)

    if show:
        found = _kept(store, original)
    elif against is not None:
        found = compare_runs(store, original, [options.resolve(ctx, against)])
    else:
        with _output_aside() if as_json else contextlib.nullcontext():
            engine = _engine(store, on, backend_config)
            found = repeat_run(
                store,
                original,
                env=env,
                repeat=repeat,
                on=engine,
                write=lambda text: click.echo(text, nl=False),
                progress=None if quiet else say,
            )
    _write(found, junit, markdown)
    if as_json:
        output.emit_json(found.verdict.as_json() if show else found.as_json())
    else:
        from gittrack.terminal.reproduce import page

        output.emit_page(page(found.verdict))
    return found.verdict.exit_code


def _engine(store: RunStore, name: str | None, config: str | None) -> Engine | None:
    from gittrack.core.errors import UsageError

    if name in {None, "local"}:
        if config:
            msg = "--backend-config goes with --on"
            raise UsageError(msg, hint="name the backend: --on slurm")
        return None
    from gittrack.launch.backends.engine import Engine

    return Engine.of(store.config, str(name), config)


def _kept(store: RunStore, run: Run) -> Reproduction:
    from gittrack.launch.reproduction.values import Preparation, Reproduction
    from gittrack.query.verdict.kept import kept

    return Reproduction(run, (), kept(store, run.id), Preparation(run))


def _preview(store: RunStore, original: Run, env: str | None, *, script: bool, as_json: bool) -> int:
    from gittrack.launch.reproduction.reproduce import preview

    found = preview(store, original, env=env)
    if script:
        from gittrack.launch.reproduction.script import script_of

        output.emit_lines(script_of(store, found))
    elif as_json:
        output.emit_json(found.as_json())
    else:
        from gittrack.terminal.reproduce import plan_page

        output.emit_page(plan_page(found))
    return 5 if found.missing else 0


def _write(found: Reproduction, junit: Path | None, markdown: Path | None) -> None:
    from gittrack.core.errors import UsageError

    try:
        if junit is not None:
            from gittrack.query.verdict.junit import junit_of

            junit.write_text(junit_of(found.verdict), encoding="utf-8")
        if markdown is not None:
            from gittrack.terminal.reproduce_markdown import markdown_of

            with markdown.open("a", encoding="utf-8") as file:
                file.write(markdown_of(found))
    except OSError as error:
        msg = f"cannot write {error.filename}: {error.strerror}"
        raise UsageError(msg, hint=f"the verdict is {found.verdict.level}") from error


@contextlib.contextmanager
def _output_aside() -> Iterator[None]:
    """Send what the command prints to standard error: standard output is for JSON alone."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)
