"""How an exercise is checked: an answer is right, or it is refused with one line that says what is wrong."""

import inspect
import linecache
import traceback
from collections.abc import Callable, Iterator
from functools import wraps
from numbers import Real
from typing import Any

import numpy as np

from mrnn_np.backend import Array


class Refused(Exception):
    """An answer is not right; the message says what is wrong with it, and not what would be right."""


def exercise(check: Callable[..., str]) -> Callable[..., None]:
    """Turn a function that raises Refused, or returns why the answer is right, into one that prints the verdict.

    An answer that is still `...` is not an error, so that a notebook runs through before its exercises are done; nor is
    an answer that itself raises: the verdict then names its line.
    """

    @wraps(check)
    def verdict(*answers: Any) -> None:
        if any(answer is ... for answer in answers):
            print("to do: replace the ... above and run the cell again")
            return
        try:
            print(f"right: {check(*answers)}")
        except Refused as reason:
            print(f"not yet: {reason}")
        except Exception as error:
            print(f"not yet: {_blame(error, answers)}")

    return verdict


def _blame(error: Exception, answers: tuple[Any, ...]) -> str:
    """Say which line of the learner's code raises; if none does, that what it returned is of no use."""
    said = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
    own = {answer.__code__.co_filename for answer in answers if inspect.isfunction(answer)}
    lines = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename in own]
    if not lines:
        return f"what comes back cannot be checked ({said})"
    text = linecache.getline(lines[-1].filename, lines[-1].lineno or 0).strip()
    return f"your code raises {said}; in line {lines[-1].lineno} of the cell, {text}"


def run(function: Callable[..., Any], *arguments: Any, in_place: bool = False) -> Any:
    """Return what a learner's function makes of copies of its arguments; refuse a body that is still `...`.

    Raises Refused when it cannot be called with them, when nothing comes back, or when it leaves an argument changed
    (unless `in_place`: then that is one way to answer).
    """
    if not callable(function):
        raise Refused(f"expected a function, got a {type(function).__name__}")
    try:
        names = list(inspect.signature(function).bind(*arguments).arguments)
    except TypeError as reason:
        raise Refused(f"the function cannot be called with its {len(arguments)} arguments: {reason}") from None
    copies = [np.copy(a) if isinstance(a, np.ndarray) else a for a in arguments]
    result = function(*copies)
    if result is None or result is ...:
        raise Refused("nothing comes back; does the function return its result?")
    for name, given, copy in zip(names, arguments, copies, strict=False):
        # Not to the last bit: who adds a step to an array and takes it away again has left it as it was.
        if isinstance(given, np.ndarray) and not in_place and not np.allclose(given, copy, 1e-9, 1e-12, equal_nan=True):
            raise Refused(f"the argument `{name}` was changed, which its owner may still need; work on a copy")
    return result


def numbers(answer: Any, name: str = "the answer") -> Array:
    """Return an answer as an array of floats, whether it is an array, a list, or something that yields its numbers."""
    given = list(answer) if isinstance(answer, Iterator) else answer
    if np.iscomplexobj(given):
        raise Refused(f"{name} is complex; expected real numbers")
    try:
        return np.asarray(given, np.float64)
    except (TypeError, ValueError):
        ragged = (
            " (rows of different lengths, or something else among them?)" if isinstance(given, list | tuple) else ""
        )
        raise Refused(f"{name} is of type {type(answer).__name__}; expected numbers{ragged}") from None


def parts(answer: Any, what: str, count: int) -> tuple[Any, ...]:
    """Return the parts of an answer that is several things, in a tuple, a list or an array; `what` says which."""
    several = isinstance(answer, tuple | list) or (isinstance(answer, np.ndarray) and answer.ndim > 0)
    if several and len(answer) == count:
        return tuple(answer)
    got = f"{len(answer)} of them" if isinstance(answer, tuple | list) else f"one {type(answer).__name__}"
    raise Refused(f"expected {what}; {got} came back")


def near(answer: Any, other: Any) -> bool:
    """Whether an answer, of whatever type, is that number or array: for telling a mistake by what it leads to."""
    try:
        got = numbers(answer)
    except Refused:
        return False
    return got.shape == np.shape(other) and np.allclose(got, other, rtol=1e-6)


def expect_array(answer: Any, expected: Array, name: str = "the answer", tolerance: float = 1e-7) -> None:
    """Refuse an array that is not `expected`; the reason is its shape, its sign, a factor, or the first wrong index.

    Of float32 numbers no more than five digits are asked.
    """
    got, expected = numbers(answer, name), np.asarray(expected, np.float64)
    if isinstance(answer, np.ndarray | list | tuple) and np.asarray(answer).dtype == np.float32:
        tolerance = max(tolerance, 1e-5)
    if got.shape != expected.shape:
        hint = "; is it transposed?" if got.shape == expected.shape[::-1] and got.ndim > 1 else ""
        raise Refused(f"{name} has shape {got.shape}; expected {expected.shape}{hint}")
    if not np.isfinite(got).all():
        raise Refused(f"{name} holds {_first(got, ~np.isfinite(got))}; expected finite numbers")
    # Measured against the largest entry, since a sum of large terms may well be near 0.
    wrong = np.abs(got - expected) > tolerance * max(1e-300, float(np.abs(expected).max(initial=0)))
    if not wrong.any():
        return
    if np.allclose(got, -expected, rtol=1e-6):
        raise Refused(f"{name} has the wrong sign, everywhere")
    factor = float((got * expected).sum() / (expected * expected).sum()) if expected.any() else 0.0
    if np.allclose(got, factor * expected, rtol=1e-6) and factor and got.size > 1:
        raise Refused(f"{name} is off by one and the same factor, {factor:.4g}")
    if got.ndim == 2 and got.shape[0] == got.shape[1] and np.allclose(got, expected.T, rtol=1e-6):
        raise Refused(f"{name} is the transpose of what it should be")
    share = f"{int(wrong.sum())} of {wrong.size} numbers are wrong"
    raise Refused(f"{name}: {share}, the first {_first(got, wrong)}")


def expect_number(answer: Any, expected: float, name: str = "the answer", tolerance: float = 1e-6) -> None:
    """Refuse a number that is not `expected`, to within a relative `tolerance`; says only which way it is off."""
    if isinstance(answer, np.ndarray) and answer.shape != ():
        raise Refused(f"{name} has shape {answer.shape}; expected one number")
    if isinstance(answer, bool) or not isinstance(answer, Real | np.ndarray):
        raise Refused(f"{name} is of type {type(answer).__name__}; expected one number")
    got = float(numbers(answer, name))
    if abs(got - expected) <= tolerance * max(1e-12, abs(expected)):
        return
    if not np.isfinite(got):
        raise Refused(f"{name} is {got}; expected a finite number")
    if expected and abs(got + expected) <= max(tolerance, 1e-3) * abs(expected):
        raise Refused(f"{name} has the wrong sign")
    raise Refused(f"{name}, {got:.6g}, is too {'large' if got > expected else 'small'}")


def _first(values: Array, where: Array) -> str:
    index = tuple(int(i) for i in np.argwhere(where)[0])
    at = f" at index {index if len(index) > 1 else index[0]}" if index else ""
    return f"{values[index]:.6g}{at}"
