"""The two layers that notice when sentences share their beginnings: the recurrent one and the output.

The rows of a tree batch stand depth by depth, and several may go on from the same row, their parent:

    r[row] = f2(U_r r[parent of row] + w[row])

So the gradient that reaches a row is that of all rows that go on from it, added up.  In the output layer a row has one
softmax y and several words that may follow, word k in counts[k] sentences, and costs  -sum_k counts[k] log2 y[k]  bits.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise

import numpy as np

from mrnn_np.backend import Array, get_xp
from mrnn_np.backend.blocks import row_blocks
from mrnn_np.layers.activations import f2_gate
from mrnn_np.layers.recurrent import recurrent_step
from mrnn_np.layers.rows import sum_rows
from mrnn_np.layers.softmax import LN2, sum_columns


def sum_runs(rows: Array, labels: Array, distinct: Array) -> Array:
    """Do what `sum_rows` does for ascending labels that are all in `distinct`: additions alone, N d of them."""
    if get_xp(rows) is not np:
        return sum_rows(rows, labels, distinct)
    firsts: Array = np.searchsorted(labels, distinct)
    lengths = np.diff(firsts, append=len(labels))
    sums = rows[firsts]
    # Most labels stand alone or twice.  np.add.reduceat, which does the same, takes five times as long on such rows.
    for k in range(1, lengths.max()):
        longer = np.flatnonzero(lengths > k)
        sums[longer] += rows[firsts[longer] + k]
    return sums


def tree_recurrent_forward(
    w: Array, U_r: Array, parents: Array, forks: Array, sizes: Sequence[int], fork_sizes: Sequence[int]
) -> tuple[Array, tuple[Array, ...]]:
    """All depths of a tree batch.

    Parameters
    ----------
    w : (C, d_w) float; depth t owns sizes[t] consecutive rows
    U_r : (d_w, d_w) float
    parents : (C,) int, the row each row goes on from, ascending within a depth; those of depth 0 are not looked at
    forks : (F,) int, the distinct parents of all rows but those of depth 0, ascending
    sizes, fork_sizes : T host integers each, the rows and the forks of each depth

    Returns
    -------
    r : (C, d_w) float; 2 C d_w^2 flops
    cache : for `tree_recurrent_backward`
    """
    xp = get_xp(w)
    r = xp.empty_like(w)
    before = xp.zeros((sizes[0], w.shape[1]), w.dtype)
    for start, end in pairwise(accumulate(sizes, initial=0)):
        if start:
            before = r[parents[start:end]]
        r[start:end] = recurrent_step(w[start:end], before, U_r)
    return r, (r, U_r, parents, forks, sizes, fork_sizes)


def tree_recurrent_backward(dr: Array, cache: tuple[Array, ...]) -> tuple[Array, dict[str, Array]]:
    """Backpropagation from the last depth to the first, with z = U_r r[parent] + w:

        s[row] = sum of dz over the rows that go on from it        dz = (dr + U_r^T s) * f2'(z)        dw = dz
        dU_r = sum over rows of s r^T

    Parameters
    ----------
    dr : (C, d_w) float, the gradient that reaches r from the multimodal layer above
    cache : from `tree_recurrent_forward`

    Returns
    -------
    dw : (C, d_w) float; 4 F d_w^2 flops in all
    grads : {"U_r": (d_w, d_w)}
    """
    r, U_r, parents, forks, sizes, fork_sizes = cache
    dz, s = dr.copy(), dr[: len(forks)].copy()
    below = end = len(dr)
    last = len(forks)
    for size, fork_size in zip(reversed(sizes), reversed(fork_sizes), strict=True):
        start, first = end - size, last - fork_size
        if fork_size:
            some = forks[first:last]
            s[first:last] = sum_runs(dz[end:below], parents[end:below], some)
            dz[some] += s[first:last] @ U_r
        f2_gate(dz[start:end], r[start:end])
        below, end, last = end, start, first
    return dz, {"U_r": s.T @ r[forks]}


def tree_softmax_forward(
    m: Array, rows: Array, targets: Array, counts: Array, V_y: Array, b_y: Array
) -> tuple[Array, tuple[Array, ...]]:
    """The cost of all words that follow each row, in bits.

    Parameters
    ----------
    m : (C, d_m) float
    rows : (E,) int, the row of each target, ascending; every row has one or more
    targets : (E,) int, a word that follows it; those of one row are distinct
    counts : (E,) float32, how often it does
    V_y : (M, d_m) float
    b_y : (M,) float

    Returns
    -------
    bits : (C,) float, -sum over the targets of a row of counts * log2 P(target | row); 2 C d_m M flops
    cache : for `tree_softmax_backward`
    """
    xp = get_xp(m)
    every_row = xp.arange(len(m))
    words = sum_runs(counts[:, None], rows, every_row)[:, 0]
    scores = m @ V_y.T
    target_scores = sum_runs(((scores[rows, targets] + b_y[targets]) * counts)[:, None], rows, every_row)[:, 0]
    largest, total = xp.empty(len(m), m.dtype), xp.empty(len(m), m.dtype)
    for some in row_blocks(scores):
        block = scores[some]
        block += b_y
        largest[some] = block.max(axis=1)
        block -= largest[some][:, None]
        total[some] = sum_columns(xp.exp(block, out=block))
    bits = (words * (xp.log(total) + largest) - target_scores) / LN2
    y_times_total = scores
    # y stays as it is, times its row's total: subtracting the targets on that scale saves a pass over all C x M of it.
    y_times_total[rows, targets] -= counts * (total / words)[rows]
    return bits, (y_times_total, words / total, m, V_y)


def tree_softmax_backward(dbits: Array, cache: tuple[Array, ...]) -> tuple[Array, dict[str, Array]]:
    """With s the scores of a row and n the sum of its counts:  ds = dbits / ln 2 * (n y - sum_k counts[k] onehot(k)).

    Parameters
    ----------
    dbits : (C,) float, the weight of each row's bits in the cost: 1/N for the mean over words
    cache : from `tree_softmax_forward`

    Returns
    -------
    dm : (C, d_m) float; 4 C d_m M flops in all
    grads : {"V_y", "b_y"}
    """
    y_minus_targets, words_by_total, m, V_y = cache
    scale = (dbits * words_by_total / LN2)[:, None]
    grads = {"V_y": y_minus_targets.T @ (m * scale), "b_y": (y_minus_targets.T @ scale)[:, 0]}
    dm = y_minus_targets @ V_y
    dm *= scale
    return dm, grads
