"""The recurrent layer  r(t) = f(U_r r(t-1) + w(t)),  r(0) = 0, and backpropagation through time.

In the m-RNN f is f2, ReLU.  In the simple RNN it is the sigmoid: its U [w(t); r(t-1)] is U_w w(t) + U_r r(t-1), and
U_w w(t), computed for all words at once beforehand, stands where w(t) stands here.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from mrnn_np.backend import Array, get_xp, kernels, on_gpu
from mrnn_np.layers.activations import RELU, NonLinearity
from mrnn_np.layers.outer_sum import outer_sum

State = tuple[Array, ...]
"""What a recurrent layer remembers of the words before, r(t-1) first."""


def recurrent_step(w: Array, r: Array, U_r: Array, f: NonLinearity = RELU) -> Array:
    """One time step of the equation above: w(t) and r(t-1), both (B, d_w), give r(t), (B, d_w)."""
    return f.f(r @ U_r.T + w)


def recurrent_forward(
    w: Array, U_r: Array, sizes: Sequence[int], f: NonLinearity = RELU, bptt: int = 0
) -> tuple[Array, tuple[Any, ...]]:
    """All time steps of a packed batch.

    Parameters
    ----------
    w : (N, d_w) float, packed; time step t owns sizes[t] consecutive rows
    U_r : (d_w, d_w) float
    sizes : T host integers that never grow and add up to N, how many sentences have a word number t
    f : the non-linearity
    bptt : over how many words at most a gradient goes back, 0 for all; see `time_steps_back`

    Returns
    -------
    r : (N, d_w) float; 2 N d_w^2 flops
    cache : for `recurrent_backward`
    """
    r, r_before = forward_through_time(w, U_r, sizes, f)
    return r, (r, r_before, U_r, sizes, f, bptt)


@on_gpu(kernels.forward_through_time)
def forward_through_time(w: Array, U_r: Array, sizes: Sequence[int], f: NonLinearity) -> tuple[Array, Array]:
    """r(t) of every word, and r(t-1) beside it, both (N, d_w)."""
    xp = get_xp(w)
    r, r_before = xp.empty_like(w), xp.empty_like(w)
    r_t = xp.zeros((sizes[0], w.shape[1]), w.dtype)
    for now in time_steps(sizes):
        r_before[now] = r_t[: now.stop - now.start]
        r_t = recurrent_step(w[now], r_before[now], U_r, f)
        r[now] = r_t
    return r, r_before


def recurrent_backward(dr: Array, cache: tuple[Any, ...]) -> tuple[Array, Array]:
    """Backpropagation through time, with z(t) = U_r r(t-1) + w(t):

        dz(t) = (dr(t) + U_r^T dz(t+1)) * f'(z(t))        dw(t) = dz(t)        dU_r = sum_t dz(t) r(t-1)^T

    Parameters
    ----------
    dr : (N, d_w) float, the gradient that reaches r(t) from the layer above
    cache : from `recurrent_forward`

    Returns
    -------
    dw : (N, d_w) float; 4 N d_w^2 flops in all
    dU_r : (d_w, d_w) float
    """
    r, r_before, U_r, sizes, f, bptt = cache
    dz = back_through_time(dr, r, U_r, sizes, f, bptt)
    # Outside the loop it is one large matrix product instead of T small ones: about 30 % off the whole backward.
    return dz, outer_sum(dz, r_before)


@on_gpu(kernels.back_through_time)
def back_through_time(dr: Array, r: Array, U_r: Array, sizes: Sequence[int], f: NonLinearity, bptt: int) -> Array:
    """dz(t) of every word, (N, d_w), from the last time step to the first."""
    dz, carry = dr.copy(), dr[:0]
    for now, coming in time_steps_back(sizes, bptt):
        dz[now.start : now.start + coming] += carry[:coming]
        dz[now] *= f.slope(r[now])
        carry = dz[now] @ U_r
    return dz


def time_steps(sizes: Sequence[int]) -> Iterator[slice]:
    """Yield the rows of each time step of a packed batch, from the first to the last."""
    start = 0
    for size in sizes:
        yield slice(start, start + size)
        start += size


def time_steps_back(sizes: Sequence[int], bptt: int = 0) -> Iterator[tuple[slice, int]]:
    """Yield the rows of each time step from the last to the first, and how many sentences a gradient comes back to.

    Parameters
    ----------
    sizes : T host integers, the sentences that have a word number t
    bptt : K of truncated backpropagation through time: sentences are cut into pieces of K words, between which the
        state is passed on but no gradient goes back; 0 cuts nothing

    Yields
    ------
    now : the rows of time step t
    coming : the first so many of them are followed by a step t + 1 whose gradient comes back; 0 at a cut
    """
    end, after = sum(sizes), 0
    for t in reversed(range(len(sizes))):
        coming = 0 if bptt and (t + 1) % bptt == 0 else after
        yield slice(end - sizes[t], end), coming
        end, after = end - sizes[t], sizes[t]
