"""The module functions: the methods of the active run, which is begun where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gittrack.tracking import active, start

if TYPE_CHECKING:
    import datetime as dt
    import os
    from collections.abc import Mapping

    from gittrack.core.records import Status
    from gittrack.tracking.session import ActiveRun

_context = active._context  # noqa: SLF001  one lookup less in `log_metric`, which is called in hot loops


def start_run(  # noqa: PLR0913  one option each
    name: str | None = None,
    *,
    run_id: str | None = None,
    experiment: str | None = None,
    nested: bool = False,
    parent_run_id: str | None = None,
    tags: Mapping[str, object] | None = None,
    params: Mapping[str, object] | None = None,
    note: str | None = None,
    repo: str | os.PathLike[str] | None = None,
    system_metrics: bool | None = None,
) -> ActiveRun:
    """Begin a run and make it the active one; use it in a `with` statement.

    In a program that `gittrack run` started, the first call joins the run of that command.

    Args:
        name: what to call it; need not be unique.
        run_id: a run to resume: what is logged from the smallest new step on supersedes what was
            logged there before.
        experiment: the group it belongs to; as set by :func:`set_experiment`, else as configured.
        nested: begin it inside the active run.
        parent_run_id: the run it is nested in, where that is not the active one.
        tags: to set at once.
        params: to log at once.
        note: free text, Markdown.
        repo: the repository to record in, a path or a Git URL; as configured when None.
        system_metrics: whether to sample processor, memory, disk, network and GPUs; as configured
            when None.

    Raises:
        NotARepository: there is no repository to record in.
        UsageError: a run is active and the new one is not nested.
        InvalidValue: a name, tag, param or note cannot be taken.
        RunNotFound: the run to resume does not exist.
    """
    return start.start(
        start.Wish(
            name=name,
            run_id=run_id,
            experiment=experiment,
            nested=nested,
            parent_run_id=parent_run_id,
            tags=tags or {},
            params=params or {},
            note=note,
            repo=repo,
            system_metrics=system_metrics,
        )
    )


def end_run(status: Status = "finished") -> None:
    """End the active run and commit it; nothing without one."""
    run = active.current()
    if run is not None:
        run.end(status)


def active_run() -> ActiveRun | None:
    """The active run, None without one."""
    return active.current()


def set_experiment(name: str) -> None:
    """Choose the experiment for the runs that this process begins from now on.

    Raises:
        InvalidValue: that is no name.
    """
    start.set_experiment(name)


def log_metric(
    key: str, value: float, step: int | None = None, timestamp: float | dt.datetime | None = None
) -> None:
    """Log one point of a metric; see :meth:`gittrack.Run.log_metric`."""
    stack = _context.get()
    if stack and timestamp is None:
        stack[-1]._point(key, value, step)  # noqa: SLF001  the short way: this is a hot path
    else:
        _run().log_metric(key, value, step, timestamp)


def log_metrics(
    metrics: Mapping[str, float], step: int | None = None, timestamp: float | dt.datetime | None = None
) -> None:
    """Log one point of each of several metrics; see :meth:`gittrack.Run.log_metrics`."""
    _run().log_metrics(metrics, step, timestamp)


def log_param(key: str, value: object) -> None:
    """Log a param; see :meth:`gittrack.Run.log_param`."""
    _run().log_param(key, value)


def log_params(params: Mapping[str, object]) -> None:
    """Log several params; see :meth:`gittrack.Run.log_params`."""
    _run().log_params(params)


def set_tag(key: str, value: object) -> None:
    """Set a tag; see :meth:`gittrack.Run.set_tag`."""
    _run().set_tag(key, value)


def set_tags(tags: Mapping[str, object]) -> None:
    """Set several tags; see :meth:`gittrack.Run.set_tags`."""
    _run().set_tags(tags)


def delete_tag(key: str) -> None:
    """Remove a tag; see :meth:`gittrack.Run.delete_tag`."""
    _run().delete_tag(key)


def set_note(text: str) -> None:
    """Set the note; see :meth:`gittrack.Run.set_note`."""
    _run().set_note(text)


def log_artifact(path: str | os.PathLike[str], to: str | None = None) -> None:
    """Keep a file or folder; see :meth:`gittrack.Run.log_artifact`."""
    _run().log_artifact(path, to)


def log_artifacts(folder: str | os.PathLike[str], to: str | None = None) -> None:
    """Keep what is in a folder; see :meth:`gittrack.Run.log_artifacts`."""
    _run().log_artifacts(folder, to)


def log_input(
    data: Any,  # noqa: ANN401  a path, a URL, a table or an array
    name: str | None = None,
    *,
    context: str | None = None,
    source: str | None = None,
    keep: bool = False,
) -> None:
    """Record what the run uses, by its digest; see :meth:`gittrack.Run.log_input`."""
    _run().log_input(data, name, context=context, source=source, keep=keep)


def log_text(text: str, artifact_file: str) -> None:
    """Keep a text; see :meth:`gittrack.Run.log_text`."""
    _run().log_text(text, artifact_file)


def log_dict(dictionary: Any, artifact_file: str) -> None:  # noqa: ANN401  any JSON value
    """Keep a mapping or list; see :meth:`gittrack.Run.log_dict`."""
    _run().log_dict(dictionary, artifact_file)


def log_figure(figure: Any, artifact_file: str, **save: Any) -> None:  # noqa: ANN401  of either library
    """Keep a figure; see :meth:`gittrack.Run.log_figure`."""
    _run().log_figure(figure, artifact_file, **save)


def log_image(image: Any, artifact_file: str) -> None:  # noqa: ANN401  of either library
    """Keep a picture; see :meth:`gittrack.Run.log_image`."""
    _run().log_image(image, artifact_file)


def log_table(data: Any, artifact_file: str) -> None:  # noqa: ANN401  a frame or mapping
    """Keep a table; see :meth:`gittrack.Run.log_table`."""
    _run().log_table(data, artifact_file)


def _run() -> ActiveRun:
    """The active run; one that lasts until the program ends, where there was none."""
    return active.current() or start.start(start.Wish())
