"""Backward passes with a bug in them, for the notebooks to find.  Nothing else may use them."""

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.layers.activations import f2_slope


def g2_slope_without_scale(m: Array) -> Array:
    """tanh' = 1 - tanh^2, as if m were tanh(z)."""
    return 1 - m * m


def recurrent_backward_without_carry(dr: Array, cache: tuple[Array, ...]) -> tuple[Array, Array]:
    """`recurrent_backward` with the gradient from the step after left out."""
    r, r_before, *_ = cache
    dz = dr * f2_slope(r)
    return dz, dz.T @ r_before


def recurrent_backward_transposed(dr: Array, cache: tuple[Array, ...]) -> tuple[Array, Array]:
    """`recurrent_backward` that sends the gradient back through U_r instead of its transpose."""
    r, r_before, U_r, sizes, *_ = cache
    dz = dr.copy()
    end, carry = len(dr), dr[:0]
    for size in reversed(sizes):
        now = slice(end - size, end)
        dz[end - size : end - size + len(carry)] += carry
        dz[now] *= f2_slope(r[now])
        carry = dz[now] @ U_r.T
        end -= size
    return dz, dz.T @ r_before


def softmax_backward_in_nats(dbits: Array, cache: tuple[Array, ...]) -> tuple[Array, Array, Array]:
    """`softmax_backward` without its 1 / ln 2, as if the cost were -ln y."""
    y_minus_target, r, V = cache
    ds = dbits[:, None] * y_minus_target
    return ds @ V, ds.T @ r, ds.sum(axis=0)


def dropped_recurrence_forward(w: Array, U_r: Array, mask: Array) -> tuple[Array, tuple[Array, ...]]:
    """The recurrence over one sentence, w and mask (T, d), and dropout on what leaves it upward."""
    T, d = w.shape
    r = np.zeros((T, d), np.result_type(w, U_r))
    for t in range(T):
        before = r[t - 1] if t else np.zeros(d)
        z = U_r @ before + w[t]
        r[t] = np.where(z.real > 0, z, 0)
    dropped = r * mask
    return dropped, (dropped, U_r, mask)


def dropped_recurrence_backward(d_dropped: Array, cache: tuple[Array, ...]) -> tuple[Array, Array]:
    """The gradients of w and U_r for `dropped_recurrence_forward`."""
    r, U_r, mask = cache
    dr = d_dropped * mask
    dz, dU_r = np.zeros_like(dr), np.zeros_like(U_r)
    for t in reversed(range(len(r))):
        carry = U_r.T @ dz[t + 1] if t + 1 < len(r) else 0
        dz[t] = (dr[t] + carry) * (r[t] > 0)
        if t:
            dU_r += np.outer(dz[t], r[t - 1])
    return dz, dU_r
