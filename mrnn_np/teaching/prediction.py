"""Predictions: a learner writes one down before a cell runs, and the cell answers it."""

from numbers import Real
from typing import Any

import numpy as np


def answer(guess: Any, truth: Any) -> None:
    """Print what was predicted beside what it is; several things, if `truth` is a tuple or a list of them.

    A guess that is still `...` is not compared.
    """
    guess, truth = _plain(guess), _plain(truth)
    several = isinstance(truth, list)
    truths = truth if several else [truth]
    guesses = guess if several and isinstance(guess, list) else [guess]
    if guess is ...:
        print(f"(no prediction was written down; it is {', '.join(map(_text, truths))})")
    elif len(guesses) != len(truths):
        print(f"you predicted {_text(guess)}; it is {', '.join(map(_text, truths))}")
    else:
        for one, true in zip(guesses, truths, strict=True):
            print(f"you predicted {_text(one)}, and {_verdict(one, true)}")


def _plain(value: Any) -> Any:
    """Return lists for tuples and arrays: who writes (1, 0) means what [1.0, 0.0] says."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    return [_plain(one) for one in value] if isinstance(value, tuple | list) else value


def _verdict(guess: Any, truth: Any) -> str:
    if isinstance(guess, str) and isinstance(truth, str) and guess.strip().lower() == truth.lower():
        return "so it is"
    if isinstance(guess, bool) or isinstance(truth, bool) or not (isinstance(guess, Real) and isinstance(truth, Real)):
        return "so it is" if type(guess) is type(truth) and guess == truth else f"it is {_text(truth)}"
    said, true = float(guess), float(truth)
    if abs(said - true) <= 0.05 * abs(true):
        return "so it is" if said == true else f"nearly so it is, {_text(truth)}"
    times = f", {_text(true / said)} times that" if said * true > 0 else ""
    return f"it is {_text(truth)}{times}"


def _text(value: Any) -> str:
    return f"{value:,.3g}" if isinstance(value, float) else str(value)
