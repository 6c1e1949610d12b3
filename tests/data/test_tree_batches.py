"""Trees of beginnings: the one in the module's picture, and random ones against a dictionary of all beginnings."""

from collections import Counter

import numpy as np
import pytest

from mrnn_np.data.prefixes import prefixes_of
from mrnn_np.data.tree_batches import pack_tree
from mrnn_np.data.vocabulary import END, START

A, BOAT, DOG, RUNS, SITS = range(3, 8)
FEATURES = np.arange(20.0).reshape(10, 2)


def sentences_of(*texts):
    return [np.array([*text, END], np.int32) for text in texts]


def test_the_picture():
    asked = []
    sentences = sentences_of([A, DOG, RUNS], [A, DOG, SITS], [A, BOAT])
    batch = pack_tree(sentences, [4, 4, 4], lambda images: asked.append(images.tolist()) or FEATURES[images])
    assert asked == [[4]]
    assert batch.features.tolist() == [[8, 9]]
    assert batch.ids.tolist() == [START, A, BOAT, DOG, RUNS, SITS]
    assert batch.words.tolist() == [START, A, BOAT, DOG, RUNS, SITS]
    assert batch.parents.tolist() == [0, 0, 1, 1, 3, 3]
    assert batch.forks.tolist() == [0, 1, 3]
    assert (batch.sizes, batch.fork_sizes) == ((1, 1, 2, 2), (1, 1, 1, 0))
    targets = zip(batch.target_rows.tolist(), batch.targets.tolist(), batch.counts.tolist(), strict=True)
    assert list(targets) == [
        (0, A, 3),
        (1, BOAT, 1),
        (1, DOG, 2),
        (2, END, 1),
        (3, RUNS, 1),
        (3, SITS, 1),
        (4, END, 1),
        (5, END, 1),
    ]
    assert len(batch) == sum(map(len, sentences)) == 11


@pytest.mark.parametrize("seed", range(20))
def test_rows_are_the_distinct_beginnings_and_targets_what_follows_them(seed):
    rng = np.random.default_rng(seed)
    sentences = sentences_of(*(rng.integers(3, 6, rng.integers(0, 6)) for _ in range(rng.integers(1, 40))))
    images = rng.integers(0, 1 + seed % 4, len(sentences))
    batch = pack_tree(sentences, images, FEATURES.__getitem__)
    expected = Counter(
        (image, tuple(s[:n].tolist()), int(s[n]))
        for image, s in zip(images.tolist(), sentences, strict=True)
        for n in range(len(s))
    )
    distinct = np.unique(images)
    assert batch.features.tolist() == FEATURES[distinct].tolist()
    beginnings = []
    for row, (parent, word, image) in enumerate(zip(batch.parents, batch.ids, batch.image_of, strict=True)):
        assert image == batch.image_of[parent]
        beginnings.append(() if word == START else (*beginnings[parent], int(word)))
        assert (parent == row) == (word == START) == (row < batch.sizes[0])
    found = Counter()
    for row, word, count in zip(batch.target_rows, batch.targets, batch.counts, strict=True):
        found[int(distinct[batch.image_of[row]]), beginnings[row], int(word)] = int(count)
    assert found == expected
    assert len(set(zip(batch.image_of, beginnings, strict=True))) == len(beginnings) == sum(batch.sizes)
    depths = np.repeat(np.arange(len(batch.sizes)), batch.sizes)
    assert [len(beginning) for beginning in beginnings] == depths.tolist()
    assert np.bincount(depths[batch.forks], minlength=len(batch.sizes)).tolist() == list(batch.fork_sizes)
    assert batch.forks.tolist() == sorted(set(batch.parents[batch.sizes[0] :]))
    assert np.unique(batch.target_rows).tolist() == list(range(len(batch.ids)))
    assert (np.diff(batch.target_rows) >= 0).all()
    assert (np.diff(batch.parents[batch.sizes[0] :]) >= 0).all()


def test_dtypes_are_those_of_a_gpu():
    batch = pack_tree(sentences_of([A, DOG], []), [0, 1], FEATURES.__getitem__)
    integers = (batch.ids, batch.words, batch.image_of, batch.parents, batch.forks, batch.target_rows, batch.targets)
    assert {array.dtype for array in integers} == {np.dtype(np.int32)}
    assert batch.counts.dtype == np.float32


def test_arrays_move_and_sizes_stay():
    batch = pack_tree(sentences_of([A, DOG], []), [0, 1], FEATURES.__getitem__)
    moved = batch.to(lambda array: ("moved", array))
    for name, value in vars(batch).items():
        is_array = isinstance(value, np.ndarray)
        assert getattr(moved, name) == ("moved", value) if is_array else getattr(moved, name) is value


def test_ends_and_counts_of_prefixes():
    nodes = prefixes_of(sentences_of([A], [A], [], [A]), np.array([0, 1, 0, 0]))
    assert nodes.words.tolist() == [START, START, END, A, A, END, END]
    assert nodes.parents.tolist() == [0, 1, 0, 0, 1, 3, 4]
    assert nodes.groups.tolist() == [0, 1, 0, 0, 1, 0, 1]
    assert nodes.counts.tolist() == [3, 1, 1, 2, 1, 2, 1]
    assert nodes.starts == (0, 2, 5, 7)
    assert nodes.ends.tolist() == [5, 6, 2, 5]
