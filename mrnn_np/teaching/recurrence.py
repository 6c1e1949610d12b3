"""The exercises of notebook 4, the recurrence and backpropagation through time."""

from collections.abc import Callable

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.layers.recurrent import recurrent_backward, recurrent_forward
from mrnn_np.teaching.exercise import Refused, exercise, expect_array, near, numbers, run


@exercise
def recurrence(states: Callable[[Array, Array], Array]) -> str:
    """From w (T, d) and U_r (d, d) to r (T, d), for one sentence."""
    w, U_r = _sentence()
    expected, _ = recurrent_forward(w, U_r, (1,) * len(w))
    got = numbers(run(states, w, U_r), "r")
    if got.shape == expected.shape and (got < 0).any():
        raise Refused(f"r holds {got.min():.4g}; what leaves a ReLU is never negative")
    if got.shape == expected.shape and (got == got[-1]).all():
        raise Refused(
            "all rows are the last state: one array was changed at every step, and kept each time; keep copies"
        )
    if near(got, np.maximum(w @ U_r.T + w, 0)):
        raise Refused("U_r multiplies w(t) here; what it multiplies is r(t-1)")
    if near(got, np.maximum(w, 0)):
        raise Refused("no step hears of the one before: r(t-1) is missing")
    if near(got, recurrent_forward(w, U_r.T.copy(), (1,) * len(w))[0]):
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
    got = numbers(run(gradient, dr, r, U_r), "dz")
    if got.shape == expected.shape:
        if np.allclose(got, dr * (r > 0)):
            raise Refused("nothing comes back from the step after: the carry is missing")
        if np.allclose(got[-1], dr[-1]) and not np.allclose(got[-1], expected[-1]):
            raise Refused("dz of the last step does not pass the slope of f2")
        if not np.allclose(got[-1], expected[-1]):
            raise Refused("dz of the last step is wrong, to which nothing is carried: begin there and go backward")
        if np.allclose(got[-2], dr[-2] * (r[-2] > 0) + U_r.T @ expected[-1]):
            raise Refused("what is carried must pass the slope of f2 too, not only what comes from above")
        if np.allclose(got[-2], (dr[-2] + U_r @ expected[-1]) * (r[-2] > 0)):
            raise Refused("what is carried went through U_r as it is; the way back is through its transpose")
        if np.allclose(got[-2], (dr[-2] + U_r.T @ dr[-1]) * (r[-2] > 0)):
            raise Refused("it is dz(t+1) that is carried back to step t, not dr(t+1)")
    expect_array(got, expected, "dz (time step t is index t - 1)")
    return "from the last word to the first, and every step once"


@exercise
def gradient_of_U_r(gradient: Callable[[Array, Array], Array]) -> str:
    """From dz (T, d) and r (T, d) to dU_r (d, d), for one sentence."""
    w, U_r = _sentence()
    r, cache = recurrent_forward(w, U_r, (1,) * len(w))
    dz, dU_r = recurrent_backward(np.random.default_rng(6).normal(size=w.shape), cache)
    got = run(gradient, dz, r)
    if near(got, dz.T @ r):
        raise Refused("dz(t) is paired with r(t); which state was it that U_r multiplied at time t?")
    if near(got, dz[:-1].T @ r[1:]):
        raise Refused("dz(t) is paired with r(t+1); which state was it that U_r multiplied at time t?")
    if near(got, dz.T @ np.roll(r, 1, axis=0)):
        raise Refused("the first step is paired with the last state, r[-1]; before it there is r(0) = 0")
    expect_array(got, dU_r, "dU_r")
    return "one matrix, used at every step, and so one sum over all steps"


def _sentence() -> tuple[Array, Array]:
    # Most states are above zero and the matrix is far from its transpose: a mistake in either shows in most numbers.
    return np.random.default_rng(12).normal(0.3, 0.8, (5, 3)).round(1), np.array(
        [[0.3, 0.9, -0.2], [-0.5, 0.4, 0.8], [0.7, -0.3, 0.5]]
    )
