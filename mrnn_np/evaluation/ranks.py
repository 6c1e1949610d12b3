"""How high does the right answer stand?  Ranks, recall at K, median and mean rank, with ties and several right answers.

A query (an image, say) orders all items (sentences) by score, best first.  Its rank is the place of the first item that
is right, 1 at best.  R@K is the share of queries of rank K or better.

Items of equal score have no order of their own.  The rank here is the mean over all orders they could be put in: where
b wrong items are better than the best right one, and e wrong and t right ones are equal to it, e wrong items fall at
random into the t + 1 gaps around the right ones, so e / (t + 1) of them come before the first,

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


def summary(found: Array, cutoffs: Sequence[int] = CUTOFFS) -> dict[str, float]:
    """R@K for each cutoff, from 0 to 1, the median and the mean of the ranks of all queries, and their number."""
    recall = {f"R@{k}": float((found <= k).mean()) for k in cutoffs}
    return {**recall, "median rank": float(np.median(found)), "mean rank": float(found.mean()), "queries": len(found)}
