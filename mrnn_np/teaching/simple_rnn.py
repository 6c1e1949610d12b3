"""The exercises of notebook 2, the simple RNN by hand."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.layers.activations import SIGMOID
from mrnn_np.layers.recurrent import recurrent_backward, recurrent_forward
from mrnn_np.teaching.exercise import Refused, exercise, expect_array, near, parts, run


@exercise
def step(one_step: Callable[[Array, Array, Array], Array]) -> str:
    """From w(t) (M,), r(t-1) (d,) and U (d, M + d) to r(t) (d,)."""
    rng = np.random.default_rng(0)
    w, r, U = np.eye(4)[2], rng.uniform(size=3), rng.normal(size=(3, 7))
    z = U @ np.concatenate([w, r])
    expected = SIGMOID.f(z)
    got = run(one_step, w, r, U)
    if near(got, z):
        raise Refused("this is U x(t); the sigmoid is missing")
    if near(got, SIGMOID.f(-z)):
        raise Refused("the sigmoid falls where it should rise: it has e to the power of -z")
    if near(got, np.tanh(z)) or near(got, np.maximum(z, 0)):
        raise Refused("U x(t) goes through another function than the sigmoid")
    if near(got, SIGMOID.f(U[:, :3] @ r + U[:, 3:] @ w)):
        raise Refused("x(t) has its two parts in the wrong order: the word comes first")
    if near(got, SIGMOID.f(U[:, :4] @ w)):
        raise Refused("only the word is read; r(t-1) is not heard")
    expect_array(got, expected, "r(t)")
    return "the word and the memory, end to end, through one matrix"


@exercise
def step_back(one_step_back: Callable[..., Any]) -> str:
    """From dr(t) + the carry (d,), r(t) (d,) and U (d, M + d) to dz(t) (d,) and the carry to r(t-1) (d,)."""
    rng = np.random.default_rng(1)
    r, dr, U = rng.uniform(size=3), rng.normal(size=3), rng.normal(size=(3, 7))
    dz = dr * SIGMOID.slope(r)
    got = parts(run(one_step_back, dr, r, U), "two arrays, dz(t) and what is carried back to r(t-1)", 2)
    if near(got[0], dr):
        raise Refused("dz(t) does not pass the slope of the sigmoid")
    if near(got[0], U[:, 4:].T @ dz) and near(got[1], dz):
        raise Refused("the two are right and in the wrong order: dz(t) first, then the carry")
    expect_array(got[0], dz, "dz(t)")
    if np.shape(got[1]) == (7,):
        raise Refused("U^T dz(t) is the gradient of all of x(t); only its part for r(t-1) is carried back")
    if near(got[1], U[:, 4:].T @ dr):
        raise Refused("the carry does not pass the slope of the sigmoid: it is dz(t) that goes back through U")
    if near(got[1], U[:, :3].T @ dz):
        raise Refused("the carry came back through columns that read the word; those of r(t-1) are the last d")
    if near(got[1], U[:, 4:] @ dz):
        raise Refused("the carry came back through U as it is; the way back is through its transpose")
    expect_array(got[1], U[:, 4:].T @ dz, "the carry")
    return "the part of U that read r(t-1) carries the gradient back to it"


@exercise
def reaches(does_it_reach: Callable[[int, int, int], Any]) -> str:
    """From time steps s and t, 1 or more, and K to whether the cost of step s reaches the word of step t."""
    T = 9
    for K in (0, 1, 3, 4):
        _, cache = recurrent_forward(np.zeros((T, 1)), np.ones((1, 1)), (1,) * T, SIGMOID, K)
        for s in range(1, T + 1):
            dx, _ = recurrent_backward(np.eye(T)[s - 1][:, None], cache)
            for t in range(1, T + 1):
                got, expected = bool(run(does_it_reach, s, t, K)), bool(dx[t - 1, 0] != 0)
                if got != expected:
                    said = "reach" if got else "not reach"
                    raise Refused(f"the cost of step {s} is said to {said} the word of step {t} with K = {K}")
    return "back in time, and not over a cut"
