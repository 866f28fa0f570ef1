"""The verdict on repeats of a run: a table of cases, and what holds for all of them."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittrack.core.errors import InvalidValue
from gittrack.core.records import Source
from gittrack.query.verdict.judge import EXIT_CODES, judge, not_comparable
from gittrack.query.verdict.values import LEVELS
from tests.support.evidence import COMMIT, Contents, artifact, directory, evidence, replaced
from tests.support.runs import any_series, series

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.query.verdict.values import Evidence

LOSS = {"loss": [1.0, 0.5, 0.25]}
TOLERANT = {"loss": {"rtol": 0.01}}
OLD, NEW = b"a,b\n1,2.0\n", b"a,b\n1,2.001\n"


CASES: list[tuple[str, Evidence, Evidence, dict[str, Any], str, str | None]] = [
    ("nothing changed", evidence(LOSS), evidence(LOSS), {}, "identical", None),
    ("NaN is NaN", evidence({"a": [math.nan]}), evidence({"a": [math.nan]}), {}, "identical", None),
    ("other value", evidence(LOSS), evidence({"loss": [1.0, 0.5, 0.3]}), {}, "differs", "randomness"),
    (
        "less than the tolerance",
        *(evidence(LOSS), evidence({"loss": [1.0, 0.4, 0.2501]})),
        *({"metrics": TOLERANT}, "within tolerance", None),
    ),
    (
        "more than the tolerance",
        *(evidence(LOSS), evidence({"loss": [1.0, 0.5, 0.26]})),
        *({"metrics": TOLERANT}, "differs", "randomness"),
    ),
    (
        "an earlier point without tolerance",
        *(evidence(LOSS), evidence({"loss": [1.0, 0.4, 0.25]})),
        *({}, "differs", "randomness"),
    ),
    (
        "one point more with tolerance",
        *(evidence(LOSS), evidence({"loss": [1.0, 0.5, 0.25, 0.25]})),
        *({"metrics": TOLERANT}, "differs", "randomness"),
    ),
    ("a metric is gone", evidence(LOSS), evidence({"acc": [1.0]}), {}, "differs", "randomness"),
    (
        "a metric is new",
        *(evidence(LOSS), evidence({**LOSS, "acc": [1.0]})),
        *({}, "differs", "randomness"),
    ),
    (
        "system metrics never count",
        *(evidence({**LOSS, "system/cpu_percent": [5.0]}), evidence(LOSS)),
        *({}, "identical", None),
    ),
    (
        "unless a rule says so",
        *(evidence({**LOSS, "system/cpu_percent": [5.0]}), evidence(LOSS)),
        *({"metrics": {"system/*": {"gate": True}}}, "differs", "randomness"),
    ),
    (
        "a metric that does not count",
        *(evidence({**LOSS, "time/epoch": [5.0]}), evidence({**LOSS, "time/epoch": [6.0]})),
        *({"metrics": {"time/*": {"gate": False}}}, "identical", None),
    ),
    (
        "other bytes of an artifact",
        *(evidence(LOSS, files={"m.bin": b"1"}), evidence(LOSS, files={"m.bin": b"2"})),
        *({}, "differs", "randomness"),
    ),
    (
        "an artifact is not made",
        *(evidence(LOSS, files={"m.bin": b"1"}), evidence(LOSS)),
        *({}, "differs", "missing output"),
    ),
    (
        "an artifact is new",
        *(evidence(LOSS), evidence(LOSS, files={"m.bin": b"1"})),
        *({}, "differs", "randomness"),
    ),
    (
        "other output does not count",
        *(evidence(LOSS, files={"output.log": b"1"}), evidence(LOSS, files={"output.log": b"2"})),
        *({}, "identical", None),
    ),
    (
        "numbers of a table within tolerance",
        *(evidence(LOSS, files={"p.csv": OLD}), evidence(LOSS, files={"p.csv": NEW})),
        {"artifacts": {"*.csv": {"compare": "numeric", "rtol": 0.01}}, "reader": Contents(OLD, NEW)},
        *("within tolerance", None),
    ),
    (
        "numbers of a table beyond it",
        *(evidence(LOSS, files={"p.csv": OLD}), evidence(LOSS, files={"p.csv": NEW})),
        *({"reader": Contents(OLD, NEW)}, "differs", "randomness"),
    ),
    (
        "a table that was collected",
        *(evidence(LOSS, files={"p.csv": OLD}), evidence(LOSS, files={"p.csv": NEW})),
        *({"reader": Contents(NEW)}, "not comparable", "randomness"),
    ),
    (
        "an artifact that is ignored",
        *(evidence(LOSS, files={"m.bin": b"1"}), evidence(LOSS, files={"m.bin": b"2"})),
        *({"artifacts": {"*.bin": "ignore"}}, "identical", None),
    ),
    ("nothing to compare", evidence(), evidence(), {}, "not comparable", None),
    (
        "nothing but the same output",
        *(evidence(files={"output.log": b"1"}), evidence(files={"output.log": b"1"})),
        *({}, "identical", None),
    ),
    (
        "the repeat fails",
        *(evidence(LOSS), evidence(LOSS, status="failed", exit_code=1)),
        *({}, "failed", "randomness"),
    ),
    (
        "it fails, as the original did",
        *(
            evidence(LOSS, status="failed", exit_code=3),
            evidence(LOSS, status="failed", exit_code=3),
        ),
        *({}, "identical", None),
    ),
    (
        "the original failed",
        *(evidence(LOSS, status="failed", exit_code=3), evidence(LOSS)),
        *({}, "differs", "randomness"),
    ),
    (
        "it is killed",
        *(evidence(LOSS), evidence(LOSS, status="killed", exit_code=None, signal="SIGKILL")),
        *({}, "failed", "randomness"),
    ),
    (
        "a package",
        *(evidence(LOSS), evidence({"loss": [1.1]}, environment={"packages": {"torch": "2.4.0"}})),
        *({}, "differs", "packages"),
    ),
    (
        "a Python",
        *(evidence(LOSS), evidence({"loss": [1.1]}, environment={"python": {"version": "3.12.1"}})),
        *({}, "differs", "python"),
    ),
    (
        "a package from another place",
        *(evidence(LOSS), evidence({"loss": [1.1]}, urls={"torch": "https://a/b.whl"})),
        *({}, "differs", "packages"),
    ),
    (
        "a processor",
        *(evidence(LOSS), evidence({"loss": [1.1]}, environment={"hardware": {"cpu": "EPYC"}})),
        *({}, "differs", "hardware"),
    ),
    (
        "threads",
        *(evidence(LOSS), evidence({"loss": [1.1]}, environment={"variables": {"OMP_NUM_THREADS": "4"}})),
        *({}, "differs", "threads"),
    ),
    (
        "a seed in the environment",
        *(evidence(LOSS), evidence({"loss": [1.1]}, environment={"variables": {"PYTHONHASHSEED": "1"}})),
        *({}, "differs", "seed"),
    ),
    (
        "a seed among the params",
        *(evidence(LOSS, params={"seed": 1}), evidence({"loss": [1.1]}, params={"seed": 2})),
        *({}, "differs", "seed"),
    ),
    (
        "a param",
        *(evidence(LOSS, params={"lr": 1}), evidence({"loss": [1.1]}, params={"lr": 2})),
        *({}, "differs", "params"),
    ),
    (
        "data",
        *(evidence(LOSS, inputs={"t.csv": "a" * 64}), evidence({"loss": [1.1]}, inputs={"t.csv": "b" * 64})),
        *({}, "differs", "data"),
    ),
    (
        "data that nobody verified",
        *(evidence(LOSS, inputs={"t.csv": None}), evidence({"loss": [1.1]}, inputs={"t.csv": None})),
        *({}, "differs", "data"),
    ),
    (
        "another commit",
        *(
            evidence(LOSS),
            evidence({"loss": [1.1]}, source=Source("2" * 40, snapshot="2" * 40, directory=".")),
        ),
        *({}, "differs", "code"),
    ),
    (
        "changed lines",
        *(evidence(LOSS), evidence({"loss": [1.1]})),
        *({"code": lambda *_: ["train.py +1 -1"]}, "differs", "code"),
    ),
    (
        "code that was left out",
        evidence(
            LOSS,
            source=Source(
                COMMIT, dirty=True, snapshot=COMMIT, directory=".", left_out={"x.bin": "too large"}
            ),
        ),
        evidence({"loss": [1.1]}),
        *({"code": lambda *_: []}, "differs", "code not captured"),
    ),
    (
        "code without a snapshot",
        evidence(LOSS, source=Source(COMMIT, directory=".", missing="disabled")),
        evidence({"loss": [1.1]}),
        *({"code": lambda *_: []}, "differs", "code not captured"),
    ),
    (
        "another command",
        *(evidence(LOSS), evidence({"loss": [1.1]}, command=("python", "other.py"))),
        *({}, "differs", "command"),
    ),
    (
        "another variable",
        *(
            evidence(LOSS),
            evidence({"loss": [1.1]}, environment={"variables": {"TF_DETERMINISTIC_OPS": "1"}}),
        ),
        *({}, "differs", "variables"),
    ),
    (
        "rounding beside a processor and a variable",
        evidence({"loss": [1.0]}, params={"note": "a"}),
        evidence(
            {"loss": [1.0 + 1e-9]},
            params={"note": "b"},
            environment={"hardware": {"cpu": "EPYC"}, "platform": {"release": "6.2"}},
        ),
        *({}, "differs", "hardware"),
    ),
]


@pytest.mark.parametrize(
    ("original", "repeat", "rules", "level", "suspect"),
    [case[1:] for case in CASES],
    ids=[c[0] for c in CASES],
)
def test_cases(
    original: Evidence, repeat: Evidence, rules: dict[str, Any], level: str, suspect: str | None
) -> None:
    """Each case gets its verdict, and the right suspect comes first."""
    verdict = judge(original, [repeat], **rules)
    assert (verdict.level, verdict.exit_code) == (level, EXIT_CODES[verdict.level])
    assert [one.cause for one in verdict.suspects][:1] == ([suspect] if suspect else [])


def _runs(*values: float) -> list[Evidence]:
    return [evidence({"loss": [value]}, files={"m.bin": repr(value).encode()}) for value in values]


def test_statistically_consistent() -> None:
    """A value within what three earlier runs let expect is consistent; the numbers are there."""
    original, *earlier = _runs(1.0, 1.1, 0.9)
    verdict = judge(original, _runs(1.05), earlier)
    assert verdict.level == "statistically consistent"
    interval = verdict.metrics[0].interval
    assert interval is not None
    assert (interval.of, interval.count, round(interval.mean, 9)) == ("earlier", 3, 1.0)
    assert verdict.unsteady == ("loss", "m.bin")
    assert verdict.suspects[0].cause == "randomness"


def test_statistically_beyond() -> None:
    """A value far outside differs, and what changed comes before the known randomness."""
    original, *earlier = _runs(1.0, 1.1, 0.9)
    repeat = evidence({"loss": [9.0]}, files={"m.bin": b"9"}, environment={"packages": {"torch": "9"}})
    verdict = judge(original, [repeat], earlier)
    assert verdict.level == "differs"
    assert [one.cause for one in verdict.suspects] == ["packages", "randomness"]


def test_new_repeats_are_a_sample() -> None:
    """Three new runs tell where the original should lie."""
    (original,) = _runs(1.0)
    assert judge(original, _runs(1.1, 0.9, 1.05)).level == "statistically consistent"
    assert judge(original, _runs(7.1, 7.2, 7.3)).level == "differs"


def test_too_few_runs_for_statistics() -> None:
    """Two runs allow no statistical verdict, and the reason says so."""
    verdict = judge(*_pair())
    assert verdict.reasons == (
        "a statistical verdict needs 3 runs with this fingerprint, there are 2: --repeat 3 makes them",
    )


def test_a_steady_metric_that_moves_differs() -> None:
    """Where earlier runs agree to the last bit, another value differs."""
    original, *earlier = _runs(1.0, 1.0, 1.0)
    verdict = judge(original, _runs(1.0000001), earlier)
    assert verdict.level == "differs"
    assert verdict.unsteady == ()


def test_the_worst_repeat_decides() -> None:
    """One repeat of two that differs makes the verdict."""
    original = evidence(LOSS)
    verdict = judge(original, [evidence(LOSS), evidence({"loss": [1.0, 0.5, 0.3]})])
    assert verdict.level == "differs"
    assert verdict.metrics[0].after == (0.25, 0.3)
    assert verdict.unsteady == ("loss",)


def test_the_first_divergence() -> None:
    """The verdict names the first step that differs, and by how much."""
    one = judge(evidence(LOSS), [evidence({"loss": [1.0, 0.75, 0.25]})]).metrics[0].first
    assert one is not None
    assert (one.step, one.index, one.before, one.after, one.delta) == (1, 1, 0.5, 0.75, 0.25)


def test_directories_are_compared_by_file() -> None:
    """A directory artifact whose digest differs is compared file by file."""
    before, old = directory("model", {"a": b"1", "log.json": b"[1.0]", "gone": b""})
    after, new = directory("model", {"a": b"1", "log.json": b"[1.0 ]"})
    reader = Contents(b"[1.0]", b"[1.0 ]", members={before.sha256: old, after.sha256: new})
    verdict = judge(evidence(artifacts=[before]), [evidence(artifacts=[after])], reader=reader)
    assert [(one.path, one.outcome) for one in verdict.artifacts] == [
        ("model/a", "identical"),
        ("model/gone", "differs"),
        ("model/log.json", "within tolerance"),
    ]


def test_a_directory_without_manifest() -> None:
    """Without its manifest a directory is compared by digest."""
    before, _ = directory("model.json", {"a": b"1"})
    after, _ = directory("model.json", {"a": b"2"})
    verdict = judge(evidence(artifacts=[before]), [evidence(artifacts=[after])])
    assert [(one.path, one.outcome) for one in verdict.artifacts] == [("model.json", "differs")]


def test_a_directory_that_is_everywhere_the_same_is_not_opened() -> None:
    """No manifest is read where all runs have the same."""
    one, _ = directory("model", {"a": b"1"})
    verdict = judge(evidence(artifacts=[one]), [evidence(artifacts=[one])])
    assert [found.path for found in verdict.artifacts] == ["model"]
    assert verdict.level == "identical"


def test_a_huge_file_is_not_read() -> None:
    """Files beyond the limit are compared by digest."""
    import dataclasses

    huge = dataclasses.replace(artifact("a.csv", OLD), size=10**9)
    verdict = judge(evidence(artifacts=[huge]), [evidence(files={"a.csv": NEW})], reader=Contents(OLD, NEW))
    assert "too large" in verdict.artifacts[0].note


def test_a_missing_run() -> None:
    """What cannot be repeated has a verdict with its reasons."""
    verdict = not_comparable(evidence().run, ["the code is gone"])
    assert (verdict.level, verdict.exit_code, verdict.reasons) == (
        "not comparable",
        5,
        ("the code is gone",),
    )


@pytest.mark.parametrize(
    "rules",
    [
        {"metrics": {"loss": 3}},
        {"metrics": {"loss": {"atol": -1}}},
        {"metrics": {"loss": {"rtol": "much"}}},
        {"metrics": {"loss": {"gate": "no"}}},
        {"metrics": {"loss": {"goal": "up"}}},
        {"metrics": {"loss": {"tol": 1}}},
        {"artifacts": {"m.bin": {"compare": "eyes"}}},
        {"artifacts": {"m.bin": "eyes"}},
        {"artifacts": {"m.bin": 1}},
    ],
)
def test_wrong_rules(rules: dict[str, Any]) -> None:
    """A rule that is none is an error with a hint."""
    original, repeats = _pair()
    with pytest.raises(InvalidValue) as found:
        judge(original, repeats, **rules)
    assert found.value.hint


def _pair() -> tuple[Evidence, list[Evidence]]:
    original, repeat = _runs(1.0, 2.0)
    return original, [repeat]


def test_json() -> None:
    """The JSON form says everything, in plain JSON."""
    original, *earlier = _runs(1.0, 1.1, math.inf)
    body = judge(original, _runs(math.nan, 1.0), earlier).as_json()
    assert json.loads(json.dumps(body, allow_nan=False)) == body
    assert set(body) == {
        *("verdict", "exit_code", "original", "repeats", "earlier", "reasons"),
        *("metrics", "artifacts", "suspects", "unsteady"),
    }
    original, *earlier = _runs(1.0, 1.1, 0.9)
    assert judge(original, _runs(1.0, 1.05), earlier).as_json()["metrics"][0]["interval"]["count"] == 3


def test_every_level_has_an_exit_code() -> None:
    """No verdict is without an exit code."""
    assert set(LEVELS) == set(EXIT_CODES)


@given(any_series())
def test_a_run_is_identical_to_itself(points: Sequence[Any]) -> None:
    """Whatever was logged: a run and its exact repeat are identical, or there is nothing to compare."""
    one = evidence(points=points, files={"output.log": b"x"})
    verdict = judge(one, [replaced(one)])
    assert verdict.level == "identical"
    assert not verdict.suspects


_values = st.lists(st.floats(allow_nan=False, width=32), min_size=1, max_size=5)


@given(_values, _values, st.floats(0, 10), st.floats(0, 1))
def test_a_larger_tolerance_never_makes_it_worse(
    old: list[float], new: list[float], atol: float, rtol: float
) -> None:
    """What is within a tolerance is within every larger one."""
    before, after = evidence({"a": old}), evidence({"a": new})
    codes = [
        judge(before, [after], metrics={"a": {"atol": scale * atol, "rtol": scale * rtol}}).exit_code
        for scale in (1, 2)
    ]
    assert codes[1] <= codes[0]


@given(_values, _values)
def test_both_ways_agree_without_tolerance(old: list[float], new: list[float]) -> None:
    """Without tolerances, original and repeat may change places."""
    before, after = evidence({"a": old}), evidence({"a": new})
    assert judge(before, [after]).level == judge(after, [before]).level


def test_ranks_are_told_apart() -> None:
    """The series of another process is another series."""
    before = evidence(points=[series("loss", 1.0), series("loss", 2.0, rank=1)])
    after = evidence(points=[series("loss", 1.0), series("loss", 3.0, rank=1)])
    verdict = judge(before, [after])
    assert [(one.name, one.outcome) for one in verdict.metrics] == [
        ("loss", "identical"),
        ("loss [1]", "differs"),
    ]


def test_other_versions_come_before_other_packages() -> None:
    """Of packages, those in two versions are named first, then those that are gone, then new ones."""
    old = {"zlib": "1", "gone": "1"}
    new = {"zlib": "2", "added": "1"}
    before, after = evidence({"a": [1.0]}), evidence({"a": [2.0]})
    before.environment["packages"].update(old)
    after.environment["packages"].update(new)
    assert judge(before, [after]).suspects[0].text == "other packages: zlib, gone, added"
