"""The multimodal layer  m(t) = g2(V_w w(t) + V_r r(t) + V_I I + b_m), where language and vision meet.

An image has many words in a batch but one feature vector I, so V_I I is computed once per image and every word picks up
its image's row.  The bias b_m is ours.
"""

from mrnn_np.backend import Array, get_xp
from mrnn_np.layers.activations import g2, g2_backward
from mrnn_np.layers.rows import sum_rows


def image_forward(features: Array, V_I: Array) -> tuple[Array, tuple[Array, ...]]:
    """The image's term  v = V_I I.

    Parameters
    ----------
    features : (B_I, d_I) float, one row I per distinct image; d_I = 0 gives v = 0, the paper's RNN-Base
    V_I : (d_m, d_I) float

    Returns
    -------
    v : (B_I, d_m) float, what the authors call the refined image feature; 2 B_I d_I d_m flops
    cache : for `image_backward`
    """
    return features @ V_I.T, (features, V_I)


def image_backward(dv: Array, cache: tuple[Array, ...]) -> dict[str, Array]:
    """dV_I = dv^T I.  The gradient stops here: the CNN that made I stays as it is."""
    features, _ = cache
    return {"V_I": dv.T @ features}


def multimodal_forward(
    w: Array, r: Array, v: Array, image_of: Array, V_w: Array, V_r: Array, b_m: Array
) -> tuple[Array, tuple[Array, ...]]:
    """The equation above, for all rows of a packed batch.

    Parameters
    ----------
    w, r : (N, d_w) float
    v : (B_I, d_m) float, from `image_forward`
    image_of : (N,) int, which row of v is this word's image
    V_w, V_r : (d_m, d_w) float
    b_m : (d_m,) float

    Returns
    -------
    m : (N, d_m) float; 4 N d_w d_m flops
    cache : for `multimodal_backward`
    """
    m = g2(w @ V_w.T + r @ V_r.T + (v + b_m)[image_of])
    return m, (m, w, r, v, image_of, V_w, V_r)


def multimodal_backward(dm: Array, cache: tuple[Array, ...]) -> tuple[Array, Array, Array, dict[str, Array]]:
    """With z the argument of g2:  dz = dm * g2'(z), and z is a plain sum, so every term receives dz.

    Parameters
    ----------
    dm : (N, d_m) float
    cache : from `multimodal_forward`

    Returns
    -------
    dw, dr : (N, d_w) float
    dv : (B_I, d_m) float, summed over the words of each image
    grads : {"V_w", "V_r", "b_m"}; 8 N d_w d_m + 2 N B_I d_m flops in all
    """
    m, w, r, v, image_of, V_w, V_r = cache
    xp = get_xp(m)
    dz = g2_backward(dm, m)
    dv = sum_rows(dz, image_of, xp.arange(len(v)))
    return dz @ V_w, dz @ V_r, dv, {"V_w": dz.T @ w, "V_r": dz.T @ r, "b_m": dz.sum(axis=0)}
