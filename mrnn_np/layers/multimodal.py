"""The multimodal layer  m(t) = g(V_w w(t) + V_r r(t) + V_I I + b_m), where language and vision meet.

In the m-RNN g is g2, the scaled tanh.  An image has many words in a batch but one feature vector I, so V_I I is
computed once per image and every word picks up its image's row.  The bias b_m is ours.

A model that lacks one of the terms has a matrix of width 0 there, whose product is 0: RNN-Base has an image of d_I = 0.
"""

from typing import Any

from mrnn_np.backend import Array, kernels, on_gpu
from mrnn_np.layers.activations import SCALED_TANH, NonLinearity, times_slope
from mrnn_np.layers.embedding import sum_rows
from mrnn_np.layers.outer_sum import outer_sum, row_sum


def image_forward(features: Array, V_I: Array) -> tuple[Array, tuple[Array, ...]]:
    """The image's term  v = V_I I.

    Parameters
    ----------
    features : (B_I, d_I) float, one row I per distinct image
    V_I : (d_m, d_I) float

    Returns
    -------
    v : (B_I, d_m) float, what the authors call the refined image feature; 2 B_I d_I d_m flops
    cache : for `image_backward`
    """
    return features @ V_I.T, (features, V_I)


def image_backward(dv: Array, cache: tuple[Array, ...]) -> Array:
    """dV_I = dv^T I."""
    features, _ = cache
    return outer_sum(dv, features)


def features_backward(dv: Array, cache: tuple[Array, ...]) -> Array:
    """dI = dv V_I, (B_I, d_I): where the way back into the CNN that made I begins.  Training the words takes none."""
    _, V_I = cache
    return dv @ V_I


def multimodal_forward(
    w: Array,
    r: Array,
    v: Array,
    image_of: Array | slice,
    V_w: Array,
    V_r: Array,
    b_m: Array,
    g: NonLinearity = SCALED_TANH,
) -> tuple[Array, tuple[Any, ...]]:
    """The equation above, for all rows of a packed batch.

    Parameters
    ----------
    w : (N, d_w) float
    r : (N, d_r) float
    v : (B_I, d_m) float, from `image_forward`
    image_of : (N,) int, which row of v is this word's image
    V_w : (d_m, d_w) float
    V_r : (d_m, d_r) float
    b_m : (d_m,) float
    g : the non-linearity

    Returns
    -------
    m : (N, d_m) float; 2 N (d_w + d_r) d_m flops
    cache : for `multimodal_backward`
    """
    m = multimodal_output(w, r, v, image_of, V_w, V_r, b_m, g)
    return m, (m, w, r, v, image_of, V_w, V_r, g)


@on_gpu(kernels.multimodal_output)
def multimodal_output(
    w: Array, r: Array, v: Array, image_of: Array | slice, V_w: Array, V_r: Array, b_m: Array, g: NonLinearity
) -> Array:
    """The equation itself: m, (N, d_m)."""
    return g.f(w @ V_w.T + r @ V_r.T + (v + b_m)[image_of])


def multimodal_backward(dm: Array, cache: tuple[Any, ...]) -> tuple[Array, Array, Array, Array, Array, Array]:
    """With z the argument of g:  dz = dm * g'(z), and z is a plain sum, so every term receives dz.

    Parameters
    ----------
    dm : (N, d_m) float
    cache : from `multimodal_forward`

    Returns
    -------
    dw, dr : as w and r
    dv : (B_I, d_m) float, summed over the words of each image
    dV_w, dV_r, db_m : as V_w, V_r and b_m; 4 N (d_w + d_r) d_m + 2 N B_I d_m flops in all
    """
    m, w, r, v, image_of, V_w, V_r, g = cache
    dz = times_slope(dm, m, g)
    dv = sum_rows(dz, image_of, range(len(v)))
    return dz @ V_w, dz @ V_r, dv, outer_sum(dz, w), outer_sum(dz, r), row_sum(dz)
