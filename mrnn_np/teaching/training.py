"""The exercises of notebook 7, training."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.model.params import Params
from mrnn_np.teaching.exercise import Refused, exercise, expect_array, expect_number, near, parts, run
from mrnn_np.training.sgd import SGD, learning_rate


@exercise
def update(step: Callable[..., Any]) -> str:
    """From theta, the gradient of the bits, velocity (n,), lr, momentum and l2 to the new theta and velocity."""
    rng = np.random.default_rng(0)
    for momentum, l2 in ((0.0, 0.0), (0.9, 0.0), (0.9, 0.01)):
        theta, g, velocity = (rng.normal(size=4) for _ in range(3))
        answer = run(step, theta, g, velocity, 0.1, momentum, l2, in_place=True)
        got = parts(answer, "two arrays, theta and velocity", 2)
        new, v = theta.copy(), velocity.copy()
        params = Params({"theta": theta.shape}, new)
        SGD(l2, momentum).update(params, params.with_theta(g.copy()), v, 0.1)
        given = f"momentum {momentum}, l2 {l2}"
        if near(got[0], v) and near(got[1], new):
            raise Refused("the two are right and in the wrong order: theta first, then the velocity")
        if l2 and near(got[1], v - l2 * theta):
            raise Refused(f"{given}: the slope of theta^2 is not theta")
        if l2 and near(got[1], v - 2 * l2 * theta):
            raise Refused(f"{given}: the penalty is not felt by the velocity")
        if momentum and near(got[1], velocity * momentum + g * (1 - momentum)):
            raise Refused(f"{given}: this is a running mean; the gradient counts in full")
        if near(got[1], momentum * velocity + 0.1 * (v - momentum * velocity)):
            raise Refused(f"{given}: the rate is for the step of theta; the gradient enters the velocity in full")
        if near(got[1], velocity):
            raise Refused(f"{given}: the velocity that comes back is that of before")
        if near(got[0], theta + 0.1 * v):
            raise Refused(f"{given}: theta goes along the velocity, which points uphill; it must go against it")
        if near(got[0], theta - 0.1 * velocity):
            raise Refused(f"{given}: theta was moved by the velocity before; the new one moves it")
        expect_array(got[1], v, f"{given}: the new velocity")
        expect_array(got[0], new, f"{given}: the new theta")
    return "three lines, and they train everything in this course"


@exercise
def rate(schedule: Callable[..., Any]) -> str:
    """From the number of an update, how many there are, the peak and the warm-up to the learning rate."""
    for step in (0, 9, 10, 55, 25, 80, 99):
        total, peak, warmup = 100, 0.3, 10
        name = f"update {step} of {total}, peak {peak}, warm-up {warmup}: the rate"
        got = run(schedule, step, total, peak, warmup)
        if step == 0 and near(got, 0.0):
            raise Refused("update 0 would do nothing; the first of `warmup` updates has the first part of the peak")
        if step > warmup and step != 55 and near(got, peak * (total - step) / (total - warmup)):
            raise Refused(f"{name} falls in a line; half a cosine is flat at both ends and steep in the middle")
        expect_number(got, learning_rate(step, total, peak, "cosine", warmup), name)
    for step in (0, 2):
        expected = learning_rate(step, 4, 1.0, "cosine", 0)
        expect_number(run(schedule, step, 4, 1.0, 0), expected, f"without a warm-up: the rate of update {step} of 4")
    return "up in a line, down along half a cosine"


@exercise
def clipped(clip: Callable[..., Any]) -> str:
    """From the gradients of several matrices and a limit to the same gradients with a norm of at most that limit."""
    rng = np.random.default_rng(1)
    gradients: dict[str, Array] = {"U_r": rng.normal(size=(2, 2)), "b_m": rng.normal(size=3)}
    norm = float(np.sqrt(sum((g * g).sum() for g in gradients.values())))
    for limit in (2 * norm, norm / 2):
        got = run(clip, {name: g.copy() for name, g in gradients.items()}, limit)
        if not isinstance(got, dict) or set(got) != set(gradients):
            raise Refused(f"expected a dict with the same names; a {type(got).__name__} came back")
        given = f"norm {norm:.2f}, limit {limit:.2f}"
        factor = min(1.0, limit / norm)
        each = {name: g * min(1.0, limit / float(np.linalg.norm(g))) for name, g in gradients.items()}
        if factor < 1 and all(near(got[name], g) for name, g in each.items()):
            raise Refused(f"{given}: each matrix was clipped by its own norm, which turns the gradient")
        bent = {name: g.clip(-limit, limit) for name, g in gradients.items()}
        if factor < 1 and all(near(got[name], g) for name, g in bent.items()):
            raise Refused(f"{given}: each number was clipped by itself, which turns the gradient")
        together = {
            "the norms of the matrices were added up; it is their squares that add up": sum(
                map(np.linalg.norm, gradients.values())
            ),
            "this is shortened by the squared norm; its root is the norm": norm**2,
        }
        for reason, wrong in together.items():
            if factor < 1 and all(near(got[name], g * min(1, limit / wrong)) for name, g in gradients.items()):
                raise Refused(f"{given}: {reason}")
        for name, g in gradients.items():
            if factor < 1 and near(got[name], g):
                raise Refused(f"{given}: {name} was not shortened")
            # Who adds a little to the norm, so as not to divide by 0, is right too.
            expect_array(got[name], factor * g, f"{given}: {name}", tolerance=1e-5)
    return "shorter, never turned"
