"""Reading and writing parts of a device array, with CuPy's rules for what an index may be."""

from typing import Any

import numpy as np

from . import rules
from .operands import DeviceMemory, host_operand


def host_key(key: Any, shape: tuple[int, ...]) -> tuple[Any, ...]:
    """Turn a device index into NumPy's, or refuse it.

    Integer arrays wrap around where they leave the axis, as they do in CuPy (NumPy raises).  An Ellipsis is
    put at the end where there is none: with it NumPy's 0-d results are arrays, and views, not scalars.

    Raises
    ------
    StrictError
        A host array or list (uploaded by every call), or a device scalar as the bound of a slice (a wait).
    IndexError
        A device array of floats.

    """
    parts = list(key) if isinstance(key, tuple) else [key]
    if not any(part is Ellipsis for part in parts):
        parts.append(Ellipsis)
    skipped = len(shape) - sum(_axes_taken(part) for part in parts)
    axis, result = 0, []
    for part in parts:
        result.append(_host_index(part, shape[axis] if axis < len(shape) else 0))
        axis += skipped if part is Ellipsis else _axes_taken(part)
    return tuple(result)


def read(memory: DeviceMemory, key: Any) -> np.ndarray:
    """Return the part of `memory` at `key`; a mask makes the host wait for the size of the result."""
    if _has_array(key, bool):
        rules.count_sync("a boolean mask")
    if _has_array(key):
        rules.count_launch()
    return memory._host[host_key(key, memory._host.shape)]


def write(memory: DeviceMemory, key: Any, value: Any) -> None:
    """Store a scalar or a device array at `key`.

    Raises
    ------
    ValueError
        The value is a host array or a list.
    StrictError
        Two indices name the same place: which value ends there is undefined on a GPU.

    """
    if isinstance(value, (np.ndarray, list, tuple)):
        raise ValueError("non-scalar numpy.ndarray cannot be used for fill")
    index = host_key(key, memory._host.shape)
    if isinstance(value, DeviceMemory) and value._host.size > 1:
        if _has_array(key, bool):
            rules.count_sync("a boolean mask")
        if _has_array(key) and _names_a_place_twice(index, memory._host.shape):
            raise rules.StrictError(
                "fancy assignment with duplicate indices stores an undefined value on a GPU; accumulate with xp.add.at"
            )
    rules.count_launch()
    memory._host[index] = host_operand(value, "assignment")


def _has_array(key: Any, dtype: type | None = None) -> bool:
    """Say whether a device array, of `dtype` if given, is among the indices."""
    parts = key if isinstance(key, tuple) else (key,)
    arrays = [part._host for part in parts if isinstance(part, DeviceMemory)]
    return any(dtype is None or array.dtype == dtype for array in arrays)


def _axes_taken(part: Any) -> int:
    """Return how many axes of the array one index stands for."""
    if part is None or part is Ellipsis:
        return 0
    is_mask = isinstance(part, DeviceMemory) and part._host.dtype == bool
    return part._host.ndim if is_mask else 1


def _host_index(part: Any, length: int) -> Any:
    """Turn the index of one axis of `length` elements into NumPy's."""
    if isinstance(part, (list, np.ndarray)):
        raise rules.StrictError(
            "indexing a device array with a host array or list uploads it every time; use xp.asarray once"
        )
    if isinstance(part, slice):
        if any(isinstance(bound, DeviceMemory) for bound in (part.start, part.stop, part.step)):
            raise rules.StrictError("a device scalar as the bound of a slice makes the host wait")
        return part
    if not isinstance(part, DeviceMemory) or part._host.dtype == bool:
        return part._host if isinstance(part, DeviceMemory) else part
    if part._host.dtype.kind not in "iu":
        raise IndexError("arrays used as indices must be of integer or boolean type")
    return wrap_around(part._host, length)


def wrap_around(indices: np.ndarray, length: int) -> np.ndarray:
    """Bring indices into range as CuPy does: modulo the length of the axis, without an error."""
    return indices % length if length else indices


def _names_a_place_twice(index: tuple[Any, ...], shape: tuple[int, ...]) -> bool:
    """Say whether an index reaches the same element more than once."""
    places = np.arange(np.prod(shape, dtype=int)).reshape(shape)[index]
    return np.unique(places).size < places.size
