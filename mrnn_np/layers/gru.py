"""The gated recurrent unit: a gate u(t) keeps part of r(t-1) as it is, a gate s(t) hides part of it from what is new.

    u, s = sigmoid(x_u + U_u r(t-1)), sigmoid(x_s + U_s r(t-1))         update and reset gate
    n = tanh(x_n + U_n (s r(t-1)))                                       what is new
    r(t) = u r(t-1) + (1 - u) n                                          r(0) = 0

x(t) = W_x w(t) + b_x, of width 3 d_r (u, s, n), is one matrix product for all words, computed beforehand; U_u, U_s and
U_n stand one above the other in U_r.

K. Cho and others: Learning phrase representations using RNN encoder-decoder, EMNLP 2014.
"""

from collections.abc import Sequence

from mrnn_np.backend import Array, get_xp
from mrnn_np.layers.activations import sigmoid, sigmoid_slope, tanh_slope
from mrnn_np.layers.recurrent import State, time_steps, time_steps_back


def gru_gates(x: Array, r: Array, U_r: Array) -> Array:
    """The activated u, s and n side by side, (B, 3 d_r), of x(t) (B, 3 d_r) and r(t-1) (B, d_r)."""
    xp, d = get_xp(x), r.shape[1]
    gates = xp.empty_like(x)
    gates[:, : 2 * d] = sigmoid(x[:, : 2 * d] + r @ U_r[: 2 * d].T)
    gates[:, 2 * d :] = xp.tanh(x[:, 2 * d :] + (gates[:, d : 2 * d] * r) @ U_r[2 * d :].T)
    return gates


def gru_out(gates: Array, r: Array) -> Array:
    """r(t), (B, d_r), from the gates (B, 3 d_r) and r(t-1)."""
    d = r.shape[1]
    u, n = gates[:, :d], gates[:, 2 * d :]
    return n + u * (r - n)


def gru_step(x: Array, state: State, U_r: Array) -> State:
    """One time step: x(t) (B, 3 d_r) and the state (r(t-1),), (B, d_r), give the state (r(t),)."""
    (r,) = state
    return (gru_out(gru_gates(x, r, U_r), r),)


def gru_forward(x: Array, U_r: Array, sizes: Sequence[int], bptt: int = 0) -> tuple[Array, tuple[Array, ...]]:
    """All time steps of a packed batch.

    Parameters
    ----------
    x : (N, 3 d_r) float, packed, in the order u, s, n
    U_r : (3 d_r, d_r) float
    sizes : T host integers that never grow and add up to N
    bptt : over how many words at most a gradient goes back, 0 for all (`mrnn_np.layers.recurrent.time_steps_back`)

    Returns
    -------
    r : (N, d_r) float; 6 N d_r^2 flops
    cache : for `gru_backward`
    """
    xp, d = get_xp(x), U_r.shape[1]
    gates = xp.empty_like(x)
    r, r_before = (xp.empty((len(x), d), x.dtype) for _ in range(2))
    r_t = xp.zeros((sizes[0], d), x.dtype)
    for now in time_steps(sizes):
        r_before[now] = r_t[: now.stop - now.start]
        gates[now] = gru_gates(x[now], r_before[now], U_r)
        r_t = gru_out(gates[now], r_before[now])
        r[now] = r_t
    return r, (gates, r_before, U_r, sizes, bptt)


def gru_backward(dr: Array, cache: tuple[Array, ...]) -> tuple[Array, Array]:
    """Backpropagation through time, with z_u, z_s, z_n the arguments of the gates and dx(t) = dz(t):

        dz_u = dr (r(t-1) - n) u'        dz_n = dr (1 - u) n'
        q = U_n^T dz_n                    dz_s = q r(t-1) s'
        dr(t-1) += dr u + q s + U_u^T dz_u + U_s^T dz_s
        dU_u, dU_s = sum_t dz_u r(t-1)^T, sum_t dz_s r(t-1)^T            dU_n = sum_t dz_n (s r(t-1))^T

    Parameters
    ----------
    dr : (N, d_r) float, the gradient that reaches r(t) from above
    cache : from `gru_forward`

    Returns
    -------
    dx : (N, 3 d_r) float; 12 N d_r^2 flops in all
    dU_r : (3 d_r, d_r) float
    """
    gates, r_before, U_r, sizes, bptt = cache
    xp, d = get_xp(dr), U_r.shape[1]
    u, s, n = (gates[:, k * d : (k + 1) * d] for k in range(3))
    # All but dr(t) and q of the equations above is known for all words at once.
    known = (r_before - n) * sigmoid_slope(u), r_before * sigmoid_slope(s), (1 - u) * tanh_slope(n)
    dz = xp.concatenate(known, axis=1)
    carry = dr[:0]
    for now, coming in time_steps_back(sizes, bptt):
        dr_t = dr[now].copy()
        dr_t[:coming] += carry[:coming]
        dz_t = dz[now]
        dz_t[:, :d] *= dr_t
        dz_t[:, 2 * d :] *= dr_t
        q = dz_t[:, 2 * d :] @ U_r[2 * d :]
        dz_t[:, d : 2 * d] *= q
        carry = dr_t * u[now] + q * s[now] + dz_t[:, : 2 * d] @ U_r[: 2 * d]
    dU_r = xp.concatenate([dz[:, : 2 * d].T @ r_before, dz[:, 2 * d :].T @ (s * r_before)])
    return dz, dU_r
