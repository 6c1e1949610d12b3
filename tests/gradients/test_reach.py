"""How far back a gradient reaches in networks whose answer is known."""

import dataclasses

import numpy as np
import pytest

from mrnn_np.gradients.reach import gradient_by_distance
from mrnn_np.model.general import build_model
from mrnn_np.model.mrnn import MRNN
from mrnn_np.model.params import Params, layout_size
from mrnn_np.model.presets import PRESETS

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
