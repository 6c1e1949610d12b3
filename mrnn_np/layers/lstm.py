"""Long short-term memory: a recurrent layer whose cell c(t) is only added to, so that a gradient need not vanish.

    i, f, o = sigmoid(z_i), sigmoid(z_f), sigmoid(z_o)        input, forget and output gate
    g = tanh(z_g)                                              z(t) = x(t) + U_r r(t-1), of width 4 d_r: i, f, o, g
    c(t) = f c(t-1) + i g
    r(t) = o tanh(c(t))                                        r(0) = c(0) = 0

x(t) = W_x w(t) + b_x is one matrix product for all words and all four gates, computed beforehand.

S. Hochreiter, J. Schmidhuber: Long short-term memory, 1997; the forget gate is that of F. Gers and others, 2000.
"""

from collections.abc import Sequence

from mrnn_np.backend import Array, get_xp
from mrnn_np.layers.activations import sigmoid, sigmoid_slope, tanh_slope
from mrnn_np.layers.outer_sum import outer_sum
from mrnn_np.layers.recurrent import State, time_steps, time_steps_back


def lstm_gates(x: Array, r: Array, U_r: Array) -> Array:
    """The activated gates i, f, o, g side by side, (B, 4 d_r), of x(t) (B, 4 d_r) and r(t-1) (B, d_r)."""
    d = r.shape[1]
    gates = r @ U_r.T
    gates += x
    gates[:, : 3 * d] = sigmoid(gates[:, : 3 * d])
    gates[:, 3 * d :] = get_xp(x).tanh(gates[:, 3 * d :])
    return gates


def lstm_out(gates: Array, c: Array) -> State:
    """The state (r(t), c(t)) that the gates make of the cell c(t-1); all (B, d_r) but the gates."""
    d = c.shape[1]
    i, f, o, g = (gates[:, k * d : (k + 1) * d] for k in range(4))
    c = f * c + i * g
    return o * get_xp(c).tanh(c), c


def lstm_step(x: Array, state: State, U_r: Array) -> State:
    """One time step: x(t) (B, 4 d_r) and the state (r(t-1), c(t-1)), both (B, d_r), give (r(t), c(t))."""
    r, c = state
    return lstm_out(lstm_gates(x, r, U_r), c)


def lstm_forward(x: Array, U_r: Array, sizes: Sequence[int], bptt: int = 0) -> tuple[Array, tuple[Array, ...]]:
    """All time steps of a packed batch.

    Parameters
    ----------
    x : (N, 4 d_r) float, packed, in the order i, f, o, g
    U_r : (4 d_r, d_r) float
    sizes : T host integers that never grow and add up to N
    bptt : over how many words at most a gradient goes back, 0 for all (`mrnn_np.layers.recurrent.time_steps_back`)

    Returns
    -------
    r : (N, d_r) float; 8 N d_r^2 flops
    cache : for `lstm_backward`
    """
    xp, d = get_xp(x), U_r.shape[1]
    gates = xp.empty_like(x)
    r, r_before, c, c_before = (xp.empty((len(x), d), x.dtype) for _ in range(4))
    r_t = c_t = xp.zeros((sizes[0], d), x.dtype)
    for now in time_steps(sizes):
        size = now.stop - now.start
        r_before[now], c_before[now] = r_t[:size], c_t[:size]
        gates[now] = lstm_gates(x[now], r_t[:size], U_r)
        r_t, c_t = lstm_out(gates[now], c_t[:size])
        r[now], c[now] = r_t, c_t
    return r, (gates, r_before, c_before, c, U_r, sizes, bptt)


def lstm_backward(dr: Array, cache: tuple[Array, ...]) -> tuple[Array, Array]:
    """Backpropagation through time, with s the slopes of the gates and dx(t) = dz(t):

        dr(t) += U_r^T dz(t+1)
        dc(t) = dr(t) o (1 - tanh^2 c(t)) + f(t+1) dc(t+1)
        di, df, do, dg = dc g, dc c(t-1), dr tanh(c(t)), dc i            dz = (di, df, do, dg) * s
        dU_r = sum_t dz(t) r(t-1)^T

    Parameters
    ----------
    dr : (N, d_r) float, the gradient that reaches r(t) from above
    cache : from `lstm_forward`

    Returns
    -------
    dx : (N, 4 d_r) float; 16 N d_r^2 flops in all
    dU_r : (4 d_r, d_r) float
    """
    gates, r_before, c_before, c, U_r, sizes, bptt = cache
    xp, d = get_xp(dr), U_r.shape[1]
    tanh_c = xp.tanh(c)
    # The slopes of all gates of all words at once; the loop only multiplies.
    dz = xp.concatenate([sigmoid_slope(gates[:, : 3 * d]), tanh_slope(gates[:, 3 * d :])], axis=1)
    i, f, o, g = (gates[:, k * d : (k + 1) * d] for k in range(4))
    r_carry = c_carry = dr[:0]
    for now, coming in time_steps_back(sizes, bptt):
        dr_t = dr[now].copy()
        dr_t[:coming] += r_carry[:coming]
        dc = dr_t * o[now] * tanh_slope(tanh_c[now])
        dc[:coming] += c_carry[:coming]
        d_gates = dc * g[now], dc * c_before[now], dr_t * tanh_c[now], dc * i[now]
        dz[now] *= xp.concatenate(d_gates, axis=1)
        r_carry, c_carry = dz[now] @ U_r, dc * f[now]
    return dz, outer_sum(dz, r_before)
