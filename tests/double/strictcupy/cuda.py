"""`cupy.cuda`: one device that is always ready, every way to wait for it, and streams that are late.

What computes is done at once.  A copy on another stream is done as late as its events allow, so that data used too
early is wrong here, as it may be on a GPU.
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from . import pinned, rules


class CUDARuntimeError(RuntimeError):
    """What the CUDA runtime raises; this one never does."""


class Device:
    """The device."""

    mem_info = (1 << 30, 1 << 31)

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
    """A queue of work for the device; `null` is the one that computes."""

    null: "Stream"

    def __init__(self, null: bool = False, *, non_blocking: bool = False) -> None:
        """Begin with an empty queue."""
        if not (null or non_blocking):
            raise rules.StrictError("a stream that is not non_blocking waits for all that computes")
        self._late: list[Callable[[], None]] = []
        self._sources: list[np.ndarray] = []
        self._launches_waited_for = -1

    def synchronize(self) -> None:
        """Wait for the work of this stream."""
        rules.count_sync("Stream.synchronize()")
        self._host_waits(len(self._late))

    def record(self, event: "Event | None" = None) -> "Event":
        """Mark this place in the queue."""
        event = event or Event()
        event.record(self)
        return event

    def wait_event(self, event: "Event") -> None:
        """Let what is queued from now on wait for what was queued before the event."""
        if event._stream is Stream.null:
            self._launches_waited_for = event._launches
        elif event._stream is not None:
            event._stream._run(event._place)

    def _copy(self, target: np.ndarray, source: np.ndarray) -> None:
        """Queue a copy; until it is done its target holds nothing of use."""
        if self._launches_waited_for != rules.counts["launch"]:
            raise rules.StrictError(
                "set(stream=): what computes may still read this memory; wait for an event after it"
            )
        target.view(np.uint8)[...] = 0xFF
        pinned.copy_begins(source)
        self._sources.append(source)
        self._late.append(lambda: np.copyto(target, source))

    def _run(self, place: int) -> None:
        for i in range(place):
            self._late[i]()
            self._late[i] = _done

    def _host_waits(self, place: int) -> None:
        self._run(place)
        for source in self._sources[:place]:
            pinned.copy_ends(source)


def _done() -> None:
    """Stand in a queue for what has been done."""


Stream.null = Stream(null=True)


class Event:
    """A place in a stream."""

    def __init__(self, block: bool = False, disable_timing: bool = False, interprocess: bool = False) -> None:
        """Mark no place as yet."""
        self._stream: Stream | None = None
        self._place = self._launches = 0

    def record(self, stream: Stream | None = None) -> None:
        """Mark the end of what is queued in a stream, in the current one by default."""
        self._stream = stream or Stream.null
        self._place, self._launches = len(self._stream._late), rules.counts["launch"]

    def synchronize(self) -> None:
        """Let the host wait until the place is reached."""
        rules.count_sync("Event.synchronize()")
        if self._stream is not None:
            self._stream._host_waits(self._place)


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
