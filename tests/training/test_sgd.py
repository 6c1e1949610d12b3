"""The update rule, the schedules and the streams of random numbers, against numbers worked out by hand."""

import numpy as np
import pytest

from mrnn_np.model.params import Gradient, Params
from mrnn_np.training.sgd import SGD, learning_rate
from mrnn_np.training.streams import DROPOUT, ORDER, stream


def views(params):
    return {name: params[name] for name in params}


def after(sgd, gradients, lr=0.1, theta=(1.0, -2.0)):
    """The parameters after one update for each gradient."""
    params = Params({"a": (1,), "b": (1,)}, np.array(theta))
    velocity = np.zeros(2)
    for gradient in gradients:
        sgd.update(params, params.with_theta(np.array(gradient, float)), velocity, lr)
    return params.theta


def test_plain_sgd():
    assert after(SGD(), [(1, 2), (0, 1)]) == pytest.approx([0.9, -2.3])


def test_l2_has_no_half():
    # g = (0, 0) + 2 * 0.5 * (1, -2)
    assert after(SGD(l2=0.5), [(0, 0)]) == pytest.approx([0.9, -1.8])
    assert SGD(l2=0.5).penalty(Params({"a": (2,)}, np.array([1.0, -2.0]))) == 2.5


def test_momentum():
    # velocity: 1, then 0.5 + 1 = 1.5
    assert after(SGD(momentum=0.5), [(1, 0), (1, 0)]) == pytest.approx([1 - 0.1 - 0.15, -2])


def test_clipping_is_of_the_whole_norm_and_leaves_small_gradients_alone():
    assert after(SGD(clip=1), [(3, 4)]) == pytest.approx([1 - 0.06, -2 - 0.08])
    assert after(SGD(clip=10), [(3, 4)]) == pytest.approx([0.7, -2.4])
    assert after(SGD(clip=1), [(0, 0)]) == pytest.approx([1, -2])


def test_a_gradient_is_used_part_by_part_and_left_as_it_is():
    rng, layout = np.random.default_rng(0), {"a": (300, 700), "none": (4, 0), "b": (5,)}
    theta, g, velocity = rng.normal(size=(3, 300 * 700 + 5))
    params = Params(layout, theta)
    gradient = Gradient(layout, {name: array.copy() for name, array in views(params.with_theta(g)).items()})
    for clip in (0, 3, 1e6):
        with_l2 = g + 2 * 0.01 * theta
        expected_velocity = 0.9 * velocity + with_l2 * min(1, clip / np.linalg.norm(with_l2) if clip else 1)
        expected = theta - 0.1 * expected_velocity
        SGD(0.01, 0.9, clip).update(params, gradient, velocity, 0.1)
        np.testing.assert_allclose(velocity, expected_velocity, rtol=1e-12)
        np.testing.assert_allclose(theta, expected, rtol=1e-12, atol=1e-12)
        assert (gradient.theta == g).all()


def test_schedules():
    def rates(schedule, steps, warmup=0):
        return [learning_rate(step, 12, 0.8, schedule, warmup) for step in steps]

    assert rates("constant", [0, 6, 11]) == [0.8] * 3
    assert rates("step", [0, 5, 6, 8, 10]) == pytest.approx([0.8, 0.8, 0.4, 0.2, 0.1])
    assert rates("cosine", [0, 6, 12]) == pytest.approx([0.8, 0.4, 0])
    assert rates("cosine", [0, 1, 2, 3, 4], warmup=4) == pytest.approx([0.2, 0.4, 0.6, 0.8, 0.8])


def test_streams_are_independent_and_repeat():
    def draw(*key):
        return stream(*key).random(3).tolist()

    assert draw(0, ORDER, 5) == draw(0, ORDER, 5)
    assert len({tuple(draw(seed, purpose, n)) for seed in (0, 1) for purpose in (ORDER, DROPOUT) for n in (0, 1)}) == 8
