"""The loss of guessing several yes-or-no attributes of a picture: cross entropy of independent sigmoids, in bits.

P(attribute a) = sigmoid(z[a]);  bits = -sum over a of log2 P(what is true of a)
"""

import math

from mrnn_np.backend import Array, get_xp


def sigmoid_loss_forward(z: Array, labels: Array) -> tuple[Array, tuple[Array, Array]]:
    """Return how many bits it costs to tell each picture's attributes, given the scores of a network.

    Parameters
    ----------
    z : (N, A) float, the scores
    labels : (N, A) bool, which attributes are true

    Returns
    -------
    bits : (N,) float
    cache : for `sigmoid_loss_backward`
    """
    xp = get_xp(z)
    # sigmoid(z) = yes / (yes + no); shifting by the larger exponent keeps both from overflowing.
    largest = xp.maximum(z.real, 0)
    yes, no = xp.exp(z - largest), xp.exp(-largest)
    bits = (largest + xp.log(yes + no) - labels * z).sum(axis=1) / math.log(2)
    return bits, (yes / (yes + no), labels)


def sigmoid_loss_backward(d_bits: Array, cache: tuple[Array, Array]) -> Array:
    """dz = d_bits (sigmoid(z) - labels) / ln 2; `d_bits` is (N,)."""
    probability, labels = cache
    return d_bits[:, None] * (probability - labels) / math.log(2)
