"""How a covered function or method is called: CuPy's signature, checked operands, NumPy's arithmetic."""

from inspect import Parameter, Signature
from typing import Any

import numpy as np

from . import rules
from .indexing import wrap_around
from .operands import DeviceMemory, contains_device_memory, host_operand
from .signatures import API, bind, parse_signature

HOST_PARAMETERS = frozenset(
    "axis axes axis1 axis2 casting copy ddof decimals destination dtype endpoint equal_nan"
    " indices_or_sections k keepdims kind kth M minlength mode N n newshape num offset ord order pad_width"
    " repeats reps return_counts return_index return_inverse shape shift side source start step stop strides"
    " subok window_shape writeable".split()
)
"""Numbers, tuples of numbers and names that say what to do; a device array there is an error."""

VIEWS = frozenset(
    "array_split as_strided broadcast_to diagonal expand_dims flip moveaxis ravel reshape sliding_window_view split"
    " squeeze swapaxes transpose view".split()
)
"""Calls that run no kernel, as a rule."""

SIZE_IS_DATA = frozenset({"nonzero", "flatnonzero", "unique", "bincount"})
"""Calls whose result has a shape that only the device knows: the host waits for it."""

METHOD_SIGNATURES = {name: parse_signature(text) for name, text in API["methods"].items()}


def checked_call(
    name: str,
    signature: Signature,
    numpy_function: Any,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    array: DeviceMemory | None = None,
) -> Any:
    """Call `numpy_function` with what lies in the boxes; return NumPy's result, or the device array `out`.

    `array` is the owner where `numpy_function` is a method.
    """
    bound = bind(name, signature, args, kwargs)
    arguments = bound.arguments
    out = arguments.get("out")
    for parameter, value in arguments.items():
        arguments[parameter] = _host_argument(name, signature.parameters[parameter], value)
    owner = [] if array is None else [host_operand(array, name)]
    if not owner:
        _require_device_array(name, signature, args, kwargs)
    _apply_rules(name, arguments, owner)
    if name not in VIEWS:
        rules.count_launch()
    result = numpy_function(*owner, *bound.args, **bound.kwargs)
    return result if out is None else out


def _host_argument(name: str, parameter: Parameter, value: Any) -> Any:
    """Check one argument and take it out of its box."""
    where = f"{name}({parameter.name}=)"
    if parameter.name in HOST_PARAMETERS:
        if contains_device_memory(value) or isinstance(value, np.ndarray):
            raise TypeError(f"{where}: plain numbers are needed, got {type(value)}")
        return value
    if parameter.name == "tup":
        if not isinstance(value, (list, tuple)) or not all(isinstance(item, DeviceMemory) for item in value):
            raise TypeError(f"{where}: a list of device arrays is needed")
        return [host_operand(item, where) for item in value]
    if parameter.kind is Parameter.VAR_POSITIONAL:  # the operands of einsum, among them its subscripts
        return tuple(item if isinstance(item, str) else host_operand(item, where) for item in value)
    if parameter.kind is Parameter.VAR_KEYWORD:
        return {key: item if key == "optimize" else host_operand(item, key) for key, item in value.items()}
    if parameter.name == "out" and not (value is None or isinstance(value, DeviceMemory)):
        raise TypeError(f"{where}: a device array is needed, got {type(value)}")
    return value if value is None else host_operand(value, where)


def _require_device_array(name: str, signature: Signature, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Refuse `xp.sum(3.0)`: most functions take a device array first."""
    first = next(iter(signature.parameters.values()))
    if first.name in HOST_PARAMETERS or first.name == "tup" or first.kind is Parameter.VAR_POSITIONAL:
        return
    value = args[0] if args else kwargs[first.name]
    if not isinstance(value, DeviceMemory):
        raise TypeError(f"{name}({first.name}=): a device array is needed, got {type(value)}")


def _apply_rules(name: str, arguments: dict[str, Any], owner: list[np.ndarray]) -> None:
    """Apply what holds for single functions; `arguments` has them out of their boxes and may be changed."""
    if name in SIZE_IS_DATA or (name == "where" and len(arguments) == 1):
        rules.count_sync(name)
    if name in ("sort", "argsort") and arguments.get("kind") not in (None, "stable"):
        raise ValueError(f"{name}: kind can only be None or 'stable'")
    if name in ("argmax", "argmin") and "dtype" in arguments:
        raise rules.StrictError(f"{name}: where CuPy takes dtype, NumPy takes out; give out by keyword")
    if name == "take":
        _wrap_indices(arguments, owner[0] if owner else arguments["a"], arguments.get("axis"))
    if name in ("take_along_axis", "put_along_axis"):
        array = arguments["a" if name == "take_along_axis" else "arr"]
        _wrap_indices(arguments, array, arguments["axis"])


def _wrap_indices(arguments: dict[str, Any], array: np.ndarray, axis: int | None) -> None:
    """Bring the argument `indices` into range as CuPy does, and refuse one that is not an integer array."""
    indices = np.asarray(arguments["indices"])
    if indices.dtype.kind not in "iu":
        raise IndexError("arrays used as indices must be of integer type")
    arguments["indices"] = wrap_around(indices, array.size if axis is None else array.shape[axis])
