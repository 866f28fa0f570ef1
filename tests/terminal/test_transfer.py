from __future__ import annotations

from gittrack.terminal.transfer import Pace, line


def test_the_line() -> None:
    """Bar, share, bytes, files, rate, time left."""
    text = line("sending", done=250_000_000, total=1_000_000_000, files=(1, 4), rate=50_000_000.0)
    assert text == ("sending █████░░░░░░░░░░░░░░░  25 %, 250 MB of 1 GB, 1 of 4 files, 50 MB/s, 15s left")


def test_ascii() -> None:
    """Where nothing else can be shown."""
    assert "##########.........." in line("x", done=1, total=2, files=(0, 1), rate=None, unicode=False)


def test_an_unknown_total() -> None:
    """Files say how far it is."""
    assert " 50 %" in line("x", done=0, total=0, files=(1, 2), rate=None)
    assert "  0 %" in line("x", done=0, total=0, files=(0, 0), rate=None)


def test_a_guess_that_says_nothing() -> None:
    """Weeks are not shown."""
    assert "left" not in line("x", done=0, total=10**12, files=(0, 1), rate=1.0)


def test_the_rate() -> None:
    """That of the last seconds; unknown at the start, and where nothing moves."""
    pace = Pace()
    assert pace.at(0.0, 0) is None
    assert pace.at(1.0, 100) == 100
    assert pace.at(2.0, 100) == 50
    assert pace.at(20.0, 100) is None
    assert pace.at(21.0, 50) is None
    assert pace.at(22.0, 350) == 125
