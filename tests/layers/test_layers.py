"""The layers against numbers worked out by hand, and their contract: pure, dtype kept."""

import math

import numpy as np
import pytest

from mrnn_np.backend.blocks import BLOCK, row_blocks
from mrnn_np.layers.activations import f2, f2_slope, g2, g2_slope
from mrnn_np.layers.dense import dense_backward, dense_forward
from mrnn_np.layers.dropout import dropout
from mrnn_np.layers.embedding import embedding_backward, embedding_forward
from mrnn_np.layers.multimodal import image_backward, image_forward, multimodal_backward, multimodal_forward
from mrnn_np.layers.recurrent import recurrent_backward, recurrent_forward, recurrent_step
from mrnn_np.layers.softmax import scores_to_log2, softmax_backward, softmax_forward, softmax_log2, softmax_scores


def test_activations_at_known_points():
    z = np.array([-2.0, 0.0, 1.0, 30.0])
    assert f2(z).tolist() == [0, 0, 1, 30]
    assert f2_slope(f2(z)).tolist() == [False, False, True, True]
    # LeCun's constants make g2(1) = 1, and g2 saturates at 1.7159.
    assert g2(z) == pytest.approx([-1.7159 * math.tanh(4 / 3), 0, 1, 1.7159], abs=1e-4)
    assert g2_slope(g2(z))[1] == pytest.approx(1.7159 * 2 / 3)
    assert g2_slope(g2(z))[3] == pytest.approx(0, abs=1e-12)


def test_recurrence_by_hand():
    # Two sentences, of two words and of one, d_w = 2.  U_r swaps the two numbers and negates the second.
    U_r = np.array([[0.0, 1.0], [-1.0, 0.0]])
    w = np.array([[1.0, 2.0], [3.0, -1.0], [0.5, 4.0]])
    r, cache = recurrent_forward(w, U_r, (2, 1))
    # r(1) = f2(w(1)):  (1, 2) and (3, 0).  r(2) = f2((2, -1) + (0.5, 4)) = (2.5, 3).
    assert r.tolist() == [[1, 2], [3, 0], [2.5, 3]]
    dw, dU_r = recurrent_backward(np.ones((3, 2)), cache)
    # dz(2) = (1, 1).  U_r^T dz(2) = (-1, 1), so dz(1) = (1 - 1, 1 + 1) and, for the other sentence, (1, 0).
    assert dw.tolist() == [[0, 2], [1, 0], [1, 1]]
    # dU_r = dz(2) r(1)^T; r(0) = 0 adds nothing.
    assert dU_r.tolist() == [[1, 2], [1, 2]]


def test_softmax_by_hand():
    # Scores (0, ln 3): probabilities 1/4 and 3/4, so the targets cost 2 bits and log2(4/3).
    V_y, b_y = np.array([[0.0], [math.log(3)]]), np.zeros(2)
    bits, cache = softmax_forward(np.ones((2, 1)), np.array([0, 1]), V_y, b_y)
    assert bits == pytest.approx([2, math.log2(4 / 3)])
    dm, dV_y, db_y = softmax_backward(np.array([math.log(2), 0]), cache)
    # ds = y - target = (-3/4, 3/4) for the first word; the second has no weight.
    assert db_y == pytest.approx([-0.75, 0.75])
    assert dV_y == pytest.approx(np.array([[-0.75], [0.75]]))
    assert dm == pytest.approx(np.array([[0.75 * math.log(3)], [0]]))


def test_softmax_in_blocks_of_rows_is_that_of_each_row():
    rng, N, M = np.random.default_rng(0), 9, BLOCK // 4
    m, V_y, b_y = rng.normal(size=(N, 3)), rng.normal(size=(M, 3)), rng.normal(size=M)
    targets, rows = rng.integers(0, M, N), np.arange(N)
    assert len(list(row_blocks(m @ V_y.T))) == 3
    y = np.exp(m @ V_y.T + b_y)
    expected = y / y.sum(axis=1, keepdims=True)
    expected_bits = -np.log2(expected[rows, targets])
    expected[rows, targets] -= 1
    bits, (y_minus_target, *_) = softmax_forward(m, targets, V_y, b_y)
    assert bits == pytest.approx(expected_bits, rel=1e-12)
    np.testing.assert_allclose(y_minus_target, expected, rtol=1e-10, atol=1e-15)


def test_uniform_scores_cost_log2_of_the_vocabulary():
    bits, _ = softmax_forward(np.ones((3, 4)), np.array([0, 7, 15]), np.zeros((16, 4)), np.zeros(16))
    assert bits == pytest.approx([4, 4, 4])


def test_softmax_does_not_overflow_and_ignores_a_shift():
    scores = np.array([[1000.0, 999.0, -1000.0]])
    m, V_y = np.ones((1, 1)), scores.T
    bits, _ = softmax_forward(m, np.array([0]), V_y, np.zeros(3))
    shifted, _ = softmax_forward(m, np.array([0]), V_y, np.full(3, -500.0))
    assert bits == pytest.approx([math.log2(1 + math.exp(-1))])
    assert shifted == pytest.approx(bits)


def test_log2_probabilities_are_those_of_the_cost():
    rng = np.random.default_rng(0)
    m, V_y, b_y = rng.normal(size=(5, 4)), rng.normal(size=(7, 4)), rng.normal(size=7)
    targets = np.array([0, 6, 2, 2, 1])
    bits, _ = softmax_forward(m, targets, V_y, b_y)
    log2 = softmax_log2(softmax_scores(m, V_y, b_y))
    assert -log2[np.arange(5), targets] == pytest.approx(bits)
    assert np.exp2(log2).sum(axis=1) == pytest.approx(np.ones(5))


def test_log2_probabilities_are_made_in_a_new_place_or_in_that_of_the_scores():
    # More rows than one block of them has.
    scores = np.random.default_rng(2).normal(0, 5, (3 * BLOCK // 1000, 1000)).astype(np.float32)
    before = scores.copy()
    log2 = softmax_log2(scores)
    assert np.array_equal(scores, before)
    expected = (before - before.max(axis=1, keepdims=True)).astype(np.float64)
    expected = (expected - np.log(np.exp(expected).sum(axis=1, keepdims=True))) / math.log(2)
    np.testing.assert_allclose(log2, expected, rtol=1e-5, atol=1e-5)
    assert scores_to_log2(scores) is scores
    assert np.array_equal(scores, log2)


def test_a_step_is_the_forward_of_one_word():
    rng = np.random.default_rng(1)
    w, U_r = rng.normal(size=(6, 4)), rng.normal(size=(4, 4))
    r, _ = recurrent_forward(w, U_r, (3, 3))
    assert recurrent_step(w[3:], r[:3], U_r) == pytest.approx(r[3:])


def test_no_image_means_no_image_term():
    v, cache = image_forward(np.zeros((3, 0)), np.zeros((5, 0)))
    assert v.tolist() == [[0] * 5] * 3
    assert image_backward(np.ones((3, 5)), cache).shape == (5, 0)


def test_dropout_keeps_and_scales():
    x = np.array([1.0, 2.0, 3.0])
    assert dropout(x, np.array([2.0, 0.0, 2.0])).tolist() == [2, 0, 6]
    assert dropout(x, None) is x


def layers(dtype):
    """Each layer as (name, arguments, forward, gradient of its output -> backward)."""
    rng = np.random.default_rng(2)
    ids, words, sizes = np.array([1, 0, 1, 3, 3]), np.array([0, 1, 3]), (3, 2)
    image_of = np.array([0, 1, 0, 0, 1])

    def arrays(*shapes):
        return [rng.normal(size=shape).astype(dtype) for shape in shapes]

    return [
        ("embedding I", arrays((4, 3)), lambda E: embedding_forward(ids, words, E), embedding_backward),
        ("embedding II", arrays((5, 3), (6, 3), (6,)), dense_forward, dense_backward),
        ("recurrent", arrays((5, 4), (4, 4)), lambda w, U_r: recurrent_forward(w, U_r, sizes), recurrent_backward),
        ("image", arrays((2, 3), (6, 3)), image_forward, image_backward),
        (
            "multimodal",
            arrays((5, 4), (5, 4), (2, 6), (6, 4), (6, 4), (6,)),
            lambda w, r, v, *weights: multimodal_forward(w, r, v, image_of, *weights),
            multimodal_backward,
        ),
        ("softmax", arrays((5, 6), (4, 6), (4,)), lambda m, *w: softmax_forward(m, ids, *w), softmax_backward),
    ]


def flat(result):
    """All arrays of a backward's result, in order."""
    return list(result) if isinstance(result, tuple) else [result]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("index", range(6))
def test_layers_are_pure_repeatable_and_keep_the_dtype(index, dtype):
    name, arguments, forward, backward = layers(dtype)[index]
    before = [argument.copy() for argument in arguments]
    y, cache = forward(*arguments)
    dy = np.ones_like(y)
    first = [array.copy() for array in flat(backward(dy, cache))]
    forward(*[2 * argument for argument in arguments])
    second = flat(backward(dy, cache))
    assert all((a == b).all() for a, b in zip(arguments, before, strict=True)), f"{name} wrote into an argument"
    assert (dy == 1).all(), f"{name} wrote into the gradient it was given"
    assert all((a == b).all() for a, b in zip(first, second, strict=True)), f"{name}'s backward is not repeatable"
    assert {array.dtype for array in [y, *first]} == {np.dtype(dtype)}
    assert [array.shape for array in first] == [a.shape for a in arguments][-len(first) :], "another order"
