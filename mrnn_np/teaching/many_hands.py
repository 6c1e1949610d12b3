"""The exercises of notebook 13, many hands."""

from collections.abc import Callable, Sequence
from functools import reduce
from operator import add

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.distributed.tree import Block, add_up
from mrnn_np.teaching.exercise import Refused, exercise, expect_array, expect_number, run


@exercise
def from_means(combine: Callable[[Array, Array], Array]) -> str:
    """The gradient of the whole batch, from each learner's mean gradient (R, n) and its number of words (R,)."""
    rng = np.random.default_rng(5)
    means, words = rng.normal(size=(3, 4)), np.array([5, 1, 14])
    expected = words @ means / words.sum()
    got = run(combine, means, words)
    if np.shape(got) == (4,):
        if np.allclose(got, means.mean(axis=0)):
            raise Refused("the learner with 1 word has as much to say as the one with 14")
        if np.allclose(got, words @ means):
            raise Refused("this is the gradient of the summed bits; divide by the words of all")
    expect_array(got, expected, "the gradient for 5, 1 and 14 words")
    got = run(combine, np.array([[2.0, 4.0], [0.0, 0.0]]), np.array([3, 0]))
    expect_array(got, [2.0, 4.0], "the gradient where a learner has no word")
    return "each mean times its words is the sum that it was"


@exercise
def in_pairs(total: Callable[[Sequence[np.float32]], np.float32]) -> str:
    """The sum of a power of two of float32 numbers, by adding neighbours, then neighbouring sums, to the last bit."""
    rng = np.random.default_rng(7)
    wrong, always_in_a_row = "", True
    for count in (1, 2, 8, 64, 128, 256):
        numbers = list((rng.random(count) * 10.0 ** rng.integers(-2, 2, count)).astype(np.float32))
        expected = _tree_sum(numbers)
        got = run(total, list(numbers))
        if np.shape(got) != () or getattr(got, "dtype", None) != np.float32:
            raise Refused(f"the sum is of type {type(got).__name__}; add float32 to float32 and nothing else")
        if not np.isclose(got, expected, rtol=1e-4):
            raise Refused(f"the sum of {count} numbers is {got}, and not for its last bits only")
        if got != expected and not wrong:
            wrong = f"{count} numbers are added"
        always_in_a_row = always_in_a_row and bool(got == reduce(add, numbers))
    if wrong:
        order = "one after another" if always_in_a_row else "in another order"
        raise Refused(f"{wrong} {order}: right, but for the last bits")
    return "the same bits, whoever adds which pair"


def _tree_sum(numbers: Sequence[np.float32]) -> np.float32:
    def known(block: Block) -> Array | None:
        return numbers[block[0]] if block[1] == 1 else None

    total: np.float32 = add_up((0, len(numbers)), known)
    return total


@exercise
def sent(numbers: Callable[[int, int], float]) -> str:
    """How many numbers each of R learners sends for a sum of n, in slices: to add them, and to hand the sums round."""
    for R, n in ((4, 1000), (2, 1000), (10, 3000)):
        got, what = run(numbers, R, n), f"for {R} learners and {n} numbers it"
        if isinstance(got, int | float | np.number) and np.isclose(float(got), (R - 1) / R * n):
            raise Refused(f"{what} is half of what is sent: the sums have to travel too")
        if isinstance(got, int | float | np.number) and np.isclose(float(got), 2 * (R - 1) * n):
            raise Refused(f"{what} is what all of them send, or whole vectors; each sends the others' slices")
        expect_number(got, 2 * (R - 1) / R * n, what)
    return "never more than 2 n, however many learners there are"
