"""The few largest numbers of each row, which is all that decoding takes out of the many thousand it looks at."""

from mrnn_np.backend import Array, get_xp, kernels, on_gpu


@on_gpu(kernels.largest)
def largest(scores: Array, count: int) -> tuple[Array, Array]:
    """Find the `count` largest of each row of `scores`, float (rows, width), 1 <= count <= width.

    Returns
    -------
    values : (rows, count) float, largest first
    columns : (rows, count) int, where they stand; among equals any may be found
    """
    xp = get_xp(scores)
    found = xp.argpartition(scores, scores.shape[1] - count, axis=1)[:, -count:]
    values = xp.take_along_axis(scores, found, axis=1)
    order = xp.argsort(-values, axis=1)
    return xp.take_along_axis(values, order, axis=1), xp.take_along_axis(found, order, axis=1)
