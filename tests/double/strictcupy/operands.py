"""What may stand beside a device array: other device arrays and scalars, never host arrays."""

from typing import Any

import numpy as np

from . import rules


class DeviceMemory:
    """A NumPy array in a box: the base of the double's `ndarray`, all that the checks need to know of it.

    A box, not a subclass of `numpy.ndarray`: NumPy would compute with a subclass without anybody noticing.
    """

    __slots__ = ("_host",)
    _host: np.ndarray


def host_operand(value: Any, where: str) -> Any:
    """Return what NumPy shall compute with: the array in the box, or the scalar as it is.

    Raises
    ------
    TypeError
        The value is a NumPy array (0-d too), a list, a string or None: CuPy refuses them as operands.

    """
    if isinstance(value, DeviceMemory):
        rules.check_dtype(value._host.dtype, where)
        return value._host
    if isinstance(value, (np.ndarray, list, tuple, str)) or value is None:
        raise TypeError(f"{where}: unsupported type {type(value)} beside a device array")
    return value


def contains_device_memory(value: Any) -> bool:
    """Say whether a value is, or holds in nested lists and tuples, a device array."""
    if isinstance(value, (list, tuple)):
        return any(contains_device_memory(item) for item in value)
    return isinstance(value, DeviceMemory)


def evaluate(ufunc: np.ufunc, *operands: Any, out: Any = None, **options: Any) -> Any:
    """Apply a NumPy ufunc to device arrays and scalars and return NumPy's result, as one kernel launch."""
    where = ufunc.__name__
    hosts = [host_operand(operand, where) for operand in operands]
    _check_intermediates(ufunc, hosts)
    host_out = None if out is None else _out_memory(out, where)
    rules.count_launch()
    return ufunc(*hosts, out=host_out, **options)


def _out_memory(out: Any, where: str) -> np.ndarray:
    """Return the array in the box that `out=` names."""
    if not isinstance(out, DeviceMemory):
        raise TypeError(f"{where}: out must be a device array, got {type(out)}")
    return out._host


def _check_intermediates(ufunc: np.ufunc, hosts: list[Any]) -> None:
    """Look at the dtypes inside the kernel: an in-place operation hides that it computes in float64.

    The culprit is often a NumPy scalar: `w -= np.float64(0.1) * g` on float32 arrays.
    """
    if rules.options.allow_float64:
        return
    kinds = [host.dtype if isinstance(host, (np.ndarray, np.generic)) else type(host) for host in hosts]
    kinds = [np.dtype(bool) if kind is bool else kind for kind in kinds]
    for dtype in ufunc.resolve_dtypes((*kinds, *[None] * ufunc.nout)):
        rules.check_dtype(dtype, ufunc.__name__)
