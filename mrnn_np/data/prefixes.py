"""The distinct beginnings of sentences, found by putting the sentences in the order of a dictionary.

Those that begin alike then stand together, so a beginning is new exactly where a sentence differs from the one above in
this word or an earlier one.  The places marked * are the nodes of a tree; they are numbered level by level, each from
the top down ::

    level    0           1      2        3        4
             image 1 *   a *    boat *   END *
             image 1     a      dog *    runs *   END *
             image 1     a      dog      sits *   END *
             image 2 *   a *    dog *    END *
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.data.vocabulary import START


@dataclass(frozen=True, eq=False)
class Prefixes:
    """The n distinct beginnings of S sentences of G groups, shortest first: nodes 0 to G - 1 are empty ones, the roots.

    Nodes that follow the same one stand together, in the order of what they follow.
    """

    words: Array
    """(n,) int32, the last word of each node; START for the roots"""
    parents: Array
    """(n,) int64, the node without its last word; a root has itself"""
    groups: Array
    """(n,) int32, the group of the sentences that begin so"""
    counts: Array
    """(n,) int64, how many sentences begin so"""
    starts: tuple[int, ...]
    """host integers; the nodes of t words are starts[t] to starts[t + 1]"""
    ends: Array
    """(S,) int64, the node of each whole sentence; equal sentences of a group have the same"""


def prefixes_of(sentences: Sequence[Array], groups: Array) -> Prefixes:
    """Return the distinct beginnings of `sentences`, at least one, where only those of one group share any.

    Parameters
    ----------
    sentences : S arrays of word ids that end in END and nowhere else hold it
    groups : (S,) int, 0 to G - 1, each of them at least once
    """
    lengths = np.array([len(sentence) for sentence in sentences])
    alive = np.arange(lengths.max() + 1)[:, None] <= lengths
    table = np.zeros(alive.shape, np.int32)
    table[0] = groups
    table[1:].T[alive[1:].T] = np.concatenate(sentences)
    order = np.lexsort(table[::-1])
    table, alive = table[:, order], alive[:, order]
    new = alive.copy()
    new[:, 1:] &= np.logical_or.accumulate(table[:, 1:] != table[:, :-1], axis=0)
    node = (np.cumsum(new) - 1).reshape(new.shape)
    sizes = new.sum(axis=1)
    words = table[new]
    words[: sizes[0]] = START
    ends = np.empty(len(sentences), np.int64)
    ends[order] = node[lengths[order], np.arange(len(sentences))]
    return Prefixes(
        words=words,
        parents=np.concatenate([np.arange(sizes[0]), node[:-1][new[1:]]]),
        groups=np.broadcast_to(table[0], new.shape)[new],
        counts=np.bincount(node[alive]),
        starts=(0, *np.cumsum(sizes).tolist()),
        ends=ends,
    )
