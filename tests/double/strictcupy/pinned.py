"""Pinned host memory, which a GPU copies from by itself while the host goes on."""

from typing import Any

import numpy as np

from . import rules

_being_copied: dict[int, np.ndarray] = {}


class PinnedMemory(np.ndarray):
    """Host memory that stays where it is; to write into it while it is being copied is an error."""

    def __setitem__(self, key: Any, value: Any) -> None:
        """Write, unless a copy may still be reading."""
        if id(_owner(self)) in _being_copied:
            raise rules.StrictError("this pinned memory is being copied; wait for an event after the copy")
        super().__setitem__(key, value)


def empty_pinned(shape: Any, dtype: Any = float) -> np.ndarray:
    """Return an array of pinned memory, with nothing of use in it."""
    array = np.empty(shape, dtype)
    array.view(np.uint8)[...] = 0xFF
    return array.view(PinnedMemory)


def is_pinned(array: np.ndarray) -> bool:
    """Say whether an array is pinned memory or a part of it."""
    return isinstance(array, PinnedMemory)


def copy_begins(array: np.ndarray) -> None:
    """Note that a copy from this memory is queued; what the device does meanwhile, the host cannot know."""
    _being_copied[id(_owner(array))] = _owner(array)


def copy_ends(array: np.ndarray) -> None:
    """Note that the host has waited for that copy."""
    _being_copied.pop(id(_owner(array)), None)


def _owner(array: np.ndarray) -> np.ndarray:
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array
