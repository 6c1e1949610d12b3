"""Planted bugs: each is a mistake people make, and each must make a gradient check fail.

A mutant replaces one function of the package; `caught` runs the checks of all layers and of the whole model.
"""

import sys

import numpy as np
import pytest

from mrnn_np.backend import choose_backend
from mrnn_np.gradients.cases import all_cases
from mrnn_np.gradients.check import check_case
from mrnn_np.layers import activations, dense, embedding, multimodal, recurrent, softmax
from mrnn_np.model import mrnn
from mrnn_np.training.sgd import SGD

pytestmark = pytest.mark.gradcheck
NUMPY = choose_backend("numpy")


def caught(layer):
    """Return whether a check of that layer's case fails; without a bug test_gradcheck.py finds that none does."""
    case = next(case for case in all_cases(NUMPY) if case.layer == layer)
    return not all(verdict.passed for verdict in check_case(case, NUMPY))


def lost_carry(dr, cache):
    r, r_before, *_ = cache
    dz = dr * activations.f2_slope(r)
    return dz, dz.T @ r_before


def recurrent_with(carry_through=lambda dz, U_r: dz @ U_r, slope=lambda r: r > 0, use=lambda r, r_before: r_before):
    def backward(dr, cache):
        r, r_before, U_r, sizes, *_ = cache
        dz, end, carry = dr.copy(), len(dr), dr[:0]
        for size in reversed(sizes):
            dz[end - size : end - size + len(carry)] += carry
            dz[end - size : end] *= slope(r[end - size : end])
            carry = carry_through(dz[end - size : end], U_r)
            end -= size
        return dz, dz.T @ use(r, r_before)

    return backward


def carry_to_the_wrong_sentences(dr, cache):
    r, r_before, U_r, sizes, *_ = cache
    dz, end, carry = dr.copy(), len(dr), dr[:0]
    for size in reversed(sizes):
        dz[end - len(carry) : end] += carry
        dz[end - size : end] *= r[end - size : end] > 0
        carry = dz[end - size : end] @ U_r
        end -= size
    return dz, dz.T @ r_before


def truncated_after_two_steps(dr, cache):
    r, r_before, U_r, sizes, *_ = cache
    dz, end, carry = dr.copy(), len(dr), dr[:0]
    for t, size in reversed(list(enumerate(sizes))):
        if t % 2:
            carry = carry[:0]
        dz[end - size : end - size + len(carry)] += carry
        dz[end - size : end] *= r[end - size : end] > 0
        carry = dz[end - size : end] @ U_r
        end -= size
    return dz, dz.T @ r_before


def assigned_embedding(de, cache):
    ids, _, E = cache
    dE = np.zeros_like(E)
    dE[ids] = de
    return dE


def multimodal_without_word(dm, cache):
    dw, *others = multimodal_backward(dm, cache)
    return 0 * dw, *others


def image_of_the_first_word_only(dm, cache):
    dw, dr, dv, *of_weights = multimodal_backward(dm, cache)
    m, _, _, _, image_of, *_ = cache
    dz = dm * activations.g2_slope(m)
    dv = np.zeros_like(dv)
    dv[image_of] = dz
    return dw, dr, dv, *of_weights


def softmax_without_ln2(dbits, cache):
    return tuple(gradient * softmax.LN2 for gradient in softmax_backward(dbits, cache))


def softmax_without_target(dbits, cache):
    y_minus_target, m, V_y = cache
    return softmax_backward(dbits, (np.maximum(y_minus_target, 0), m, V_y))


multimodal_backward = multimodal.multimodal_backward
softmax_backward = softmax.softmax_backward

LAYER_MUTANTS = {
    "f2 passes everything": ("f2", activations, "f2_slope", lambda r: np.ones_like(r)),
    "slope of tanh(x) for 1.7159 tanh(2x/3)": ("g2", activations, "g2_slope", lambda m: 1 - m * m),
    "g2' without the 2/3": ("g2", activations, "g2_slope", lambda m: 1.7159 - m * m / 1.7159),
    "g2' scaled by 1.7159 once too often": ("g2", activations, "g2_slope", lambda m: 2 / 3 * (1.7159 - m * m)),
    "dE[ids] = de": ("embedding I", embedding, "embedding_backward", assigned_embedding),
    "one word's rows not summed": ("embedding I", embedding, "sum_rows", lambda r, labels, u: r[: len(u)]),
    "W_2 not transposed back": (
        "embedding II",
        dense,
        "dense_backward",
        lambda dw, cache: (dw[:, :3], dw.T @ cache[0], dw.sum(axis=0)),
    ),
    "mean for sum in db": (
        "embedding II",
        dense,
        "dense_backward",
        lambda dw, cache: (dw @ cache[1], dw.T @ cache[0], dw.mean(axis=0)),
    ),
    "lost carry": ("recurrent", recurrent, "recurrent_backward", lost_carry),
    "U_r transposed": (
        "recurrent",
        recurrent,
        "recurrent_backward",
        recurrent_with(carry_through=lambda dz, U_r: dz @ U_r.T),
    ),
    "no ReLU gate": ("recurrent", recurrent, "recurrent_backward", recurrent_with(slope=lambda r: 1)),
    "r(t) for r(t-1) in dU_r": (
        "recurrent",
        recurrent,
        "recurrent_backward",
        recurrent_with(use=lambda r, r_before: r),
    ),
    "carry to the wrong sentences": ("recurrent", recurrent, "recurrent_backward", carry_to_the_wrong_sentences),
    "truncated BPTT": ("recurrent", recurrent, "recurrent_backward", truncated_after_two_steps),
    "V_w path lost": ("multimodal", multimodal, "multimodal_backward", multimodal_without_word),
    "dv assigned, not summed": ("multimodal", multimodal, "multimodal_backward", image_of_the_first_word_only),
    "nats for bits": ("softmax", softmax, "softmax_backward", softmax_without_ln2),
    "y for y - target": ("softmax", softmax, "softmax_backward", softmax_without_target),
}


def neuraltalk_dropout(dr, cache):
    """The gate of the recurrence taken from the dropped r instead of r, as in neuraltalk's RNN."""
    dropped = np.where(np.arange(cache[0].size).reshape(cache[0].shape) % 2, cache[0], 0)
    return recurrent.recurrent_backward(dr, (dropped, *cache[1:]))


def dropout_going_forward_only(x, mask):
    return x * mask if sys._getframe(1).f_code.co_name == "forward" else x


MODEL_MUTANTS = {
    "w feeds the multimodal layer only": (
        mrnn,
        "recurrent_backward",
        lambda dr, cache: (0 * dr, recurrent.recurrent_backward(dr, cache)[1]),
    ),
    "w feeds the recurrent layer only": (mrnn, "multimodal_backward", multimodal_without_word),
    "m's dropout mask ignored going back": (mrnn, "dropout", dropout_going_forward_only),
    "ReLU gate of the dropped r": (mrnn, "recurrent_backward", neuraltalk_dropout),
    "lambda for 2 lambda": (SGD, "penalty", lambda self, params: 0.5 * self.l2 * (params.theta @ params.theta)),
    "penalty forgotten": (SGD, "penalty", lambda self, params: 0.0),
    "V_I learns from dv of other images": (
        mrnn,
        "image_backward",
        lambda dv, cache: multimodal.image_backward(dv[::-1], cache),
    ),
    "I learns from dv of other images": (
        mrnn,
        "features_backward",
        lambda dv, cache: multimodal.features_backward(dv[::-1], cache),
    ),
}


@pytest.mark.parametrize("name", LAYER_MUTANTS)
def test_a_bug_in_a_layer_is_caught(name, monkeypatch):
    layer, module, function, mutant = LAYER_MUTANTS[name]
    monkeypatch.setattr(module, function, mutant)
    assert caught(layer)


@pytest.mark.parametrize("name", MODEL_MUTANTS)
def test_a_bug_in_the_model_is_caught(name, monkeypatch):
    owner, function, mutant = MODEL_MUTANTS[name]
    monkeypatch.setattr(owner, function, mutant)
    assert caught("m-RNN")


def test_sum_rows_adds_up_rows_with_the_same_label():
    summed = embedding.sum_rows(np.array([[1.0, 2], [10, 20], [100, 200]]), np.array([7, 3, 7]), np.array([3, 7]))
    assert summed.tolist() == [[10, 20], [101, 202]]
