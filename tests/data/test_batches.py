"""Packing: the staircase, its order, and that nothing is lost or made up."""

import numpy as np
import pytest

from mrnn_np.data.batches import Sizes, pack, unpack
from mrnn_np.data.vocabulary import END, START

A, BROWN, DOG, RUNS, TWO, MEN, BOAT = range(3, 10)
SENTENCES = [np.array(s, np.int32) for s in ([TWO, MEN, END], [A, BROWN, DOG, RUNS, END], [A, BOAT, END], [END])]
FEATURES = np.arange(12.0).reshape(6, 2)


def test_the_staircase():
    batch = pack(SENTENCES, [4, 1, 4, 0], FEATURES.__getitem__)
    assert batch.order == (1, 0, 2, 3)
    assert batch.sizes == (4, 3, 3, 1, 1)
    assert batch.ids.tolist() == [START] * 4 + [A, TWO, A, BROWN, MEN, BOAT, DOG, RUNS]
    assert batch.targets.tolist() == [A, TWO, A, END, BROWN, MEN, BOAT, DOG, END, END, RUNS, END]
    assert batch.words.tolist() == [START, A, BROWN, DOG, RUNS, TWO, MEN, BOAT]
    assert len(batch) == 12


def test_each_image_is_read_once():
    asked = []
    batch = pack(SENTENCES, [4, 1, 4, 0], lambda rows: asked.extend(rows) or FEATURES[rows])
    assert asked == [0, 1, 4]
    assert batch.features.tolist() == FEATURES[[0, 1, 4]].tolist()
    image_of_sentence = [1, 2, 2, 0]  # in packed order: sentences 1, 0, 2, 3 show images 1, 4, 4, 0
    assert batch.image_of.tolist() == [image_of_sentence[j] for size in batch.sizes for j in range(size)]


@pytest.mark.parametrize("seed", range(5))
def test_unpack_undoes_pack(seed):
    rng = np.random.default_rng(seed)
    sentences = [np.append(rng.integers(3, 50, rng.integers(0, 9)), END) for _ in range(rng.integers(1, 12))]
    batch = pack(sentences, [0] * len(sentences), FEATURES.__getitem__)
    assert [s.tolist() for s in unpack(batch.targets, batch)] == [s.tolist() for s in sentences]
    for given, inputs in zip(sentences, unpack(batch.ids, batch), strict=True):
        assert inputs.tolist() == [START, *given[:-1]]
    assert sum(batch.sizes) == len(batch.ids) == sum(map(len, sentences))
    assert list(batch.sizes) == sorted(batch.sizes, reverse=True)


def test_arrays_move_and_sizes_stay():
    batch = pack(SENTENCES, [4, 1, 4, 0], FEATURES.__getitem__)
    moved = batch.to(lambda array: ("moved", array))
    assert moved.ids == ("moved", batch.ids)
    assert moved.features == ("moved", batch.features)
    assert moved.sizes == batch.sizes
    what, starts = moved.sizes.starts
    assert (what, starts.tolist()) == ("moved", [0, 4, 7, 10, 11, 12])
    assert moved.order is batch.order


def test_sizes_behind_one_more_step():
    sizes = Sizes((3, 2)).to(np.asarray).behind_one_more_step()
    assert sizes == (3, 3, 2)
    assert sizes.starts.tolist() == [0, 3, 6, 8]
    assert sizes.starts.dtype == np.int32
    assert Sizes((3, 2)).behind_one_more_step().starts is None
