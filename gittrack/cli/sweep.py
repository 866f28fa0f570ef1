"""`gittrack sweep`."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gittrack.cli import options, output
from gittrack.cli.uri_or_command import DASHES, UriOrCommand

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gittrack.launch.sweep.plan import Limits
    from gittrack.launch.sweep.requested import Prepared, Wanted
    from gittrack.launch.sweep.targets import Target
    from gittrack.launch.sweep.view import View
    from gittrack.store.runs import RunStore

_INTERRUPTED = 130
_LIMITS = ("jobs", "max_failures", "timeout", "trial_timeout")
_SETTINGS = ("sampler", "trials", "max_trials", "seed", "metric", "goal", "stop")
_PROJECT = ("entry_point", "version", "env", "backend", "backend_config")
_COMMAND = ("metrics_files", "metrics_from_stdout", "patterns")
_OPTIONS = (
    click.option("-P", "--param", "params", multiple=True, metavar="NAME=SPACE", help="A param: 0.1,0.01 …"),
    click.option("--space", type=click.Path(path_type=Path), metavar="FILE", help="The space, in YAML."),
    click.option(
        "--metric",
        metavar="NAME",
        help="What tells which trial is best.",
        shell_complete=options.metric_completion,
    ),
    click.option("--goal", type=click.Choice(["min", "max"]), help="Whether less or more of it is better."),
    click.option("--sampler", type=click.Choice(["grid", "random", "tpe"]), help="How points are chosen."),
    click.option("--trials", type=int, metavar="N", help="How many."),
    click.option("--max-trials", type=int, metavar="N", help="Most points that a grid may have [1000]."),
    click.option("--seed", type=int, metavar="N", help="Make random choices the same again."),
    click.option("-j", "--jobs", type=int, default=None, metavar="N", help="Trials at the same time [1]."),
    click.option("--stop", metavar="RULE", help="End trials early: median[:STEP] or halving[:STEP]."),
    click.option("--max-failures", type=int, metavar="N", help="Start no more after so many failed."),
    click.option("--timeout", metavar="TIME", help="Start no more after 90s, 15m, 2h."),
    click.option("--trial-timeout", metavar="TIME", help="End a trial after so long."),
    click.option("--resume", metavar="RUN", help="Go on with this sweep."),
    click.option("-e", "--entry-point", metavar="NAME", help="Of a project: its entry point, or a script."),
    click.option("-v", "--version", metavar="REV", help="Of a project in Git: commit, tag or branch."),
    click.option("--env", "--env-manager", "env", metavar="MANAGER", help="Who makes the environment."),
    click.option("-b", "--backend", metavar="NAME", help="Engine that runs the trials of a project."),
    click.option("-c", "--backend-config", metavar="JSON|FILE", help="What the backend needs."),
    click.option(
        "--metrics", "metrics_files", multiple=True, metavar="FILE", help="Metrics that CMD writes."
    ),
    click.option("--metrics-from-stdout", is_flag=True, help="Metrics from lines like `epoch 3 loss=0.1`."),
    click.option("--metric-pattern", "patterns", multiple=True, metavar="REGEX", help="Metrics from lines."),
    click.option("-n", "--name", metavar="NAME", help="What to call it; trials are NAME-0 and so on."),
    click.option("--experiment", metavar="NAME", help="Experiment of all runs."),
    click.option("-t", "--tag", "tags", multiple=True, metavar="KEY=VALUE", help="Set a tag on all runs."),
    click.option("--note", metavar="TEXT", help="A note on the sweep, in Markdown."),
    click.option("--dry-run", is_flag=True, help="List the trials and run nothing."),
    options.json_option,
    click.option("-q", "--quiet", is_flag=True, help="Say nothing but what is wrong."),
)


def _declared(function: options.F) -> options.F:
    for declare in reversed(_OPTIONS):
        function = declare(function)
    return function


@options.verb("sweep", cls=UriOrCommand)
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[URI | -- CMD…]")
@_declared
def command(ctx: click.Context, words: tuple[str, ...], **given: Any) -> int:  # noqa: ANN401  options
    """Run a project or a command with many params, each trial a run nested in that of the sweep.

    SPACE is a list (0.1,0.01), range(5), uniform(0,1), loguniform(1e-5,0.1), int(1,8) or choice(a,b). In CMD
    {lr} stands for a param; one that CMD does not name is appended as --lr 0.1, and all are variables:
    GITTRACK_PARAM_LR. For example: gittrack sweep -P lr=0.1,0.01 -P seed='range(3)' -- python train.py
    """
    from gittrack.launch.sweep.requested import prepare

    store = options.store(ctx)
    prepared = prepare(store, _wanted(ctx, store, words, given))
    if given["dry_run"]:
        _preview(prepared, as_json=given["as_json"])
        return 0
    return _run(prepared, as_json=given["as_json"], quiet=given["quiet"])


def _wanted(ctx: click.Context, store: RunStore, words: tuple[str, ...], given: Mapping[str, Any]) -> Wanted:
    from gittrack.cli.run import pairs
    from gittrack.launch.sweep.plan import Asked
    from gittrack.launch.sweep.requested import Wanted

    space, settings = _space(given)
    chosen: dict[str, Any] = {
        name: settings.get(name) if given[name] is None else given[name] for name in _SETTINGS
    }
    asked = Asked(space, limits=_limits(given), **chosen)
    return Wanted(
        asked,
        None if given["resume"] is not None and not words else _target(ctx, store, words, given),
        given["resume"],
        given["backend_config"],
        given["name"],
        given["experiment"],
        pairs(given["tags"]),
        given["note"],
        frozenset(name for name in _LIMITS if given[name] is not None),
    )


def _space(given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    from gittrack.core.errors import UsageError
    from gittrack.launch.sweep.grammar import parse_param

    space: dict[str, Any] = {}
    settings: dict[str, Any] = {}
    if given["space"] is not None:
        from gittrack.launch.sweep.space_file import read

        found, settings = read(given["space"])
        space.update(found)
    seen: set[str] = set()
    for word in given["params"]:
        name, one = parse_param(word)
        if name in seen:
            msg = f"param {name!r} is given twice"
            raise UsageError(msg, hint=f"give it once, with all its values: -P {name}=1,2")
        seen.add(name)
        space[name] = one
    return space, settings


def _limits(given: Mapping[str, Any]) -> Limits:
    from gittrack.launch.sweep.plan import Limits, seconds

    times = {name: seconds(given[name]) if given[name] else None for name in ("timeout", "trial_timeout")}
    return Limits(1 if given["jobs"] is None else given["jobs"], given["max_failures"], **times)


def _target(ctx: click.Context, store: RunStore, words: tuple[str, ...], given: Mapping[str, Any]) -> Target:
    from gittrack.core.errors import UsageError
    from gittrack.launch.sweep.targets import CommandTarget, ProjectTarget

    if ctx.meta[DASHES]:
        _refuse(given, _PROJECT, "of a project, and after `--` stands a command")
        return CommandTarget(words, given["metrics_from_stdout"], given["patterns"], given["metrics_files"])
    _refuse(given, _COMMAND, "of a command, and there is no `--` before one")
    if not words and not (given["entry_point"] or Path("MLproject").exists()):
        msg = "there is nothing to run"
        raise UsageError(
            msg, hint="put a command after `--`, or name a project: gittrack sweep . -P lr=0.1,0.01"
        )
    from gittrack.launch.projects.request import Request

    engine = None
    if given["backend"]:
        from gittrack.launch.backends.engine import Engine

        engine = Engine.of(store.config, given["backend"], given["backend_config"])
    request = Request(
        words[0] if words else ".",
        given["entry_point"] or "main",
        version=given["version"],
        manager=given["env"],
    )
    return ProjectTarget(request, engine)


def _refuse(given: Mapping[str, Any], names: tuple[str, ...], what: str) -> None:
    from gittrack.core.errors import UsageError

    flags = {"metrics_files": "metrics", "patterns": "metric-pattern"}
    for name in names:
        if given[name]:
            msg = f"--{flags.get(name, name.replace('_', '-'))} is an option {what}"
            raise UsageError(msg, hint="see `gittrack sweep --help`")


def _run(prepared: Prepared, *, as_json: bool, quiet: bool) -> int:
    from gittrack.launch.sweep.attempt import Watchers
    from gittrack.terminal.escape import line

    def say(text: str) -> None:
        if not quiet:
            click.echo(line(text), err=True)

    seen: list[str] = []
    try:
        with _shown(quiet=quiet or as_json) as show:

            def observe(view: View) -> None:
                seen[:] = [view.sweep_id]
                if show is not None:
                    show(view)

            result = prepared.run(Watchers(observe, say))
    except KeyboardInterrupt:
        from gittrack.cli import errors

        errors.tell("interrupted", f"gittrack sweep --resume {seen[0]}" if seen else None, kind="")
        return _INTERRUPTED
    if as_json:
        output.emit_json(result.to_json())
    elif not quiet:
        from gittrack.terminal.sweep_table import summary

        output.emit_lines(summary(result))
    return 0


@contextlib.contextmanager
def _shown(*, quiet: bool) -> Iterator[Callable[[View], None] | None]:
    """What shows the sweep while it runs: a table that is drawn again and again, or a line for each trial."""
    from gittrack.terminal import sweep_table

    if quiet:
        yield None
    elif output.is_terminal(sys.stdout):
        from gittrack.terminal.live import screen

        with screen(output.console()) as (draw, _):
            yield lambda view: draw(sweep_table.page(view, output.height()), output.width(), "")
    else:
        yield lambda view: output.emit_lines(sweep_table.lines(view))


def _preview(prepared: Prepared, *, as_json: bool) -> None:
    preview = prepared.preview()
    if as_json:
        output.emit_json(preview)
        return
    from gittrack.terminal.sweep_table import preview_lines, preview_table

    output.emit_lines(preview_lines(preview))
    if preview["points"]:
        output.emit_table(preview_table(preview))
