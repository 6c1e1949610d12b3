"""Dropout: during training each unit is kept with probability 1 - rate and then divided by it; our addition.

The masks are drawn on the host, so both backends see the same ones, and frozen masks can be gradient-checked.  Only
what leaves a layer upward is dropped: the recurrence itself sees r(t-1) whole.
"""

from mrnn_np.backend import Array


def dropout(x: Array, mask: Array | None) -> Array:
    """x * mask, where `mask` holds 0 or 1 / (1 - rate) in the shape and dtype of x; x itself where there is no mask.

    The backward is the same function: d_x = dropout(d_y, mask).
    """
    return x if mask is None else x * mask
