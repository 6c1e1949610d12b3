"""Images in even batches, of which every core takes some."""

import numpy as np
import pytest

from mrnn_np.backend import choose_backend
from mrnn_np.backend.threads import limit_threads
from mrnn_np.captioning.beam import BeamSearch
from mrnn_np.captioning.captioner import batches_of

NUMPY = choose_backend("numpy")


@pytest.mark.parametrize(
    ("images", "threads", "search", "sizes"),
    [
        (0, 1, None, [0]),
        (300, 1, None, [150, 150]),
        (256, 1, None, [256]),
        (256, 2, None, [128, 128]),
        (100, 4, None, [50, 50]),
        (64, 1, BeamSearch(), [64]),
        (64, 2, BeamSearch(), [32, 32]),
        (65, 1, BeamSearch(), [33, 32]),
        (50, 16, BeamSearch(), [13, 13, 12, 12]),
    ],
)
def test_each_core_has_a_batch_where_it_is_not_too_small(images, threads, search, sizes):
    with limit_threads(threads):
        batches = batches_of(np.arange(images), NUMPY, search)
    assert [len(batch) for batch in batches] == sizes
    assert np.array_equal(np.concatenate(batches), np.arange(images))


def test_a_gpu_takes_more_at_once(strict_cupy):
    assert [len(batch) for batch in batches_of(np.arange(300), choose_backend("cupy"), BeamSearch())] == [150, 150]
