"""How far back a gradient reaches in networks whose answer is known."""

import dataclasses

import numpy as np
import pytest

from mrnn_np.backend import Array, get_xp
from mrnn_np.model.general import Model, build_model
from mrnn_np.model.mrnn import MRNN
from mrnn_np.model.params import Params, layout_size
from mrnn_np.model.presets import PRESETS


def gradient_by_distance(
    model: Model, params: Params, ids: Array, rng: np.random.Generator, directions: int = 20
) -> Array:
    """The size of the gradient of the last recurrent state with respect to the words before it.

    Parameters
    ----------
    params : the model's, on the device
    ids : (T,) int, the words of one sentence, START first; the image is left out
    rng : draws the directions, of length 1, of r(T)
    directions : how many are averaged over

    Returns
    -------
    (T,) host float: number k is the root mean square over directions of ||d(direction . r(T)) / dw(T - k)||
    """
    xp, T = get_xp(params.theta), len(ids)
    stack, e = model.stack, params["E"][ids]
    w = e @ params["W_2"].T + params["b_w"] if "W_2" in params else e
    _, cache = stack.forward(params, w, (1,) * T)
    sizes = np.zeros(T)
    for _ in range(directions):
        direction = rng.normal(size=stack.d_r)
        dr = np.zeros((T, stack.d_r), w.dtype)
        dr[-1] = direction / np.linalg.norm(direction)
        dw, _ = stack.backward(xp.asarray(dr), cache)
        squared = (dw * dw).sum(axis=1)
        sizes += squared if xp is np else xp.asnumpy(squared)
    return np.sqrt(sizes / directions)[::-1]


IDS = np.array([0, 5, 3, 7, 4, 6, 2, 5])


def random_params(model, seed=0):
    return Params(model.layout, np.random.default_rng(seed).normal(0, 0.5, layout_size(model.layout)))


def reach(model, params):
    return gradient_by_distance(model, params, IDS, np.random.default_rng(1))


def test_a_relu_layer_that_keeps_everything_loses_nothing():
    model = MRNN(M=9, d_I=3, d_e=4, d_w=5, d_m=6)
    params = random_params(model)
    params["U_r"][...] = np.eye(5)
    params["b_w"][...] = 100  # every unit is on
    assert reach(model, params) == pytest.approx(np.ones(8))


def test_the_gradient_of_a_simple_rnn_vanishes_and_a_cut_ends_it():
    design = PRESETS["simple-rnn"].design
    model = build_model(9, 0, design, d_w=5)
    params = random_params(model)
    whole = reach(model, params)
    assert whole[0] <= 0.25
    assert (whole[1:] < whole[:-1]).all()
    assert whole[7] < 1e-3 * whole[0]
    cut = reach(build_model(9, 0, dataclasses.replace(design, bptt=3), d_w=5), params)
    # Of the 8 words, the last piece holds the last 2.
    assert cut[:2] == pytest.approx(whole[:2])
    assert (cut[2:] == 0).all()


def test_an_lstm_that_forgets_nothing_keeps_more_than_one_that_forgets():
    model = build_model(9, 3, PRESETS["nic"].design, d_w=5, d_r=4)
    params = random_params(model)
    params["U_r"][...] = 0
    forgets, keeps = params.with_theta(params.theta.copy()), params.with_theta(params.theta.copy())
    forgets["b_x"][4:8], keeps["b_x"][4:8] = -20, 20
    assert reach(model, forgets)[7] < 1e-9 < 0.01 < reach(model, keeps)[7]
