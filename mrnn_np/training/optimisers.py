"""Adam, to compare with SGD: a learning rate for each parameter, from the size of its gradients.

    g = dC/dtheta, with the L2 penalty and clipped, as in `mrnn_np.training.sgd`; all products number by number
    a = 0.9 a + 0.1 g,   h = 0.999 h + 0.001 g^2
    theta = theta - lr (a / (1 - 0.9^t)) / (sqrt(h / (1 - 0.999^t)) + eps)        t = 1, 2 ...

D. Kingma, J. Ba 2015.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeAlias

from mrnn_np.backend import Array, get_xp
from mrnn_np.model.params import Gradient, Params
from mrnn_np.training.sgd import SGD

EPS = 1e-8

LEARNING_RATES = {"adam": 0.001}
"""The largest learning rate where nobody says; that of SGD is training's own default."""

OPTIMISERS = ("sgd", *LEARNING_RATES)


@dataclass(frozen=True)
class Adam:
    """The rule above.

    Parameters
    ----------
    l2 : lambda, in bits per word for each unit of ||theta||^2
    clip : the largest ||g|| allowed, 0 for no limit
    """

    l2: float = 0.0
    clip: float = 0.0

    def update(self, params: Params, grads: Params | Gradient, state: Array, lr: float) -> None:
        """One step, in place: `params.theta` and `state` change."""
        xp = get_xp(params.theta)
        theta, g = params.theta, grads.theta
        g = g + (2 * self.l2) * theta
        if self.clip:
            g *= self.clip / xp.maximum(xp.sqrt(g @ g), self.clip)
        n = len(theta)
        h, a, t = state[:n], state[n : 2 * n], state[2 * n :]
        h += 0.001 * (g * g - h)
        a += 0.1 * (g - a)
        # Counted on the device, so that nothing waits and resuming needs no more than this array.
        t += 1
        theta -= lr * (a / (1 - 0.9**t)) / (xp.sqrt(h / (1 - 0.999**t)) + EPS)

    def penalty(self, params: Params) -> Array:
        """lambda ||theta||^2, in bits per word, a 0-d array."""
        return self.l2 * (params.theta @ params.theta)


Optimiser: TypeAlias = SGD | Adam


def make_optimiser(name: str, l2: float, momentum: float, clip: float) -> Optimiser:
    """Return the optimiser of that name, one of `OPTIMISERS`; `momentum` is SGD's."""
    return SGD(l2, momentum, clip) if name == "sgd" else Adam(l2, clip)


def new_state(name: str, theta: Array) -> Array:
    """Return what an optimiser remembers at first, zeros: SGD's velocity, (n,), or Adam's h, a and t, (2 n + 1,)."""
    return get_xp(theta).zeros(state_size(name, len(theta)), theta.dtype)


def states(name: str, state: Array, parts: Sequence[Params]) -> list[Array]:
    """Cut what an optimiser remembers of several networks, one behind the other, into that of each: views."""
    ends = list(accumulate(state_size(name, len(part.theta)) for part in parts))
    return [state[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def state_size(name: str, n: int) -> int:
    """Return how many numbers an optimiser remembers of n parameters."""
    return 2 * n + 1 if name == "adam" else n
