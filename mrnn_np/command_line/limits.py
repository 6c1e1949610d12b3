"""What a number that somebody gives may be: one check and one message, wherever it comes in."""

import math
from collections.abc import Callable
from typing import TypeVar

from mrnn_np.errors import UserError

N = TypeVar("N", int, float)

MOST = 10**9
"""Of anything that is counted: more would take longer than anybody waits."""
MOST_IN_A_BEAM = 10_000
MOST_WORDS = 1000
"""Of one caption."""
MOST_THREADS = 4096
LARGEST_SEED = 2**63 - 1
LARGEST_LENGTH_NORM = 10
"""A caption's words to a higher power leave the numbers that floats can hold."""


def require(
    flag: str,
    value: float,
    *,
    least: float | None = None,
    above: float | None = None,
    below: float | None = None,
    most: float | None = None,
) -> None:
    """Raise UserError when the number `value` of the option `flag` is out of its limits, infinite, or none (NaN)."""
    must = ""
    if least is not None and not value >= least:
        must = f"{least} or more"
    elif above is not None and not value > above:
        must = f"above {above}"
    elif below is not None and not value < below:
        must = f"below {below}"
    elif most is not None and not value <= most:
        must = f"{most} or less"
    elif isinstance(value, float) and not math.isfinite(value):
        must = "a finite number"
    if must:
        raise UserError(f"{flag} is {value}; it must be {must}")


def number(flag: str, kind: Callable[[str], N], **limits: float) -> Callable[[str], N]:
    """Return what reads the number behind `flag` on a command line, an int or a float, within limits of `require`."""

    def read(text: str) -> N:
        value = kind(text)
        require(flag, value, **limits)
        return value

    read.__name__ = kind.__name__  # which argparse mentions where the text is no number at all
    return read


def whole(flag: str, least: int = 1, most: int = MOST) -> Callable[[str], int]:
    """Return what reads a whole number behind `flag`."""
    return number(flag, int, least=least, most=most)
