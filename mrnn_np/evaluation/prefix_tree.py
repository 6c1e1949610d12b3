"""Sentences as a tree: those that begin alike share the nodes of their beginning.

    "a dog runs", "a dog sits", "two dogs"          node 0: (nothing yet)
                                                    depth 1: a, two
                                                    depth 2: a dog, two dogs
                                                    depth 3: a dog runs, a dog sits, two dogs END
                                                    depth 4: a dog runs END, a dog sits END

What the m-RNN makes of the first words of a sentence does not depend on the words to come, so everything it computes
belongs to a node, and what sentences share is computed once.  The 5,000 captions of Flickr8k's dev split hold 59,636
words but have only 40,591 distinct beginnings.

They are found by putting the sentences in the order of a dictionary.  Those that begin alike then stand together, so a
beginning is new exactly where a sentence differs from the one above in this word or an earlier one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.data.vocabulary import END, START


@dataclass(frozen=True, eq=False)
class PrefixTree:
    """The n distinct beginnings of S sentences, shortest first; the C of them that go on are called contexts.

    Contexts are numbered in the order of their nodes, and the nodes that follow one context stand together, in the
    order of the contexts.  So the nodes that follow any run of contexts are a run of nodes.
    """

    words: Array
    """(n,) int32, the last word of each node; START for node 0, which is empty"""
    parents: Array
    """(n,) int64, the node without its last word; node 0 has itself"""
    starts: tuple[int, ...]
    """host integers; the nodes of t words are starts[t] to starts[t + 1]"""
    ends: Array
    """(S,) int64, the node of each whole sentence; equal sentences have the same"""
    contexts: Array
    """(C,) int64, the nodes that do not end in END"""
    context_of: Array
    """(n,) int64, the number of the context that is the parent of each node"""
    first_children: Array
    """(C + 1,) int64, the nodes that follow context c are first_children[c] to first_children[c + 1]"""


def prefix_tree(sentences: Sequence[Array]) -> PrefixTree:
    """Return the tree of `sentences`, at least one, arrays of word ids that end in END and nowhere else hold it."""
    lengths = np.array([len(sentence) for sentence in sentences])
    # A column for each sentence, below START; alive are the places that hold a word.
    alive = np.arange(lengths.max() + 1)[:, None] <= lengths
    table = np.full(alive.shape, START, np.int32)
    table[1:].T[alive[1:].T] = np.concatenate(sentences)
    order = np.lexsort(table[::-1])
    table, alive = table[:, order], alive[:, order]
    new = alive.copy()
    new[:, 1:] &= np.logical_or.accumulate(table[:, 1:] != table[:, :-1], axis=0)
    node = (np.cumsum(new) - 1).reshape(new.shape)
    words, parents = table[new], np.append(0, node[:-1][new[1:]])
    ends = np.empty(len(sentences), np.int64)
    ends[order] = node[lengths[order], np.arange(len(sentences))]
    contexts = np.flatnonzero(words != END)
    return PrefixTree(
        words=words,
        parents=parents,
        starts=(0, *np.cumsum(new.sum(axis=1)).tolist()),
        ends=ends,
        contexts=contexts,
        context_of=np.searchsorted(contexts, parents),
        first_children=np.append(np.searchsorted(parents[1:], contexts) + 1, len(words)),
    )
