from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gittrack.core.redact import OutputRedactor, Redactor
from gittrack.tracking.output import KeptOutput

if TYPE_CHECKING:
    from pathlib import Path


def kept(path: Path, limit: int = 1000) -> KeptOutput:
    """Output to be kept in a file."""
    return KeptOutput(path / "output.log", limit, OutputRedactor(Redactor()))


def test_everything_below_the_limit(tmp_path: Path) -> None:
    """Output is kept byte for byte."""
    output = kept(tmp_path)
    sink = output.channel()
    for chunk in (b"a\n\xff\x00b", b"c\r", b"\nd", b"e"):
        sink.write(chunk)
    sink.close()
    output.close()
    assert output.path.read_bytes() == b"a\n\xff\x00bc\r\nde"
    assert output.left_out == 0


def test_lines_are_there_at_once(tmp_path: Path) -> None:
    """A whole line is on the disk while the command still runs."""
    output = kept(tmp_path)
    output.channel().write(b"one\ntw")
    assert output.path.read_bytes() == b"one\n"
    output.close()


def test_nothing(tmp_path: Path) -> None:
    """A silent command leaves no file."""
    output = kept(tmp_path)
    output.channel().close()
    output.close()
    assert not output.path.exists()


@pytest.mark.parametrize("pieces", [1, 7, 100_000])
def test_middle_left_out(tmp_path: Path, pieces: int) -> None:
    """Of long output whole lines of both ends are kept, and what was left out is said."""
    text = b"".join(b"line %05d\n" % number for number in range(2000))
    output = kept(tmp_path)
    sink = output.channel()
    for start in range(0, len(text), pieces):
        sink.write(text[start : start + pieces])
    sink.close()
    output.close()
    lines = output.path.read_bytes().splitlines()
    assert (lines[0], lines[-1]) == (b"line 00000", b"line 01999")
    assert lines[45] == f"[gittrack left out {output.left_out:,} bytes here]".encode()
    assert output.left_out + sum(len(line) + 1 for line in lines) - len(lines[45]) - 1 == len(text)


def test_line_without_end(tmp_path: Path) -> None:
    """A line without end is cut anywhere."""
    output = kept(tmp_path)
    sink = output.channel()
    for _ in range(10):
        sink.write(b"x" * 100_000)
    sink.close()
    output.close()
    assert output.path.stat().st_size < 1100
    assert output.left_out == 1_000_000 - 500


def test_lines_of_two_streams_stay_whole(tmp_path: Path) -> None:
    """A half line of one stream waits while another stream writes."""
    output = kept(tmp_path)
    out, err = output.channel(), output.channel()
    out.write(b"first ")
    err.write(b"other\n")
    out.write(b"line\n")
    output.close()
    assert output.path.read_bytes() == b"other\nfirst line\n"


def test_secrets(tmp_path: Path) -> None:
    """Secrets are hidden before the first write, also when they come in pieces."""
    output = kept(tmp_path)
    sink = output.channel()
    sink.write(b"API_TOKEN=abcdef")
    sink.write(b"0123456789\nloss 0.5\n")
    assert output.path.read_bytes() == b"API_TOKEN=[redacted]\nloss 0.5\n"
    output.close()


def test_private_key_over_the_cut(tmp_path: Path) -> None:
    """A private key is hidden although the end of it is left out."""
    output = kept(tmp_path, 400)
    key = (
        b"-----BEGIN RSA PRIVATE KEY-----\n"
        + b"MIIEabcdEFGH0123\n" * 100
        + b"-----END RSA PRIVATE KEY-----\n"
    )
    output.add(key + b"done\n")
    output.close()
    assert b"MIIEabcd" not in output.path.read_bytes().split(b"[gittrack")[0]


def test_disk_trouble(tmp_path: Path) -> None:
    """A disk that refuses is remembered, not raised."""
    output = kept(tmp_path / "gone")
    output.add(b"one\n")
    output.add(b"two\n")
    output.close()
    assert isinstance(output.problem, FileNotFoundError)


def test_late_output(tmp_path: Path) -> None:
    """What comes after the end is not kept."""
    output = kept(tmp_path)
    output.add(b"one\n")
    output.close()
    output.add(b"two\n")
    assert output.path.read_bytes() == b"one\n"
