"""The clipped n-gram F1 of two sentences, averaged over n = 1..4: what m-RNN's reranking calls "BLEU".

    F1_n = 2 sum_g min(a(g), b(g)) / (sum_g a(g) + sum_g b(g))        over n-grams g of n words; the mean over n

It is not BLEU: an arithmetic mean, symmetric, and without a brevity penalty.  Where either sentence has fewer than 4
words it is 0, as in the authors' own.
"""

from collections import Counter
from dataclasses import dataclass

from mrnn_np.evaluation.sentences import LONGEST, NGram, Sentence, ngrams


@dataclass(frozen=True)
class Counted:
    """A sentence as its n-grams' counts, for n = 1..4, and its number of words."""

    counts: tuple[Counter[NGram], ...]
    length: int


def count_ngrams(sentence: Sentence) -> Counted:
    """Return the counts of a sentence's n-grams."""
    return Counted(tuple(ngrams(sentence, n) for n in range(1, LONGEST + 1)), len(sentence))


def ngram_f1(a: Counted, b: Counted) -> float:
    """Return the mean F1 of two sentences, from 0 to 1."""
    if min(a.length, b.length) < LONGEST:
        return 0.0
    total = 0.0
    for n, (of_a, of_b) in enumerate(zip(a.counts, b.counts, strict=True), 1):
        common = sum(min(times, of_b[gram]) for gram, times in of_a.items() if gram in of_b)
        total += 2 * common / (a.length + b.length - 2 * (n - 1))
    return total / LONGEST
