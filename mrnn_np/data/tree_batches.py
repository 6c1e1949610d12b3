"""Packed batches in which the captions of an image share the words they begin with.

    image 1: a dog runs,  a dog sits,  a boat          depth 0   1   2        row   input    to predict
                                                       START--a--dog          0     START    a (3 times)
                                                               `-boat         1     a        boat, dog (twice)
                                                                              2     boat     END
    Eleven words to predict, from six rows.                                   3     dog      runs, sits
                                                                              4     runs     END
                                                                              5     sits     END

What the m-RNN makes of the first words of a sentence about an image does not depend on the words to come, so there is
one row for each distinct (image, beginning), and it has as many targets as there are words that follow.  Rows stand
depth by depth, and those that go on from the same row stand together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.data.prefixes import prefixes_of
from mrnn_np.data.vocabulary import END


@dataclass(frozen=True)
class TreeBatch:
    """One batch of B sentences, N words and B_I distinct images in C rows with E targets; C <= E <= N."""

    ids: Array
    """(C,) int32, the input words, START for the first B_I rows"""
    words: Array
    """(U,) int32, the distinct values of `ids`, ascending"""
    features: Array
    """(B_I, d_I) float, one row per distinct image"""
    image_of: Array
    """(C,) int32, the row of `features` that belongs to each row's image"""
    parents: Array
    """(C,) int32, the row each row goes on from, ascending within a depth; the first B_I rows have themselves"""
    forks: Array
    """(F,) int32, the rows that others go on from, ascending"""
    target_rows: Array
    """(E,) int32, the row of each target, ascending; every row has one or more"""
    targets: Array
    """(E,) int32, words that follow, END last; those of one row are distinct"""
    counts: Array
    """(E,) float32, how many sentences go on so; they add up to N"""
    sizes: tuple[int, ...]
    """T host integers, the number of rows of each depth; they add up to C"""
    fork_sizes: tuple[int, ...]
    """T host integers, how many of the rows of each depth are forks; the last is 0"""
    word_count: int
    """N"""

    def __len__(self) -> int:
        """N, the number of words to predict (END counts)."""
        return self.word_count

    def to(self, asarray: Callable[[Array], Array]) -> "TreeBatch":
        """The same batch with its arrays moved by `asarray`, as `Backend.asarray` does."""
        arrays = ("ids", "words", "features", "image_of", "parents", "forks", "target_rows", "targets", "counts")
        return replace(self, **{name: asarray(getattr(self, name)) for name in arrays})


def pack_tree(sentences: Sequence[Array], images: Sequence[int], read_images: Callable[[Array], Array]) -> TreeBatch:
    """Pack sentences into one batch whose sentences share their beginnings; arguments as those of `batches.pack`."""
    distinct_images, image_of_sentence = np.unique(images, return_inverse=True)
    tree = prefixes_of(sentences, image_of_sentence)
    B_I = len(distinct_images)
    goes_on = tree.words != END
    rows = np.flatnonzero(goes_on)
    row_of = (np.cumsum(goes_on) - 1).astype(np.int32)
    ids, parents = tree.words[rows], row_of[tree.parents[rows]]
    forks = np.unique(parents[B_I:])
    # Every sentence has ended at the last depth of the tree, which has no rows.
    sizes = np.diff(np.searchsorted(rows, tree.starts[:-1]))
    fork_sizes = np.diff(np.searchsorted(forks, np.cumsum([0, *sizes])))
    return TreeBatch(
        ids=ids,
        words=np.unique(ids),
        features=read_images(distinct_images),
        image_of=tree.groups[rows],
        parents=parents,
        forks=forks,
        target_rows=row_of[tree.parents[B_I:]],
        targets=tree.words[B_I:],
        counts=tree.counts[B_I:].astype(np.float32),
        sizes=tuple(sizes.tolist()),
        fork_sizes=tuple(fork_sizes.tolist()),
        word_count=sum(len(sentence) for sentence in sentences),
    )
