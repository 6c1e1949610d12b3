"""The exercises of notebook 11, fast, and on a GPU."""

from collections.abc import Callable, Sequence

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.layers.softmax import softmax_log2
from mrnn_np.teaching.exercise import Refused, exercise, expect_array, expect_number, near, run
from mrnn_np.teaching.pretend_gpu import UNSUPPORTED, DeviceArray, PretendedCupy


@exercise
def speed_up(ratio: Callable[[Sequence[int]], float]) -> str:
    """How many rows padding has for each row of the packed batch, from the lengths of the sentences."""
    lengths = [12, 9, 4, 4, 7]
    got = run(ratio, lengths)
    if near(got, sum(lengths) / (max(lengths) * len(lengths))):
        raise Refused("this is packed by padded; how many times as much work is padding?")
    if near(got, 1 - sum(lengths) / (max(lengths) * len(lengths))):
        raise Refused("this is the share of the padding, as in notebook 1; here the quotient is asked for")
    expect_number(got, max(lengths) * len(lengths) / sum(lengths), "the quotient for the lengths 12, 9, 4, 4, 7")
    return "packing cannot save more than that"


@exercise
def intensity(work: Callable[[int, int, int], float]) -> str:
    """Floating-point operations for each byte that a float32 product (n, a) @ (a, b) has to move."""
    for n, a, b in ((100, 200, 50), (1, 512, 2500)):
        got, elements = run(work, n, a, b), n * a + a * b + n * b
        what, expected = f"for n, a, b = {n}, {a}, {b} the intensity", 2 * n * a * b / (4 * elements)
        if near(got, 4 * expected):
            raise Refused(f"{what} is given for each number; a float32 has 4 bytes")
        if near(got, expected / 2):
            raise Refused(
                f"{what} is half of what it is: a multiplication and the addition after it taken as one operation,"
                " or 8 bytes for a float32?"
            )
        if near(got, 1 / expected):
            raise Refused(f"{what} is upside down: operations for each byte")
        if near(got, 2 * n * a * b / (4 * (elements - n * b))):
            raise Refused(f"{what} leaves out that the result has to be written")
        expect_number(got, expected, what)
    return "a product with one row hardly computes: it reads the matrix"


@exercise
def either_module(function: Callable[[Array], Array]) -> str:
    """log2 of the softmax of each row of scores (N, M), where the scores are: in the host's memory or on a GPU.

    NumPy's functions hand an array of the GPU over to CuPy; what fails is an array of the host beside one of the GPU,
    or made of one.
    """
    scores = np.random.default_rng(13).normal(size=(3, 5))
    expected = softmax_log2(scores)
    expect_array(run(function, scores), expected, "log2 y on NumPy")
    with PretendedCupy():
        try:
            got = function(DeviceArray(scores))
        except (TypeError, ValueError) as reason:
            if str(reason) == UNSUPPORTED:
                raise Refused(
                    f"{reason} beside an array of the GPU; make it where scores are: get_xp(scores)"
                ) from None
            raise Refused(str(reason)) from None
    if not isinstance(got, DeviceArray):
        raise Refused(f"scores on the GPU give a {type(got).__name__}; the result belongs where the scores are")
    expect_array(got.host, expected, "log2 y on the GPU")
    return "the same lines, wherever the array is"
