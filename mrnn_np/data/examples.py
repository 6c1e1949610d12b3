"""A split turned into numbers: what training and evaluation draw their batches from, and who reads the images."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from mrnn_np.backend import Array, Backend
from mrnn_np.data.batches import Batch, pack
from mrnn_np.data.captions import SplitData
from mrnn_np.data.features import Standardiser
from mrnn_np.data.vocabulary import Vocabulary

ReadImages = Callable[[Array], Array]


@dataclass(frozen=True, eq=False)
class ImageReader:
    """Standardised features by row, read when a batch needs them, so that the file may be larger than memory."""

    values: Array
    """(n, d_I), perhaps memory-mapped"""
    standardiser: Standardiser

    def __call__(self, rows: Array) -> Array:
        """Return the features of those rows, float32 (len(rows), d_I)."""
        return self.standardiser.apply(self.values[rows])


def no_image(rows: Array) -> Array:
    """Return features of width 0, float32 (len(rows), 0): the paper's RNN-Base sees nothing."""
    return np.zeros((len(rows), 0), np.float32)


@dataclass(frozen=True, eq=False)
class Examples:
    """The sentences of a split and the image of each.

    Parameters
    ----------
    sentences : n arrays of word ids, without START and with END
    images : (n,) int, the image of each sentence, as `read_images` numbers them
    read_images : image numbers -> their features (len, d_I)
    """

    sentences: list[Array]
    images: Array
    read_images: ReadImages

    @property
    def words(self) -> int:
        """N, how many words there are to predict, END counted."""
        return sum(len(sentence) for sentence in self.sentences)

    def batch(self, which: Array) -> Batch:
        """Return the packed host batch of those sentences."""
        return pack([self.sentences[i] for i in which], self.images[which], self.read_images)

    def batches(self, order: Array, size: int) -> Iterator[Batch]:
        """Yield packed batches of `size` sentences in that order; the last one may be smaller and is kept."""
        for start in range(0, len(order), size):
            yield self.batch(order[start : start + size])

    def by_length(self) -> Array:
        """Return the order in which sentences of equal length stand together: the fewest time steps."""
        return np.argsort([-len(sentence) for sentence in self.sentences], kind="stable")

    def with_shuffled_images(self, rng: np.random.Generator) -> "Examples":
        """Return the same sentences, all captions of an image moved to another: how much does the image matter?"""
        distinct, which = np.unique(self.images, return_inverse=True)
        return Examples(self.sentences, rng.permutation(distinct)[which], self.read_images)


def encode(split: SplitData, vocabulary: Vocabulary, read_images: ReadImages) -> Examples:
    """Return a split's captions as word ids, in the order of the split."""
    sentences = [vocabulary.encode(caption) for captions in split.captions for caption in captions]
    images = np.repeat(split.feature_rows, [len(captions) for captions in split.captions])
    return Examples(sentences, images, read_images)


def word_counts(examples: Examples, vocabulary: Vocabulary) -> Array:
    """Return how often each word of the vocabulary has to be predicted, int (M,)."""
    return np.bincount(np.concatenate(examples.sentences), minlength=len(vocabulary))


ROWS_AT_A_TIME = 1024
"""Rows that are read and uploaded together, so that the host never holds the table."""


def resident_images(backend: Backend, images: Array, read_images: Callable[[Array], Array]) -> "ResidentImages | None":
    """Return a table on the device of all images in `images`, or None on NumPy and where it does not fit."""
    width = read_images(images[:1]).shape[1]
    if not width or not fits(backend, len(np.unique(images)), width):
        return None
    return ResidentImages(backend, images, read_images)


def fits(backend: Backend, rows: int, width: int) -> bool:
    """Whether a table of `rows` x `width` float32 fits: it may take half of what is free, the rest is for training."""
    if backend.name == "numpy":
        return False
    free: int = backend.xp.cuda.Device().mem_info[0]
    return rows * width * 4 <= free // 2


class ResidentImages:
    """A table of features on the device that stands in for `read_images`.

    `pack` calls it for the features of a batch and gets the rows of the table; once the batch is on the device,
    `gather` puts the features there.

    Parameters
    ----------
    images : the numbers of all images that will be asked for, in any order, repeated or not
    read_images : image numbers -> their features, host float32 (len, d_I)
    """

    def __init__(self, backend: Backend, images: Array, read_images: Callable[[Array], Array]) -> None:
        self.images = np.unique(images)
        width = read_images(self.images[:1]).shape[1]
        self.table = backend.xp.empty((len(self.images), width), np.float32)
        for start in range(0, len(self.images), ROWS_AT_A_TIME):
            rows = slice(start, start + ROWS_AT_A_TIME)
            self.table[rows] = backend.asarray(read_images(self.images[rows]))

    def __call__(self, images: Array) -> Array:
        """Return the rows of the table that hold those images, host int32 (len(images),)."""
        return np.searchsorted(self.images, images).astype(np.int32)

    def gather(self, batch: Batch) -> Batch:
        """Return a batch on the device that holds, for the numbers of table rows, the features in those rows."""
        return replace(batch, features=self.table[batch.features])
