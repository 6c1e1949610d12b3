"""The exercises of notebook 7, training."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.model.params import Params
from mrnn_np.teaching.exercise import Refused, exercise, expect_array, expect_number, run
from mrnn_np.training.sgd import SGD, learning_rate


@exercise
def update(step: Callable[..., Any]) -> str:
    """From theta, the gradient of the bits, velocity (n,), lr, momentum and l2 to the new theta and velocity."""
    rng = np.random.default_rng(0)
    for momentum, l2 in ((0.0, 0.0), (0.9, 0.0), (0.9, 0.01)):
        theta, g, velocity = (rng.normal(size=4) for _ in range(3))
        got = run(step, theta, g, velocity, 0.1, momentum, l2)
        if not isinstance(got, tuple) or len(got) != 2:
            raise Refused("expected two arrays, theta and velocity")
        new, v = theta.copy(), velocity.copy()
        params = Params({"theta": theta.shape}, new)
        SGD(l2, momentum).update(params, params.with_theta(g.copy()), v, 0.1)
        given = f"momentum {momentum}, l2 {l2}"
        if l2 and np.shape(got[1]) == v.shape and np.allclose(got[1], v - l2 * theta):
            raise Refused(f"{given}: the slope of theta^2 is not theta")
        if momentum and np.shape(got[1]) == v.shape and np.allclose(got[1], velocity * momentum + g * (1 - momentum)):
            raise Refused(f"{given}: this is a running mean; the gradient counts in full")
        expect_array(got[1], v, f"{given}: the new velocity")
        expect_array(got[0], new, f"{given}: the new theta")
    return "three lines, and they train everything in this course"


@exercise
def rate(schedule: Callable[..., Any]) -> str:
    """From the number of an update, how many there are, the peak and the warm-up to the learning rate."""
    for step, total, peak, warmup in ((0, 100, 0.3, 10), (9, 100, 0.3, 10), (10, 100, 0.3, 10), (55, 100, 0.3, 10)):
        name = f"update {step} of {total}, peak {peak}, warm-up {warmup}: the rate"
        got = run(schedule, step, total, peak, warmup)
        if step == 0 and not isinstance(got, bool) and np.ndim(got) == 0 and float(got) == 0:
            raise Refused("update 0 would do nothing; the first of `warmup` updates has the first part of the peak")
        expect_number(got, learning_rate(step, total, peak, "cosine", warmup), name)
    expect_number(run(schedule, 0, 4, 1.0, 0), 1.0, "without a warm-up: the first rate")
    return "up in a line, down along half a cosine"


@exercise
def clipped(clip: Callable[..., Any]) -> str:
    """From the gradients of several matrices and a limit to the same gradients with a norm of at most that limit."""
    rng = np.random.default_rng(1)
    gradients: dict[str, Array] = {"U_r": rng.normal(size=(2, 2)), "b_m": rng.normal(size=3)}
    norm = float(np.sqrt(sum((g * g).sum() for g in gradients.values())))
    for limit in (2 * norm, norm / 2):
        got = clip({name: g.copy() for name, g in gradients.items()}, limit)
        if not isinstance(got, dict) or set(got) != set(gradients):
            raise Refused("expected a dict with the same names")
        given = f"norm {norm:.2f}, limit {limit:.2f}"
        factor = min(1.0, limit / norm)
        each = {name: g * min(1.0, limit / float(np.linalg.norm(g))) for name, g in gradients.items()}
        if factor < 1 and all(np.shape(got[n]) == g.shape and np.allclose(got[n], g) for n, g in each.items()):
            raise Refused(f"{given}: each matrix was clipped by its own norm, which turns the gradient")
        bent = {name: g.clip(-limit, limit) for name, g in gradients.items()}
        if factor < 1 and all(np.shape(got[n]) == g.shape and np.allclose(got[n], g) for n, g in bent.items()):
            raise Refused(f"{given}: each number was clipped by itself, which turns the gradient")
        for name, g in gradients.items():
            expect_array(got[name], factor * g, f"{given}: {name}")
    return "shorter, never turned"
