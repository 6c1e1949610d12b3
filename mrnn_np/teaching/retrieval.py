"""The exercises of notebook 9, retrieval and metrics."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from mrnn_np.evaluation.bleu import bleu_counts
from mrnn_np.evaluation.retrieval import log2_mean, ranks
from mrnn_np.evaluation.sentences import ngrams
from mrnn_np.teaching.exercise import Refused, exercise, expect_array, expect_number, near, run

# No reference has most of everything: "dog" stands twice in the first, "the" twice in the second, "a" in the third.
_CAPTION = "the dog runs to the dog and the dog runs to a cat"
_REFERENCES = ("my dog runs to your dog", "the brown dog runs to the sea", "a cat and a dog")


@exercise
def precision(clipped: Callable[..., Any]) -> str:
    """From a caption, its references, all lists of words, and n to BLEU's p_n of this one caption."""
    caption, references = _CAPTION.split(), [text.split() for text in _REFERENCES]
    for n in (1, 2, 3):
        counts = bleu_counts(caption, references)
        true, every = int(counts[5 + n]), int(counts[1 + n])
        got = run(clipped, caption, references, n)
        name = f"n = {n}: the precision"
        mine, theirs = ngrams(caption, n), [ngrams(reference, n) for reference in references]
        mistakes = {
            "counts a word that stands twice in the caption and once in any reference as two": sum(
                count for gram, count in mine.items() if any(gram in one for one in theirs)
            ),
            "is that of the one best reference; every n-gram has a best reference of its own": max(
                (mine & one).total() for one in theirs
            ),
            "adds the references' counts up; the one that has it most decides": (mine & sum(theirs, Counter())).total(),
            "asks each reference, and takes the mean": sum((mine & one).total() for one in theirs) / len(theirs),
        }
        for mistake, hits in mistakes.items():
            if hits != true and near(got, hits / every):
                raise Refused(f"{name} {mistake}")
        if near(got, true / len(caption)) and n > 1:
            raise Refused(f"{name} is divided by the number of words; fewer {n}-grams stand in them")
        if near(got, true):
            raise Refused(f"{name} is a count; divide by the number of the caption's n-grams")
        expect_number(got, true / every, name)
    return "no n-gram is right more often than some reference says it"


@exercise
def recall(share: Callable[..., Any]) -> str:
    """From scores (Q, N), the right item of each query (Q,) and K to R@K."""
    rng = np.random.default_rng(0)
    scores, right = rng.normal(size=(97, 12)), rng.integers(0, 12, 97)
    scores[np.arange(97), right] += 1  # the right item is high more often than low, so that each mistake shows
    of_each = ranks(scores, right, np.arange(12))
    for K in (3, 1, 12):
        got, expected = run(share, scores, right, K), float((of_each <= K).mean())
        mistakes = {
            "argsort gives the items in their order, and not the place of each item": (
                np.argsort(-scores, axis=1)[np.arange(97), right] < K
            ).mean(),
            "the lowest score was taken for the best": (ranks(-scores, right, np.arange(12)) <= K).mean(),
            "this is R@1 whatever K is": (of_each <= 1).mean(),
            "this counts one place too few": (of_each < K).mean(),
            "this counts one place too many": (of_each <= K + 1).mean(),
            "this is a number of queries; what share of them is it?": float((of_each <= K).sum()),
        }
        for mistake, value in mistakes.items():
            if value != expected and near(got, value):
                raise Refused(f"K = {K}: {mistake}")
        expect_number(got, expected, f"K = {K}: the recall")
    return "the share of queries whose right answer is among the first K"


@exercise
def divide(ratio: Callable[..., Any]) -> str:
    """From log2 P(w|I), (images, S), and log2 P(w|I') of training images, (n, S), to log2 of P(w|I) / P(w)."""
    rng = np.random.default_rng(0)
    for low in (0.0, -5000.0):
        given, others = low - rng.uniform(5, 30, (3, 4)), low - rng.uniform(5, 30, (6, 4))
        with np.errstate(all="ignore"):
            got = run(ratio, given, others)
        where = f"log2 P near {low - 15:g}"
        if near(got, given - others.mean(axis=0)):
            raise Refused(f"{where}: P(w) is the mean of probabilities, not 2 to the mean of their logarithms")
        if near(got, 2 ** (given - log2_mean(others))):
            raise Refused(f"{where}: this is the quotient itself; its log2 is asked for")
        if near(got, given - log2_mean(given)):
            raise Refused(f"{where}: P(w) is the mean over the training images; this one is over those of `given`")
        if near(got, given - log2_mean(others) - np.log2(len(others))):
            raise Refused(f"{where}: this divides by the sum over the training images; P(w) is their mean")
        if near(got, given - log2_mean(others.T)[: len(given), None]):
            raise Refused(f"{where}: the mean runs over the sentences; it has to be over the training images")
        expect_array(got, given - log2_mean(others), f"{where}: the ratio", tolerance=1e-9)
    return "and it holds for sentences whose probability no float can hold"
