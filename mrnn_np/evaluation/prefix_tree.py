"""Sentences as a tree: those that begin alike share the nodes of their beginning.

    "a dog runs", "a dog sits", "two dogs"          node 0: (nothing yet)
                                                    depth 1: a, two
                                                    depth 2: a dog, two dogs
                                                    depth 3: a dog runs, a dog sits, two dogs END
                                                    depth 4: a dog runs END, a dog sits END

What the m-RNN makes of the first words of a sentence does not depend on the words to come, so everything it computes
belongs to a node, and what sentences share is computed once.  The 5,000 captions of Flickr8k's dev split hold 59,636
words but have only 40,591 distinct beginnings.
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
    base = 1 + max(int(sentence.max()) for sentence in sentences)
    words, parents, starts = [np.array([START])], [np.array([0])], [0, 1]
    reached = np.zeros(len(sentences), np.int64)  # the node each sentence has come to
    for t in range(lengths.max()):
        longer = np.flatnonzero(lengths > t)
        next_words = np.array([sentences[s][t] for s in longer.tolist()])
        # One number for each pair (parent, word); ascending, so that the children of a node stand together.
        pairs, which = np.unique(reached[longer] * base + next_words, return_inverse=True)
        reached[longer] = starts[-1] + which
        parents.append(pairs // base)
        words.append(pairs % base)
        starts.append(starts[-1] + len(pairs))
    all_words, all_parents = np.concatenate(words).astype(np.int32), np.concatenate(parents)
    contexts = np.flatnonzero(all_words != END)
    first_children = np.searchsorted(all_parents[1:], contexts) + 1
    return PrefixTree(
        words=all_words,
        parents=all_parents,
        starts=tuple(starts),
        ends=reached,
        contexts=contexts,
        context_of=np.searchsorted(contexts, all_parents),
        first_children=np.append(first_children, len(all_words)),
    )
