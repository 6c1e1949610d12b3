"""Packed batches: sentences of different lengths with no padding and no mask.

Sort the batch's sentences by descending length and write the words column by column::

    START a    brown dog  runs  END        time step   1  2  3  4  5
    START two  men   run  END              sizes       3  3  3  3  2   (what is predicted: a, brown, ... END)
    START a    boat  END

Time step t owns `sizes[t]` consecutive rows, and row j of each step always belongs to sentence j.  No row is wasted, the
recurrence reads as its equation, and every other layer is one large matrix product over all N words.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.data.vocabulary import START


@dataclass(frozen=True)
class Batch:
    """One packed batch of B sentences, N words and B_I distinct images; U distinct input words."""

    ids: Array
    """(N,) int32, the input words, START first"""
    targets: Array
    """(N,) int32, the word that follows each, END last"""
    words: Array
    """(U,) int32, the distinct values of `ids`, ascending"""
    features: Array
    """(B_I, d_I) float, one row per distinct image"""
    image_of: Array
    """(N,) int32, the row of `features` that belongs to each word's image"""
    sizes: tuple[int, ...]
    """T host integers, the number of sentences that have a word number t; they add up to N"""
    order: tuple[int, ...]
    """B host integers, the given sentence that stands at each place of the packed order"""

    def __len__(self) -> int:
        """N, the number of words to predict (END counts)."""
        return sum(self.sizes)

    def to(self, asarray: Callable[[Array], Array]) -> "Batch":
        """The same batch with its arrays moved by `asarray`, as `Backend.asarray` does."""
        return Batch(
            *(asarray(a) for a in (self.ids, self.targets, self.words, self.features, self.image_of)),
            self.sizes,
            self.order,
        )


def pack(sentences: Sequence[Array], image_rows: Sequence[int], features: Array) -> Batch:
    """Pack sentences into one batch.

    Parameters
    ----------
    sentences : B sequences of word ids, without START and with END; none is empty
    image_rows : B integers, the row of `features` that belongs to each sentence
    features : (n, d_I), the features of all images; only the rows in use are gathered, each once

    Returns
    -------
    A batch of host arrays; sentences of equal length keep the order they were given in.
    """
    lengths = np.array([len(s) for s in sentences])
    order = np.argsort(-lengths, kind="stable")
    lengths = lengths[order]
    distinct_images, image_of_sentence = np.unique(np.asarray(image_rows)[order], return_inverse=True)
    # alive[t, j]: sentence j has a word number t; row-major order over it is exactly the packed order.
    alive = np.arange(lengths[0])[:, None] < lengths
    table = np.zeros(alive.shape, np.int32)
    for j, sentence in enumerate(order):
        table[: lengths[j], j] = sentences[sentence]
    starts = np.full((1, len(sentences)), START, np.int32)
    ids = np.concatenate([starts, table[:-1]])[alive]
    return Batch(
        ids=ids,
        targets=table[alive],
        words=np.unique(ids),
        features=features[distinct_images],
        image_of=np.broadcast_to(image_of_sentence.astype(np.int32), alive.shape)[alive],
        sizes=tuple(int(n) for n in alive.sum(axis=1)),
        order=tuple(int(i) for i in order),
    )


def unpack(values: Array, batch: Batch) -> list[Array]:
    """Undo `pack` for one host value per word: a list with an array per sentence, in the order they were given in."""
    table = np.zeros((len(batch.sizes), batch.sizes[0]), values.dtype)
    sizes = np.array(batch.sizes)
    alive = np.arange(batch.sizes[0]) < sizes[:, None]
    table[alive] = values
    lengths = alive.sum(axis=0)
    sentences: list[Array] = [None] * batch.sizes[0]
    for j, sentence in enumerate(batch.order):
        sentences[sentence] = table[: lengths[j], j]
    return sentences


def chunks(order: Array, size: int) -> Iterator[Array]:
    """Consecutive pieces of `order` of `size` items each; the last one may be smaller and is kept."""
    for start in range(0, len(order), size):
        yield order[start : start + size]
