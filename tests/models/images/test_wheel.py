from __future__ import annotations

import base64
import csv
import hashlib
import io
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

from gittrack.models.images.wheel import wheel

if TYPE_CHECKING:
    from pathlib import Path


def test_it_installs_and_runs(tmp_path: Path) -> None:
    """It is a wheel to uv, and the gittrack in it starts."""
    from uv import find_uv_bin

    name, content = wheel()
    (tmp_path / name).write_bytes(content)
    words = [find_uv_bin(), "pip", "install", "--quiet", "--offline", "--no-deps", "--target", "site", name]
    subprocess.run(words, cwd=tmp_path, check=True)
    code = "import gittrack, sys; print(gittrack.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, 'site'); {code}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(str(tmp_path)) or done.stdout.startswith("site")


def test_it_is_the_same_each_time() -> None:
    """The same package is the same wheel, byte by byte."""
    assert wheel() == wheel()


def test_its_record_is_true() -> None:
    """RECORD has size and digest of each file, and nothing of Python's caches is there."""
    with zipfile.ZipFile(io.BytesIO(wheel()[1])) as archive:
        name = next(one for one in archive.namelist() if one.endswith("/RECORD"))
        rows = list(csv.reader(io.StringIO(archive.read(name).decode())))
        assert {row[0] for row in rows} == set(archive.namelist())
        for path, digest, size in (row for row in rows if row[0] != name):
            data = archive.read(path)
            expected = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            assert (digest, int(size)) == (f"sha256={expected}", len(data))
        assert not any("__pycache__" in path for path in archive.namelist())
