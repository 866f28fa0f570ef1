"""Experiment tracking that lives in the Git repository.

::

    import gittrack

    with gittrack.start_run("baseline", params={"lr": 0.1}):
        for epoch in range(10):
            gittrack.log_metric("loss", train(epoch), step=epoch)

Nothing heavy is loaded before it is used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gittrack.core.errors import GitTrackError, GitTrackWarning
    from gittrack.launch.api import run_project
    from gittrack.launch.current import diff_runs
    from gittrack.launch.reproduction.reproduce import reproduce
    from gittrack.launch.sweep.api import sweep
    from gittrack.models.api import load_model, log_model, save_model
    from gittrack.models.registry.api import (
        demote_model,
        edit_model,
        list_models,
        model_history,
        promote_model,
        register_model,
    )
    from gittrack.models.scoring.batches import batch_predictor
    from gittrack.models.scoring.spark import spark_udf
    from gittrack.query.api import get_run, search_runs
    from gittrack.query.artifacts import download_artifacts, list_artifacts
    from gittrack.query.compare.api import compare_runs, group_runs, param_importance, plot_runs
    from gittrack.query.review.api import check, review
    from gittrack.report.api import make_report
    from gittrack.tracking.fluent import (
        active_run,
        delete_tag,
        end_run,
        log_artifact,
        log_artifacts,
        log_dict,
        log_figure,
        log_image,
        log_input,
        log_metric,
        log_metrics,
        log_param,
        log_params,
        log_table,
        log_text,
        set_experiment,
        set_note,
        set_tag,
        set_tags,
        start_run,
    )
    from gittrack.tracking.session import ActiveRun as Run

__version__ = "0.1.0"

__all__ = [
    "GitTrackError",
    "GitTrackWarning",
    "Run",
    "__version__",
    "active_run",
    "batch_predictor",
    "check",
    "compare_runs",
    "delete_tag",
    "demote_model",
    "diff_runs",
    "download_artifacts",
    "edit_model",
    "end_run",
    "get_run",
    "group_runs",
    "list_artifacts",
    "list_models",
    "load_model",
    "log_artifact",
    "log_artifacts",
    "log_dict",
    "log_figure",
    "log_image",
    "log_input",
    "log_metric",
    "log_metrics",
    "log_model",
    "log_param",
    "log_params",
    "log_table",
    "log_text",
    "make_report",
    "model_history",
    "param_importance",
    "plot_runs",
    "promote_model",
    "register_model",
    "reproduce",
    "review",
    "run_project",
    "save_model",
    "search_runs",
    "set_experiment",
    "set_note",
    "set_tag",
    "set_tags",
    "spark_udf",
    "start_run",
    "sweep",
]

_HOMES = {
    "GitTrackError": ("gittrack.core.errors", "GitTrackError"),
    "GitTrackWarning": ("gittrack.core.errors", "GitTrackWarning"),
    "Run": ("gittrack.tracking.session", "ActiveRun"),
    "batch_predictor": ("gittrack.models.scoring.batches", "batch_predictor"),
    "spark_udf": ("gittrack.models.scoring.spark", "spark_udf"),
    "compare_runs": ("gittrack.query.compare.api", "compare_runs"),
    "diff_runs": ("gittrack.launch.current", "diff_runs"),
    "download_artifacts": ("gittrack.query.artifacts", "download_artifacts"),
    "get_run": ("gittrack.query.api", "get_run"),
    "check": ("gittrack.query.review.api", "check"),
    "make_report": ("gittrack.report.api", "make_report"),
    "reproduce": ("gittrack.launch.reproduction.reproduce", "reproduce"),
    "review": ("gittrack.query.review.api", "review"),
    "run_project": ("gittrack.launch.api", "run_project"),
    "group_runs": ("gittrack.query.compare.api", "group_runs"),
    "list_artifacts": ("gittrack.query.artifacts", "list_artifacts"),
    "load_model": ("gittrack.models.api", "load_model"),
    "log_model": ("gittrack.models.api", "log_model"),
    "save_model": ("gittrack.models.api", "save_model"),
    "demote_model": ("gittrack.models.registry.api", "demote_model"),
    "edit_model": ("gittrack.models.registry.api", "edit_model"),
    "list_models": ("gittrack.models.registry.api", "list_models"),
    "model_history": ("gittrack.models.registry.api", "model_history"),
    "promote_model": ("gittrack.models.registry.api", "promote_model"),
    "register_model": ("gittrack.models.registry.api", "register_model"),
    "param_importance": ("gittrack.query.compare.api", "param_importance"),
    "plot_runs": ("gittrack.query.compare.api", "plot_runs"),
    "search_runs": ("gittrack.query.api", "search_runs"),
    "sweep": ("gittrack.launch.sweep.api", "sweep"),
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  whatever the name stands for
    if name not in __all__:
        msg = f"module 'gittrack' has no attribute {name!r}"
        raise AttributeError(msg)
    module, attribute = _HOMES.get(name, ("gittrack.tracking.fluent", name))
    value = getattr(importlib.import_module(module), attribute)
    globals()[name] = value  # the next access finds it without asking here
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
