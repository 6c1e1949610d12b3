"""The output layer of any design, with a matrix of its own or with that of the first word embedding.

    own        y(t) = softmax(V_y m(t) + b_y)
    shared     n(t) = g(V_e m(t) + b_e),   y(t) = softmax(E n(t) + b_y)          g is the multimodal layer's

Words that are alike then are alike both where they are read and where they are written, and about half of all
parameters are gone.

J. Mao and others: Learning like a child, transposed weight sharing, ICCV 2015 (arXiv 1504.06692).
"""

from typing import Any

from mrnn_np.backend import Array
from mrnn_np.layers.activations import times_slope
from mrnn_np.layers.dense import dense_backward, dense_forward
from mrnn_np.layers.softmax import softmax_backward, softmax_forward, softmax_scores
from mrnn_np.model.design import MULTIMODAL, Design
from mrnn_np.model.params import Layout, Params


def output_layout(design: Design, M: int, d_E: int, d_m: int) -> Layout:
    """The symbols and shapes, for an E of width d_E and an m of width d_m."""
    if design.output == "own":
        return {"V_y": (M, d_m), "b_y": (M,)}
    return {"V_e": (d_E, d_m), "b_e": (d_E,), "b_y": (M,)}


def back_to_embedding(design: Design, p: Params, m: Array) -> tuple[Array, Any, Array]:
    """n(t), its cache, and the matrix that scores it: m(t) and V_y, or n(t) and E."""
    if design.output == "own":
        return m, None, p["V_y"]
    z, cache = dense_forward(m, p["V_e"], p["b_e"])
    n = MULTIMODAL[design.multimodal].f(z)
    return n, (n, cache), p["E"]


def output_scores(design: Design, p: Params, m: Array) -> Array:
    """The argument of the softmax: m (N, d_m) gives (N, M)."""
    n, _, V = back_to_embedding(design, p, m)
    return softmax_scores(n, V, p["b_y"])


def output_forward(design: Design, p: Params, m: Array, targets: Array) -> tuple[Array, Any]:
    """The cost of each word in bits, (N,), and the cache for `output_backward`."""
    n, n_cache, V = back_to_embedding(design, p, m)
    bits, y_cache = softmax_forward(n, targets, V, p["b_y"])
    return bits, (n_cache, y_cache)


def output_backward(design: Design, dbits: Array, cache: Any) -> tuple[Array, dict[str, Array]]:
    """The gradient of m, (N, d_m), and of the weights; that of E is the output's part of it."""
    n_cache, y_cache = cache
    dn, dV, db_y = softmax_backward(dbits, y_cache)
    if design.output == "own":
        return dn, {"V_y": dV, "b_y": db_y}
    n, z_cache = n_cache
    dm, dV_e, db_e = dense_backward(times_slope(dn, n, MULTIMODAL[design.multimodal]), z_cache)
    return dm, {"E": dV, "V_e": dV_e, "b_e": db_e, "b_y": db_y}
