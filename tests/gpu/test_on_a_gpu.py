"""What only a real GPU can show: equal bits in every run, memory that does not grow, and speed."""

import time

import numpy as np
import pytest

from mrnn_np.backend import choose_backend, moved_ahead
from mrnn_np.captioning.beam import BeamSearch, beam_search
from mrnn_np.captioning.decoder import Decoder
from mrnn_np.data.batches import Batch, pack
from mrnn_np.data.vocabulary import END
from mrnn_np.errors import UserError
from mrnn_np.model.initial import initial_params
from mrnn_np.model.mrnn import MRNN
from mrnn_np.training.sgd import SGD

pytestmark = pytest.mark.gpu
MODEL = MRNN(M=10_000, d_I=4096)
"""The paper's widths and the vocabulary of a large data set."""
STEPS = 30


@pytest.fixture(scope="module")
def gpu():
    """CuPy on a real GPU."""
    try:
        backend = choose_backend("cupy")
    except UserError as reason:
        pytest.skip(str(reason))
    if "fake" in backend.note:
        pytest.skip(f"this is no real GPU: {backend.note}")
    return backend


def batches(count, sentences=128):
    """Batches of sentences of 11 words on average, five to an image."""
    rng = np.random.default_rng(0)
    features = rng.normal(size=(64, MODEL.d_I)).astype(np.float32)
    for _ in range(count):
        words = [np.append(rng.integers(3, MODEL.M, rng.integers(5, 17)), END) for _ in range(sentences)]
        yield pack(words, rng.integers(0, 26, sentences), features.__getitem__)


def train(backend, given, after_step=lambda: None):
    """Train on those batches; returns the parameters on the device and the bits of each word of the last batch."""
    start = initial_params(MODEL, np.random.default_rng(1), np.ones(MODEL.M))
    params = start.with_theta(backend.asarray(start.theta.astype(np.float32)))
    velocity, sgd, bits = backend.xp.zeros_like(params.theta), SGD(l2=1e-5, momentum=0.9, clip=5.0), None
    for batch in moved_ahead(backend, given, Batch.to):
        bits, cache = MODEL.forward(params, batch)
        sgd.update(params, MODEL.backward(backend.xp.full_like(bits, 1 / len(batch)), cache), velocity, lr=0.5)
        del cache
        after_step()
    return params, bits


def test_training_is_the_same_as_on_numpy(gpu):
    params, bits = train(gpu, batches(3))
    expected_params, expected_bits = train(choose_backend("numpy"), batches(3))
    assert gpu.to_numpy(bits) == pytest.approx(expected_bits, rel=1e-3)
    found, expected = gpu.to_numpy(params.theta), expected_params.theta
    assert np.linalg.norm(found - expected) < 1e-4 * np.linalg.norm(expected)


def test_every_run_gives_the_same_bits(gpu):
    first, second = (gpu.to_numpy(train(gpu, batches(5))[0].theta) for _ in range(2))
    assert (first == second).all()


def test_memory_does_not_grow_with_the_steps(gpu):
    pool = gpu.xp.get_default_memory_pool()
    pool.free_all_blocks()
    used = []
    train(gpu, list(batches(4)) * 5, lambda: used.append(pool.total_bytes()))
    assert used[-1] <= 1.1 * used[7]
    # The parameters four times over, and the scores of 1,408 words about five times.
    assert used[-1] < 1.5e9


def test_training_is_many_times_faster_than_on_numpy(gpu, record_property):
    given = list(batches(4))
    words = STEPS * sum(map(len, given)) / 4
    repeated = [given[i % 4] for i in range(STEPS)]
    train(gpu, given)
    gpu.synchronize()
    started = time.perf_counter()
    train(gpu, repeated)
    gpu.synchronize()
    on_gpu = words / (time.perf_counter() - started)
    started = time.perf_counter()
    train(choose_backend("numpy"), given[:2])
    on_cpu = (len(given[0]) + len(given[1])) / (time.perf_counter() - started)
    print(f"\n{gpu.note}: {on_gpu:,.0f} words/s in training, NumPy {on_cpu:,.0f}")
    record_property("words_per_second", round(on_gpu))
    assert on_gpu > 10 * on_cpu


def test_beam_search_of_a_hundred_images(gpu, record_property):
    start = initial_params(MODEL, np.random.default_rng(1), np.ones(MODEL.M))
    decoder = Decoder(MODEL, start.with_theta(gpu.asarray(start.theta.astype(np.float32))), gpu)
    features = np.random.default_rng(2).normal(size=(100, MODEL.d_I)).astype(np.float32)
    beam_search(decoder, features, BeamSearch(10))
    started = time.perf_counter()
    beam_search(decoder, features, BeamSearch(10))
    seconds = time.perf_counter() - started
    print(f"\n{gpu.note}: beam search (10), {100 / seconds:,.0f} images/s")
    record_property("images_per_second", round(100 / seconds))
    assert seconds < 5
