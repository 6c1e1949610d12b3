"""One source, two backends: the same training step and the same captions, and on the device nothing that waits."""

import contextlib

import numpy as np
import pytest

from mrnn_np.backend import choose_backend
from mrnn_np.backend.blocks import row_blocks
from mrnn_np.captioning.beam import BeamSearch, beam_search
from mrnn_np.captioning.decoder import Decoder
from mrnn_np.captioning.one_at_a_time import greedy, sample
from mrnn_np.data.batches import pack
from mrnn_np.data.vocabulary import END
from mrnn_np.gradients.cases import all_cases
from mrnn_np.gradients.check import check_case
from mrnn_np.gradients.methods import relative_error
from mrnn_np.model.initial import initial_params
from mrnn_np.model.mrnn import MRNN
from mrnn_np.teaching import slow
from mrnn_np.training.sgd import SGD

DEVICES = ["strict", pytest.param("gpu", marks=pytest.mark.gpu)]
MODEL = MRNN(M=30, d_I=7, d_e=6, d_w=8, d_m=10)
RATES = (0.2, 0.3, 0.4, 0.1)


def host_batch(seed=0, sentences=12, dtype=np.float32):
    rng = np.random.default_rng(seed)
    words = [np.append(rng.integers(3, 30, rng.integers(0, 9)), END) for _ in range(sentences)]
    features = rng.normal(size=(5, 7)).astype(dtype)
    return pack(words, rng.integers(0, 5, sentences), features.__getitem__)


def train(backend, steps, around_each_step=contextlib.nullcontext, dtype=np.float32, clip=1.0):
    """Train for some steps; returns the host parameters and the cost of each step."""
    start = initial_params(MODEL, np.random.default_rng(1), np.ones(30))
    params = start.with_theta(backend.asarray(start.theta.astype(dtype)))
    velocity = backend.xp.zeros_like(params.theta)
    sgd, rng, costs = SGD(l2=1e-3, momentum=0.9, clip=clip), np.random.default_rng(2), []
    for step in range(steps):
        batch = host_batch(step, dtype=dtype)
        masks = MODEL.draw_masks(rng, batch, RATES, dtype).to(backend.asarray)
        batch = batch.to(backend.asarray)
        with around_each_step():
            bits, cache = MODEL.forward(params, batch, masks)
            grads = MODEL.backward(backend.xp.full_like(bits, 1 / len(batch)), cache)
            sgd.update(params, grads, velocity, lr=0.1)
            cost = bits.sum()
        costs.append(float(backend.to_numpy(cost)) / len(batch))
    return backend.to_numpy(params.theta), costs


@pytest.mark.parametrize("clip", [0.0, 1.0])
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-4), (np.float64, 1e-6)])
@pytest.mark.parametrize("backend", DEVICES, indirect=True)
def test_training_is_the_same_as_on_numpy(backend, dtype, tolerance, clip):
    theta, costs = train(backend, 20, dtype=dtype, clip=clip)
    expected_theta, expected_costs = train(choose_backend("numpy"), 20, dtype=dtype, clip=clip)
    assert theta.dtype == dtype
    rms = float(np.sqrt(np.mean(expected_theta**2)))
    assert costs == pytest.approx(expected_costs, rel=tolerance)
    assert theta == pytest.approx(expected_theta, rel=tolerance, abs=tolerance * rms)
    assert costs[-1] < costs[0]


def update_of_the_textbook(sgd, params, grads, velocity, lr):
    """As `SGD.update`, on the whole of theta at once."""
    g = grads.theta + 2 * sgd.l2 * params.theta
    if sgd.clip:
        g = g * min(1, sgd.clip / np.linalg.norm(g))
    velocity[...] = sgd.momentum * velocity + g
    params.theta[...] -= lr * velocity


@pytest.mark.parametrize("clip", [0.0, 1.0])
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-4), (np.float64, 1e-6)])
def test_training_in_blocks_is_that_of_the_textbook(dtype, tolerance, clip, monkeypatch):
    for module in ("mrnn_np.layers.softmax", "mrnn_np.model.params"):
        monkeypatch.setattr(f"{module}.row_blocks", lambda x, block=64: row_blocks(x, 64))
    theta, costs = train(choose_backend("numpy"), 20, dtype=dtype, clip=clip)
    monkeypatch.setattr("mrnn_np.model.mrnn.softmax_forward", slow.softmax_forward)
    monkeypatch.setattr("mrnn_np.model.mrnn.softmax_backward", slow.softmax_backward)
    monkeypatch.setattr(SGD, "update", update_of_the_textbook)
    expected_theta, expected_costs = train(choose_backend("numpy"), 20, dtype=dtype, clip=clip)
    rms = float(np.sqrt(np.mean(expected_theta**2)))
    assert costs == pytest.approx(expected_costs, rel=tolerance)
    assert theta == pytest.approx(expected_theta, rel=tolerance, abs=tolerance * rms)


def test_without_kernels_a_device_computes_the_same(strict_cupy, monkeypatch):
    with_kernels, _ = train(choose_backend("cupy"), 20)
    monkeypatch.setattr("mrnn_np.backend.dispatch.fits_kernels", lambda args: False)
    readable, _ = train(choose_backend("cupy"), 20)
    assert readable == pytest.approx(with_kernels, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("clip", [0.0, 1.0])
def test_a_step_moves_nothing_waits_for_nothing_and_has_no_float64(watched_steps, clip):
    watched, counted = watched_steps
    train(choose_backend("cupy"), 3, watched, clip=clip)
    assert len(counted) == 3
    for counts in counted:
        assert (counts["h2d"], counts["d2h"], counts["sync"]) == (0, 0, 0)
        assert counts["launch"] > 50


def decoder_on(backend):
    params = initial_params(MODEL, np.random.default_rng(3), np.ones(30))
    params.theta[...] = np.random.default_rng(4).normal(0, 0.7, params.theta.shape)
    return Decoder(MODEL, params.with_theta(backend.asarray(params.theta)), backend)


FEATURES = np.random.default_rng(5).normal(size=(6, 7)).astype(np.float32)
WAYS = {
    "greedy": lambda d: [[h] for h in greedy(d, FEATURES, max_length=9)],
    "sample": lambda d: [[h] for h in sample(d, FEATURES, np.random.default_rng(6), max_length=9)],
    "beam": lambda d: beam_search(d, FEATURES, BeamSearch(4, 2, max_length=9)),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("backend", DEVICES, indirect=True)
def test_captions_are_the_same_as_on_numpy(backend, way):
    found, expected = WAYS[way](decoder_on(backend)), WAYS[way](decoder_on(choose_backend("numpy")))
    assert [[h.words for h in each] for each in found] == [[h.words for h in each] for each in expected]
    for each, other in zip(found, expected, strict=True):
        assert [h.log2_prob for h in each] == pytest.approx([h.log2_prob for h in other], rel=1e-5)


def test_a_decoding_step_waits_for_nothing(strict_cupy):
    backend = choose_backend("cupy")
    decoder = decoder_on(backend)
    log2_next, state, _ = decoder.begin(FEATURES)
    ids = log2_next.argmax(axis=1)
    with strict_cupy.testing_counts() as counts:
        with strict_cupy.set_options(allow_sync=False, allow_float64=False):
            decoder.next(ids, state)
    assert (counts["h2d"], counts["d2h"], counts["sync"]) == (0, 0, 0)


@pytest.mark.parametrize("way", WAYS)
def test_decoding_transfers_once_every_few_words(strict_cupy, way):
    backend = choose_backend("cupy")
    decoder = decoder_on(backend)
    with strict_cupy.testing_counts() as counts, strict_cupy.set_options(allow_float64=False):
        found = WAYS[way](decoder)
    assert max(len(h.words) for each in found for h in each) > 4
    # Of at most nine words, and greedy decoding and sampling ask for the beginning's probabilities as well.
    assert 2 <= counts["d2h"] <= 3 + (way != "beam")
    assert counts["sync"] == counts["d2h"]
    # The features, random numbers, and who goes on.
    assert counts["h2d"] <= 1 + 2 * counts["d2h"]


@pytest.mark.parametrize("backend", DEVICES, indirect=True)
def test_gradients_on_a_device(backend):
    # NumPy's are proved by numerical derivatives, of which a device that answers slowly would need thousands.
    for case, on_numpy in zip(all_cases(backend), all_cases(choose_backend("numpy")), strict=True):
        inputs = {name: backend.asarray(value) for name, value in case.inputs.items()}
        assert float(case.cost(inputs)) == pytest.approx(float(on_numpy.cost(case.inputs)), rel=1e-12)
        found, expected = case.gradients(inputs), on_numpy.gradients(case.inputs)
        assert found.keys() == expected.keys() == case.inputs.keys()
        for symbol in found:
            assert relative_error(backend.to_numpy(found[symbol]), expected[symbol]) < 1e-12, (case.layer, symbol)


@pytest.mark.gradcheck
@pytest.mark.parametrize("backend", DEVICES, indirect=True)
def test_numerical_derivatives_on_a_device(backend):
    recurrent = next(case for case in all_cases(backend) if case.layer == "recurrent")
    verdicts = list(check_case(recurrent, backend))
    assert len(verdicts) == 4
    assert [verdict for verdict in verdicts if not verdict.passed] == []
