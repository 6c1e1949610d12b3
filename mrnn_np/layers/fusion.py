"""The multimodal layer of any design:  m(t) = g(sum of V x(t) over its inputs x, + V_I I + b_m).

The m-RNN's (`mrnn_np.layers.multimodal`, to which a test holds it) has the inputs w and r, an image and the scaled
tanh.
"""

from mrnn_np.backend import Array, get_xp
from mrnn_np.layers.nonlinearities import NonLinearity
from mrnn_np.layers.rows import sum_rows

Arrays = dict[str, Array]


def fusion_forward(
    inputs: Arrays, weights: Arrays, v: Array | None, image_of: Array, b_m: Array, g: NonLinearity
) -> tuple[Array, tuple[Array, ...]]:
    """The equation above, for all rows of a packed batch.

    Parameters
    ----------
    inputs : {symbol of its weight: (N, d_x) float}
    weights : {the same symbols: (d_m, d_x) float}
    v : (B_I, d_m) float, V_I I of each image; None where the image does not enter here
    image_of : (N,) int, which row of v is this word's image
    b_m : (d_m,) float
    g : the non-linearity

    Returns
    -------
    m : (N, d_m) float
    cache : for `fusion_backward`
    """
    z = b_m if v is None else v[image_of] + b_m
    for symbol, x in inputs.items():
        z = x @ weights[symbol].T + z
    m = g.f(z)
    return m, (m, inputs, weights, v, image_of, g)


def fusion_backward(dm: Array, cache: tuple[Array, ...]) -> tuple[Arrays, Array | None, Arrays]:
    """With z the argument of g:  dz = dm * g'(z), and z is a plain sum, so every term receives dz.

    Parameters
    ----------
    dm : (N, d_m) float
    cache : from `fusion_forward`

    Returns
    -------
    d_inputs : {symbol: (N, d_x)}
    dv : (B_I, d_m), summed over the words of each image; None where there is no image
    grads : {symbol: (d_m, d_x)} and "b_m"
    """
    m, inputs, weights, v, image_of, g = cache
    dz = dm * g.slope(m)
    dv = None if v is None else sum_rows(dz, image_of, get_xp(m).arange(len(v)))
    d_inputs = {symbol: dz @ weight for symbol, weight in weights.items()}
    grads = {symbol: dz.T @ x for symbol, x in inputs.items()}
    return d_inputs, dv, {**grads, "b_m": dz.sum(axis=0)}
