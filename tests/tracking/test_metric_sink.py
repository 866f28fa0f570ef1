from __future__ import annotations

from gittrack.tracking.metric_lines import MetricLines
from gittrack.tracking.metric_patterns import PatternLines
from gittrack.tracking.metric_sink import MetricSink, Reader

Points = list[tuple[str, float, int | None]]


def logged(*chunks: bytes, readers: tuple[Reader, ...] = ()) -> Points:
    """The points in some output."""
    points: Points = []
    sink = MetricSink(readers or (MetricLines(),), lambda *point: points.append(point))
    for chunk in chunks:
        sink.write(chunk)
    sink.close()
    return points


def test_lines_in_pieces() -> None:
    """Lines are read whole, however they come; the last one needs no end."""
    assert logged(b"epoch 1 lo", b"ss=0.5\nepoch 2 loss=0.4") == [("loss", 0.5, 1), ("loss", 0.4, 2)]


def test_redrawn_bar() -> None:
    """A progress bar that redraws itself unchanged is one point."""
    bar = b"\r 10%|#| 1/10 [00:01<00:09, loss=0.5]"
    assert logged(bar * 3) == [("loss", 0.5, 1)]


def test_same_value_without_step() -> None:
    """Equal values without a step are points of their own."""
    assert logged(b"loss=0.5\nloss=0.5\n") == [("loss", 0.5, None)] * 2


def test_keys_that_cannot_be_kept() -> None:
    """A name beyond the limits is no metric."""
    long = b"k" * 300 + b" 1\n"
    assert logged(long + b"a\x07 1\nb 1\n", readers=(PatternLines([r"(?P<name>\S+) (?P<value>\d)"]),)) == [
        ("b", 1.0, None)
    ]


def test_step_beyond_64_bits() -> None:
    """A step that no journal takes is passed over."""
    assert logged(b"step %d loss=1\n" % 2**70) == []
