"""The first word embedding  e(t) = E[word(t)]:  here a word, a number, becomes a vector.

The paper multiplies a matrix with the one-hot vector of the word, which picks a row of E.  Going backward, the
gradients of all rows of a batch that picked the same one add up.
"""

from mrnn_np.backend import Array, get_xp, kernels, on_gpu
from mrnn_np.layers.outer_sum import picked_sum


def embedding_forward(ids: Array, words: Array, E: Array) -> tuple[Array, tuple[Array, ...]]:
    """The look-up of the equation above.

    Parameters
    ----------
    ids : (N,) int, the word of each row
    words : (U,) int, the distinct values of `ids`, found once when the batch was packed
    E : (M, d_e) float, one row per word of the vocabulary

    Returns
    -------
    e : (N, d_e) float
    cache : for `embedding_backward`
    """
    return E[ids], (ids, words, E)


def embedding_backward(de: Array, cache: tuple[Array, ...]) -> Array:
    """dE[k] = sum of de over the rows whose word is k; the rows of absent words are 0.  2 U N d_e flops."""
    ids, words, E = cache
    return picked_sum(sum_rows(de, ids, words), words, E)


@on_gpu(kernels.sum_rows)
def sum_rows(rows: Array, labels: Array, distinct: Array | range) -> Array:
    """Sum the rows that carry the same label, the transpose of picking rows out of a table.

    It is `onehot.T @ rows`, a small matrix product with the same order of summation every time and on every device.
    `np.add.at` is slower on a CPU and sums in a different order at each run on a GPU.

    Parameters
    ----------
    rows : (N, d) float
    labels : (N,) int, the label of each row
    distinct : (U,) int, the labels to sum for, each once; or `range(U)`, those from 0 on

    Returns
    -------
    (U, d) float, row u the sum of all `rows` whose label is `distinct[u]`; 2 U N d flops
    """
    xp = get_xp(rows)
    distinct = xp.arange(len(distinct)) if isinstance(distinct, range) else distinct
    one_hot = xp.equal(distinct[:, None], labels).astype(rows.dtype)
    return one_hot @ rows
