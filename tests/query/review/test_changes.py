"""What differs between two groups besides their metrics."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gittrack.core.records import Artifact, Input, Source
from gittrack.query.review.changes import (
    DATA,
    HARDWARE,
    artifacts_of,
    changed,
    data_of,
    environment_of,
    hardware_of,
    params_of,
    warnings_of,
)
from gittrack.query.review.values import Change
from tests.support.reviews import ENVIRONMENT, dirty, made

if TYPE_CHECKING:
    from gittrack.core.records import Run


def used(*inputs: Input) -> Run:
    """A run with these inputs."""
    return made({}, inputs=inputs)


def titles(before: Run, after: Run, *documents: dict[str, Any]) -> list[tuple[str, bool]]:
    """Titles of the warnings, and whether they invalidate."""
    environments = dict(zip((before.id, after.id), documents, strict=False))
    return [(one.title, one.invalidates) for one in warnings_of([before], [after], environments)]


def test_params() -> None:
    """Only what differs, every value once, numbers by their size."""
    before = [made({}, params={"lr": 0.1, "seed": seed, "same": 1}) for seed in (10, 9)]
    after = [made({}, params={"lr": 0.1, "seed": 9, "same": 1, "new": None})]
    assert changed(before, after, params_of) == (
        Change("new", (), ("null",)),
        Change("seed", ("9", "10"), ("9",)),
    )


def test_the_command_stands_for_params() -> None:
    """Where there are none."""
    assert params_of(made({}, command=("python", "a b.py"))) == {"command": "python 'a b.py'"}


def test_nan_params() -> None:
    """NaN is the same as NaN."""
    runs = [made({}, params={"x": float("nan")}) for _ in range(2)]
    assert changed(runs[:1], runs[1:], params_of) == ()
    assert changed(runs[:1], [made({}, params={"x": "1"})], params_of)[0].before == ("NaN",)


def test_environment() -> None:
    """Python, packages and hardware; what installs and records does not count."""
    before, after = made({}), made({})
    documents: dict[str, Any] = {
        before.id: ENVIRONMENT,
        after.id: {**ENVIRONMENT, "packages": {"numpy": "2.1.0", "torch": "2.3.1", "pip": "25"}},
    }
    found = changed([before], [after], environment_of(documents))
    assert found == (Change("numpy", ("2.0.1",), ("2.1.0",)),)


def test_hardware() -> None:
    """GPUs by name and number; a document of another shape is none."""
    gpus = [{"name": "A100"}, {"name": "A100"}, "T4"]
    document = {"hardware": {"cpu": "Xeon", "logical_cores": 8, "gpus": gpus}}
    assert hardware_of(document) == {"cpu": "Xeon", "logical cores": "8", "gpus": "2 × A100, T4"}
    assert hardware_of({"hardware": "x"}) == {}
    assert environment_of({})(made({})) == {}
    plain = made({})
    assert environment_of({plain.id: {"python": "3.11"}})(plain) == {"python": "3.11"}


def test_artifacts() -> None:
    """Size and digest; added and removed ones."""
    before = made({}, artifacts=(Artifact("a", "1" * 64, 999), Artifact("gone", "1" * 64, 3_000_000)))
    after = made({}, artifacts=(Artifact("a", "2" * 64, 1500), Artifact("big", "1" * 64, 5 * 10**13)))
    assert artifacts_of(before, after) == (
        Change("a", ("999 B, sha256:111111111111",), ("1.5 kB, sha256:222222222222",)),
        Change("big", (), ("50 TB, sha256:111111111111",)),
        Change("gone", ("3 MB, sha256:111111111111",), ()),
    )


def test_data_of_a_url() -> None:
    """An input that was not read is known by where it was."""
    assert data_of(used(Input("a", "s3://x/a"))) == {"a": "s3://x/a"}


def test_other_data_invalidates() -> None:
    """The same input, other bytes."""
    assert titles(used(Input("v", "v", "1" * 64)), used(Input("v", "v", "2" * 64))) == [(DATA, True)]


def test_other_training_data_does_not() -> None:
    """The metrics are of the same data all the same."""
    before, after = (used(Input("t", "t", digit * 64, context="train")) for digit in "12")
    assert titles(before, after) == [("other training data", False)]


def test_an_input_of_one_side() -> None:
    """Is told, and invalidates nothing: it may have been declared later."""
    assert titles(used(), used(Input("v", "v", "2" * 64))) == [("other inputs", False)]


def test_many_inputs() -> None:
    """Three are named."""
    sides = [used(*(Input(name, name, digit * 64) for name in "abcde")) for digit in "12"]
    (found,) = warnings_of(sides[:1], sides[1:], {})
    assert found.text == "a, b, c and 2 more changed"


def test_other_hardware_invalidates() -> None:
    """Both sides are known and differ."""
    other = {**ENVIRONMENT, "hardware": {"cpu": "EPYC"}}
    assert titles(made({}), made({}), ENVIRONMENT, other) == [(HARDWARE, True)]
    assert titles(made({}), made({}), ENVIRONMENT, {}) == []


def test_unfinished() -> None:
    """Runs that failed beside those that count; named ones that did."""
    run = made({})
    failed = replace(run, status="failed")
    (beside,) = warnings_of([], [run], {}, [failed, failed])
    (named,) = warnings_of([], [failed], {})
    assert beside.text == "2 failed"
    assert named.text == "1 failed, taken all the same because they were named"


def test_mixed() -> None:
    """Params that differ within a group."""
    runs = [made({}, params={"lr": lr}, inputs=()) for lr in (1, 2)]
    assert [one.title for one in warnings_of(runs, [], {})] == ["mixed group"]


def test_uncommitted() -> None:
    """With and without a snapshot."""
    (kept,) = warnings_of([], [dirty(made({}, "1" * 40))], {})
    (lost,) = warnings_of([], [made({}, source=Source("1" * 40, dirty=True))], {})
    assert kept.text.endswith("its snapshot has it")
    assert lost.text.endswith("no snapshot has it")
