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
from mrnn_np.data.prefixes import prefixes_of
from mrnn_np.data.vocabulary import END


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
    nodes = prefixes_of(sentences, np.zeros(len(sentences), np.int32))
    contexts = np.flatnonzero(nodes.words != END)
    first_children = np.searchsorted(nodes.parents[1:], contexts) + 1
    return PrefixTree(
        words=nodes.words,
        parents=nodes.parents,
        starts=nodes.starts,
        ends=nodes.ends,
        contexts=contexts,
        context_of=np.searchsorted(contexts, nodes.parents),
        first_children=np.append(first_children, len(nodes.words)),
    )
