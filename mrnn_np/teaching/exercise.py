"""How an exercise is checked: an answer is right, or it is refused with one line that says what is wrong."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from mrnn_np.backend import Array


class Refused(Exception):
    """An answer is not right; the message says what is wrong with it, and not what would be right."""


def exercise(check: Callable[..., str]) -> Callable[..., None]:
    """Turn a function that raises Refused, or returns why the answer is right, into one that prints the verdict.

    An answer that is still `...` is not an error, so that a notebook runs through before its exercises are done; nor is
    an answer that itself raises.
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
            print(f"not yet: your code raises {type(error).__name__}: {error}")

    return verdict


def run(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a learner's function makes of copies of its arguments; refuse a body that is still `...`.

    Raises Refused when nothing comes back, or when it writes into an argument.
    """
    copies = [np.copy(a) if isinstance(a, np.ndarray) else a for a in arguments]
    result = function(*copies)
    if result is None or result is ...:
        raise Refused("nothing comes back; does the function return its result?")
    for number, (given, copy) in enumerate(zip(arguments, copies, strict=True)):
        if isinstance(given, np.ndarray) and not np.array_equal(given, copy, equal_nan=True):
            raise Refused(f"argument number {number} was changed; work on a copy")
    return result


def expect_array(answer: Any, expected: Array, name: str = "the answer", tolerance: float = 1e-7) -> None:
    """Refuse an array that is not `expected`; the reason is its shape, its sign, a factor, or the first wrong index."""
    try:
        got = np.asarray(answer, np.float64)
    except (TypeError, ValueError):
        raise Refused(f"{name} is of type {type(answer).__name__}; expected numbers") from None
    expected = np.asarray(expected, np.float64)
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
    if np.allclose(got, factor * expected, rtol=1e-6) and factor:
        raise Refused(f"{name} is off by one and the same factor, {factor:.4g}")
    if got.ndim == 2 and got.shape[0] == got.shape[1] and np.allclose(got, expected.T, rtol=1e-6):
        raise Refused(f"{name} is the transpose of what it should be")
    share = f"{int(wrong.sum())} of {wrong.size} numbers are wrong"
    raise Refused(f"{name}: {share}, the first {_first(got, wrong)}")


def expect_number(answer: Any, expected: float, name: str = "the answer", tolerance: float = 1e-6) -> None:
    """Refuse a number that is not `expected`, to within a relative `tolerance`; says only which way it is off."""
    if isinstance(answer, bool) or not isinstance(answer, int | float | np.integer | np.floating):
        if not (isinstance(answer, np.ndarray) and answer.shape == ()):
            raise Refused(f"{name} is of type {type(answer).__name__}; expected one number")
    got = float(answer)
    if abs(got - expected) <= tolerance * max(1e-12, abs(expected)):
        return
    if expected and abs(got + expected) <= max(tolerance, 1e-3) * abs(expected):
        raise Refused(f"{name} has the wrong sign")
    raise Refused(f"{name}, {got:.6g}, is too {'large' if got > expected else 'small'}")


def _first(values: Array, where: Array) -> str:
    index = tuple(int(i) for i in np.argwhere(where)[0])
    at = f" at index {index if len(index) > 1 else index[0]}" if index else ""
    return f"{values[index]:.6g}{at}"
