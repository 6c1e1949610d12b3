"""The exercises of notebook 1, words and packed batches."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.data.batches import Batch, pack, unpack
from mrnn_np.data.examples import no_image
from mrnn_np.data.vocabulary import END
from mrnn_np.teaching.exercise import Refused, exercise, expect_array, expect_number, near, numbers, run


@exercise
def sizes(sizes_of: Callable[[Sequence[int]], Any]) -> str:
    """From the lengths of sentences to sizes[t], how many of them have a word number t."""
    for lengths in ([3], [5, 2, 3, 2], [1, 1, 4], [7, 7]):
        expected = _batch(lengths).sizes
        answer = run(sizes_of, lengths)
        got = numbers(answer, f"lengths {lengths}: what comes back")
        if got.ndim != 1:
            raise Refused(f"lengths {lengths} gave a {type(answer).__name__}; expected T numbers")
        if len(got) != len(expected):
            raise Refused(f"lengths {lengths} gave {len(got)} sizes; the longest sentence has {max(lengths)} words")
        wrong = [t for t in range(len(expected)) if got[t] != expected[t]]
        if wrong:
            more = "many" if got[wrong[0]] > expected[wrong[0]] else "few"
            raise Refused(f"lengths {lengths}: at index {wrong[0]} there are too {more} sentences, {got[wrong[0]]:g}")
    return "the sizes never grow, and they add up to the number of words"


@exercise
def rows_of_sentence(rows_of: Callable[[Sequence[int], int], Any]) -> str:
    """From sizes to the rows of a packed array that belong to sentence j of the packed order."""
    for lengths in ([4], [5, 3, 3, 1], [2, 2]):
        batch = _batch(lengths)
        owned = unpack(np.arange(len(batch)), batch)
        for j, sentence in enumerate(batch.order):
            got = numbers(run(rows_of, batch.sizes, j), "what comes back")
            name = f"sizes {batch.sizes}, sentence {j}: the list of rows"
            if len(owned[sentence]) > 1 and near(got, owned[sentence] + 1):
                raise Refused(f"{name} is counted from 1; rows of an array count from 0")
            expect_array(got, owned[sentence], name)
    return "row j of every time step that sentence j lives to see"


@exercise
def wasted_share(wasted: Callable[[Sequence[int]], Any]) -> str:
    """From lengths to the share of a padded rectangle that is padding."""
    for lengths in ([3, 3], [10, 1], [5, 2, 3, 2], [3, 1, 2]):
        cells = len(lengths) * max(lengths)
        got, name = run(wasted, lengths), f"lengths {lengths}: the share"
        if sum(lengths) != cells and near(got, cells - sum(lengths)):
            raise Refused(f"{name} is given in rows; what part of the whole rectangle are they?")
        if sum(lengths) != cells and near(got, 100 * (1 - sum(lengths) / cells)):
            raise Refused(f"{name} is given in per cent; return a number between 0 and 1")
        if near(got, sum(lengths) / cells):
            raise Refused(f"{name} is that of the words; the rest is padding")
        expect_number(got, 1 - sum(lengths) / cells, name)
    return "only sentences of one and the same length waste nothing"


def _batch(lengths: Sequence[int]) -> Batch:
    sentences: list[Array] = [np.full(n, END) for n in lengths]
    return pack(sentences, range(len(lengths)), no_image)
