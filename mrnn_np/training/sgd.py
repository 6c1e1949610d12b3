"""Stochastic gradient descent with the paper's L2 penalty, with momentum and global-norm clipping as options.

g = dC/dtheta = d(bits per word)/dtheta + 2 lambda theta           there is no 1/2 in front of the penalty
g = g * min(1, clip / ||g||)                                       clip = 0 leaves g alone
velocity = momentum * velocity + g                                 momentum = 0 is plain SGD
theta = theta - lr * velocity
"""

from dataclasses import dataclass

from mrnn_np.backend import Array, get_xp, kernels, on_gpu
from mrnn_np.model.params import Params

BLOCK = 2**16
"""Numbers updated together, so that the passes over them find them in the cache: twice as fast as all at once."""


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

    def update(self, params: Params, grads: Params, velocity: Array, lr: float) -> None:
        """One step, in place: `params.theta` and `velocity` change, and `grads.theta` is used up."""
        theta, g, l2 = params.theta, grads.theta, self.l2
        if self.clip:
            g += (2 * l2) * theta
            l2 = 0.0
            # On the device and without a branch, so that nothing waits for the norm.
            xp = get_xp(theta)
            g *= self.clip / xp.maximum(xp.sqrt(g @ g), self.clip)
        descend(theta, g, velocity, lr, l2, self.momentum)

    def penalty(self, params: Params) -> Array:
        """lambda ||theta||^2, in bits per word: the second term of the paper's cost, a 0-d array."""
        return self.l2 * (params.theta @ params.theta)


@on_gpu(kernels.descend)
def descend(theta: Array, g: Array, velocity: Array, lr: float, l2: float, momentum: float) -> None:
    """The update rule without its clipping, in place: `theta` and `velocity` change, and `g` is used up."""
    for start in range(0, len(theta), BLOCK):
        some = slice(start, start + BLOCK)
        theta_, g_, velocity_ = theta[some], g[some], velocity[some]
        g_ += (2 * l2) * theta_
        velocity_ *= momentum
        velocity_ += g_
        get_xp(g).multiply(velocity_, lr, out=g_)
        theta_ -= g_
