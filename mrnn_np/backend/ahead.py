"""Uploads that run while the device computes: the arrays of the next step travel during this one.

    for batch in moved_ahead(backend, batches, Batch.to):
        step(batch)

A copy from ordinary host memory makes the host wait, and one on the stream that computes waits for the computation.  So
the arrays are gathered in pinned memory and copied on a second stream, in two buffers by turns: while a step reads one,
the other is filled.  Events keep the order, each a wait of one stream for the other and none of the host:

    copying      fill 0   fill 1 .......... wait used 0, fill 0 ...
    computing    wait copied 0, step 0 ->   wait copied 1, step 1 ->  ...
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import numpy as np

from mrnn_np.backend.arrays import Array

T = TypeVar("T")
Move = Callable[[Array], Array]
ALIGNMENT = 256
"""Bytes to whose multiples arrays are aligned, as those that CuPy allocates are."""


def moved_ahead(backend: Any, things: Iterable[T], move_arrays: Callable[[T, Move], T]) -> Iterator[T]:
    """Yield all things with their arrays on the device, the next one on its way.

    Parameters
    ----------
    backend : the `Backend`; on NumPy nothing is copied
    things : what holds host arrays, such as `Batch`
    move_arrays : (thing, move) -> the thing with `move` applied to each of its arrays, always in the same order

    Yields
    ------
    Things that are good until the next one is asked for: their memory is then used again.
    """
    if backend.name == "numpy":
        yield from (move_arrays(thing, backend.asarray) for thing in things)
        return
    xp = backend.xp
    copying, computing = xp.cuda.Stream(non_blocking=True), xp.cuda.get_current_stream()
    buffers = Buffer(xp), Buffer(xp)
    before: tuple[T, Buffer] | None = None
    for i, thing in enumerate(things):
        here = buffers[i % 2].fill(thing, move_arrays, copying), buffers[i % 2]
        if before is not None:
            yield before[1].ready(before[0], computing)
            before[1].used.record(computing)
        before = here
    if before is not None:
        yield before[1].ready(before[0], computing)


class Buffer:
    """Pinned host memory, device memory of the same size, and how far the two streams are with them."""

    def __init__(self, xp: Any) -> None:
        self.xp = xp
        self.copied, self.used = xp.cuda.Event(disable_timing=True), xp.cuda.Event(disable_timing=True)
        self._resize(0)

    def _resize(self, size: int) -> None:
        import cupyx

        self.pinned: Array = cupyx.empty_pinned(size, np.uint8)
        self.device: Array = self.xp.empty(size, np.uint8)
        # What had this memory before may not be done with it.
        self.used.record()

    def fill(self, thing: T, move_arrays: Callable[[T, Move], T], stream: Any) -> T:
        """Start copying the arrays of a thing and return it with what they will be on the device."""
        arrays: list[Array] = []

        def note(array: Array) -> Array:
            arrays.append(np.ascontiguousarray(array))
            return array

        move_arrays(thing, note)
        starts = np.cumsum([0, *(-(-array.nbytes // ALIGNMENT) * ALIGNMENT for array in arrays)]).tolist()
        # The host is two steps ahead; it may not overwrite what is still being copied.
        self.copied.synchronize()
        if starts[-1] > len(self.pinned):
            self._resize(starts[-1] * 5 // 4)
        views = []
        for array, start in zip(arrays, starts, strict=False):
            stop = start + array.nbytes
            self.pinned[start:stop] = array.reshape(-1).view(np.uint8)
            views.append(self.device[start:stop].view(array.dtype).reshape(array.shape))
        stream.wait_event(self.used)
        self.device[: starts[-1]].set(self.pinned[: starts[-1]], stream=stream)
        self.copied.record(stream)
        coming = iter(views)
        return move_arrays(thing, lambda _: next(coming))

    def ready(self, thing: T, stream: Any) -> T:
        """Make that stream wait until the copy is there."""
        stream.wait_event(self.copied)
        return thing
