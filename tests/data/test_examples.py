"""Splits turned into numbers, and the batches drawn from them."""

import numpy as np

from mrnn_np.data.captions import SplitData
from mrnn_np.data.examples import ImageReader, encode, no_image, word_counts
from mrnn_np.data.features import Standardiser
from mrnn_np.data.vocabulary import END, SPECIAL, UNK, Vocabulary

VOCABULARY = Vocabulary((*SPECIAL, "a", "dog", "runs"))
SPLIT = SplitData(
    ("x.jpg", "y.jpg"), np.array([7, 2]), ((("a", "dog"), ("dog", "runs", "fast")), (("a",), ("a", "dog", "runs")))
)
VALUES = np.arange(20, dtype=np.float16).reshape(10, 2)
READER = ImageReader(VALUES, Standardiser(np.array([1, 2], np.float32), np.array([2, 4], np.float32)))


def test_encode():
    examples = encode(SPLIT, VOCABULARY, READER)
    assert [s.tolist() for s in examples.sentences] == [[3, 4, END], [4, 5, UNK, END], [3, END], [3, 4, 5, END]]
    assert examples.images.tolist() == [7, 7, 2, 2]
    assert examples.words == 13
    assert word_counts(examples, VOCABULARY).tolist() == [0, 4, 1, 3, 3, 2]


def test_batches_cover_everything_once_and_keep_the_last_partial_one():
    examples = encode(SPLIT, VOCABULARY, READER)
    batches = list(examples.batches(np.array([2, 0, 3, 1]), 3))
    assert [batch.sizes[0] for batch in batches] == [3, 1]
    assert sum(map(len, batches)) == examples.words


def test_features_are_standardised_when_read():
    examples = encode(SPLIT, VOCABULARY, READER)
    batch = examples.batch(np.array([0, 3]))
    assert batch.features.dtype == np.float32
    assert batch.features.tolist() == [[(4 - 1) / 2, (5 - 2) / 4], [(14 - 1) / 2, (15 - 2) / 4]]


def test_no_image_has_width_0():
    features = encode(SPLIT, VOCABULARY, no_image).batch(np.arange(4)).features
    assert (features.shape, features.dtype) == ((2, 0), np.float32)


def test_by_length_is_descending():
    examples = encode(SPLIT, VOCABULARY, READER)
    assert examples.by_length().tolist() == [1, 3, 0, 2]


def test_shuffled_images_move_all_captions_of_an_image_together():
    examples = encode(SPLIT, VOCABULARY, READER)
    for seed in range(4):
        shuffled = examples.with_shuffled_images(np.random.default_rng(seed)).images.tolist()
        assert shuffled in ([7, 7, 2, 2], [2, 2, 7, 7])
