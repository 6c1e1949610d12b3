"""What every gradient is checked on: small ragged batches in float64, one case per layer, two for the whole model.

A case is a scalar cost of named arrays and the hand-written gradient of it.  A layer's cost is sum(c * output) with
random c, so that every output counts and none like another.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from mrnn_np.backend import Array, Backend, get_xp
from mrnn_np.data.batches import Batch, pack
from mrnn_np.data.vocabulary import END
from mrnn_np.layers import activations, dense, embedding, multimodal, recurrent, softmax
from mrnn_np.model.general import Model
from mrnn_np.model.mrnn import MRNN
from mrnn_np.model.params import Params
from mrnn_np.training.sgd import SGD

Arrays = dict[str, Array]


@dataclass(frozen=True)
class Case:
    """A cost and its hand-written gradient, both functions of device arrays by symbol."""

    layer: str
    """what is checked"""
    inputs: Arrays
    """host float64 arrays by symbol"""
    cost: Callable[[Arrays], Array]
    """-> the scalar"""
    gradients: Callable[[Arrays], Arrays]
    """-> d cost / d each input, by symbol"""


def all_cases(backend: Backend, seed: int = 0) -> list[Case]:
    """Every layer, then the whole m-RNN and RNN-Base, with dropout and L2 on."""
    models = {"m-RNN": MRNN(M=9, d_I=4, d_e=3, d_w=5, d_m=6), "RNN-Base": MRNN(M=9, d_I=0, d_e=3, d_w=5, d_m=6)}
    return [*layer_cases(backend, seed), *(cost_case(backend, name, model, seed) for name, model in models.items())]


def layer_cases(backend: Backend, seed: int = 0) -> list[Case]:
    """One case for each layer, on one packed batch."""
    rng = np.random.default_rng(seed)
    batch = ragged_batch(rng, M=9, d_I=4).to(backend.asarray)
    N, B_I = len(batch), len(batch.features)

    case = partial(layer_case, backend, rng)

    def element_wise(f: Callable[[Array], Array], slope: Callable[[Array], Array]) -> tuple[Any, Any]:
        return lambda z: (f(z), f(z)), lambda c, output: c * slope(output)

    return [
        case("f2", {"z": (N, 5)}, *element_wise(activations.f2, activations.f2_slope)),
        case("g2", {"z": (N, 5)}, *element_wise(activations.g2, activations.g2_slope)),
        case(
            "embedding I",
            {"E": (9, 3)},
            lambda E: embedding.embedding_forward(batch.ids, batch.words, E),
            embedding.embedding_backward,
        ),
        case(
            "embedding II",
            {"e": (N, 3), "W_2": (5, 3), "b_w": (5,)},
            dense.dense_forward,
            dense.dense_backward,
        ),
        case(
            "recurrent",
            {"w": (N, 5), "U_r": (5, 5)},
            lambda w, U_r: recurrent.recurrent_forward(w, U_r, batch.sizes),
            recurrent.recurrent_backward,
        ),
        case(
            "image",
            {"I": (B_I, 4), "V_I": (6, 4)},
            lambda I, V_I: multimodal.image_forward(I, V_I),
            lambda dv, cache: (multimodal.features_backward(dv, cache), multimodal.image_backward(dv, cache)),
        ),
        case(
            "multimodal",
            {"w": (N, 5), "r": (N, 5), "v": (B_I, 6), "V_w": (6, 5), "V_r": (6, 5), "b_m": (6,)},
            lambda w, r, v, V_w, V_r, b_m: multimodal.multimodal_forward(w, r, v, batch.image_of, V_w, V_r, b_m),
            multimodal.multimodal_backward,
        ),
        case(
            "softmax",
            {"m": (N, 6), "V_y": (9, 6), "b_y": (9,)},
            lambda m, V_y, b_y: softmax.softmax_forward(m, batch.targets, V_y, b_y),
            softmax.softmax_backward,
        ),
    ]


def layer_case(
    backend: Backend,
    rng: np.random.Generator,
    layer: str,
    inputs: dict[str, tuple[int, ...]],
    forward: Callable[..., tuple[Array, Any]],
    backward: Callable[[Array, Any], Any],
) -> Case:
    """Return the case of one layer: its cost is sum(c * output), with random c and inputs.

    Parameters
    ----------
    inputs : shapes by symbol, in the order of the forward's arguments
    forward : inputs -> output, cache
    backward : d_output, cache -> their gradients in the same order, or the only one
    """
    values = {name: rng.normal(size=shape) for name, shape in inputs.items()}
    output, _ = forward(*map(backend.asarray, values.values()))
    c = backend.asarray(rng.normal(size=output.shape))

    def gradients(x: Arrays) -> Arrays:
        result = backward(c, forward(*x.values())[1])
        return dict(zip(inputs, result if isinstance(result, tuple) else (result,), strict=True))

    return Case(layer, values, lambda x: (c * forward(*x.values())[0]).sum(), gradients)


def cost_case(backend: Backend, name: str, model: Model, seed: int = 0) -> Case:
    """A model's whole cost, the bits per word plus lambda ||theta||^2, with random parameters and frozen dropout masks.

    The gradient is taken from one update of plain SGD with learning rate 1, so that the penalty's gradient, which lives
    there, is checked as it is used.  Of a model that looks at images, that of their features I is checked too.
    """
    rng = np.random.default_rng(seed)
    batch = ragged_batch(rng, model.M, model.d_I).to(backend.asarray)
    masks = model.draw_masks(rng, batch, (0.5, 0.4, 0.3, 0.2), np.float64).to(backend.asarray)
    layout, N, sgd = model.layout, len(batch), SGD(l2=0.01)

    def params_of(x: Arrays) -> Params:
        xp = get_xp(x["E"])
        return Params(layout, xp.concatenate([x[name].ravel() for name in layout]))

    def batch_of(x: Arrays) -> Batch:
        return replace(batch, features=x.get("I", batch.features))

    def cost(x: Arrays) -> Array:
        params = params_of(x)
        return model.forward(params, batch_of(x), masks)[0].sum() / N + sgd.penalty(params)

    def gradients(x: Arrays) -> Arrays:
        params, updated = params_of(x), params_of(x)
        bits, cache = model.forward(params, batch_of(x), masks)
        xp = get_xp(bits)
        gradient = model.backward(xp.full_like(bits, 1 / N), cache, need_dI="I" in x)
        sgd.update(updated, gradient, xp.zeros_like(params.theta), lr=1.0)
        change = params.with_theta(params.theta - updated.theta)
        return {name: change[name] if name in layout else gradient[name] for name in x}

    inputs = {name: rng.normal(0, 0.5, shape) for name, shape in layout.items()}
    inputs |= {"I": backend.to_numpy(batch.features)} if model.d_I else {}
    return Case(name, inputs, cost, gradients)


def ragged_batch(rng: np.random.Generator, M: int, d_I: int) -> Batch:
    """Five sentences of 1 to 6 words about three images, two of which have two captions; words repeat.

    Two of one image begin alike.
    """
    lengths, images = (2, 6, 1, 4, 3), (0, 2, 1, 2, 0)
    sentences = [np.append(rng.integers(END + 1, M, n - 1), END) for n in lengths]
    sentences[1][:3] = sentences[3][:3] = M - 1
    return pack(sentences, images, rng.normal(size=(3, d_I)).__getitem__)
