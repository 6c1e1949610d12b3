"""Stochastic gradient descent with the paper's L2 penalty, with momentum and global-norm clipping as options.

g = dC/dtheta = d(bits per word)/dtheta + 2 lambda theta           there is no 1/2 in front of the penalty
g = g * min(1, clip / ||g||)                                       clip = 0 leaves g alone
velocity = momentum * velocity + g                                 momentum = 0 is plain SGD
theta = theta - lr * velocity

The learning rate lr is a function of the step: constant, step or cosine, after a linear warm-up.
"""

import math
from dataclasses import dataclass

import numpy as np

from mrnn_np.backend import Array, get_xp, kernels, on_gpu
from mrnn_np.backend.blocks import row_blocks
from mrnn_np.model.params import Gradient, Params

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
        xp = get_xp(velocity)
        if xp is np:
            velocities = params.with_theta(velocity)
            parts = [(params[symbol], grads[symbol], velocities[symbol]) for symbol in params]
        else:
            # A GPU takes longer to be told of many parts than to copy the gradient into one.
            parts = [(params.theta, grads.theta, velocity)]
        scale = None
        if self.clip:
            square = sum(squared_norm(theta, g, self.l2) for theta, g, _ in parts)
            # On the device and without a branch, so that nothing waits for the norm.
            scale = self.clip / xp.maximum(xp.sqrt(square), self.clip)
        for theta, g, v in parts:
            descend(theta, g, v, scale, lr, self.l2, self.momentum)

    def penalty(self, params: Params) -> Array:
        """lambda ||theta||^2, in bits per word: the second term of the paper's cost, a 0-d array."""
        return self.l2 * (params.theta @ params.theta)


def squared_norm(theta: Array, g: Array, l2: float) -> Array:
    """||g + 2 l2 theta||^2, of arrays of one shape."""
    square = get_xp(g).zeros((), g.dtype)
    for rows in row_blocks(g):
        with_l2 = (2 * l2) * theta[rows]
        with_l2 += g[rows]
        square = square + get_xp(g).vdot(with_l2, with_l2)
    return square


@on_gpu(kernels.descend)
def descend(
    theta: Array, g: Array, velocity: Array, scale: Array | None, lr: float, l2: float, momentum: float
) -> None:
    """The update rule in place, with `scale` for min(1, clip / ||g||): `theta` and `velocity` change."""
    for rows in row_blocks(theta):
        theta_, velocity_ = theta[rows], velocity[rows]
        step = (2 * l2) * theta_
        step += g[rows]
        if scale is not None:
            step *= scale
        velocity_ *= momentum
        velocity_ += step
        theta_ -= lr * velocity_


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
