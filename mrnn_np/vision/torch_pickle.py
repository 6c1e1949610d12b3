"""What `torch.save` pickles: a dictionary of tensors, each described by the run of numbers it is a view of."""

from typing import Any, NamedTuple

from mrnn_np.restricted_pickle import Function, read_pickle, require


class Storage(NamedTuple):
    """A run of numbers elsewhere in the file: their dtype, the name of the run, and how many there are."""

    dtype: str
    key: str
    length: int


class Tensor(NamedTuple):
    """An array described: element (i, j, ...) is number offset + i strides[0] + j strides[1] + ... of its storage."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class _Kind(NamedTuple):
    """A class of storages: the dtype of their numbers."""

    dtype: str


def _rebuild_tensor(storage: Any, offset: Any, shape: Any, strides: Any, *_: Any) -> Tensor:
    return Tensor(require(storage, Storage), offset, shape, strides)


_NAMES = {
    "collections OrderedDict": Function(dict),
    "torch._utils _rebuild_tensor_v2": Function(_rebuild_tensor),
    "torch DoubleStorage": _Kind("<f8"),
    "torch FloatStorage": _Kind("<f4"),
    "torch HalfStorage": _Kind("<f2"),
    "torch BFloat16Storage": _Kind("bfloat16"),
    "torch LongStorage": _Kind("<i8"),
    "torch IntStorage": _Kind("<i4"),
    "torch ShortStorage": _Kind("<i2"),
    "torch CharStorage": _Kind("i1"),
    "torch ByteStorage": _Kind("u1"),
    "torch BoolStorage": _Kind("?"),
}


def read_torch_pickle(file: Any) -> tuple[Any, dict[str, Storage]]:
    """Read one pickle of `torch.save` from a binary file, or from bytes, and leave the file just behind it.

    Returns the pickled value, made of dictionaries, lists, tuples, strings, numbers, None and `Tensor`, and all
    storages it refers to, by their keys.

    Raises what `read_pickle` does.
    """
    storages: dict[str, Storage] = {}

    def storage_of(description: Any) -> Storage:
        storage = _storage(*require(description, tuple))
        storages[storage.key] = storage
        return storage

    return read_pickle(file, _NAMES, persistent=storage_of), storages


def _storage(kind: str, storage: _Kind, key: str, _location: str, length: int, view: None = None) -> Storage:
    if kind != "storage" or view is not None or not isinstance(key, str) or not isinstance(length, int):
        raise ValueError("it refers to something other than a whole storage")
    return Storage(require(storage, _Kind).dtype, key, length)
