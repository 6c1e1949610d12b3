"""Two numerical derivatives of a scalar function, and the error of a gradient against them.

* Central differences, (f(x + h) - f(x - h)) / 2h, need nothing of f.  Their error is a V in h: too large and the curve
  bends (h^2), too small and digits cancel (1e-16 / h); h = 1e-5 sits near the bottom, at about 1e-10.
* The complex step, Im f(x + ih) / h, subtracts nothing, so h can be 1e-30 and the error is that of the arithmetic.  It
  needs an f that computes in complex numbers and is analytic at x; ReLU is, everywhere but at its kink.

Both work on host arrays and call `f`, which may compute on any device.
"""

from collections.abc import Callable

import numpy as np

from mrnn_np.backend import Array

Function = Callable[[Array], Array]


class KinkError(Exception):
    """A central difference was asked for where the function has a corner, so that it means nothing there."""


def central_difference(f: Function, x: Array, h: float = 1e-5) -> Array:
    """The gradient of `f` at `x`, one coordinate at a time; `x` is a float64 host array.

    Raises
    ------
    KinkError : the quotients at h and h/2 disagree, which they cannot do where f is smooth
    """
    gradient, halved = np.empty_like(x), np.empty_like(x)
    for i in np.ndindex(x.shape):
        for result, step in ((gradient, h), (halved, h / 2)):
            above, below = x.copy(), x.copy()
            above[i] += step
            below[i] -= step
            result[i] = (float(f(above)) - float(f(below))) / (2 * step)
    doubtful = np.abs(gradient - halved) > 1e-5 * max(1.0, float(np.abs(gradient).max(initial=0)))
    if doubtful.any():
        where = tuple(int(i) for i in np.argwhere(doubtful)[0])
        raise KinkError(f"no derivative at coordinate {where}: {gradient[where]} at h, {halved[where]} at h/2")
    return halved


def complex_step(f: Function, x: Array, h: float = 1e-30) -> Array:
    """The gradient of an analytic `f` at `x`, one coordinate at a time; `x` is a float64 host array."""
    gradient = np.empty_like(x)
    for i in np.ndindex(x.shape):
        aside = x.astype(np.complex128)
        aside[i] += 1j * h
        gradient[i] = complex(f(aside)).imag / h
    return gradient


def complex_slope(f: Function, x: Array, direction: Array, h: float = 1e-30) -> float:
    """The derivative of an analytic `f` at `x` along `direction`, in one evaluation whatever the size of x."""
    return complex(f(x + 1j * h * direction)).imag / h


def relative_error(gradient: Array, expected: Array) -> float:
    """||gradient - expected|| / max(||gradient||, ||expected||), of whole arrays; 0 when both are 0."""
    scale = max(np.linalg.norm(gradient), np.linalg.norm(expected))
    difference = np.linalg.norm(np.asarray(gradient) - np.asarray(expected))
    return float(difference / scale) if scale else float(difference)
