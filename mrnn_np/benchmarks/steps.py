"""One training step, as this package does it, as PyTorch does it, and as the bare matrix products alone would."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mrnn_np.backend import Array, choose_backend
from mrnn_np.benchmarks.workload import L2, LR, MOMENTUM
from mrnn_np.data.batches import Batch
from mrnn_np.layers.activations import SCALE, SLOPE
from mrnn_np.model.mrnn import MRNN
from mrnn_np.model.params import Params
from mrnn_np.training.sgd import SGD

Step = Callable[[Batch], float]
"""Trains on a host batch and returns its cost in bits per word."""


def numpy_step(model: MRNN, params: Params) -> Step:
    """Forward, backward by hand, SGD: what this package does."""
    backend = choose_backend("numpy")
    velocity, sgd = np.zeros_like(params.theta), SGD(L2, MOMENTUM)

    def step(batch: Batch) -> float:
        bits, cache = model.forward(params, batch.to(backend.asarray))
        sgd.update(params, model.backward(np.full_like(bits, 1 / len(batch)), cache), velocity, LR)
        return float(bits.mean())

    return step


def torch_step(model: MRNN, params: Params) -> Step:
    """PyTorch, eager, written as well as this package: packed rows, each image projected once, one output product."""
    import torch

    # A cost in nats, with a step that is 1 / ln 2 larger, moves the parameters as a cost in bits does.
    to_bits = 1 / float(np.log(2))
    p = {name: torch.nn.Parameter(torch.tensor(params[name])) for name in params}
    # PyTorch's weight decay is the whole 2 lambda; in nats, the penalty shrinks as the cost does.
    optimiser = torch.optim.SGD(p.values(), lr=LR * to_bits, momentum=MOMENTUM, weight_decay=2 * L2 / to_bits)
    linear = torch.nn.functional.linear

    def step(batch: Batch) -> float:
        ids, targets, image_of, features = (
            torch.from_numpy(x) for x in (batch.ids, batch.targets, batch.image_of, batch.features)
        )
        w = linear(torch.nn.functional.embedding(ids, p["E"]), p["W_2"], p["b_w"])
        states, r = [], torch.zeros(batch.sizes[0], model.d_w)
        for w_t in w.split(batch.sizes):
            r = torch.relu(torch.addmm(w_t, r[: len(w_t)], p["U_r"].T))
            states.append(r)
        v = linear(features, p["V_I"], p["b_m"])
        z = linear(w, p["V_w"]) + linear(torch.cat(states), p["V_r"]) + v.index_select(0, image_of)
        m = SCALE * torch.tanh(SLOPE * z)
        loss = torch.nn.functional.cross_entropy(linear(m, p["V_y"], p["b_y"]), targets.long())
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        return float(loss.detach()) * to_bits

    return step


def products_step(model: MRNN, params: Params) -> Step:
    """The matrix products of a step and nothing else: no step can be faster."""
    M, d_I, d_e, d_w, d_m = model.M, model.d_I, model.d_e, model.d_w, model.d_m
    shapes = [(d_w, d_e), (d_m, d_w), (d_m, d_w), (M, d_m)]

    def three_products(rows: int, outputs: int, inputs: int) -> None:
        x, weight, dy = operands(rows, outputs, inputs)
        _ = x @ weight.T
        _ = dy @ weight
        _ = dy.T @ x

    kept: dict[tuple[int, int, int], Any] = {}

    def operands(rows: int, outputs: int, inputs: int) -> tuple[Array, Array, Array]:
        key = rows, outputs, inputs
        if key not in kept:
            sizes = (rows, inputs), (outputs, inputs), (rows, outputs)
            kept[key] = tuple(np.full(size, 1e-3, np.float32) for size in sizes)
        found: tuple[Array, Array, Array] = kept[key]
        return found

    def step(batch: Batch) -> float:
        for outputs, inputs in shapes:
            three_products(len(batch), outputs, inputs)
        x, weight, dy = operands(len(batch.features), d_m, d_I)
        _ = x @ weight.T
        _ = dy.T @ x
        for size in batch.sizes:
            x, weight, dy = operands(size, d_w, d_w)
            _ = x @ weight.T
            _ = dy @ weight
        x, _, dy = operands(len(batch), d_w, d_w)
        _ = dy.T @ x
        return float("nan")

    return step


STEPS = {"numpy": numpy_step, "torch": torch_step, "products": products_step}
