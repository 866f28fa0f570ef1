from __future__ import annotations

import os
import platform
import sys
from typing import TYPE_CHECKING

import pytest

from gittrack.tracking import gpu, hardware

if TYPE_CHECKING:
    from pathlib import Path


def test_machine() -> None:
    """The machine has a processor, cores and memory, and is asked once."""
    found = hardware.machine()
    assert found["cpu"]
    assert 1 <= found["physical_cores"] <= found["logical_cores"]
    assert found["memory"] > 100_000_000
    assert hardware.machine() is found


def test_machine_with_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """GPUs are listed with what is known of each."""
    devices = gpu.Installed((gpu.Gpu("H100", 85_899_345_920), gpu.Gpu("Old")), "550.54.15")
    monkeypatch.setattr(gpu, "installed", lambda: devices)
    hardware.machine.cache_clear()
    found = hardware.machine()
    hardware.machine.cache_clear()
    assert found["gpus"] == [{"name": "H100", "memory": 85_899_345_920}, {"name": "Old"}]
    assert found["gpu_driver"] == "550.54.15"


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("processor\t: 0\nmodel name\t: AMD EPYC 7B13\nflags\t: fpu\n", "AMD EPYC 7B13"),
        ("processor\t: 0\ncpu\t\t: POWER9\n", "POWER9"),
        ("processor\t: 0\nBogoMIPS\t: 243.75\n", platform.machine()),
    ],
)
def test_cpu(tmp_path: Path, text: str, model: str) -> None:
    """Each architecture names its processor in another field, or not at all."""
    (tmp_path / "cpuinfo").write_text(text)
    assert hardware.cpu(tmp_path / "cpuinfo") == model


@pytest.mark.skipif(sys.platform != "linux", reason="Linux has no such call")
def test_cpu_unknown(tmp_path: Path) -> None:
    """A system that does not tell."""
    assert hardware.cpu(tmp_path / "none") is None


def test_physical_cores(tmp_path: Path) -> None:
    """Hyper-threads of one core count once."""
    for number, siblings in enumerate(["0,2", "1,3", "0,2", "1,3"]):
        folder = tmp_path / f"cpu{number}" / "topology"
        folder.mkdir(parents=True)
        (folder / "thread_siblings_list").write_text(f"{siblings}\n")
    assert hardware.physical_cores(tmp_path) == 2


def test_physical_cores_elsewhere(tmp_path: Path) -> None:
    """Without Linux's files psutil is asked."""
    assert hardware.physical_cores(tmp_path) == hardware.physical_cores()


def test_memory_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without sysconf psutil is asked; the answer is about the same."""
    known = hardware.memory()
    monkeypatch.delattr(os, "sysconf")
    assert known is not None
    assert hardware.memory() == pytest.approx(known, rel=0.1)


def test_psutil_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What nobody tells is left open."""
    monkeypatch.setitem(sys.modules, "psutil", None)
    monkeypatch.delattr(os, "sysconf")
    assert (hardware.memory(), hardware.physical_cores(tmp_path)) == (None, None)


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's file")
@pytest.mark.parametrize(
    ("text", "distro"),
    [
        ('NAME="Debian"\nPRETTY_NAME="Debian 12 (bookworm)"\n', "Debian 12 (bookworm)"),
        ("NAME=Alpine\n", "Alpine"),
        ("", None),
    ],
)
def test_distro(tmp_path: Path, text: str, distro: str | None) -> None:
    """The distribution by the name it gives itself."""
    (tmp_path / "os-release").write_text(text)
    assert hardware.system(tmp_path / "os-release").get("distro") == distro


def test_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The platform; what it does not have is left out."""
    monkeypatch.delattr(os, "confstr")
    found = hardware.system(tmp_path / "none")
    assert found["system"] == platform.system()
    assert "libc" not in found
