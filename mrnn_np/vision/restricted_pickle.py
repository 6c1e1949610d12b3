"""A pickle reader that can build plain data and descriptions of tensors, and nothing else.

A pickle is a program for a small stack machine, and Python's own machine can be told to call anything.  This one knows
only the instructions that `torch.save` needs for a dictionary of tensors.  Two names may be called, and both are ours;
any other name or instruction ends the reading.
"""

import pickletools
from typing import Any, NamedTuple


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


class _Name(NamedTuple):
    """Something a pickle refers to by module and name."""

    text: str


class _Mark:
    """Where a group of values begins on the stack."""


_MARK = _Mark()
_ORDERED_DICT = _Name("collections OrderedDict")
_REBUILD_TENSOR = _Name("torch._utils _rebuild_tensor_v2")
_STORAGES = {
    _Name("torch DoubleStorage"): "<f8",
    _Name("torch FloatStorage"): "<f4",
    _Name("torch HalfStorage"): "<f2",
    _Name("torch BFloat16Storage"): "bfloat16",
    _Name("torch LongStorage"): "<i8",
    _Name("torch IntStorage"): "<i4",
    _Name("torch ShortStorage"): "<i2",
    _Name("torch CharStorage"): "i1",
    _Name("torch ByteStorage"): "u1",
    _Name("torch BoolStorage"): "?",
}
_ALLOWED = {_ORDERED_DICT, _REBUILD_TENSOR, *_STORAGES}

_VALUES = frozenset(
    "BININT BININT1 BININT2 LONG1 BINFLOAT BINUNICODE SHORT_BINUNICODE BINSTRING SHORT_BINSTRING".split()
)
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}


def read_pickle(file: Any) -> tuple[Any, dict[str, Storage]]:
    """Read one pickle from a binary file, or from bytes, and leave the file just behind it.

    Returns the pickled value, made of dictionaries, lists, tuples, strings, numbers, None and `Tensor`, and all
    storages it refers to, by their keys.

    Raises ValueError when the pickle asks for anything else.  A damaged one may also raise IndexError, KeyError,
    TypeError, AttributeError or OverflowError.
    """
    stack: list[Any] = []
    memo: dict[int, Any] = {}
    storages: dict[str, Storage] = {}
    argument: Any
    for instruction, argument, _ in pickletools.genops(file):
        match instruction.name:
            case "STOP":
                return stack.pop(), storages
            case "PROTO" | "FRAME":
                pass
            case name if name in _VALUES:
                stack.append(argument)
            case name if name in _CONSTANTS:
                stack.append(_CONSTANTS[name])
            case "EMPTY_DICT":
                stack.append({})
            case "EMPTY_LIST":
                stack.append([])
            case "MARK":
                stack.append(_MARK)
            case "TUPLE":
                stack.append(tuple(_pop_to_mark(stack)))
            case "TUPLE1" | "TUPLE2" | "TUPLE3" as name:
                count = int(name[-1])
                stack[-count:] = [tuple(stack[-count:])]
            case "APPEND":
                value = stack.pop()
                _require(stack[-1], list).append(value)
            case "APPENDS":
                values = _pop_to_mark(stack)
                _require(stack[-1], list).extend(values)
            case "SETITEM":
                key, value = stack[-2:]
                del stack[-2:]
                _require(stack[-1], dict)[key] = value
            case "SETITEMS":
                values = _pop_to_mark(stack)
                _require(stack[-1], dict).update(zip(values[::2], values[1::2], strict=True))
            case "BINPUT" | "LONG_BINPUT":
                memo[argument] = stack[-1]
            case "MEMOIZE":
                memo[len(memo)] = stack[-1]
            case "BINGET" | "LONG_BINGET":
                stack.append(memo[argument])
            case "GLOBAL":
                stack.append(_allowed(argument))
            case "STACK_GLOBAL":
                stack[-2:] = [_allowed(f"{stack[-2]} {stack[-1]}")]
            case "BINPERSID":
                stack[-1] = storage = _storage(*stack[-1])
                storages[storage.key] = storage
            case "REDUCE":
                arguments = stack.pop()
                stack[-1] = _call(stack[-1], arguments)
            case "BUILD":  # attributes of a dictionary, such as the version numbers of a model's parts
                stack.pop()
            case name:
                raise ValueError(f"it holds the pickle instruction {name}")
    raise ValueError("its pickle has no end")


def _pop_to_mark(stack: list[Any]) -> list[Any]:
    values = []
    while (value := stack.pop()) is not _MARK:
        values.append(value)
    return values[::-1]


def _require(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise TypeError(f"it treats a {type(value).__name__} as a {kind.__name__}")
    return value


def _allowed(text: str) -> _Name:
    name = _Name(text)
    if name not in _ALLOWED:
        raise ValueError(f"it wants to use {text.replace(' ', '.')}")
    return name


def _storage(kind: str, storage: _Name, key: str, _location: str, length: int, view: None = None) -> Storage:
    if kind != "storage" or view is not None or not isinstance(key, str) or not isinstance(length, int):
        raise ValueError("it refers to something other than a whole storage")
    return Storage(_STORAGES[storage], key, length)


def _call(function: Any, arguments: tuple[Any, ...]) -> Any:
    if function == _ORDERED_DICT:
        return dict(*arguments)
    if function == _REBUILD_TENSOR:
        storage, offset, shape, strides = arguments[:4]
        return Tensor(_require(storage, Storage), offset, shape, strides)
    raise TypeError("it calls something that is no function")
