"""The two word embedding layers:  e(t) = E[word(t)]  and  w(t) = W_2 e(t) + b_w.

The paper turns the one-hot word into a dense vector in two steps, the first a table look-up, the second a linear map.
w(t) then feeds both the recurrent and the multimodal layer.  The bias b_w is ours.
"""

from mrnn_np.backend import Array, get_xp
from mrnn_np.layers.rows import sum_rows


def embedding_forward(ids: Array, words: Array, E: Array) -> tuple[Array, tuple[Array, ...]]:
    """Word embedding I, the look-up  e(t) = E[word(t)].

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


def embedding_backward(de: Array, cache: tuple[Array, ...]) -> dict[str, Array]:
    """dE[k] = sum of de over the rows whose word is k; the rows of absent words are 0.  2 U N d_e flops."""
    ids, words, E = cache
    dE = get_xp(E).zeros_like(E)
    dE[words] = sum_rows(de, ids, words)
    return {"E": dE}


def dense_forward(e: Array, W_2: Array, b_w: Array) -> tuple[Array, tuple[Array, ...]]:
    """Word embedding II, the linear map  w(t) = W_2 e(t) + b_w.

    Parameters
    ----------
    e : (N, d_e) float
    W_2 : (d_w, d_e) float
    b_w : (d_w,) float

    Returns
    -------
    w : (N, d_w) float; 2 N d_e d_w flops
    cache : for `dense_backward`
    """
    return e @ W_2.T + b_w, (e, W_2)


def dense_backward(dw: Array, cache: tuple[Array, ...]) -> tuple[Array, dict[str, Array]]:
    """de = dw W_2,  dW_2 = dw^T e,  db_w = the sum of dw over rows; twice the forward's flops."""
    e, W_2 = cache
    return dw @ W_2, {"W_2": dw.T @ e, "b_w": dw.sum(axis=0)}
