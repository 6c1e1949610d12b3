"""A pickle reader that can build plain data and what its caller allows by name, and nothing else.

A pickle is a program for a small stack machine, and Python's own machine can be told to call anything.  This one knows
only the instructions that make dictionaries, lists, tuples, strings and numbers, and the names that the caller gives
it; any other name or instruction ends the reading.  What it returns can be walked, compared and printed: it is no
deeper than `DEEPEST` and not much larger than the file, with a value that stands at several places counted at each.

Python's own `Unpickler` with a `find_class` that allows a few names would call nothing either, and is five times as
fast.  But 9 bytes, an entry of number 2**29 in its memo, take 8.4 GB and 26 seconds of it, and a dictionary's key of
200,000 nested tuples ends the whole process by a segmentation fault (Python 3.11).
"""

import pickletools
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

MOST_CONTAINERS = 4_000_000
"""Lists, dictionaries, tuples and arrays that a pickle may make; COCO's 617,000 captions are 0.9 million."""
DEEPEST = 100
"""So many containers may stand within each other."""
MOST_VALUES, MOST_FOR_EACH_BYTE = 1_000_000, 20
"""Values and characters that a walk may meet: so many, and so many more for each byte of the file.

Words and arrays that honest files share among a few places need a few for each byte.
"""


class Function(NamedTuple):
    """The only thing that a pickle can call: a function of ours that is safe with any arguments."""

    call: Callable[..., Any]


class Class(Function):
    """A function that stands for a class, and so may be called by the instruction that makes an instance as well."""

    __slots__ = ()


class _Mark:
    """Where a group of values begins on the stack."""


_MARK = _Mark()
_VALUES = frozenset(
    "BINUNICODE SHORT_BINSTRING BININT1 BININT BINFLOAT BININT2 LONG1 SHORT_BINUNICODE BINSTRING "
    "BINBYTES SHORT_BINBYTES BINUNICODE8 BINBYTES8".split()
)
_CONTAINERS = frozenset("EMPTY_DICT EMPTY_LIST TUPLE TUPLE1 TUPLE2 TUPLE3 BINPERSID NEWOBJ REDUCE".split())
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_PLAIN_KEYS = frozenset((str, bytes, int, float, bool, type(None)))


def ignore_attributes(value: Any, attributes: Any) -> None:
    """Leave out the attributes that a pickle gives to a dictionary, such as the version numbers of a model's parts."""
    require(value, dict)


def read_pickle(
    file: Any,
    names: Mapping[str, Any],
    *,
    persistent: Callable[[Any], Any] | None = None,
    build: Callable[[Any, Any], None] = ignore_attributes,
) -> Any:
    """Read one pickle from bytes, or from a BytesIO or a mapped file, and leave the file just behind it.

    Parameters
    ----------
    file : bytes, a BytesIO or a mapped file; others make room for as many bytes as a string claims to have
    names : what stands for each "module name" that the pickle may refer to; only a `Function` can be called
    persistent : from the description of something outside the pickle to the value that stands for it
    build : gives a value the state that the pickle has for it

    Returns
    -------
    The pickled value: dictionaries, lists, tuples, strings, bytes, numbers, None, and what `names` and `persistent`
    make.  The keys of dictionaries are strings, short tuples of strings, bytes, numbers and None.

    Raises
    ------
    ValueError : the pickle asks for anything else, or for too much
    IndexError, KeyError, TypeError, AttributeError or OverflowError : it is damaged
    """
    stack: list[Any] = []
    memo: list[Any] = []
    containers = 0
    argument: Any
    for instruction, argument, position in pickletools.genops(file):
        if instruction.name in _CONTAINERS:
            containers += 1
            if containers > MOST_CONTAINERS:
                raise ValueError(f"it holds more than {MOST_CONTAINERS:,} lists, tuples and other containers")
        match instruction.name:
            case name if name in _VALUES:
                stack.append(argument)
            case "BINPUT" | "LONG_BINPUT":
                _remember(memo, argument, stack[-1])
            case "BINGET" | "LONG_BINGET":
                stack.append(_recalled(memo, argument))
            case "MEMOIZE":
                memo.append(stack[-1])
            case "STOP":
                return walkable(stack.pop(), position or 0)
            case "PROTO" | "FRAME":
                pass
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
                require(stack[-1], list).append(value)
            case "APPENDS":
                values = _pop_to_mark(stack)
                require(stack[-1], list).extend(values)
            case "SETITEM":
                item = stack[-2:]
                del stack[-2:]
                _set_items(stack[-1], [item])
            case "SETITEMS":
                values = _pop_to_mark(stack)
                _set_items(stack[-1], zip(values[::2], values[1::2], strict=True))
            case "GLOBAL":
                stack.append(_allowed(argument, names))
            case "STACK_GLOBAL":
                stack[-2:] = [_allowed(" ".join(require(part, str) for part in stack[-2:]), names)]
            case "BINPERSID" if persistent:
                stack[-1] = persistent(stack[-1])
            case "REDUCE":
                arguments = stack.pop()
                stack[-1] = _call(stack[-1], arguments)
            case "NEWOBJ" if type(stack[-2]) is Class:
                arguments = stack.pop()
                stack[-1] = _call(stack[-1], arguments)
            case "BUILD":
                state = stack.pop()
                build(stack[-1], state)
            case name:
                raise ValueError(f"it holds the pickle instruction {name}")
    raise ValueError("its pickle has no end")


def require(value: Any, kind: type) -> Any:
    """Return `value`, which must be of exactly this type; raise TypeError where it is not."""
    if type(value) is not kind:
        raise TypeError(f"it treats a {type(value).__name__} as a {kind.__name__}")
    return value


def ordered_dict(items: Any = ()) -> dict[Any, Any]:
    """Return what an OrderedDict becomes, which is made from nothing or, in Python 2, from a list of pairs."""
    dictionary: dict[Any, Any] = {}
    _set_items(dictionary, items)
    return dictionary


def _set_items(dictionary: Any, items: Iterable[Any]) -> None:
    require(dictionary, dict)
    for key, value in items:
        if not _is_plain_key(key):
            raise ValueError(f"it has a {type(key).__name__} as the key of a dictionary; expected text or a number")
        dictionary[key] = value


def _is_plain_key(key: Any) -> bool:
    """Whether a dictionary can look `key` up in no time.

    The hash of nested tuples recurses without a bound, and thousands of tuples or of numbers of more than 64 bits can
    be chosen so that they have one hash.
    """
    if type(key) is tuple:
        return len(key) <= 10 and all(type(part) is str for part in key)
    return type(key) in _PLAIN_KEYS and not (type(key) is int and key.bit_length() > 64)


def _remember(memo: list[Any], index: int, value: Any) -> None:
    """Remember a value; Python 3 numbers from 0 and Python 2 from 1, and neither leaves out a number."""
    if index > len(memo) + 1:
        raise ValueError(f"it remembers {len(memo):,} values and then one as number {index:,}")
    memo += [None] * (index + 1 - len(memo))
    memo[index] = value


def _recalled(memo: list[Any], index: int) -> Any:
    if index >= len(memo):
        raise ValueError(f"it asks for value number {index:,} of the {len(memo):,} that it remembers")
    return memo[index]


def _pop_to_mark(stack: list[Any]) -> list[Any]:
    values = []
    while (value := stack.pop()) is not _MARK:
        values.append(value)
    return values[::-1]


def _allowed(text: str, names: Mapping[str, Any]) -> Any:
    if text not in names:
        raise ValueError(f"it wants to use {text[:200].replace(' ', '.')}")
    return names[text]


def _call(function: Any, arguments: tuple[Any, ...]) -> Any:
    if not isinstance(function, Function):
        raise TypeError("it calls something that is no function")
    return function.call(*require(arguments, tuple))


def walkable(value: Any, bytes_read: int) -> Any:
    """Return a value that was read from so many bytes; raise ValueError when a walk through it would not end soon.

    Sixty lists, each of which holds the one before twice, are a few hundred bytes of a file and 2**60 values for
    whoever walks, prints, compares or hashes them.
    """
    size, _ = _extent([value], {}, 0)
    if size > MOST_VALUES + MOST_FOR_EACH_BYTE * bytes_read:
        raise ValueError(f"its {bytes_read:,} bytes unfold to more than {MOST_VALUES:,} values")
    return value


def _extent(parts: Iterable[Any], known: dict[int, tuple[int, int]], depth: int) -> tuple[int, int]:
    """Return the size and the height of a container at a depth: the values in it, and the containers to the innermost.

    `known` holds those of the containers that were met before, by their ids.  One that holds itself has no depth.
    """
    if depth > DEEPEST:
        raise ValueError(f"it is nested more than {DEEPEST} deep")
    size, height = 1, 0
    for part in parts:
        kind = type(part)
        if kind is str or kind is bytes:
            size += 1 + len(part)
            continue
        size += part.nbytes if kind is np.ndarray else 1
        within = _parts(part)
        if within is None:
            continue
        if id(part) not in known:
            known[id(part)] = _extent(within, known, depth + 1)
        size_within, height_within = known[id(part)]
        if depth + 1 + height_within > DEEPEST:
            raise ValueError(f"it is nested more than {DEEPEST} deep")
        size, height = size + size_within, max(height, 1 + height_within)
    return size, height


def _parts(value: Any) -> Iterable[Any] | None:
    """Return the values in a container, None for an empty one and for all others."""
    kind = type(value)
    if kind is dict and value:
        return chain(value, value.values())
    if (kind is list or kind is tuple) and value:
        return value  # type: ignore[no-any-return]
    return value.flat if kind is np.ndarray and value.dtype.hasobject else None
