"""A pickle reader that can build plain data and what its caller allows by name, and nothing else.

A pickle is a program for a small stack machine, and Python's own machine can be told to call anything.  This one knows
only the instructions that make dictionaries, lists, tuples, strings and numbers, and the names that the caller gives
it; any other name or instruction ends the reading.  Memory is never taken at the file's word.
"""

import pickletools
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple


class Function(NamedTuple):
    """The only thing that a pickle can call: a function of ours that is safe with any arguments."""

    call: Callable[..., Any]


class _Mark:
    """Where a group of values begins on the stack."""


_MARK = _Mark()
_VALUES = frozenset(
    "BINUNICODE SHORT_BINSTRING BININT1 BININT BINFLOAT BININT2 LONG1 SHORT_BINUNICODE BINSTRING "
    "BINBYTES SHORT_BINBYTES BINUNICODE8 BINBYTES8".split()
)
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}


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
    """Read one pickle from a binary file, or from bytes, and leave the file just behind it.

    Parameters
    ----------
    file : a binary file or bytes
    names : what stands for each "module name" that the pickle may refer to; only a `Function` can be called
    persistent : from the description of something outside the pickle to the value that stands for it
    build : gives a value the state that the pickle has for it

    Returns
    -------
    The pickled value: dictionaries, lists, tuples, strings, bytes, numbers, None, and what `names` and `persistent`
    make.

    Raises
    ------
    ValueError : the pickle asks for anything else
    IndexError, KeyError, TypeError, AttributeError or OverflowError : it is damaged
    """
    stack: list[Any] = []
    memo: dict[int, Any] = {}
    argument: Any
    for instruction, argument, _ in pickletools.genops(file):
        match instruction.name:
            case name if name in _VALUES:
                stack.append(argument)
            case "BINPUT" | "LONG_BINPUT":
                memo[argument] = stack[-1]
            case "BINGET" | "LONG_BINGET":
                stack.append(memo[argument])
            case "MEMOIZE":
                memo[len(memo)] = stack[-1]
            case "STOP":
                return stack.pop()
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
                key, value = stack[-2:]
                del stack[-2:]
                require(stack[-1], dict)[key] = value
            case "SETITEMS":
                values = _pop_to_mark(stack)
                require(stack[-1], dict).update(zip(values[::2], values[1::2], strict=True))
            case "GLOBAL":
                stack.append(_allowed(argument, names))
            case "STACK_GLOBAL":
                stack[-2:] = [_allowed(f"{stack[-2]} {stack[-1]}", names)]
            case "BINPERSID" if persistent:
                stack[-1] = persistent(stack[-1])
            case "REDUCE":
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


def _pop_to_mark(stack: list[Any]) -> list[Any]:
    values = []
    while (value := stack.pop()) is not _MARK:
        values.append(value)
    return values[::-1]


def _allowed(text: str, names: Mapping[str, Any]) -> Any:
    if text not in names:
        raise ValueError(f"it wants to use {text.replace(' ', '.')}")
    return names[text]


def _call(function: Any, arguments: tuple[Any, ...]) -> Any:
    if type(function) is not Function:
        raise TypeError("it calls something that is no function")
    return function.call(*require(arguments, tuple))
