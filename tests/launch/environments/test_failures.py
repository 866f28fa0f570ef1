from __future__ import annotations

from gittrack.launch.environments.failures import CannotSolve, EnvironmentFailed, failed, without_credentials


def test_the_words_of_the_solver() -> None:
    """What it says, in one line, and a hint of ours."""
    output = "error: No solution found\n  cause: Because there is no version of six==99.\n"
    error = failed("uv", "pip install", output)
    assert isinstance(error, CannotSolve)
    assert error.message == (
        "uv pip install failed: No solution found: Because there is no version of six==99"
    )
    assert "check the name and version" in str(error.hint)


def test_the_hint_of_the_tool_comes_first() -> None:
    """It knows more."""
    error = failed("uv", "x", "error: Failed to build `a`\n\nhint: install b\n")
    assert (type(error), error.hint) == (EnvironmentFailed, "install b")


def test_a_tool_that_says_nothing() -> None:
    """There is a message all the same."""
    assert failed("conda", "env create", "").message == "conda env create failed: no message"


def test_a_long_message_is_shortened() -> None:
    """The whole is in `output`."""
    error = failed("uv", "x", "error: " + "a" * 5000)
    assert len(error.message) < 450
    assert len(error.output) > 5000


def test_our_names_and_credentials_are_replaced() -> None:
    """A person knows neither."""
    error = failed("uv", "x", "error: /ours/r.txt: https://u:p@h/simple\n", replace={"/ours/": ""})
    assert error.message == "uv x failed: r.txt: https://h/simple"


def test_advice_for_the_network_and_for_builds() -> None:
    """Each has its own."""
    assert "network" in str(failed("uv", "x", "error: a\n cause: error sending request for url").hint)
    assert "wheel" in str(failed("uv", "x", "error: The build backend returned an error").hint)
    assert "loosen" in str(failed("uv", "x", "error: your requirements are unsatisfiable").hint)


def test_the_user_of_ssh_stays() -> None:
    """It is no secret; a password is."""
    assert without_credentials("git+ssh://git:pw@h/x https://tok@h/y") == "git+ssh://git@h/x https://h/y"
