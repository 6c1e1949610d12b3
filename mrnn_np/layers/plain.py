"""The recurrent layer with any element-wise non-linearity:  r(t) = f(U_r r(t-1) + x(t)),  r(0) = 0.

With f = ReLU it is the m-RNN's (`mrnn_np.layers.recurrent`, to which a test holds it); with f = sigmoid the simple
RNN's:  U [w(t); r(t-1)] is U_w w(t) + U_r r(t-1),  and x(t) = U_w w(t) is computed for all words at once beforehand.
"""

from collections.abc import Sequence

from mrnn_np.backend import Array, get_xp
from mrnn_np.layers.nonlinearities import NonLinearity
from mrnn_np.layers.time_steps import time_steps, time_steps_back

State = tuple[Array, ...]


def plain_step(x: Array, state: State, U_r: Array, f: NonLinearity) -> State:
    """One time step: x(t) and the state (r(t-1),), all (B, d_r), give the state (r(t),)."""
    (r,) = state
    return (f.f(r @ U_r.T + x),)


def plain_forward(
    x: Array, U_r: Array, sizes: Sequence[int], f: NonLinearity, bptt: int = 0
) -> tuple[Array, tuple[Array, ...]]:
    """All time steps of a packed batch.

    Parameters
    ----------
    x : (N, d_r) float, packed
    U_r : (d_r, d_r) float
    sizes : T host integers that never grow and add up to N
    f : the non-linearity
    bptt : over how many words at most a gradient goes back, 0 for all (`mrnn_np.layers.time_steps`)

    Returns
    -------
    r : (N, d_r) float; 2 N d_r^2 flops
    cache : for `plain_backward`
    """
    xp = get_xp(x)
    r, r_before = xp.empty_like(x), xp.empty_like(x)
    state: State = (xp.zeros((sizes[0], x.shape[1]), x.dtype),)
    for now in time_steps(sizes):
        r_before[now] = state[0][: now.stop - now.start]
        state = plain_step(x[now], (r_before[now],), U_r, f)
        r[now] = state[0]
    return r, (r, r_before, U_r, sizes, f, bptt)


def plain_backward(dr: Array, cache: tuple[Array, ...]) -> tuple[Array, dict[str, Array]]:
    """Backpropagation through time, with z(t) the argument of f and dx(t) = dz(t):

        dz(t) = (dr(t) + U_r^T dz(t+1)) * f'(z(t))        dU_r = sum_t dz(t) r(t-1)^T

    Parameters
    ----------
    dr : (N, d_r) float, the gradient that reaches r(t) from above
    cache : from `plain_forward`

    Returns
    -------
    dx : (N, d_r) float; 4 N d_r^2 flops in all
    grads : {"U_r": (d_r, d_r)}
    """
    r, r_before, U_r, sizes, f, bptt = cache
    dz, carry = dr.copy(), dr[:0]
    for now, coming in time_steps_back(sizes, bptt):
        dz[now.start : now.start + coming] += carry[:coming]
        dz[now] *= f.slope(r[now])
        carry = dz[now] @ U_r
    return dz, {"U_r": dz.T @ r_before}
