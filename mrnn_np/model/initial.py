"""The parameters training starts from: our decisions, the paper gives none.

* Every matrix is normal with variance 1 / fan-in, so that unit-sized inputs give unit-sized outputs; E is
  unit-sized.
* The three terms of the multimodal layer add up, so each has a third of the variance.
* U_r starts as the identity: r(t-1) is kept as it is, so that at first the layer adds up what it has read.
* V_y starts small and b_y at the log frequency of each word, so the first guess is the words' frequencies whatever the
  image: the first perplexity is that of word frequencies, not of the vocabulary's size.
"""

import math

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.model.mrnn import MRNN
from mrnn_np.model.params import Params, layout_size


def initial_params(
    model: MRNN, rng: np.random.Generator, word_counts: Array, dtype: np.typing.DTypeLike = np.float32
) -> Params:
    """Host parameters, drawn in float64 and rounded to `dtype`.

    Parameters
    ----------
    model : the sizes
    rng : the stream of random numbers; the same one gives the same parameters on every backend
    word_counts : (M,), how often each word of the vocabulary is a target in the training set
    """
    params = Params(model.layout, np.zeros(layout_size(model.layout)))

    def normal(name: str, variance: float) -> None:
        params[name][...] = rng.normal(0, math.sqrt(variance), params[name].shape)

    normal("E", 1)
    normal("W_2", 1 / model.d_e)
    normal("V_w", 1 / (3 * model.d_w))
    normal("V_r", 1 / (3 * model.d_w))
    normal("V_I", 1 / (3 * max(model.d_I, 1)))
    normal("V_y", 0.01 / model.d_m)
    params["U_r"][...] = np.eye(model.d_w)
    # One more of each word, so that a word never seen (START) has a logarithm too.
    params["b_y"][...] = np.log((word_counts + 1) / (word_counts + 1).sum())
    return params.with_theta(params.theta.astype(dtype))
