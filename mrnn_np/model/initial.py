"""The parameters training starts from: our decisions, the paper gives none.

* Every matrix is normal with variance 1 / fan-in, so that unit-sized inputs give unit-sized outputs; E is
  unit-sized.
* The three terms of the multimodal layer add up, so each has a third of the variance; so for another number of terms.
* U_r of ReLU layers starts as the identity: r(t-1) is kept as it is, so that at first the layer adds up what it has
  read.  The forget gates of an LSTM start open, with a bias of 1, for the same reason.
* V_y starts small and b_y at the log frequency of each word, so the first guess is the words' frequencies whatever the
  image: the first perplexity is that of word frequencies, not of the vocabulary's size.  Where E stands in for V_y, V_e
  is small instead.
"""

import math

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.model.general import Model
from mrnn_np.model.params import Params, layout_size

TERMS_OF_M = ("V_w", "V_r", "V_I")


def initial_params(
    model: Model, rng: np.random.Generator, word_counts: Array, dtype: np.typing.DTypeLike = np.float32
) -> Params:
    """Host parameters, drawn in float64 and rounded to `dtype`.

    Parameters
    ----------
    model : the design and its sizes
    rng : the stream of random numbers; the same one gives the same parameters on every backend
    word_counts : (M,), how often each word of the vocabulary is a target in the training set
    """
    params = Params(model.layout, np.zeros(layout_size(model.layout)))
    recurrence = model.design.recurrence
    terms = sum(name in TERMS_OF_M for name in params)
    for name, shape in model.layout.items():
        if name.startswith("U_r") and recurrence == "relu":
            params[name][...] = np.eye(shape[0])
        elif name.startswith("b_x") and recurrence == "lstm":
            params[name][shape[0] // 4 : shape[0] // 2] = 1
        elif len(shape) == 2:
            params[name][...] = rng.normal(0, math.sqrt(variance(name, shape, terms)), shape)
    # One more of each word, so that a word never seen (START) has a logarithm too.
    params["b_y"][...] = np.log((word_counts + 1) / (word_counts + 1).sum())
    return params.with_theta(params.theta.astype(dtype))


def variance(name: str, shape: tuple[int, ...], terms: int) -> float:
    """Of each number of a matrix; `terms` add up in the multimodal layer."""
    fan_in = max(shape[1], 1)
    if name == "E":
        return 1
    if name == "V_y":
        return 0.01 / fan_in
    if name == "V_e":  # n = V_e m is then multiplied by the unit-sized E, which adds up shape[0] numbers.
        return 0.01 / (fan_in * shape[0])
    return 1 / (terms * fan_in) if name in TERMS_OF_M else 1 / fan_in
