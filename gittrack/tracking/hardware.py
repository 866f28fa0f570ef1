"""The machine: processor, memory, GPUs. Quick to ask, and nothing here raises."""

from __future__ import annotations

import contextlib
import os
import platform
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

from gittrack.tracking import gpu

_CPUINFO = Path("/proc/cpuinfo")
_CPUS = Path("/sys/devices/system/cpu")
_RELEASE = Path("/etc/os-release")
_ENOUGH = 16 * 1024  # bytes of /proc/cpuinfo, which has a block for each core: they are alike
_MODEL = ("model name", "cpu model", "cpu", "Model", "Hardware")


@lru_cache(maxsize=1)
def machine() -> dict[str, Any]:
    """The hardware part of `environment.yaml`; what cannot be told is left out.

    `cpu` (model), `physical_cores`, `logical_cores`, `memory` (bytes), `gpus` (each with `name` and
    `memory` in bytes), `gpu_driver`.
    """
    devices = gpu.installed()
    found: dict[str, Any] = {
        "cpu": cpu(),
        "physical_cores": physical_cores(),
        "logical_cores": os.cpu_count(),
        "memory": memory(),
        "gpus": [
            {"name": one.name} | ({"memory": one.memory} if one.memory else {}) for one in devices.devices
        ],
        "gpu_driver": devices.driver,
    }
    return {name: value for name, value in found.items() if value}


def cpu(cpuinfo: Path = _CPUINFO) -> str | None:
    """The model of the processor, in its maker's words."""
    if sys.platform == "win32":
        return _cpu_of_windows()
    with contextlib.suppress(OSError), cpuinfo.open(errors="replace") as file:
        lines = (line.partition(":") for line in file.read(_ENOUGH).splitlines())
        fields = {name.strip(): value.strip() for name, _, value in lines}
        return next((fields[name] for name in _MODEL if fields.get(name)), platform.machine() or None)
    return _sysctl("machdep.cpu.brand_string")


def physical_cores(cpus: Path = _CPUS) -> int | None:
    """Cores of the processors, hyper-threads not counted."""
    cores = set()
    with contextlib.suppress(OSError):
        for folder in cpus.glob("cpu[0-9]*/topology"):
            cores.add((folder / "thread_siblings_list").read_text().strip())
    if cores:
        return len(cores)
    with contextlib.suppress(Exception):
        import psutil

        count = psutil.cpu_count(logical=False)
        return count or None
    return None


def memory() -> int | None:
    """Bytes of main memory."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with contextlib.suppress(Exception):
        import psutil

        return int(psutil.virtual_memory().total)
    return None


def system(release: Path = _RELEASE) -> dict[str, str]:
    """The platform part of `environment.yaml`: `system`, `release`, `machine`, `libc`, `distro`."""
    found = {
        "system": platform.system(),
        "release": platform.release(),
        "machine": platform.machine(),
        "libc": _libc(),
        "distro": _distro(release),
    }
    return {name: value for name, value in found.items() if value}


def _libc() -> str:
    with contextlib.suppress(OSError, ValueError, AttributeError):
        return os.confstr("CS_GNU_LIBC_VERSION") or ""
    return ""


def _distro(release: Path) -> str:
    if sys.platform == "darwin":
        return f"macOS {platform.mac_ver()[0]}"
    if sys.platform == "win32":
        return f"Windows {platform.version()}"
    with contextlib.suppress(OSError):
        lines = (line.partition("=") for line in release.read_text(errors="replace").splitlines())
        fields = {name.strip(): value.strip().strip("\"'") for name, _, value in lines}
        return fields.get("PRETTY_NAME") or fields.get("NAME") or ""
    return ""


def _sysctl(name: str) -> str | None:
    """A text that the kernel of a Mac or BSD tells; None on others."""
    import ctypes  # here: Linux asks nobody, and it takes 2 ms

    with contextlib.suppress(AttributeError, OSError, ValueError):
        call = ctypes.CDLL(None).sysctlbyname
        size = ctypes.c_size_t(256)
        buffer = ctypes.create_string_buffer(size.value)
        if call(name.encode(), buffer, ctypes.byref(size), None, ctypes.c_size_t(0)) == 0:
            return buffer.value.decode(errors="replace") or None
    return None


if sys.platform == "win32":
    import winreg

    def _cpu_of_windows() -> str | None:
        with (
            contextlib.suppress(OSError),
            winreg.OpenKey(
                winreg.HKEY_LOCAL_MACHINE, r"HARDWARE\DESCRIPTION\System\CentralProcessor\0"
            ) as key,
        ):
            return str(winreg.QueryValueEx(key, "ProcessorNameString")[0]).strip()
        return platform.processor() or None
