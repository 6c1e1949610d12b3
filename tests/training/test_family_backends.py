"""The models beside the m-RNN on a device: the same training and captions, and nothing in a step that waits."""

import contextlib

import numpy as np
import pytest

from mrnn_np.backend import choose_backend
from mrnn_np.captioning.beam import BeamSearch, beam_search
from mrnn_np.captioning.decoder import Decoder
from mrnn_np.captioning.one_at_a_time import greedy
from mrnn_np.data.batches import pack
from mrnn_np.data.vocabulary import END
from mrnn_np.gradients.cases import ragged_batch
from mrnn_np.gradients.check import check_model
from mrnn_np.model.general import build_model
from mrnn_np.model.initial import initial_params
from mrnn_np.model.presets import PRESETS
from mrnn_np.training.sgd import SGD

DEVICES = ["strict", pytest.param("gpu", marks=pytest.mark.gpu)]
NAMES = sorted(PRESETS.keys() - {"m-rnn", "rnn-base"})


def small(name):
    design = PRESETS[name].design
    return build_model(30, 7, design, 6, 8, 10, d_r=6 if design.recurrence in ("lstm", "gru") else 0)


def train(name, backend, steps, around_each_step=contextlib.nullcontext):
    """Train for some steps; returns the host parameters and the cost of each step."""
    model, rng, costs = small(name), np.random.default_rng(2), []
    start = initial_params(model, np.random.default_rng(1), np.ones(30))
    params = start.with_theta(backend.asarray(start.theta.copy()))
    velocity, sgd = backend.xp.zeros_like(params.theta), SGD(l2=1e-3, momentum=0.9, clip=1.0)
    features = rng.normal(size=(5, model.d_I)).astype(np.float32)
    for _ in range(steps):
        words = [np.append(rng.integers(3, 30, rng.integers(0, 9)), END) for _ in range(12)]
        batch = pack(words, rng.integers(0, 5, 12), features.__getitem__)
        masks = model.draw_masks(rng, batch, (0.2, 0.3, 0.4, 0.1)).to(backend.asarray)
        batch = batch.to(backend.asarray)
        with around_each_step():
            bits, cache = model.forward(params, batch, masks)
            grads = model.backward(backend.xp.full_like(bits, 1 / len(batch)), cache)
            sgd.update(params, grads, velocity, lr=0.1)
            cost = bits.sum()
        costs.append(float(backend.to_numpy(cost)) / len(batch))
    return backend.to_numpy(params.theta), costs


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("backend", DEVICES, indirect=True)
def test_training_is_the_same_as_on_numpy(backend, name):
    theta, costs = train(name, backend, 10)
    expected_theta, expected_costs = train(name, choose_backend("numpy"), 10)
    assert theta.dtype == np.float32
    assert costs == pytest.approx(expected_costs, rel=1e-4)
    assert theta == pytest.approx(expected_theta, rel=1e-3, abs=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_a_step_moves_nothing_waits_for_nothing_and_has_no_float64(name, watched_steps):
    watched, counted = watched_steps
    train(name, choose_backend("cupy"), 2, watched)
    assert len(counted) == 2
    for counts in counted:
        assert (counts["h2d"], counts["d2h"], counts["sync"]) == (0, 0, 0)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("backend", DEVICES, indirect=True)
def test_captions_are_the_same_as_on_numpy(backend, name):
    model = small(name)
    params = initial_params(model, np.random.default_rng(3), np.ones(30))
    params.theta[...] = np.random.default_rng(4).normal(0, 0.4, params.theta.shape)
    features = np.random.default_rng(5).normal(size=(6, model.d_I)).astype(np.float32)
    written = []
    for device in (backend, choose_backend("numpy")):
        decoder = Decoder(model, params.with_theta(device.asarray(params.theta)), device)
        found = beam_search(decoder, features, BeamSearch(4, 2, max_length=9))
        written.append(
            [h.words for h in (*greedy(decoder, features, max_length=9), *(h for each in found for h in each))]
        )
    assert written[0] == written[1]


@pytest.mark.gradcheck
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("backend", DEVICES, indirect=True)
def test_gradients_on_a_device(backend, name):
    model, rng = small(name), np.random.default_rng(0)
    params = initial_params(model, rng, np.ones(30))
    verdicts = list(check_model(model, params, ragged_batch(rng, 30, model.d_I), backend, rng))
    assert len(verdicts) == len(model.layout)
    assert [verdict for verdict in verdicts if not verdict.passed] == []
