"""Stochastic gradient descent with the paper's L2 penalty, with momentum and global-norm clipping as options.

g = dC/dtheta = d(bits per word)/dtheta + 2 lambda theta           there is no 1/2 in front of the penalty
g = g * min(1, clip / ||g||)                                       clip = 0 leaves g alone
velocity = momentum * velocity + g                                 momentum = 0 is plain SGD
theta = theta - lr * velocity

The learning rate lr is a function of the step: constant, step or cosine, after a linear warm-up.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np

from mrnn_np.backend import Array, get_xp, kernels, on_gpu
from mrnn_np.backend.threads import spread
from mrnn_np.layers.outer_sum import Later, rows_of
from mrnn_np.model.params import Gradient, Params, slices_of

SCHEDULES = ("constant", "step", "cosine")


@dataclass(frozen=True)
class SGD:
    """The update rule above.

    Parameters
    ----------
    l2 : lambda, in bits per word for each unit of ||theta||^2
    momentum : 0 <= momentum < 1
    clip : the largest ||g|| allowed, 0 for no limit
    """

    l2: float = 0.0
    momentum: float = 0.0
    clip: float = 0.0

    def update(self, params: Params, grads: Params | Gradient, velocity: Array, lr: float) -> None:
        """One step, in place: `params.theta` and `velocity` change."""
        if self.clip and any(isinstance(grads[symbol], Later) for symbol in params):
            # Made once, as it is read twice.
            grads = params.with_theta(grads.theta)
        if get_xp(velocity) is np:
            velocities = params.with_theta(velocity)
            parts = [(params[symbol], grads[symbol], velocities[symbol], rows) for symbol, rows in slices_of(params)]
        else:
            # A GPU takes longer to be told of many parts than to copy the gradient into one.
            parts = [(params.theta, grads.theta, velocity, slice(None))]
        scale = self.scale(parts) if self.clip else None

        def step(theta: Array, g: Array | Later, v: Array, rows: slice) -> None:
            descend(theta[rows], rows_of(g, rows), v[rows], scale, lr, self.l2, self.momentum)

        spread(step, *zip(*parts, strict=True))

    def scale(self, parts: Sequence[tuple[Array, Array, Array, slice]]) -> Array:
        """min(1, clip / ||g||), on the device and without a branch, so that nothing waits for the norm."""

        def of_part(theta: Array, g: Array, v: Array, rows: slice) -> Array:
            return squares(theta[rows], g[rows], self.l2)

        return clip_scale(reduce(add, spread(of_part, *zip(*parts, strict=True))), self.clip)

    def penalty(self, params: Params) -> Array:
        """lambda ||theta||^2, in bits per word: the second term of the paper's cost, a 0-d array."""
        return self.l2 * (params.theta @ params.theta)


@on_gpu(kernels.squares)
def squares(theta: Array, g: Array, l2: float) -> Array:
    """||dC/dtheta||^2 of some parameters, g with the penalty's part."""
    with_l2 = (2 * l2) * theta
    with_l2 += g
    return get_xp(g).vdot(with_l2, with_l2)


@on_gpu(kernels.clip_scale)
def clip_scale(squares: Array, clip: float) -> Array:
    """min(1, clip / ||g||) from ||g||^2, which may be in several parts."""
    xp = get_xp(squares)
    return clip / xp.maximum(xp.sqrt(squares.sum()), clip)


@on_gpu(kernels.descend)
def descend(
    theta: Array, g: Array, velocity: Array, scale: Array | None, lr: float, l2: float, momentum: float
) -> None:
    """The update rule in place, with `scale` for min(1, clip / ||g||): `theta` and `velocity` change."""
    step = (2 * l2) * theta
    step += g
    if scale is not None:
        step *= scale
    velocity *= momentum
    velocity += step
    theta -= lr * velocity


def learning_rate(step: int, total: int, peak: float, schedule: str = "cosine", warmup: int = 0) -> float:
    """The learning rate of update number `step`.

    Parameters
    ----------
    step : 0 .. total - 1
    total : updates in the whole training
    peak : the largest learning rate
    schedule : "constant" stays at the peak; "step" halves it after 1/2, 2/3 and 5/6 of training; "cosine" falls to 0
        along half a cosine
    warmup : the first so many updates rise linearly to the peak
    """
    if step < warmup:
        return peak * (step + 1) / warmup
    done = (step - warmup) / max(1, total - warmup)
    if schedule == "cosine":
        return peak * 0.5 * (1 + math.cos(math.pi * done))
    if schedule == "step":
        return peak * 0.5 ** max(0, math.floor(6 * done) - 2)
    return peak
