"""What `torch.save` pickles: a dictionary of tensors, each described by the run of numbers it is a view of."""

import mmap
from dataclasses import dataclass
from typing import Any, NamedTuple

from mrnn_np.files.npy_objects import MOST_DIMENSIONS, PickledArrays
from mrnn_np.files.pickles import Class, Function, read_pickle, require


class Storage(NamedTuple):
    """A run of numbers elsewhere in the file: their dtype, the name of the run, and how many there are."""

    dtype: str
    key: str
    length: int


@dataclass(eq=False, slots=True)
class Tensor:
    """An array described: element (i, j, ...) is number offset + i strides[0] + j strides[1] + ... of its storage."""

    storage: Storage
    offset: int = 0
    shape: tuple[int, ...] = (0,)
    strides: tuple[int, ...] = (1,)


class _Kind(NamedTuple):
    """A class of storages: the dtype of their numbers."""

    dtype: str


def _rebuild_tensor(
    storage: Any, offset: Any, shape: Any, strides: Any, _grad: Any = None, _hooks: Any = None, flags: Any = None
) -> Tensor:
    if flags:  # numbers whose signs are to be turned when they are read
        raise ValueError("it holds a negated or conjugate view")
    return Tensor(require(storage, Storage), _size(offset), _sizes(shape), _sizes(strides))


def _unset_tensor() -> Tensor:
    """Return what PyTorch 0.1 pickled first: a tensor without numbers, which `_fill` fills."""
    return Tensor(Storage("<f4", "", 0))


def _parameter(data: Any, *_: Any) -> Tensor:
    tensor: Tensor = require(data, Tensor)
    return tensor


def _with_attributes(function: Any, _type: Any, arguments: Any, _attributes: Any) -> Tensor:
    """Return a tensor to which somebody had given attributes."""
    if function is not _NAMES["torch._utils _rebuild_tensor_v2"]:
        raise ValueError("it holds a tensor of a class of its own")
    return _rebuild_tensor(*require(arguments, tuple))


def _fill(tensor: Tensor, state: Any) -> None:
    """Give a tensor of PyTorch 0.1 its numbers; the state of a Parameter says nothing about numbers."""
    if len(require(state, tuple)) == 4:
        filled = _rebuild_tensor(*state)
        tensor.storage, tensor.offset, tensor.shape, tensor.strides = (
            filled.storage, filled.offset, filled.shape, filled.strides,
        )  # fmt: skip


_DTYPES = {
    "Double": "<f8", "Float": "<f4", "Half": "<f2", "BFloat16": "bfloat16",
    "Long": "<i8", "Int": "<i4", "Short": "<i2", "Char": "i1", "Byte": "u1", "Bool": "?",
}  # fmt: skip
_NAMES = {
    "torch Size": Function(tuple),
    "torch Tensor": None,
    "torch._utils _rebuild_tensor": Function(_rebuild_tensor),
    "torch._utils _rebuild_tensor_v2": Function(_rebuild_tensor),
    "torch._utils _rebuild_parameter": Function(_parameter),
    "torch._utils _rebuild_parameter_with_state": Function(_parameter),
    "torch._tensor _rebuild_from_type_v2": Function(_with_attributes),
    "torch.nn.parameter Parameter": Class(_parameter),
    "torch.autograd.variable Variable": Class(_parameter),
    **{f"torch {name}Storage": _Kind(dtype) for name, dtype in _DTYPES.items()},
    **{f"torch {name}Tensor": Class(_unset_tensor) for name in _DTYPES},
}


def read_torch_pickle(file: bytes | mmap.mmap) -> tuple[Any, dict[str, Storage]]:
    """Read one pickle of `torch.save` from bytes or a mapped file, and leave the file just behind it.

    Returns the pickled value, made of dictionaries, lists, tuples, strings, numbers, None, `Tensor` and NumPy's arrays
    of numbers, and all storages it refers to, by their keys.

    Raises what `read_pickle` does.
    """
    storages: dict[str, Storage] = {}

    def storage_of(description: Any) -> Storage:
        storage = _storage(*require(description, tuple))
        if storages.setdefault(storage.key, storage) != storage:
            raise ValueError(f"it describes storage {storage.key!r} in two ways")
        return storage

    arrays = PickledArrays(len(file))

    def build(value: Any, state: Any) -> None:
        fill = _fill if type(value) is Tensor else arrays.build
        fill(value, state)

    return read_pickle(file, arrays.names | _NAMES, persistent=storage_of, build=build), storages


def _storage(kind: Any, storage: Any, key: Any, _location: Any, length: Any, view: Any = None) -> Storage:
    if kind != "storage" or view is not None:
        raise ValueError("it refers to something other than a whole storage")
    return Storage(require(storage, _Kind).dtype, require(key, str), _size(length))


def _size(value: Any) -> int:
    """Return an int as PyTorch has them, of 64 bits: the product of many longer ones would take all day."""
    size: int = require(value, int)
    if size.bit_length() > 63:
        raise ValueError(f"it has a size of {size.bit_length()} bits")
    return size


def _sizes(values: Any) -> tuple[int, ...]:
    if len(require(values, tuple)) > MOST_DIMENSIONS:
        raise ValueError(f"it holds a tensor of {len(values):,} dimensions")
    return tuple(_size(value) for value in values)
