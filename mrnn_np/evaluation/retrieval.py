"""The retrieval tasks of the paper (its section 5): which image does a sentence belong to, and which sentence an image?

    sentence -> image       rank the images by      P(w | I)
    image -> sentence       rank the sentences by   P(w | I) / P(w),    P(w) = mean of P(w | I') over training images I'

Without the division, sentences that are likely for any image, short and common ones, win for every image.  For one
sentence P(w) is one number, so in the first direction dividing by it would change nothing.

The rank of a query (an image, say) is the place of the first right item (sentence), 1 at best; R@K is the share of
queries of rank K or better.  Items of equal score have no order of their own, so the rank is the mean over all orders
they could be put in: where b wrong items are better than the best right one, and e wrong and t right ones are equal to
it, the e fall at random into the t + 1 gaps around the right ones, so e / (t + 1) of them come before the first,

    rank = 1 + b + e / (t + 1)

A model that gives all N items one score and has one right answer gets the rank (N + 1) / 2, not 1.
"""

from collections.abc import Sequence

import numpy as np

from mrnn_np.backend import Array

CUTOFFS = (1, 5, 10)


def ranks(scores: Array, query_groups: Array, item_groups: Array) -> Array:
    """The rank of the first right item of each query.

    Parameters
    ----------
    scores : (Q, N) host float, the higher the better; a NaN would count as worse than nothing, so there must be none
    query_groups : (Q,) int
    item_groups : (N,) int; the items right for query q are those whose group is query_groups[q], at least one

    Returns
    -------
    (Q,) float64, from 1; fractions come from ties
    """
    found = np.empty(len(scores))
    for q, (row, group) in enumerate(zip(scores, query_groups, strict=True)):
        right = item_groups == group
        best = row[right].max()
        tied = row == best
        better, tied_right = np.count_nonzero(row > best), np.count_nonzero(tied & right)
        found[q] = 1 + better + (np.count_nonzero(tied) - tied_right) / (tied_right + 1)
    return found


def summary(found: Array) -> dict[str, float]:
    """R@K for each cutoff, from 0 to 1, the median and the mean of the ranks of all queries, and their number."""
    recall = {f"R@{k}": float((found <= k).mean()) for k in CUTOFFS}
    return {**recall, "median rank": float(np.median(found)), "mean rank": float(found.mean()), "queries": len(found)}


def log2_mean(log2_values: Array) -> Array:
    """log2 of the mean over rows, mean_i 2**log2_values[i, j], without leaving log space: (n, S) gives float64 (S,).

    2**-60 for a caption is a number, 2**-1100 for a whole paragraph would be 0.
    """
    values = log2_values.astype(np.float64)
    peak = values.max(axis=0)
    return peak + np.log2(np.exp2(values - peak).mean(axis=0))


def prior_rows(rows: Array, images: int, rng: np.random.Generator) -> Array:
    """Draw the training images that P(w) is averaged over: `images` of `rows`, (n,), in their order, or all of them."""
    return np.sort(rng.choice(rows, min(images, len(rows)), replace=False))


def retrieval_results(log2_given_image: Array, log2_prior: Array, image_of: Array) -> dict[str, dict[str, float]]:
    """How well the right ones are found in both directions.

    Parameters
    ----------
    log2_given_image : (B_I, S) host float, log2 P(sentence | image)
    log2_prior : (S,) host float, log2 P(sentence), from `log2_mean`
    image_of : (S,) int, the row of the image that each sentence is about; every image has at least one

    Returns
    -------
    {direction and score: `summary`}; of an image's own sentences the one that ranks best counts
    """
    images = np.arange(len(log2_given_image))
    return {
        "image -> sentence, P(w|I) / P(w)": summary(ranks(log2_given_image - log2_prior, images, image_of)),
        "image -> sentence, P(w|I)": summary(ranks(log2_given_image, images, image_of)),
        "sentence -> image, P(w|I)": summary(ranks(log2_given_image.T, image_of, images)),
    }


def best(scores: Array, texts: Sequence[str], top: int) -> list[int]:
    """Return the numbers of the `top` highest of `scores`, (N,), best first, each text once; of equals the first."""
    first_of: dict[str, int] = {}
    for i in np.argsort(-scores, kind="stable").tolist():
        first_of.setdefault(texts[i], i)
    return list(first_of.values())[:top]
