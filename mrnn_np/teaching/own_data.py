"""The exercises of notebook 12, your own data."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.teaching.exercise import Refused, exercise, expect_number, near, parts, run

_LINES = (
    ("1000268201_693b08cb0e.jpg#0\tA child in a pink dress .\n", ("1000268201_693b08cb0e.jpg", 0, "A child")),
    ("me#2.jpg#13\tOn the left\ta dog\n", ("me#2.jpg", 13, "On the left")),
    ("bus.jpg#4\tThe bus # 7 stops .\n", ("bus.jpg", 4, "The bus # 7")),
)


@exercise
def caption_line(parse: Callable[[str], tuple[str, int, str]]) -> str:
    """From a line of Flickr8k.token.txt to name, number and text."""
    for line, (name, number, begins) in _LINES:
        got = run(parse, line)
        if not isinstance(got, tuple | list) or len(got) != 3:
            raise Refused(f"{got!r} comes back; expected three things: name, number, text")
        if got[0] != name:
            raise Refused(f"of {line!r} the name is {got[0]!r}; look which # ends the name")
        if isinstance(got[1], bool) or not isinstance(got[1], int | np.integer) or got[1] != number:
            raise Refused(f"of {line!r} the number is {got[1]!r}; it is an int, of all its digits")
        if not str(got[2]).startswith(begins):
            raise Refused(f"of {line!r} the text is {got[2]!r}; it is all that follows the first tab")
        if str(got[2]).endswith("\n"):
            raise Refused(f"the text {got[2]!r} still holds the end of the line")
        if str(got[2]) != line.partition("\t")[2].rstrip("\n"):
            raise Refused(f"of {line!r} the text is {got[2]!r}; something is missing at its end")
    return "the last # before the first tab ends the name"


@exercise
def split_by_picture(divide: Callable[[list[Any], float], Any]) -> str:
    """From (picture, caption) pairs and a share of the pictures to two lists of pairs."""
    n = 2000
    # Not equally many captions, or who cuts the list of pairs anywhere would cut between two pictures.
    captions = np.random.default_rng(12).integers(1, 6, n)
    pairs = [(f"{i}.jpg", f"caption {k} of {i}") for i in range(n) for k in range(captions[i])]
    for share in (0.25, 0.1, 0.5):
        got = parts(run(divide, list(pairs), share), "two lists of pairs", 2)
        try:
            learnt, held = ([(str(picture), str(caption)) for picture, caption in part] for part in got)
        except (TypeError, ValueError):
            raise Refused("expected two lists of pairs, (picture, caption) each") from None
        if sorted(learnt + held) != sorted(pairs):
            found = len(set(learnt) | set(held))
            raise Refused(f"of {len(pairs)} pairs {found} are in the two lists, {len(learnt + held)} in all; each once")
        both = {picture for picture, _ in learnt} & {picture for picture, _ in held}
        if both:
            raise Refused(f"{len(both)} pictures have captions in both lists; what is tested was learnt by heart")
        pictures = len({picture for picture, _ in held})
        # Who throws a coin for each picture is right too: five standard deviations, so that luck is never blamed.
        if abs(pictures - share * n) > 5 * np.sqrt(n * share * (1 - share)):
            raise Refused(f"the second list has {pictures} of {n} pictures, for a share of {share:g}")
    return "all captions of a picture are on the same side"


@exercise
def paired_difference(compare: Callable[[Array, Array], tuple[float, float]]) -> str:
    """From the scores (n,) of two models on the same pictures to the mean of a - b and its standard error."""
    rng = np.random.default_rng(12)
    hard = rng.normal(size=60)
    a, b = 1.1 + hard + 0.2 * rng.normal(size=60), 1.0 + hard + 0.2 * rng.normal(size=60)
    got = parts(run(compare, a, b), "two numbers, the mean difference and its standard error", 2)
    n, spread = len(a), (a - b).std(ddof=1)
    expect_number(got[0], float((a - b).mean()), "the mean difference")
    if near(got[1], np.sqrt(a.var(ddof=1) / n + b.var(ddof=1) / n)):
        raise Refused("this is the standard error of two independent samples; here the pictures are the same")
    if near(got[1], spread / n):
        raise Refused("divided by n; the standard error falls only with the root of n")
    if near(got[1], spread):
        raise Refused("this is how far single pictures scatter; the mean of n scatters less")
    expect_number(got[1], float(spread / np.sqrt(n)), "the standard error", 1e-3)
    if not near(got[1], spread / np.sqrt(n)):
        raise Refused("the standard error is off by a little; use ddof=1")
    return "what makes a picture hard for both cancels in the difference"
