"""BLEU-N, of a whole corpus and against the reference of the closest length, as the COCO toolkit computes it.

    p_n    = sum_images sum_g min(c(g), max_references ref(g)) / sum_images sum_g c(g)       g: n-grams of n words
    BLEU-N = BP (p_1 p_2 ... p_N)^(1/N),      BP = exp(1 - r/c) where c < r, else 1

c(g) is how often g stands in an image's caption, ref(g) in one of its references.  c is the length of all captions
together, and r that of the references, each image's the one whose length is closest to its caption's, the shorter of
two that are equally close.

The toolkit adds 1e-15 to the numerator and 1e-9 to the denominator of every fraction.  That is nothing for a corpus,
but a corpus without a single true n-gram, and often a single image, has a BLEU a little above 0 in place of 0.

K. Papineni, S. Roukos, T. Ward, W.-J. Zhu: BLEU: a method for automatic evaluation of machine translation, ACL 2002.
"""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mrnn_np.evaluation.sentences import LONGEST, NGram, Sentence, check_corpus, ngrams

_TINY, _SMALL = 1e-15, 1e-9


def bleu(captions: Sequence[Sentence], references: Sequence[Sequence[Sentence]]) -> tuple[float, ...]:
    """Return BLEU-1, -2, -3 and -4 of a corpus, each from 0 to 1.

    Parameters
    ----------
    captions : one per image
    references : of each image, one or more

    Raises
    ------
    UserError : as `check_corpus` does
    """
    check_corpus(captions, references)
    counts = [bleu_counts(caption, of_image) for caption, of_image in zip(captions, references, strict=True)]
    return bleu_of_counts(np.sum(counts, axis=0))


def bleu_counts(caption: Sentence, references: Sequence[Sentence]) -> npt.NDArray[np.int64]:
    """Return what one image adds to a corpus, int64 (10,): c, r, the n-grams of 1 to 4 words, and the true of them."""
    c = len(caption)
    r = min((abs(len(reference) - c), len(reference)) for reference in references)[1]
    true = []
    for n in range(1, LONGEST + 1):
        most: Counter[NGram] = Counter()
        for reference in references:
            most |= ngrams(reference, n)
        true.append((ngrams(caption, n) & most).total())
    return np.array([c, r, *(max(0, c - n + 1) for n in range(1, LONGEST + 1)), *true])


def bleu_of_counts(counts: npt.NDArray[np.int64]) -> tuple[float, ...]:
    """Return BLEU-1..4 of the sum of `bleu_counts` over images; of one image's counts, that image's BLEU."""
    (c, r), every, true = counts[:2].tolist(), counts[2 : 2 + LONGEST], counts[2 + LONGEST :]
    products = np.cumprod((true + _TINY) / (every + _SMALL))
    ratio = (c + _TINY) / (r + _SMALL)
    brevity_penalty = math.exp(min(0.0, 1 - 1 / ratio))
    return tuple(float(brevity_penalty * product ** (1 / n)) for n, product in enumerate(products, 1))
