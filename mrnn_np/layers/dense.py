"""The linear map  y = W x + b:  the second word embedding  w(t) = W_2 e(t) + b_w,  and wherever else there is one.

The paper's layer has no bias; b_w is ours.
"""

from mrnn_np.backend import Array
from mrnn_np.layers.outer_sum import outer_sum, row_sum


def dense_forward(x: Array, W: Array, b: Array) -> tuple[Array, tuple[Array, ...]]:
    """The equation above, for all rows.

    Parameters
    ----------
    x : (N, d_x) float
    W : (d_y, d_x) float
    b : (d_y,) float

    Returns
    -------
    y : (N, d_y) float; 2 N d_x d_y flops
    cache : for `dense_backward`
    """
    return x @ W.T + b, (x, W)


def dense_backward(dy: Array, cache: tuple[Array, ...]) -> tuple[Array, Array, Array]:
    """dx = dy W,  dW = dy^T x,  db = the sum of dy over rows; twice the forward's flops."""
    x, W = cache
    return dy @ W, outer_sum(dy, x), row_sum(dy)
