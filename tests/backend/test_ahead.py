"""Uploads ahead of their use: the right data at the right time, on the double's late streams and on a GPU."""

import inspect
from types import ModuleType

import numpy as np
import pytest

from mrnn_np.backend import ahead, choose_backend
from mrnn_np.backend.ahead import moved_ahead
from mrnn_np.data.batches import Batch, pack
from mrnn_np.data.examples import ROWS_AT_A_TIME, ResidentImages, fits, resident_images
from mrnn_np.data.vocabulary import END

FEATURES = np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32)
FIELDS = ("ids", "targets", "words", "features", "image_of")


def batches(count=7, read_images=FEATURES.__getitem__):
    """Batches that grow and shrink."""
    rng = np.random.default_rng(1)
    for size in (2, 5, 5, 30, 1, 40, 3)[:count]:
        words = [np.append(rng.integers(3, 30, rng.integers(0, 9)), END) for _ in range(size)]
        yield pack(words, rng.integers(0, 9, size), read_images)


def same(batch, expected, backend):
    return all(np.array_equal(backend.to_numpy(getattr(batch, name)), getattr(expected, name)) for name in FIELDS)


@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_every_batch_arrives_whole_and_in_order(backend, count):
    arrived = 0
    for batch, expected in zip(moved_ahead(backend, batches(count), Batch.to), batches(count), strict=True):
        assert batch.sizes == expected.sizes
        for name in FIELDS:
            x = getattr(batch, name)
            assert x.dtype == getattr(expected, name).dtype
            # A step reads it on the stream that computes.
            assert np.array_equal(backend.to_numpy(x * 1), getattr(expected, name))
        arrived += 1
    assert arrived == count


def test_a_batch_without_features_has_memory_of_no_size(backend):
    nothing = np.zeros((9, 0), np.float32)
    found = [batch.features.shape for batch in moved_ahead(backend, batches(2, nothing.__getitem__), Batch.to)]
    assert found == [(len(batch.features), 0) for batch in batches(2)]


def test_one_upload_a_batch(strict_cupy):
    backend = choose_backend("cupy")
    with strict_cupy.testing_counts() as counts:
        for batch in moved_ahead(backend, batches(), Batch.to):
            batch.features * 2
    assert counts["h2d"] == 7
    assert counts["d2h"] == 0


def test_between_two_batches_the_next_one_is_under_way(strict_cupy):
    with strict_cupy.testing_counts() as begun:
        coming = moved_ahead(choose_backend("cupy"), batches(), Batch.to)
        next(coming)
    assert begun["h2d"] == 2


# What is left out, and what is there instead.
RACES = {
    "computing does not wait for the copy": ("stream.wait_event(self.copied)", "pass"),
    "copying does not wait for the step": ("stream.wait_event(self.used)", "pass"),
    "the step's end is not marked": ("before[1].used.record(computing)", "pass"),
    "the host does not wait for the copy": ("self.copied.synchronize()", "pass"),
    "one buffer for all": ("buffers[i % 2]", "buffers[0]"),
    "memory that is not pinned": ("cupyx.empty_pinned(", "np.empty("),
}


@pytest.mark.parametrize("race", RACES)
def test_a_race_is_seen_on_the_double(strict_cupy, race):
    source, (old, new) = inspect.getsource(ahead), RACES[race]
    assert old in source
    module = ModuleType("mrnn_np.backend.ahead")
    exec(compile(source.replace(old, new), "ahead.py", "exec"), module.__dict__)
    backend, right = choose_backend("cupy"), []
    try:
        coming = module.moved_ahead(backend, batches(), Batch.to)
        for batch, expected in zip(coming, batches(), strict=True):
            right.append(same(batch, expected, backend))
            batch.features * 2
    except strict_cupy.StrictError:
        return
    assert not all(right)


def test_resident_features_are_those_that_would_have_been_read(backend):
    features = np.random.default_rng(2).normal(size=(ROWS_AT_A_TIME + 50, 3)).astype(np.float32)
    images = np.arange(5, ROWS_AT_A_TIME + 40)
    resident = ResidentImages(backend, np.concatenate([images, images[:9]]), features.__getitem__)
    assert resident.table.shape == (ROWS_AT_A_TIME + 35, 3)
    numbers = [5, 700, ROWS_AT_A_TIME + 39]
    sentences = [np.array([4, END])] * 3
    batch = pack(sentences, numbers, resident)
    assert batch.features.dtype == np.int32
    (there,) = moved_ahead(backend, [batch], Batch.to)
    assert (backend.to_numpy(resident.gather(there).features) == features[numbers]).all()


def test_what_fits(strict_cupy):
    device = choose_backend("cupy")
    assert fits(device, 1 << 15, 1 << 12)
    assert not fits(device, (1 << 15) + 1, 1 << 12)
    assert not fits(choose_backend("numpy"), 1, 1)


def test_resident_where_it_fits(strict_cupy, monkeypatch):
    device, images = choose_backend("cupy"), np.arange(9)
    assert resident_images(device, images, FEATURES.__getitem__).table.shape == (9, 4)
    assert resident_images(choose_backend("numpy"), images, FEATURES.__getitem__) is None
    assert resident_images(device, images, FEATURES[:, :0].__getitem__) is None
    monkeypatch.setattr(strict_cupy.cuda.Device, "mem_info", (9 * 4 * 4 * 2 - 1, 1 << 30))
    assert resident_images(device, images, FEATURES.__getitem__) is None
