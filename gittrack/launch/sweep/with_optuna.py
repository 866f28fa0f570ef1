"""TPE search: the one door to Optuna. Its study lives in memory and is rebuilt from ended trials."""

from __future__ import annotations

import math
import random
import warnings
from typing import TYPE_CHECKING, Any

from gittrack.core.errors import UsageError
from gittrack.launch.sweep.space import OneOf, Whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    import optuna

    from gittrack.launch.sweep.plan import Plan
    from gittrack.launch.sweep.space import Dimension
    from gittrack.launch.sweep.trials import Trial


class Tpe:
    """Params by Optuna's tree-structured Parzen estimator.

    What it proposes depends on the seed, the number of the trial and those that ended before, not on
    whether the sweep was resumed in between.

    Args:
        plan: of the sweep; has a metric.

    Raises:
        UsageError: Optuna is not installed.
    """

    def __init__(self, plan: Plan) -> None:
        self._optuna = _load()
        self._plan = plan
        self._asked: dict[int, optuna.Trial] = {}
        self._spaces = {name: self._distribution(one) for name, one in plan.space.items()}
        before = self._optuna.logging.get_verbosity()
        self._optuna.logging.set_verbosity(self._optuna.logging.WARNING)  # it greets every study
        try:
            self._study = self._optuna.create_study(
                direction="minimize" if plan.goal == "min" else "maximize", sampler=self._sampler(0)
            )
        finally:
            self._optuna.logging.set_verbosity(before)

    def ask(self, number: int) -> dict[str, Any]:
        """The params of a trial."""
        self._study.sampler = self._sampler(number)
        trial = self._study.ask(self._spaces)
        self._asked[number] = trial
        return {name: self._value(name, found) for name, found in trial.params.items()}

    def tell(self, trial: Trial) -> None:
        """Learn from a trial that has ended. One of whose params are not of this space nothing is learned."""
        states = self._optuna.trial.TrialState
        usable = trial.value is not None and not math.isnan(trial.value)
        state = states.COMPLETE if trial.status == "finished" and usable else states.FAIL
        if trial.pruned is not None and usable:
            state = states.PRUNED
        asked = self._asked.pop(trial.number, None)
        if asked is not None:
            if state == states.PRUNED:
                asked.report(trial.value or 0.0, trial.step or 0)
            self._study.tell(asked, trial.value if state == states.COMPLETE else None, state)
            return
        try:
            inner = {name: self._inner(name, trial.params) for name in self._spaces}
        except (KeyError, ValueError, TypeError):
            return
        self._study.add_trial(
            self._optuna.trial.create_trial(
                state=state,
                params=inner,
                distributions=self._spaces,
                value=trial.value if state == states.COMPLETE else None,
                intermediate_values=_at_end(trial) if state == states.PRUNED else None,
            )
        )

    def _sampler(self, number: int) -> Any:  # noqa: ANN401  of Optuna
        seed = random.Random(f"{self._plan.seed} {number}").randrange(2**32)  # noqa: S311  no secret
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # `constant_liar` is for parallel trials, and experimental
            return self._optuna.samplers.TPESampler(seed=seed, constant_liar=True)

    def _distribution(self, one: Dimension) -> Any:  # noqa: ANN401  of Optuna
        kinds = self._optuna.distributions
        if isinstance(one, OneOf):
            return kinds.CategoricalDistribution(range(len(one.values)))
        if isinstance(one, Whole):
            return kinds.IntDistribution(one.low, one.high, log=one.log)
        return kinds.FloatDistribution(one.low, one.high, log=one.log)

    def _value(self, name: str, found: Any) -> Any:  # noqa: ANN401  a value of a space
        one = self._plan.space[name]
        return one.values[found] if isinstance(one, OneOf) else found

    def _inner(self, name: str, params: Mapping[str, Any]) -> Any:  # noqa: ANN401  as Optuna has it
        one = self._plan.space[name]
        return one.values.index(params[name]) if isinstance(one, OneOf) else params[name]


def _at_end(trial: Trial) -> dict[int, float]:
    return {trial.step or 0: trial.value or 0.0}


def _load() -> Any:  # noqa: ANN401  the module
    try:
        import optuna
    except ImportError as error:
        msg = "TPE search needs Optuna, which is not installed"
        raise UsageError(
            msg, hint="pip install 'gittrack[sweep]'; `--sampler random` needs nothing"
        ) from error
    return optuna
