"""What notebook 11 measures against is right; what stands in for CuPy refuses what CuPy refuses.

All that it does is held to CuPy itself in tests/real_cupy.
"""

import sys

import numpy as np
import pytest

from mrnn_np.backend import get_xp
from mrnn_np.layers.activations import g2
from mrnn_np.layers.softmax import softmax_backward, softmax_forward
from mrnn_np.teaching import slow, speed
from mrnn_np.teaching.pretend_gpu import DeviceArray, PretendedCupy


def test_the_textbook_layer_computes_what_the_fused_one_does():
    rng = np.random.default_rng(0)
    m, V_y, b_y, targets = rng.normal(size=(4, 3)), rng.normal(size=(6, 3)), rng.normal(size=6), np.array([0, 5, 2, 2])
    weight = rng.random(4)
    bits, cache = softmax_forward(m, targets, V_y, b_y)
    gradients = softmax_backward(weight, cache)
    slow_bits, slow_cache = slow.softmax_forward(m, targets, V_y, b_y)
    np.testing.assert_allclose(slow_bits, bits, rtol=1e-12)
    for slow_gradient, gradient in zip(slow.softmax_backward(weight, slow_cache), gradients, strict=True):
        np.testing.assert_allclose(slow_gradient, gradient, rtol=1e-10, atol=1e-14)


def test_arrays_of_the_pretended_module_know_it_and_leave_nothing_behind():
    before = sys.modules.get("cupy")
    x = DeviceArray([1.0, 4.0])
    with PretendedCupy():
        xp = get_xp(x)
        assert xp is sys.modules["cupy"]
        assert isinstance(xp.sqrt(x), DeviceArray)
        assert (2 * x - xp.sqrt(x)[:1]).host.tolist() == [1, 7]
        assert x.sum().host == 5
        assert (xp.float32, len(x), x.shape) == (np.float32, 2, (2,))
    assert sys.modules.get("cupy") is before


@pytest.mark.parametrize(
    "mixed",
    [
        np.asarray,
        lambda x: x + np.ones(2),
        lambda x: np.ones(2) + x,
        lambda x: get_xp(x).add(x, np.ones(2)),
    ],
)
def test_they_refuse_to_meet_arrays_of_the_host(mixed):
    with PretendedCupy(), pytest.raises(TypeError):
        mixed(DeviceArray([1.0, 4.0]))


def test_numpys_functions_alone_answer_the_exercise_as_well(capsys):
    """They do on CuPy."""

    def answer(scores):
        scores = scores - np.max(scores, axis=1, keepdims=True)
        return (scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))) / np.log(2)

    speed.either_module(answer)
    assert capsys.readouterr().out.startswith("right: ")


def test_the_readable_layers_do_not_mind_numpy_arrays_meanwhile():
    with PretendedCupy():
        assert g2(np.zeros(2)).tolist() == [0, 0]
