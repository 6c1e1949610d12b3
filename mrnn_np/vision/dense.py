"""A fully connected layer:  y = W x + b, as `mrnn_np.layers.dense`, of whose backward either half may be left out.

Going back to the picture alone, dW of VGG-16's first such layer would be 103 million numbers for nothing.
"""

from mrnn_np.backend import Array


def dense_forward(x: Array, W: Array, b: Array) -> tuple[Array, tuple[Array, Array]]:
    """Map x (N, D) to y (N, O) with W (O, D) and b (O,); 2 N D O flops."""
    return x @ W.T + b, (x, W)


def dense_backward(
    dy: Array, cache: tuple[Array, Array], need_dx: bool = True, need_grads: bool = True
) -> tuple[Array, Array, Array]:
    """dx = dy W,  dW = dy^T x,  db = the sum of dy over rows; None where they are not needed."""
    x, W = cache
    dx = dy @ W if need_dx else None
    return (dx, dy.T @ x, dy.sum(axis=0)) if need_grads else (dx, None, None)
