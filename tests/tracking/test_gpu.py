from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

from gittrack.tracking import gpu
from gittrack.tracking.gpu import Gpu, Installed, connect, installed

_READINGS = {
    "0/utilisation": 87.0,
    "0/memory_used": 5_000_000_000.0,
    "0/power": 312.5,
    "0/temperature": 55.0,
    "1/temperature": 56.0,
}
_INSTALLED = Installed((Gpu("NVIDIA H100 80GB HBM3", 85_899_345_920), Gpu("Tesla Old")), "550.54.15")


def _missing(reason: str) -> NoReturn:
    if os.environ.get("GITTRACK_TEST_REQUIRE") == "all":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A library with NVML's functions, compiled here: the calls and structures are real."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        _missing("there is no C compiler")
    target = tmp_path_factory.mktemp("nvml") / "libnvidia-ml.so.1"
    source = Path(__file__).with_name("nvml.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(target), str(source)], check=True)
    return str(target)


def test_installed(library: str) -> None:
    """Name, memory and driver, without what a device does not tell and without a lost device."""
    assert installed(library) == _INSTALLED


def test_readings(library: str) -> None:
    """Readings in percent, bytes, watts and degrees, under the number of the device."""
    nvml = connect(library)
    assert nvml is not None
    assert dict(nvml.readings()) == _READINGS


def test_readings_after_close(library: str) -> None:
    """A closed connection still does not raise."""
    nvml = connect(library)
    assert nvml is not None
    nvml.close()
    nvml.close()
    assert gpu.Nvml(gpu._Library(library)).installed().devices == ()


def test_no_driver(tmp_path: Path) -> None:
    """No library, no device: nothing, and no exception."""
    assert connect("no-such-library.so") is None
    assert installed("no-such-library.so", tmp_path) == Installed()


def test_kernel_module_only(tmp_path: Path) -> None:
    """Without the library the kernel module names the devices."""
    (tmp_path / "gpus" / "0000:01:00.0").mkdir(parents=True)
    (tmp_path / "gpus" / "0000:01:00.0" / "information").write_text("Model: \t\t NVIDIA A100\nIRQ:   1\n")
    (tmp_path / "version").write_text("NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat\n")
    assert installed("no-such-library.so", tmp_path) == Installed((Gpu("NVIDIA A100"),), "535.104.05")
