"""The exercises of notebook 3, gradients you can trust."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.gradients.methods import complex_step
from mrnn_np.teaching.exercise import Refused, exercise, expect_array, expect_number, near, numbers, parts, run
from mrnn_np.teaching.planted import dropped_recurrence_forward


@exercise
def sigmoid_slope(slope: Callable[[Array], Array]) -> str:
    """From y = 1 / (1 + exp(-z)), its output, to dy/dz."""
    z = np.linspace(-4, 4, 9)
    y = 1 / (1 + np.exp(-z))
    expected = complex_step(lambda x: (1 / (1 + np.exp(-x))).sum(), z)
    got = run(slope, y)
    if near(got, (1 / (1 + np.exp(-y))) * (1 - 1 / (1 + np.exp(-y)))):
        raise Refused("y is the output of the sigmoid already; no second one is needed")
    expect_array(got, expected, "the slope at z = -4, -3 .. 4")
    return "the slope is never above 1/4: remember that when gradients vanish"


@exercise
def directional_slope(slope: Callable[..., Any]) -> str:
    """From f, x, a direction and h to the central difference of f along the direction."""
    rng = np.random.default_rng(0)
    x, direction = rng.normal(size=(2, 3, 4))
    calls = []

    def f(x: Array) -> float:
        calls.append(x)
        return float((x**3).sum())

    h = 1e-2
    got = run(slope, f, x, direction, h)
    if len(calls) != 2:
        times = f"{len(calls)} time{'' if len(calls) == 1 else 's'}"
        raise Refused(f"f was called {times}; call it twice, however many numbers x holds")
    exact = float((3 * x**2 * direction).sum())
    bend = h**2 * float((direction**3).sum())
    if near(got, (f(x + h * direction) - f(x)) / h):
        raise Refused("this is the one-sided difference: step to both sides, h and -h")
    if near(got, 2 * (exact + bend)):
        raise Refused("divided by h; the two places are 2 h apart")
    if near(got, exact + 1e-6 * bend):
        raise Refused("the step is 1e-5 whatever h is; here h = 0.01 was given")
    length = float(np.linalg.norm(direction))
    if near(got, (exact + bend / length**2) / length):
        raise Refused("the direction was shortened to length 1; the slope is asked for along it as it is")
    if near(got, float((3 * x**2).sum() + h**2 * x.size)):
        raise Refused("this steps by h in every coordinate; step along the direction")
    if numbers(got).ndim == 0 and not abs(float(got) - exact) <= 20 * abs(bend) + 1e-9:
        expect_number(got, exact, "the slope of sum(x^3)", 1e-4)
    expect_number(got, exact + bend, "the slope of sum(x^3) with h = 0.01", 1e-8)
    return "two evaluations, and every coordinate of a wrong gradient is met"


@exercise
def dropout_backward(forward: Callable[..., Any], backward: Callable[..., Any]) -> str:
    """The planted bug mended: forward(w, U_r, mask) -> dropped, cache and backward(d_dropped, cache) -> dw, dU_r."""
    rng = np.random.default_rng(1)
    w, U_r = rng.normal(size=(6, 4)), rng.normal(size=(4, 4))
    mask = (rng.random((6, 4)) < 0.5) * 2.0
    c = rng.normal(size=w.shape)
    for given, name in ((np.ones_like(mask), "without dropout"), (mask, "with dropout")):
        dropped, cache = parts(run(forward, w, U_r, given), "dropped and a cache from the forward", 2)
        expect_array(dropped, dropped_recurrence_forward(w, U_r, given)[0], f"{name}: what the forward returns")
        dw, dU_r = parts(run(backward, c, cache), "two arrays, dw and dU_r, from the backward", 2)

        def cost(w: Array, U_r: Array, given: Array = given) -> Array:
            return (c * dropped_recurrence_forward(w, U_r, given)[0]).sum()

        expect_array(dw, complex_step(lambda w: cost(w, U_r), w), f"{name}: dw")
        expect_array(dU_r, complex_step(lambda U_r: cost(w, U_r), U_r), f"{name}: dU_r")
    return "the gate and the state before must be those of the recurrence, not of what was dropped from it"
