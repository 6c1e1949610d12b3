"""The exercises of notebook 4, the recurrence and backpropagation through time."""

from collections.abc import Callable

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.layers.recurrent import recurrent_backward, recurrent_forward
from mrnn_np.teaching.exercise import Refused, exercise, expect_array, run


@exercise
def recurrence(states: Callable[[Array, Array], Array]) -> str:
    """From w (T, d) and U_r (d, d) to r (T, d), for one sentence."""
    w, U_r = _sentence()
    expected, _ = recurrent_forward(w, U_r, (1,) * len(w))
    got = np.asarray(run(states, w, U_r))
    if got.shape == expected.shape and (got < 0).any():
        raise Refused(f"r holds {got.min():.4g}; what leaves a ReLU is never negative")
    if got.shape == expected.shape and np.allclose(got, recurrent_forward(w, U_r.T.copy(), (1,) * len(w))[0]):
        raise Refused("r is what U_r transposed would give; U_r r(t-1) is U_r @ r for a vector, r @ U_r.T for rows")
    expect_array(got, expected, "r (time step t is index t - 1)")
    return "each state is made of the word and of everything before it"


@exercise
def backward_in_time(gradient: Callable[[Array, Array, Array], Array]) -> str:
    """From dr (T, d), r (T, d) and U_r to dz (T, d), for one sentence."""
    w, U_r = _sentence()
    r, cache = recurrent_forward(w, U_r, (1,) * len(w))
    dr = np.random.default_rng(5).normal(size=w.shape)
    expected, _ = recurrent_backward(dr, cache)
    got = np.asarray(run(gradient, dr, r, U_r))
    if got.shape == expected.shape:
        if np.allclose(got, dr * (r > 0)):
            raise Refused("nothing comes back from the step after: the carry is missing")
        if not np.allclose(got[-1], expected[-1]):
            raise Refused("dz of the last step is wrong, to which nothing is carried: look at the slope of f2")
        if np.allclose(got[-2], dr[-2] * (r[-2] > 0) + U_r.T @ expected[-1]):
            raise Refused("what is carried must pass the slope of f2 too, not only what comes from above")
    expect_array(got, expected, "dz (time step t is index t - 1)")
    return "from the last word to the first, and every step once"


@exercise
def gradient_of_U_r(gradient: Callable[[Array, Array], Array]) -> str:
    """From dz (T, d) and r (T, d) to dU_r (d, d), for one sentence."""
    w, U_r = _sentence()
    r, cache = recurrent_forward(w, U_r, (1,) * len(w))
    dz, dU_r = recurrent_backward(np.random.default_rng(6).normal(size=w.shape), cache)
    got = np.asarray(run(gradient, dz, r))
    if got.shape == U_r.shape and np.allclose(got, dz.T @ r):
        raise Refused("dz(t) is paired with r(t); which state was it that U_r multiplied at time t?")
    expect_array(got, dU_r, "dU_r")
    return "one matrix, used at every step, and so one sum over all steps"


def _sentence() -> tuple[Array, Array]:
    rng = np.random.default_rng(4)
    return rng.normal(size=(5, 3)), rng.normal(size=(3, 3))
