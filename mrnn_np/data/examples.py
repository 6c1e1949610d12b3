"""A split turned into numbers: what training and evaluation draw their batches from."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from mrnn_np.backend import Array
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
