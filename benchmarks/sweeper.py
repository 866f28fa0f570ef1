"""A sweep of a 10 ms function, run by one tool's own Python: `sweeper.py TOOL TRIALS WORKERS`.

The answer is one line of JSON: seconds from the call to its return, and trials that the store has.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
import time
from typing import Any

_WORK = 0.01  # seconds


def work(x: float) -> float:
    """What each trial does."""
    time.sleep(_WORK)
    return (x - 1) ** 2


def gittrack_(trials: int, workers: int) -> tuple[float, int]:
    """`gittrack.sweep`: random search, each trial a run that is committed."""
    import gittrack
    from gittrack.query.search import search
    from gittrack.store.runs import RunStore

    began = time.perf_counter()
    result = gittrack.sweep(
        work,
        {"x": "uniform(-3, 3)"},
        sampler="random",
        trials=trials,
        workers=workers,
        metric="loss",
        goal="min",
    )
    spent = time.perf_counter() - began
    kept = search(RunStore.open(), f"parent_id = '{result.run_id}' and status = 'finished'", limit=None)
    return spent, len(kept)


def optuna_(trials: int, workers: int) -> tuple[float, int]:
    """Optuna alone: random search, worker processes that share a study in SQLite."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    began = time.perf_counter()
    optuna.create_study(study_name="s", storage="sqlite:///study.db", direction="minimize")
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=_optimise, args=(trials // workers,)) for _ in range(workers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    spent = time.perf_counter() - began
    study = optuna.load_study(study_name="s", storage="sqlite:///study.db")
    return spent, sum(trial.state == optuna.trial.TrialState.COMPLETE for trial in study.trials)


def _optimise(trials: int) -> None:
    import optuna

    def objective(trial: Any) -> float:  # noqa: ANN401  optuna.Trial
        return work(trial.suggest_float("x", -3, 3))

    sampler = optuna.samplers.RandomSampler()
    study = optuna.load_study(study_name="s", storage="sqlite:///study.db", sampler=sampler)
    study.optimize(objective, n_trials=trials)


def main() -> None:
    """Sweep, and say how long it took."""
    tool, trials, workers = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    spent, kept = {"gittrack": gittrack_, "optuna": optuna_}[tool](trials, workers)
    print(json.dumps({"seconds": spent, "kept": kept, "work": _WORK}))


if __name__ == "__main__":
    main()
