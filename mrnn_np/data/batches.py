"""Packed batches: sentences of different lengths with no padding and no mask.

Sort the batch's sentences by descending length and read them column by column: the input words are ::

    time step t    1      2    3      4    5
    sentence 0     START  a    brown  dog  runs       to predict: a    brown  dog  runs  END
    sentence 1     START  two  men    run             to predict: two  men    run  END
    sentence 2     START  a    boat                   to predict: a    boat   END
    sizes[t]       3      3    3      2    1

Time step t owns `sizes[t]` consecutive rows, and row j of each step always belongs to sentence j.  No row is wasted,
the recurrence reads as its equation, and every other layer is one large matrix product over all N words.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mrnn_np.backend import Array, get_xp
from mrnn_np.backend.kernels import starts_of
from mrnn_np.data.vocabulary import START


class Sizes(tuple[int, ...]):
    """How many sentences have a word number t: T host integers that never grow and add up to N.

    `starts`, of a batch that was moved, is where the rows of each time step begin, and N: int32 (T + 1,) on the device,
    for kernels that go through all time steps by themselves.
    """

    starts: Array | None = None

    def to(self, asarray: Callable[[Array], Array]) -> "Sizes":
        """The same with `starts` moved by `asarray`."""
        moved = Sizes(self)
        moved.starts = asarray(starts_of(self))
        return moved

    def behind_one_more_step(self) -> "Sizes":
        """The same, behind a time step of all sentences."""
        more = Sizes((self[0], *self))
        if self.starts is not None:
            more.starts = get_xp(self.starts).zeros(len(more) + 1, np.int32)
            more.starts[1:] = self.starts + self[0]
        return more


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
    sizes: Sizes
    """T host integers, the number of sentences that have a word number t; they add up to N"""
    order: tuple[int, ...]
    """B host integers, the given sentence that stands at each place of the packed order"""

    def __len__(self) -> int:
        """N, the number of words to predict (END counts)."""
        return sum(self.sizes)

    def to(self, asarray: Callable[[Array], Array]) -> "Batch":
        """The same batch with its arrays moved by `asarray`, as `Backend.asarray` does."""
        arrays = ("ids", "targets", "words", "features", "image_of")
        moved = {name: asarray(getattr(self, name)) for name in arrays}
        return replace(self, **moved, sizes=self.sizes.to(asarray))


def pack(sentences: Sequence[Array], images: Sequence[int], read_images: Callable[[Array], Array]) -> Batch:
    """Pack sentences into one batch.

    Parameters
    ----------
    sentences : B sequences of word ids, without START and with END; none is empty
    images : B integers, the number of each sentence's image
    read_images : image numbers -> their features (len, d_I); called once, with each image of the batch once

    Returns
    -------
    A batch of host arrays; sentences of equal length keep the order they were given in.
    """
    lengths = np.array([len(s) for s in sentences])
    order = np.argsort(-lengths, kind="stable")
    lengths = lengths[order]
    distinct_images, image_of_sentence = np.unique(np.asarray(images)[order], return_inverse=True)
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
        features=read_images(distinct_images),
        image_of=np.broadcast_to(image_of_sentence.astype(np.int32), alive.shape)[alive],
        sizes=Sizes(int(n) for n in alive.sum(axis=1)),
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
