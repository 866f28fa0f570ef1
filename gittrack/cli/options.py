"""What several verbs share: the store, and options and arguments that mean the same everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gittrack.core.records import Run
    from gittrack.store.runs import RunStore

_PROBLEMS = 5
_LOOKS = ("ls", "show", "log", "diff", "compare", "plot", "watch", "ui", "report", "check")
_ON_TOPICS = frozenset({*_LOOKS, "run", "reproduce", "sweep", "tag", "note", "rename", "rm", "restore"})
F = TypeVar("F", bound="Callable[..., Any]")


class State:
    """What one command line knows; the `obj` of click's context.

    Attributes:
        repo: value of `--repo`, None for the configured repository or the current one.
        topic: value of `--topic`, None for the configured one.
        store: the store once a verb has asked for it.
        recovered: whether abandoned runs were looked for.
    """

    def __init__(self) -> None:
        self.repo: str | None = None
        self.topic: str | None = None
        self.store: RunStore | None = None
        self.recovered = False

    @property
    def directory(self) -> Path | None:
        """`gittrack/` in the Git directory of the store, None while there is none."""
        return None if self.store is None else self.store.git.directory


def state(ctx: click.Context) -> State:
    """The state of this command line; made where a command is called on its own."""
    return ctx.ensure_object(State)


def store(ctx: click.Context, *, recover: bool = True) -> RunStore:
    """The run store that this command line is about, opened at the first call.

    Args:
        ctx: click's context of the verb.
        recover: first finish runs whose processes are gone, and say so on standard error.

    Raises:
        NotARepository: there is no repository.
    """
    from gittrack.store.runs import RunStore

    here = state(ctx)
    if here.store is None:
        here.store = RunStore.open(here.repo, topic=here.topic)
    if recover and not here.recovered:
        here.recovered = True
        _recover(here.store)
    return here.store


def _recover(found: RunStore) -> None:
    from gittrack.core.errors import GitTrackError

    try:
        _tell_recovered([*found.recover(), *_settled(found)])
    except (GitTrackError, OSError) as error:  # what is asked for may work all the same
        import warnings

        from gittrack.core.errors import GitTrackWarning

        warnings.warn(GitTrackWarning(f"abandoned runs could not be finished: {error}"), stacklevel=2)


def _settled(found: RunStore) -> list[Run]:
    """The runs whose engines say that their jobs are over."""
    if not (found.git.directory / "jobs").is_dir() or not any((found.git.directory / "jobs").iterdir()):
        return []
    from gittrack.launch.backends.watching import settle_all

    return settle_all(found)


def _tell_recovered(runs: list[Run]) -> None:
    if not runs:
        return
    from gittrack.terminal.escape import line

    shown = ", ".join(f"{line(run.id)} ({line(run.status)})" for run in runs[:3])
    more = f" and {len(runs) - 3} more" if len(runs) > 3 else ""  # noqa: PLR2004  fits one line
    word = "run" if len(runs) == 1 else "runs"
    click.echo(f"finished {len(runs)} abandoned {word}: {shown}{more}", err=True)


def tell_problems(found: RunStore) -> None:
    """Warn of files on the runs branch that cannot be read; the rest is shown all the same."""
    import warnings

    from gittrack.core.errors import GitTrackWarning

    problems = found.index.problems
    for problem in problems[:_PROBLEMS]:
        warnings.warn(GitTrackWarning(problem), stacklevel=2)
    if len(problems) > _PROBLEMS:
        more = f"{len(problems) - _PROBLEMS} more files cannot be read, `gittrack validate` names them"
        warnings.warn(GitTrackWarning(more), stacklevel=2)


def _kept_as(name: str) -> Callable[[click.Context, click.Parameter, str | None], None]:
    def keep(ctx: click.Context, _param: click.Parameter, value: str | None) -> None:
        if value is not None:
            setattr(state(ctx), name, value)

    return keep


def repo_option(function: F) -> F:
    """`--repo`: where the runs are; kept in the state, not passed to the function."""
    return click.option(
        "--repo",
        metavar="PATH|URL",
        help="Repository that keeps the runs.",
        expose_value=False,
        callback=_kept_as("repo"),
    )(function)


def topic_option(function: F) -> F:
    """`--topic`: whose runs to see with those of the runs branch, and where new ones go; in the state."""
    return click.option(
        "--topic",
        metavar="NAME",
        help="Topic to work on, `runs` for none.",
        expose_value=False,
        callback=_kept_as("topic"),
    )(function)


def json_option(function: F) -> F:
    """`--json`, as the argument `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(function)


_SHAPES = {
    "json": "Print JSON.",
    "csv": "Print CSV.",
    "md": "Print a Markdown table.",
    "ids": "Print ids only, one a line.",
}


def format_options(*shapes: str) -> Callable[[F], F]:
    """`--json`, `--csv`, `--md`, `--ids`, as far as asked for, as one argument `shape`; None for eyes."""

    def declare(function: F) -> F:
        for shape in reversed(shapes):
            function = click.option(
                f"--{shape}", "shape", flag_value=shape, default=None, help=_SHAPES[shape]
            )(function)
        return function

    return declare


def verb(name: str, **settings: Any) -> Callable[[Callable[..., Any]], click.Command]:  # noqa: ANN401  click's
    """A command with `-h`, `--repo`, `--topic` where it reads or records runs, and click's context first.

    The first line of its docstring is its line in the help. What it returns is its exit status, None
    for 0.
    """

    def declare(function: Callable[..., Any]) -> click.Command:
        settings.setdefault("context_settings", {}).setdefault("help_option_names", ["-h", "--help"])
        with_context: Any = click.pass_context
        declare_command: Any = click.command(name, **settings)
        inner = with_context(function)
        command: click.Command = declare_command(
            repo_option(topic_option(inner) if name in _ON_TOPICS else inner)
        )
        return command

    return declare


def run_argument(name: str = "run", **settings: Any) -> Callable[[F], F]:  # noqa: ANN401  click's
    """A RUN, completed from the index. `nargs=-1` takes several."""
    settings.setdefault("metavar", "RUN…" if settings.get("nargs") == -1 else "RUN")
    settings.setdefault("required", True)
    return click.argument(name, shell_complete=_complete("runs"), **settings)


def filter_argument(function: F) -> F:
    """Any number of FILTERs, as the argument `filters`; all must hold."""
    return click.argument("filters", nargs=-1, metavar="[FILTER]…", shell_complete=_complete("keys"))(
        function
    )


def experiment_option(function: F) -> F:
    """`-e`/`--experiment`, repeatable, as the argument `experiments`."""
    return click.option(
        "-e",
        "--experiment",
        "experiments",
        multiple=True,
        metavar="NAME",
        help="Only runs of this experiment (may be repeated).",
        shell_complete=_complete("experiments"),
    )(function)


def joined(filters: tuple[str, ...]) -> str | None:
    """Several FILTERs as one that asks for all of them, None without any."""
    given = [text for text in filters if text.strip()]
    return " and ".join(f"({text})" for text in given) if len(given) > 1 else "".join(given) or None


def resolve(ctx: click.Context, text: str) -> Run:
    """The run that RUN names.

    Raises:
        RunNotFound, AmbiguousRun: no run, or more than one.
    """
    from gittrack.query import select

    return select.resolve(store(ctx), text)


def _complete(what: str) -> Callable[[click.Context, click.Parameter, str], list[Any]]:
    def complete(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[Any]:
        from gittrack.cli import complete as completion

        return completion.suggest(ctx, what, incomplete)

    return complete


metric_completion = _complete("metrics")
"""`shell_complete` of an option or argument that takes names of metrics."""
plot_completion = _complete("plot")
"""The same for metrics and runs."""
key_completion = _complete("keys")
"""The same for `params.…`, `metrics.…` and `tags.…`."""
