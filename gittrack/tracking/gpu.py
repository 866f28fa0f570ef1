"""NVIDIA GPUs: what is there, and how busy it is.

Asked through NVML, the driver's own library, directly: importing `nvidia-ml-py`, which calls the same
functions, takes 40 ms. Where there is no NVML, the kernel module's files name the devices. Nothing
here raises.
"""

from __future__ import annotations

import contextlib
import ctypes
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gittrack.core.value import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LIBRARY = "nvml.dll" if sys.platform == "win32" else "libnvidia-ml.so.1"
_KERNEL = Path("/proc/driver/nvidia")
_TEXT = 96  # bytes; NVML's longest name
_CORE = 0  # NVML_TEMPERATURE_GPU


@dataclass(frozen=True, slots=True)
class Gpu:
    """One device: its name, and its memory in bytes where known."""

    name: str
    memory: int | None = None


@dataclass(frozen=True, slots=True)
class Installed:
    """The devices in order of their number, and the version of the driver."""

    devices: tuple[Gpu, ...] = ()
    driver: str | None = None


class _Memory(ctypes.Structure):
    _fields_ = (("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong))


class _Utilisation(ctypes.Structure):
    _fields_ = (("gpu", ctypes.c_uint), ("memory", ctypes.c_uint))


class _Library:
    """The functions of the library that are used here; each raises OSError when the driver refuses."""

    def __init__(self, name: str) -> None:
        self._library = ctypes.CDLL(name)

    def init(self) -> None:
        self._call("nvmlInit_v2")

    def shutdown(self) -> None:
        self._call("nvmlShutdown")

    def driver(self) -> str:
        return self._text("nvmlSystemGetDriverVersion")

    def count(self) -> int:
        return self._number("nvmlDeviceGetCount_v2")

    def device(self, index: int) -> ctypes.c_void_p:
        handle = ctypes.c_void_p()
        self._call("nvmlDeviceGetHandleByIndex_v2", ctypes.c_uint(index), ctypes.byref(handle))
        return handle

    def name(self, handle: ctypes.c_void_p) -> str:
        return self._text("nvmlDeviceGetName", handle)

    def memory(self, handle: ctypes.c_void_p) -> _Memory:
        memory = _Memory()
        self._call("nvmlDeviceGetMemoryInfo", handle, ctypes.byref(memory))
        return memory

    def rates(self, handle: ctypes.c_void_p) -> _Utilisation:
        rates = _Utilisation()
        self._call("nvmlDeviceGetUtilizationRates", handle, ctypes.byref(rates))
        return rates

    def power(self, handle: ctypes.c_void_p) -> int:
        return self._number("nvmlDeviceGetPowerUsage", handle)

    def temperature(self, handle: ctypes.c_void_p, sensor: int) -> int:
        return self._number("nvmlDeviceGetTemperature", handle, ctypes.c_int(sensor))

    def _text(self, function: str, *arguments: object) -> str:
        buffer = ctypes.create_string_buffer(_TEXT)
        self._call(function, *arguments, buffer, ctypes.c_uint(_TEXT))
        return buffer.value.decode(errors="replace")

    def _number(self, function: str, *arguments: object) -> int:
        number = ctypes.c_uint()
        self._call(function, *arguments, ctypes.byref(number))
        return number.value

    def _call(self, function: str, *arguments: object) -> None:
        status = getattr(self._library, function)(*arguments)
        if status:
            msg = f"{function} gave {status}"
            raise OSError(msg)


class Nvml:
    """An open connection to the driver; get one from :func:`connect`, and close it.

    Args:
        nvml: the library, initialised.
    """

    def __init__(self, nvml: _Library) -> None:
        self._nvml = nvml
        count = _ask(nvml.count) or 0
        self._handles = [_ask(nvml.device, index) for index in range(count)]

    def installed(self) -> Installed:
        """What is there."""
        devices = (self._device(handle) for handle in self._handles if handle is not None)
        return Installed(tuple(devices), _ask(self._nvml.driver))

    def readings(self) -> Iterator[tuple[str, float]]:
        """How busy each device is, under its number; without what it does not tell.

        `0/utilisation` (percent), `0/memory_used` (bytes), `0/power` (watts), `0/temperature` (degrees
        Celsius).
        """
        for index, handle in enumerate(self._handles):
            if handle is None:
                continue
            rates = _ask(self._nvml.rates, handle)
            memory = _ask(self._nvml.memory, handle)
            found = {
                "utilisation": _number(getattr(rates, "gpu", None)),
                "memory_used": _number(getattr(memory, "used", None)),
                "power": _number(_ask(self._nvml.power, handle), 1000),
                "temperature": _number(_ask(self._nvml.temperature, handle, _CORE)),
            }
            yield from ((f"{index}/{name}", value) for name, value in found.items() if value is not None)

    def close(self) -> None:
        """End the connection."""
        _ask(self._nvml.shutdown)

    def _device(self, handle: object) -> Gpu:
        memory = _ask(self._nvml.memory, handle)
        return Gpu(_ask(self._nvml.name, handle) or "", getattr(memory, "total", None))


def connect(library: str = LIBRARY) -> Nvml | None:
    """A connection to the driver, None where there is none.

    Args:
        library: file or name of NVML.
    """
    try:
        nvml = _Library(library)
        nvml.init()
    except (OSError, AttributeError):  # no driver, no device, or a library older than these functions
        return None
    return Nvml(nvml)


def installed(library: str = LIBRARY, kernel: Path = _KERNEL) -> Installed:
    """The GPUs of this machine.

    Args:
        library: see :func:`connect`.
        kernel: where the kernel module has its files.
    """
    nvml = connect(library)
    if nvml is None:
        return _of_kernel(kernel)
    try:
        return nvml.installed()
    finally:
        nvml.close()


def _of_kernel(kernel: Path) -> Installed:
    """What the kernel module tells without the driver's library, as in many containers."""
    devices, driver = [], None
    with contextlib.suppress(OSError):
        for file in sorted(kernel.glob("gpus/*/information")):
            lines = file.read_text(errors="replace").splitlines()
            devices += [Gpu(line.partition(":")[2].strip()) for line in lines if line.startswith("Model:")]
    with contextlib.suppress(OSError):
        words = (kernel / "version").read_text(errors="replace").split()
        driver = next((word for word in words if word[:1].isdigit() and "." in word), None)
    return Installed(tuple(devices), driver)


def _ask(function: Callable[..., Any], *arguments: object) -> Any:  # noqa: ANN401
    """What the driver answers, None when it cannot: each device tells other things."""
    try:
        return function(*arguments)
    except (OSError, AttributeError):
        return None


def _number(value: object, divisor: float = 1) -> float | None:
    return value / divisor if isinstance(value, (int, float)) else None
