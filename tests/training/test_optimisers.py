"""Adam: worked out by hand, by PyTorch, and on a device without waiting."""

import numpy as np
import pytest

from mrnn_np.backend import choose_backend
from mrnn_np.model.params import Params
from mrnn_np.training.optimisers import OPTIMISERS, Adam, make_optimiser, new_state
from mrnn_np.training.sgd import SGD

DEVICES = ["strict", pytest.param("gpu", marks=pytest.mark.gpu)]


def after(name, gradients, lr=0.1, theta=(1.0, -2.0), dtype=np.float64, **options):
    """The parameters after one update for each gradient, and the state."""
    params = Params({"a": (2,)}, np.array(theta, dtype))
    state = new_state(name, params.theta)
    for gradient in gradients:
        grads = params.with_theta(np.array(gradient, dtype))
        make_optimiser(name, **{"l2": 0, "momentum": 0, "clip": 0, **options}).update(params, grads, state, lr)
    return params.theta, state


def test_adam_by_hand():
    # After one step a / 0.1 = g and h / 0.001 = g^2, so each number moves by lr whatever its gradient.
    theta, state = after("adam", [(3, -0.001)])
    assert theta == pytest.approx([0.9, -1.9], rel=1e-5)
    assert state == pytest.approx([0.009, 1e-9, 0.3, -0.0001, 1])  # h, then a, then t


def test_l2_and_clipping_are_those_of_sgd():
    # g = (3, 1) + 2 * 0.5 * (1, -2) = (4, -1): h holds a thousandth of its squares, and the first step is by the sign.
    theta, state = after("adam", [(3, 1)], l2=0.5)
    assert theta == pytest.approx([0.9, -1.9], rel=1e-6)
    assert state[:2] == pytest.approx([0.016, 0.001])
    # Of norm sqrt 17, clipped to 2.
    theta, state = after("adam", [(3, 1)], l2=0.5, clip=2)
    assert state[:2] == pytest.approx([0.001 * 4 * 16 / 17, 0.001 * 4 * 1 / 17])
    # A limit that is not reached changes nothing.
    assert after("adam", [(3, 1)], l2=0.5, clip=5)[1][:2] == pytest.approx([0.016, 0.001])
    params = Params({"a": (2,)}, np.array([1.0, -2.0]))
    assert Adam(l2=0.5).penalty(params) == SGD(l2=0.5).penalty(params) == 2.5


def test_names_and_states():
    theta = np.zeros(7, np.float32)
    assert {name: len(new_state(name, theta)) for name in OPTIMISERS} == {
        "sgd": 7,
        "adam": 15,
    }
    assert make_optimiser("sgd", 1e-3, 0.9, 5.0) == SGD(1e-3, 0.9, 5.0)
    assert make_optimiser("adam", 1e-3, 0.9, 5.0) == Adam(1e-3, 5.0)


def test_pytorch_agrees():
    torch = pytest.importorskip("torch", reason="PyTorch is the outside witness; install it with: pip install torch")
    gradients = np.random.default_rng(0).normal(size=(20, 2))
    theta = torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.Adam([theta], lr=0.05)
    for gradient in gradients:
        theta.grad = torch.tensor(gradient)
        optimiser.step()
    assert after("adam", gradients, lr=0.05)[0] == pytest.approx(theta.detach().numpy(), rel=1e-6)


def test_the_dtype_is_kept_and_a_valley_is_descended():
    theta, state = np.float32([1, -2]), None
    params = Params({"a": (2,)}, theta)
    state = new_state("adam", theta)
    for _ in range(300):
        make_optimiser("adam", 0, 0, 0).update(params, params.with_theta(2 * params.theta), state, lr=0.05)
    assert params.theta.dtype == state.dtype == np.float32
    assert np.abs(params.theta).max() < 0.8


@pytest.mark.parametrize("backend", DEVICES, indirect=True)
def test_updates_are_the_same_as_on_numpy(backend):
    rng = np.random.default_rng(0)
    gradients = rng.normal(size=(5, 50)).astype(np.float32)
    results = []
    for device in (backend, choose_backend("numpy")):
        params = Params({"a": (50,)}, device.asarray(np.ones(50, np.float32)))
        state = new_state("adam", params.theta)
        for gradient in gradients:
            grads = params.with_theta(device.asarray(gradient.copy()))
            make_optimiser("adam", 1e-3, 0, 1.0).update(params, grads, state, lr=0.01)
        results.append((device.to_numpy(params.theta), device.to_numpy(state)))
    for found, expected in zip(*results, strict=True):
        assert found.dtype == np.float32
        assert found == pytest.approx(expected, rel=1e-5, abs=1e-7)


def test_an_update_waits_for_nothing(strict_cupy):
    backend = choose_backend("cupy")
    params = Params({"a": (50,)}, backend.asarray(np.ones(50, np.float32)))
    state, grads = new_state("adam", params.theta), params.with_theta(backend.asarray(np.ones(50, np.float32)))
    with strict_cupy.testing_counts() as counts, strict_cupy.set_options(allow_sync=False, allow_float64=False):
        make_optimiser("adam", 1e-3, 0, 1.0).update(params, grads, state, lr=0.01)
    assert (counts["h2d"], counts["d2h"], counts["sync"]) == (0, 0, 0)
