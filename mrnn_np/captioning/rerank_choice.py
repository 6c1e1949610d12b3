"""Which k and m?  Rerank a validation split with each pair, and see how good the captions become."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.evaluation.bleu import bleu_counts, bleu_of_counts
from mrnn_np.evaluation.cider import Idf, cider_d
from mrnn_np.evaluation.sentences import Sentence

K_TRIED = (5, 10, 20, 30, 60, 100)
M_TRIED = (10, 25, 50, 75, 125, 175, 250)


@dataclass(frozen=True)
class Trial:
    """What reranking with one k and m comes to, on the whole split."""

    k: int
    m: int
    cider: float
    bleu_4: float


def try_each(
    similarities: Sequence[Sequence[Array]],
    sentences: Sequence[Sequence[Sentence]],
    references: Sequence[Sequence[Sentence]],
    idf: Idf,
    ks: Sequence[int] = K_TRIED,
    ms: Sequence[int] = M_TRIED,
) -> list[Trial]:
    """Return a trial for each k of `ks` and m of `ms` that k neighbours have captions for, in that order.

    Parameters
    ----------
    similarities : of each image, from `Consensus.similarities` with k = max(ks)
    sentences : of each image, its hypotheses
    references : of each image
    idf : for the CIDEr-D that is the result; that of the similarity is of the training captions
    """
    counts = [[bleu_counts(h, r) for h in of_image] for of_image, r in zip(sentences, references, strict=True)]
    ciders = [cider_d(of_image, [r] * len(of_image), idf) for of_image, r in zip(sentences, references, strict=True)]
    trials = []
    for k in ks:
        near = [np.concatenate(of_image[:k], axis=1) for of_image in similarities]
        # One more m-th largest added each column: column m - 1 is m times the score.
        sums = [np.cumsum(np.sort(of_image, axis=1)[:, ::-1], axis=1) for of_image in near]
        most = max(of_image.shape[1] for of_image in sums)
        for m in (m for m in ms if m <= most):
            taken = [int(np.argmax(of_image[:, min(m, of_image.shape[1]) - 1])) for of_image in sums]
            cider = float(np.mean([of_image[i] for of_image, i in zip(ciders, taken, strict=True)]))
            all_counts = np.sum([of_image[i] for of_image, i in zip(counts, taken, strict=True)], axis=0)
            trials.append(Trial(k, m, cider, bleu_of_counts(all_counts)[3]))
    return trials


def best_trial(trials: Sequence[Trial]) -> Trial:
    """Return the trial with the highest CIDEr-D, the first of equal ones."""
    return max(trials, key=lambda trial: trial.cider)


def trial_lines(trials: Sequence[Trial]) -> Iterator[str]:
    """Yield a table of trials, a line each, and which of them is the best."""
    yield "   k     m   CIDEr-D    BLEU-4"
    for trial in trials:
        yield f"{trial.k:4}  {trial.m:4}{trial.cider:10.4f}{trial.bleu_4:10.4f}"
    best = best_trial(trials)
    yield f"the highest CIDEr-D: --k {best.k} --m {best.m}"
