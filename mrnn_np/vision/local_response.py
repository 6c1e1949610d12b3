"""Local response normalisation, from the AlexNet of 2012: a channel is damped where its neighbours are strong.

y[c] = x[c] / (k + alpha / n * sum of x[c']^2 over the n channels c' around c) ^ beta

Krizhevsky et al. put it after the first two layers, with n = 5, k = 2, beta = 0.75 and alpha = 5e-4 (they write alpha
for our alpha / n).  Networks since do without, and so does the AlexNet of torchvision that `alexnet` describes.
"""

from mrnn_np.backend import Array, get_xp


def local_response_forward(x: Array, n: int = 5, k: float = 2.0, alpha: float = 5e-4, beta: float = 0.75) -> Array:
    """Normalise `x` (..., C) across its last axis; neighbours outside count as 0.  Forward only.

    Parameters
    ----------
    x : (..., C) float
    n : number of channels in a neighbourhood, odd
    k, alpha, beta : as in the formula above

    Returns
    -------
    y : (..., C) float
    """
    xp = get_xp(x)
    half = n // 2
    squares = xp.pad(x * x, [(0, 0)] * (x.ndim - 1) + [(half, half)])
    total = sum(squares[..., i : i + x.shape[-1]] for i in range(n))
    return x / (k + (alpha / n) * total) ** beta
