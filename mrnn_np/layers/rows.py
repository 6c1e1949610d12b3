"""Picking rows out of a table, and its transpose: adding rows up by label.

A word picks its row of E; a word's image picks its row of V_I I.  Going backward, the gradients of all rows that picked
the same one add up.  Written with one-hot vectors as in the paper, picking is `onehot @ table` and its backward is
`onehot.T @ d_rows`, which is how `sum_rows` does it: one small matrix product, the same order of summation every time
and on every device.  `np.add.at` is slower on a CPU and sums in a different order at each run on a GPU.
"""

from mrnn_np.backend import Array, get_xp, kernels, on_gpu


@on_gpu(kernels.sum_rows)
def sum_rows(rows: Array, labels: Array, distinct: Array) -> Array:
    """Sum the rows that carry the same label.

    Parameters
    ----------
    rows : (N, d) float
    labels : (N,) int, the label of each row
    distinct : (U,) int, the labels to sum for, each once

    Returns
    -------
    (U, d) float, row u the sum of all `rows` whose label is `distinct[u]`; 2 U N d flops
    """
    xp = get_xp(rows)
    one_hot = xp.equal(distinct[:, None], labels).astype(rows.dtype)
    return one_hot @ rows
