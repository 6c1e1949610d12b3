"""How far back a gradient reaches: does a word still teach the network something about the words long before it?

For one sentence, the gradient of a random direction of the last r(T) is sent back to every w(t).  In a simple RNN it
shrinks at each step, as the slope of the sigmoid is 1/4 at most; with truncated backpropagation it ends at a cut.
"""

import numpy as np

from mrnn_np.backend import Array, get_xp
from mrnn_np.model.general import Model
from mrnn_np.model.params import Params


def gradient_by_distance(
    model: Model, params: Params, ids: Array, rng: np.random.Generator, directions: int = 20
) -> Array:
    """The size of the gradient of the last recurrent state with respect to the words before it.

    Parameters
    ----------
    params : the model's, on the device
    ids : (T,) int, the words of one sentence, START first; the image is left out
    rng : draws the directions, of length 1, of r(T)
    directions : how many are averaged over

    Returns
    -------
    (T,) host float: number k is the root mean square over directions of ||d(direction . r(T)) / dw(T - k)||
    """
    xp, T = get_xp(params.theta), len(ids)
    stack, e = model.stack, params["E"][ids]
    w = e @ params["W_2"].T + params["b_w"] if "W_2" in params else e
    _, cache = stack.forward(params, w, (1,) * T)
    sizes = np.zeros(T)
    for _ in range(directions):
        direction = rng.normal(size=stack.d_r)
        dr = np.zeros((T, stack.d_r), w.dtype)
        dr[-1] = direction / np.linalg.norm(direction)
        dw, _ = stack.backward(xp.asarray(dr), cache)
        squared = (dw * dw).sum(axis=1)
        sizes += squared if xp is np else xp.asnumpy(squared)
    return np.sqrt(sizes / directions)[::-1]
