"""`gittrack run -- CMD`: a command in any language as a run."""

from __future__ import annotations

import platform
import signal
import warnings
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from gittrack.core.errors import GitTrackError, GitTrackWarning, UsageError
from gittrack.core.records import Run, Source
from gittrack.core.times import now_ms
from gittrack.tracking import values
from gittrack.tracking.arguments import params_of
from gittrack.tracking.capture_options import capture_tag
from gittrack.tracking.metrics_written import MetricsWritten
from gittrack.tracking.outcome import Exit
from gittrack.tracking.process import CannotStart, execute
from gittrack.tracking.recording import Recording
from gittrack.tracking.seeding import seed_variables
from gittrack.tracking.surroundings import enclosing_run, user
from gittrack.tracking.wrap_environment import environment, prepared, python_of, seen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gittrack.core.records import Input
    from gittrack.core.redact import Redactor
    from gittrack.store.journal.writer import Journal
    from gittrack.store.runs import RunStore
    from gittrack.tracking.metric_sink import Reader


class Launch(NamedTuple):
    """What a launcher knows of a command, and has prepared for it.

    Attributes:
        source: the code, where the launcher has captured it; None to capture it here.
        inputs: what the command uses, recorded at the start.
        variables: environment variables to set.
        unset: environment variables to take away.
        path: folders that go in front of `PATH`.
        environment: what was asked for and installed, for `environment.yaml`.
        shown: the command as it is recorded, where the launcher knows better what in it is secret.
        seen: what a command in a container sees of environment variables besides seeds; None for all.
        host: where a file is on this machine that a command in a container names by its path inside; raises
            GitTrackError for one that is only there. None without a container.
    """

    source: Source | None = None
    inputs: Sequence[Input] = ()
    variables: Mapping[str, str] = MappingProxyType({})
    unset: Sequence[str] = ()
    path: Sequence[str] = ()
    environment: Mapping[str, Any] = MappingProxyType({})
    shown: Sequence[str] = ()
    seen: Mapping[str, str] | None = None
    host: Callable[[str], Path] | None = None


class Wish(NamedTuple):
    """What the caller asks for.

    Attributes:
        name: of the run.
        experiment: it belongs to, the configured one when None.
        tags: name to text.
        note: free text.
        params: more params; they win over those of files and arguments.
        params_files: YAML, JSON or TOML.
        metrics_files: read when the command has ended, where it wrote them.
        metrics_from_output: whether to look for metrics in lines of output.
        patterns: regular expressions for that, besides or instead.
        snapshot: whether to keep the code as it is, as far as the configuration allows.
        output: whether to keep the output.
        inputs: files, folders and URLs that the command uses.
        launch: what the launcher of a project has prepared, None without one.
        seed: passed on in variables, see `tracking.seeding`; None for none.
        run_id: of a run that waits for this process, see `store.queued`; None for a new one.
        parent_id: the run that this one is nested in; None for the one around this process.
    """

    name: str | None = None
    experiment: str | None = None
    tags: Mapping[str, str] = MappingProxyType({})
    note: str | None = None
    params: Mapping[str, Any] = MappingProxyType({})
    params_files: Sequence[Path] = ()
    metrics_files: Sequence[Path] = ()
    metrics_from_output: bool = False
    patterns: Sequence[str] = ()
    snapshot: bool = True
    output: bool = True
    inputs: Sequence[str] = ()
    launch: Launch | None = None
    seed: int | None = None
    run_id: str | None = None
    parent_id: str | None = None


class Wrapped(NamedTuple):
    """What became of a command.

    Attributes:
        run_id: of its run.
        run: the run, None when it could not be committed yet.
        exit: how the command ended.
        error: why it could not be started, None otherwise.
    """

    run_id: str
    run: Run | None
    exit: Exit
    error: CannotStart | None = None


def run(
    command: Sequence[str], store: RunStore, wish: Wish | None = None, *, cwd: Path | None = None
) -> Wrapped:
    """Run a command to its end and record it.

    Standard streams, signals and exit status are the command's own; see `docs/protocol.md` for what it
    finds in its environment.

    Args:
        command: its words.
        store: where the run goes.
        wish: names, files and so on.
        cwd: where it runs, the current folder when None.

    Raises:
        UsageError: there is no command, a file of params cannot be read, a pattern is none.
        MalformedFile: a file of params is not what its suffix says.
        InvalidValue: a name, tag, param or seed cannot be taken.
        OSError: the repository cannot be written. Nothing was run in any of these cases.
    """
    wish = wish or Wish()
    here = cwd or Path.cwd()
    looks = wish.metrics_from_output or wish.patterns
    readers = _readers(wish) if looks else list  # a wrong pattern must not cost a training: first
    seeds = seed_variables(wish.seed)
    redactor = store.redactor
    begun = _begin(command, store, wish, redactor, here)
    written = MetricsWritten(wish.metrics_files, here)
    environ = prepared(wish.launch) | seeds
    recording = Recording(
        store,
        begun,
        redactor,
        cwd=here,
        python=python_of(command, environ, launched=bool(wish.launch and wish.launch.environment)),
        keep_output=wish.output,
        asked=wish.launch.environment if wish.launch else {},
        environ=seen(environ, wish.launch),
        host=wish.launch.host if wish.launch else None,
        journal=_taken_over(store, begun) if wish.run_id else None,
    )
    recording.uses(wish.inputs)
    end, error = Exit(None), None
    try:
        end, problems = execute(
            command,
            env=environment(environ, store, begun.id, recording.child_journal),
            cwd=cwd,
            sink=(lambda: recording.sink(readers())) if recording.sees_output(readers()) else None,
            started=recording.started,
        )
        for problem in problems:
            warnings.warn(f"output was not passed on: {problem}", GitTrackWarning, stacklevel=2)
        written.log(recording.point)
    except CannotStart as found:
        error, end = found, Exit(found.exit_code)
        recording.say(f"gittrack: {redactor.text(found.message)}")
    except KeyboardInterrupt:  # before the command ran, or a second ^C after it
        end = Exit(None, signal.SIGINT) if end == Exit(None) else end
        raise
    finally:
        finished = recording.end(end)
    return Wrapped(begun.id, finished, end, error)


def _begin(command: Sequence[str], store: RunStore, wish: Wish, redactor: Redactor, here: Path) -> Run:
    """What is known of the run before it starts, the code included."""
    if not command:
        msg = "there is no command to run"
        raise UsageError(msg, hint="put it after `--`: gittrack run -- python train.py")
    params = _params(command, wish)
    tags = values.check_tags({**capture_tag(wish, here), **wish.tags})
    name = values.check_name(wish.name) if wish.name else ""
    experiment = values.check_name(wish.experiment or store.config.get("experiment"), "experiment")
    note = values.check_note(wish.note or "")
    launch = wish.launch or Launch()
    source = launch.source or _source(store, wish, here)  # before the command can change it
    return Run(
        id=wish.run_id or store.new_id(),
        experiment=experiment,
        name=redactor.text(name),
        start_time=now_ms(),
        command=tuple(redactor.argv(launch.shown or command)),
        user=user(),
        host=platform.node() or None,
        parent_id=wish.parent_id or enclosing_run(store),
        source=source,
        params={key: redactor.value(key, value) for key, value in params.items()},
        tags={key: str(redactor.value(key, value)) for key, value in tags.items()},
        note=redactor.text(note),
        inputs=tuple(launch.inputs),
    )


def _taken_over(store: RunStore, run: Run) -> Journal:
    from gittrack.store.queued import begin  # only jobs of engines need it

    return begin(store, run)


def _params(command: Sequence[str], wish: Wish) -> dict[str, Any]:
    params: dict[str, Any] = {}
    if wish.params_files:
        from gittrack.tracking.param_files import read_params

        for path in wish.params_files:
            params |= read_params(path)
    seed = {} if wish.seed is None else {"seed": wish.seed}
    words = wish.launch.shown if wish.launch and wish.launch.seen is not None else command
    return params | values.check_params({**seed, **params_of(words), **wish.params})


def _source(store: RunStore, wish: Wish, here: Path) -> Source:
    from gittrack.tracking.snapshot import take

    if store.code is None:
        return Source(missing="not in a Git repository")
    config = store.config if wish.snapshot else store.config.with_options({"snapshot.enabled": False})
    try:
        return take(store.code, config, here)
    except (OSError, GitTrackError) as error:
        warnings.warn(f"the code is not recorded: {error}", GitTrackWarning, stacklevel=2)
        return Source(missing=str(error))


def _readers(wish: Wish) -> Callable[[], list[Reader]]:
    """Makes what finds metrics in one stream."""
    from gittrack.tracking.metric_lines import MetricLines
    from gittrack.tracking.metric_patterns import PatternLines

    own = PatternLines(wish.patterns)

    def make() -> list[Reader]:
        readers: list[Reader] = [own] if wish.patterns else []
        return [*readers, MetricLines()] if wish.metrics_from_output else readers

    return make
