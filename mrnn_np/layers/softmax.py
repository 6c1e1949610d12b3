"""The output layer  y(t) = softmax(V_y m(t) + b_y)  and its cost, the bits  -log2 y(t)[target].

One bit is one doubling of perplexity: averaged over words, PPL = 2**bits.  The bias b_y is ours; it starts at the log
frequency of each word, so that an untrained network already knows which words are common.
"""

import math

from mrnn_np.backend import Array, get_xp, kernels, on_gpu
from mrnn_np.backend.blocks import row_blocks
from mrnn_np.layers.outer_sum import outer_sum, scaled_row_sum

LN2 = math.log(2)


def softmax_scores(m: Array, V_y: Array, b_y: Array) -> Array:
    """The argument of the softmax, V_y m(t) + b_y: (N, d_m) gives (N, M); 2 N d_m M flops."""
    scores = m @ V_y.T
    scores += b_y
    return scores


def softmax_forward(m: Array, targets: Array, V_y: Array, b_y: Array) -> tuple[Array, tuple[Array, ...]]:
    """The cost of each word in bits.

    Parameters
    ----------
    m : (N, d_m) float
    targets : (N,) int, the word that does come next
    V_y : (M, d_m) float
    b_y : (M,) float

    Returns
    -------
    bits : (N,) float, -log2 P(target | the words before it, the image)
    cache : for `softmax_backward`
    """
    scores = m @ V_y.T
    bits = get_xp(m).empty(len(m), m.dtype)
    for some in row_blocks(scores):
        softmax_cost(scores[some], b_y, targets[some], bits[some])
    y_minus_target = scores  # in their place
    return bits, (y_minus_target, m, V_y)


@on_gpu(kernels.softmax_cost)
def softmax_cost(scores: Array, b_y: Array, targets: Array, bits: Array) -> None:
    """Write `bits`, (N,), of each row's target, where `scores`, (N, M), are V_y m and b_y is still to be added.

    In the place of the scores it leaves y - onehot(target), all that the backward needs of them: the N x M matrix is
    never copied.
    """
    xp = get_xp(scores)
    rows = xp.arange(len(scores))
    scores += b_y
    # Softmax does not change when all scores of a row do by the same amount; below 0, exp cannot overflow.
    scores -= scores.max(axis=1, keepdims=True)
    target_scores = scores[rows, targets]
    y = xp.exp(scores, out=scores)
    total = sum_columns(y)
    bits[...] = (xp.log(total) - target_scores) / LN2
    y /= total[:, None]
    y[rows, targets] -= 1


def softmax_backward(dbits: Array, cache: tuple[Array, ...]) -> tuple[Array, Array, Array]:
    """With s the scores:  ds = dbits / ln 2 * (y - onehot(target)),  dm = ds V_y,  dV_y = ds^T m,  db_y = sum of ds.

    Parameters
    ----------
    dbits : (N,) float, the weight of each word's bits in the cost: 1/N for the mean
    cache : from `softmax_forward`

    Returns
    -------
    dm : (N, d_m) float; 4 N d_m M flops in all
    dV_y : (M, d_m) float
    db_y : (M,) float
    """
    y_minus_target, m, V_y = cache
    # ds is never formed: its row scale is applied to the smaller factor of each product.
    scale = (dbits / LN2)[:, None]
    dV_y, db_y = outer_sum(y_minus_target, m * scale), scaled_row_sum(y_minus_target, scale)
    dm = y_minus_target @ V_y
    dm *= scale
    return dm, dV_y, db_y


def softmax_log2(scores: Array) -> Array:
    """log2 y of scores (N, M), row by row: what decoding adds up."""
    return scores_to_log2(scores.copy())


@on_gpu(kernels.scores_to_log2)
def scores_to_log2(scores: Array) -> Array:
    """The same in the place of the scores, which are used up."""
    xp = get_xp(scores)
    for some in row_blocks(scores):
        log2_y = scores[some]
        log2_y -= log2_y.max(axis=1, keepdims=True)
        log2_y -= xp.log(sum_columns(xp.exp(log2_y)))[:, None]
        log2_y *= 1 / LN2
    return scores


def sum_columns(x: Array) -> Array:
    """The sum of each row of (N, M), (N,), as a product with ones: on all cores, in less than half the time."""
    return x @ get_xp(x).ones(x.shape[1], x.dtype)
