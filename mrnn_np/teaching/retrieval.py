"""The exercises of notebook 9, retrieval and metrics."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mrnn_np.evaluation.bleu import bleu_counts
from mrnn_np.evaluation.retrieval import log2_mean, ranks
from mrnn_np.evaluation.sentences import ngrams
from mrnn_np.teaching.exercise import Refused, exercise, expect_array, expect_number, run

_CAPTION = "the dog runs to the dog"
_REFERENCES = ("a dog runs", "the brown dog runs to the sea")


@exercise
def precision(clipped: Callable[..., Any]) -> str:
    """From a caption, its references, all lists of words, and n to BLEU's p_n of this one caption."""
    caption, references = _CAPTION.split(), [text.split() for text in _REFERENCES]
    for n in (1, 2, 3):
        counts = bleu_counts(caption, references)
        true, every = int(counts[5 + n]), int(counts[1 + n])
        got = run(clipped, caption, references, n)
        name = f"n = {n}: the precision"
        anywhere = {gram for reference in references for gram in ngrams(reference, n)}
        unclipped = sum(count for gram, count in ngrams(caption, n).items() if gram in anywhere) / every
        if unclipped != true / every and np.ndim(got) == 0 and np.isclose(float(got), unclipped):
            raise Refused(f"{name} counts a word that stands twice in the caption and once in any reference as two")
        expect_number(got, true / every, name)
    return "no n-gram is right more often than some reference says it"


@exercise
def recall(share: Callable[..., Any]) -> str:
    """From scores (Q, N), the right item of each query (Q,) and K to R@K."""
    rng = np.random.default_rng(0)
    scores, right = rng.normal(size=(6, 8)), rng.integers(0, 8, 6)
    of_each = ranks(scores, right, np.arange(8))
    for K in (1, 3, 8):
        got = run(share, scores, right, K)
        low = float((ranks(-scores, right, np.arange(8)) <= K).mean())
        expected = float((of_each <= K).mean())
        if low != expected and np.ndim(got) == 0 and np.isclose(float(got), low):
            raise Refused(f"K = {K}: the lowest score was taken for the best")
        expect_number(got, expected, f"K = {K}: the recall")
    return "the share of queries whose right answer is among the first K"


@exercise
def divide(ratio: Callable[..., Any]) -> str:
    """From log2 P(w|I), (images, S), and log2 P(w|I') of training images, (n, S), to log2 of P(w|I) / P(w)."""
    rng = np.random.default_rng(0)
    for low in (0.0, -5000.0):
        given, others = low - rng.uniform(5, 30, (3, 4)), low - rng.uniform(5, 30, (6, 4))
        with np.errstate(all="ignore"):
            got = np.asarray(run(ratio, given, others))
        where = f"log2 P near {low - 15:g}"
        if got.shape == given.shape:
            if np.allclose(got, given - others.mean(axis=0)):
                raise Refused(f"{where}: P(w) is the mean of probabilities, not 2 to the mean of their logarithms")
            if np.allclose(got, given - log2_mean(others) - np.log2(len(others))) or np.allclose(
                got, given - log2_mean(given)
            ):
                raise Refused(f"{where}: P(w) is the mean over the training images, each with the same P(I')")
        expect_array(got, given - log2_mean(others), f"{where}: the ratio", tolerance=1e-9)
    return "and it holds for sentences whose probability no float can hold"
