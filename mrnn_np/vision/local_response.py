"""Local response normalisation, from the AlexNet of 2012: a channel is damped where its neighbours are strong.

y[c] = x[c] s[c]^-beta,   s[c] = k + alpha / n * sum of x[c']^2 over the n channels c' around c

Krizhevsky et al. put it after the first two layers, with n = 5, k = 2, beta = 0.75 and alpha = 5e-4 (they write alpha
for our alpha / n).  Networks since do without, and so does the AlexNet of torchvision that `alexnet` describes.
"""

from typing import Any

from mrnn_np.backend import Array, get_xp


def local_response_forward(
    x: Array, n: int = 5, k: float = 2.0, alpha: float = 5e-4, beta: float = 0.75
) -> tuple[Array, tuple[Any, ...]]:
    """Normalise `x` across its last axis; neighbours outside count as 0.

    Parameters
    ----------
    x : (..., C) float
    n : number of channels in a neighbourhood, odd
    k, alpha, beta : as in the formula above

    Returns
    -------
    y : (..., C) float
    cache : for `local_response_backward`
    """
    s = k + (alpha / n) * _sum_around(x * x, n)
    return x / s**beta, (x, s, n, alpha, beta)


def local_response_backward(dy: Array, cache: tuple[Any, ...]) -> Array:
    """dx[c] = dy[c] s[c]^-beta - 2 alpha beta / n * x[c] * sum over the same n of dy[c'] x[c'] s[c']^(-beta - 1).

    The sum is over the channels that c damps, which are those that damp c.
    """
    x, s, n, alpha, beta = cache
    damped = dy / s**beta
    return damped - (2 * alpha * beta / n) * x * _sum_around(damped * x / s, n)


def _sum_around(x: Array, n: int) -> Array:
    xp = get_xp(x)
    padded = xp.pad(x, [(0, 0)] * (x.ndim - 1) + [(n // 2, n // 2)])
    return sum(padded[..., i : i + x.shape[-1]] for i in range(n))
