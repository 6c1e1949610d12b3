"""`cupy.cuda`: one device that is always ready, and every way to wait for it."""

from types import SimpleNamespace
from typing import Any

from . import rules


class CUDARuntimeError(RuntimeError):
    """What the CUDA runtime raises; this one never does."""


class Device:
    """The device."""

    def __init__(self, device: int = 0) -> None:
        """Name the device by its number."""
        self.id = device

    def __enter__(self) -> "Device":
        """Make this the current device."""
        return self

    def __exit__(self, *error: Any) -> None:
        """Go back to the device before."""

    def use(self) -> "Device":
        """Make this the current device from now on."""
        return self

    def synchronize(self) -> None:
        """Wait for the device."""
        rules.count_sync("Device.synchronize()")


class Stream:
    """A queue of work for the device."""

    null: "Stream"

    def synchronize(self) -> None:
        """Wait for the work of this stream."""
        rules.count_sync("Stream.synchronize()")


Stream.null = Stream()


def get_current_stream() -> Stream:
    """Return the stream in use."""
    return Stream.null


def is_available() -> bool:
    """Say that a device is there."""
    return True


runtime = SimpleNamespace(
    CUDARuntimeError=CUDARuntimeError,
    driverGetVersion=lambda: 13020,
    runtimeGetVersion=lambda: 13020,
    getDeviceCount=lambda: 1,
    getDeviceProperties=lambda device: {"name": b"strict double of a GPU"},
)
