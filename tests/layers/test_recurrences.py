"""The recurrent layers beside the m-RNN's: by hand, step by step, with the gradient cut, and pure as all layers are."""

import math

import numpy as np
import pytest

from mrnn_np.layers.activations import SIGMOID, TANH, sigmoid, sigmoid_slope, tanh, tanh_slope
from mrnn_np.layers.multimodal import image_forward, multimodal_backward, multimodal_forward
from mrnn_np.layers.recurrent import recurrent_forward, time_steps, time_steps_back
from mrnn_np.model.recurrent_stack import RECURRENCES

SIZES, D = (4, 3, 3, 2, 1, 1), 3
N = sum(SIZES)


def arguments(name, dtype=np.float64, seed=0):
    rng = np.random.default_rng(seed)
    gates = RECURRENCES[name].gates
    return rng.normal(size=(N, gates * D)).astype(dtype), rng.normal(size=(gates * D, D)).astype(dtype)


def test_non_linearities_at_known_points():
    z = np.array([-1000.0, 0.0, math.log(3), 1000.0])
    assert sigmoid(z) == pytest.approx([0, 0.5, 0.75, 1])
    assert sigmoid_slope(sigmoid(z)) == pytest.approx([0, 0.25, 0.1875, 0])
    assert tanh(z) == pytest.approx([-1, 0, 0.8, 1])
    assert tanh_slope(tanh(z)) == pytest.approx([0, 1, 0.36, 0])
    assert sigmoid(np.float32([100, -100])).dtype == np.float32


def test_lstm_by_hand():
    """Two words, d_r = 1, all recurrent weights 1, and pre-activations whose gates are round numbers.

    First word: i, f, o = 1/2, g = tanh(ln 3) = 0.8, so c = 0.4 and r = tanh(0.4) / 2 = 0.189974.  Second word: the
    x is less by r, so that every z is as before: c = 0.4 / 2 + 0.8 / 2 = 0.6 and r = tanh(0.6) / 2 = 0.268525.
    """
    r1 = math.tanh(0.4) / 2
    x = np.array([[0, 0, 0, math.log(3)], [-r1, -r1, -r1, math.log(3) - r1]])
    r, cache = RECURRENCES["lstm"].forward(x, np.ones((4, 1)), (1, 1), 0)
    assert r[:, 0] == pytest.approx([0.189974, 0.268525], abs=1e-6)
    dx, _ = RECURRENCES["lstm"].backward(np.array([[0.0], [1.0]]), cache)
    # dc = o (1 - tanh^2 0.6) = 0.355789; dz_g = dc i (1 - 0.8^2) = 0.064042, dz_o = tanh(0.6) / 4 = 0.134262.
    assert dx[1, 2:] == pytest.approx([0.134262, 0.064042], abs=1e-6)


def test_gru_by_hand():
    """Two words, d_r = 1, x_u = 0 so that half of r(t-1) stays, and weights 1 of n alone.

    First word: n = tanh(ln 3) = 0.8 and r = 0.4.  Second word: s = 1/2, so n = tanh(ln 3 - 0.2 + 0.4 / 2) = 0.8, and
    r = 0.2 + 0.4 = 0.6.
    """
    x = np.array([[0, 0, math.log(3)], [0, 0, math.log(3) - 0.2]])
    r, cache = RECURRENCES["gru"].forward(x, np.array([[0.0], [0.0], [1.0]]), (1, 1), 0)
    assert r[:, 0] == pytest.approx([0.4, 0.6])
    dx, _ = RECURRENCES["gru"].backward(np.array([[0.0], [1.0]]), cache)
    # dz_u = (0.4 - 0.8) / 4, dz_n = (1 - 0.64) / 2, dz_s = dz_n * 0.4 / 4
    assert dx[1] == pytest.approx([-0.1, 0.018, 0.18])


def test_the_simple_rnn_is_what_section_3_1_writes():
    """x(t) = [w(t); r(t-1)], r(t) = sigmoid(U x(t)), for one sentence of four words and a one-hot w(t)."""
    rng = np.random.default_rng(0)
    U, words = rng.normal(size=(D, 5 + D)), [2, 0, 4, 2]
    expected, r = [], np.zeros(D)
    for word in words:
        x = np.concatenate([np.eye(5)[word], r])
        r = 1 / (1 + np.exp(-U @ x))
        expected.append(r)
    found, _ = recurrent_forward(U[:, :5].T[words], U[:, 5:], (1,) * 4, SIGMOID)
    assert found == pytest.approx(np.array(expected))


def test_terms_of_width_0_are_no_terms_and_have_gradients_of_width_0():
    rng = np.random.default_rng(0)
    r, V_r, b_m, image_of = rng.normal(size=(6, 4)), rng.normal(size=(5, 4)), rng.normal(size=5), np.array([0, 1] * 3)
    v, _ = image_forward(np.zeros((2, 0)), np.zeros((5, 0)))
    m, cache = multimodal_forward(np.zeros((6, 0)), r, v, image_of, np.zeros((5, 0)), V_r, b_m, TANH)
    assert (m == np.tanh(r @ V_r.T + b_m)).all()
    dm = rng.normal(size=m.shape)
    dw, dr, dv, dV_w, dV_r, db_m = multimodal_backward(dm, cache)
    dz = dm * (1 - m * m)
    assert (dw.shape, dV_w.shape) == ((6, 0), (5, 0))
    assert dv == pytest.approx(np.array([dz[::2].sum(axis=0), dz[1::2].sum(axis=0)]))
    assert dr == pytest.approx(dz @ V_r)
    assert dV_r == pytest.approx(dz.T @ r)
    assert db_m == pytest.approx(dz.sum(axis=0))


@pytest.mark.parametrize("name", RECURRENCES)
def test_steps_are_the_forward_of_one_word_after_the_other(name):
    kind, (x, U_r) = RECURRENCES[name], arguments(name)
    r, _ = kind.forward(x, U_r, SIZES, 0)
    state = (np.zeros((SIZES[0], D)),) * kind.remembered
    for now in time_steps(SIZES):
        state = kind.step(x[now], tuple(part[: now.stop - now.start] for part in state), U_r)
        assert state[0] == pytest.approx(r[now], rel=1e-12)
        assert len(state) == kind.remembered


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", RECURRENCES)
def test_recurrent_layers_are_pure_and_keep_the_dtype(name, dtype):
    kind, (x, U_r) = RECURRENCES[name], arguments(name, dtype)
    x_before, U_before = x.copy(), U_r.copy()
    r, cache = kind.forward(x, U_r, SIZES, 0)
    dr = np.ones_like(r)
    first, dU_r = kind.backward(dr, cache)
    kind.forward(2 * x, 2 * U_r, SIZES, 0)
    second, _ = kind.backward(dr, cache)
    assert (x == x_before).all()
    assert (U_r == U_before).all()
    assert (dr == 1).all()
    assert (first == second).all()
    assert {a.dtype for a in (r, first, dU_r)} == {np.dtype(dtype)}
    state = kind.step(x, (np.zeros((N, D), dtype),) * kind.remembered, U_r)
    assert {a.dtype for a in state} == {np.dtype(dtype)}


def test_time_steps_forward_and_back():
    assert [(now.start, now.stop) for now in time_steps((3, 2, 1))] == [(0, 3), (3, 5), (5, 6)]
    assert [((now.start, now.stop), n) for now, n in time_steps_back((3, 2, 1))] == [
        ((5, 6), 0),
        ((3, 5), 1),
        ((0, 3), 2),
    ]
    assert [n for _, n in time_steps_back((3, 3, 2, 2, 1), bptt=2)] == [0, 0, 2, 0, 3]


@pytest.mark.parametrize("bptt", [1, 2, 4])
@pytest.mark.parametrize("name", RECURRENCES)
def test_truncation_keeps_the_gradient_within_a_piece_and_cuts_all_else(name, bptt):
    """Backward is linear in dr, so what it does to the cost of each piece alone says what it does to any cost."""
    kind, (x, U_r) = RECURRENCES[name], arguments(name)
    (r, cut), (_, whole) = kind.forward(x, U_r, SIZES, bptt), kind.forward(x, U_r, SIZES, 0)
    dr = np.random.default_rng(1).normal(size=r.shape)
    piece = np.repeat(np.arange(len(SIZES)) // bptt, SIZES)
    for number in range(piece.max() + 1):
        of_piece = dr * (piece == number)[:, None]
        (dx, _), (expected, _) = kind.backward(of_piece, cut), kind.backward(of_piece, whole)
        assert dx[piece == number] == pytest.approx(expected[piece == number], rel=1e-12)
        assert (dx[piece != number] == 0).all()
        assert number == 0 or (expected[piece == number - 1] != 0).any()
    if name in ("relu", "sigmoid", "tanh", "lstm"):
        dx, dU_r = kind.backward(dr, cut)
        r_before = np.zeros_like(r)
        for now, before in zip(list(time_steps(SIZES))[1:], time_steps(SIZES), strict=False):
            r_before[now] = r[before][: now.stop - now.start]
        assert dU_r == pytest.approx(dx.T @ r_before)


@pytest.mark.parametrize("name", RECURRENCES)
def test_pieces_longer_than_the_sentences_cut_nothing(name):
    kind, (x, U_r) = RECURRENCES[name], arguments(name)
    dr = np.ones((N, D))
    cut, whole = (kind.backward(dr, kind.forward(x, U_r, SIZES, bptt)[1]) for bptt in (len(SIZES), 0))
    assert (cut[0] == whole[0]).all()
    assert (cut[1] == whole[1]).all()
