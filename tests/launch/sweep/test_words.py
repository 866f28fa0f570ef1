from __future__ import annotations

from gittrack.launch.sweep import words


def test_places_are_filled_and_the_rest_is_appended() -> None:
    """`{name}` anywhere in a word; what no word names comes as options."""
    command = ["python", "train.py", "--out=run-{lr}", "{lr}"]
    assert words.fill(command, {"lr": 0.1, "seed": 3}) == [
        *("python", "train.py", "--out=run-0.1", "0.1"),
        *("--seed", "3"),
    ]


def test_other_braces_are_left_alone() -> None:
    """JSON and shell are; doubled braces stand for themselves."""
    command = ["sh", "-c", 'echo ${HOME} {"a": 1} {{lr}} {{x}} {lr}']
    filled = words.fill(command, {"lr": 1})
    assert filled == ["sh", "-c", 'echo ${HOME} {"a": 1} {lr} {{x}} 1']


def test_values_are_written_as_programs_read_them() -> None:
    """Text as it is, numbers as in Python, everything else as JSON."""
    assert [words.text(value) for value in ("a b", 0.1, 3, True, None, [1, "x"])] == [
        *("a b", "0.1", "3"),
        *("true", "null", '[1,"x"]'),
    ]


def test_variables() -> None:
    """In capitals, with what a variable may not have replaced."""
    assert words.variables({"lr": 0.1, "model.width": 4}) == {
        "GITTRACK_PARAM_LR": "0.1",
        "GITTRACK_PARAM_MODEL_WIDTH": "4",
    }


def test_what_looks_like_a_place_for_nothing() -> None:
    """A mistyped name is noticed."""
    assert words.unknown(["--lr={rates}", "${rate}", "{0}", "{x}", "{rate}"], ["rate"]) == ["rates"]
