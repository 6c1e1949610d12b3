"""A training step the way it is most often written in NumPy, for comparison: a padded batch and a mask.

Every sentence is filled up to the longest, every layer keeps its cache, the recurrent layer goes forward and backward
one time step at a time, embedding gradients are added up with `np.add.at`, and the softmax runs over all rows, those of
the padding too, whose cost the mask takes out.
"""

from typing import Any

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.benchmarks.workload import L2, LR, MOMENTUM
from mrnn_np.data.batches import Batch, unpack
from mrnn_np.layers.activations import SCALE, SLOPE
from mrnn_np.model.params import Params


def affine(x: Array, W: Array, b: Array) -> Array:
    """x (B, T, d) gives W x + b, (B, T, outputs)."""
    return (x.reshape(-1, x.shape[2]) @ W.T).reshape(*x.shape[:2], -1) + b


def affine_backward(dy: Array, x: Array, W: Array) -> tuple[Array, Array, Array]:
    """dx, dW and db of `affine`."""
    rows = dy.reshape(-1, dy.shape[2])
    return (rows @ W).reshape(x.shape), rows.T @ x.reshape(-1, x.shape[2]), rows.sum(axis=0)


def recurrent_step(w: Array, r: Array, U_r: Array) -> tuple[Array, Any]:
    """One time step, and what its backward needs."""
    r_next = np.maximum(w + r @ U_r.T, 0)
    return r_next, (r, r_next, U_r)


def recurrent_step_backward(dr_next: Array, cache: Any) -> tuple[Array, Array, Array]:
    """dw, dr and dU_r of one time step."""
    r, r_next, U_r = cache
    dz = dr_next * (r_next > 0)
    return dz, dz @ U_r, dz.T @ r


def pad(batch: Batch) -> tuple[Array, ...]:
    """Words (B, T), targets (B, T), the mask of what is a word (B, T), and features (B, d_I)."""
    sentences = list(zip(*(unpack(x, batch) for x in (batch.ids, batch.targets, batch.image_of)), strict=True))
    B, T = len(sentences), len(batch.sizes)
    words, targets, mask = np.zeros((B, T), int), np.zeros((B, T), int), np.zeros((B, T), np.float32)
    for row, (ids, following, _) in enumerate(sentences):
        words[row, : len(ids)], targets[row, : len(ids)], mask[row, : len(ids)] = ids, following, 1
    return words, targets, mask, batch.features[[images[0] for *_, images in sentences]]


class Padded:
    """The m-RNN and its SGD, written so."""

    def __init__(self, params: Params) -> None:
        self.p = {name: params[name].copy() for name in params}
        self.velocity = {name: np.zeros_like(value) for name, value in self.p.items()}

    def step(self, batch: tuple[Array, ...]) -> float:
        """Train on a padded batch and return its cost in bits per word."""
        bits, grads = self.cost(*batch)
        for name, value in self.p.items():
            gradient = grads[name] + 2 * L2 * value
            self.velocity[name] = MOMENTUM * self.velocity[name] - LR * gradient
            value += self.velocity[name]
        return bits

    def cost(self, words: Array, targets: Array, mask: Array, features: Array) -> tuple[float, dict[str, Array]]:
        """Bits per word and the gradient of every parameter."""
        p, (B, T) = self.p, words.shape
        e = p["E"][words]
        w = affine(e, p["W_2"], p["b_w"])
        r, r_t, caches = np.zeros_like(w), np.zeros((B, w.shape[2]), w.dtype), []
        for t in range(T):
            r_t, cache = recurrent_step(w[:, t], r_t, p["U_r"])
            r[:, t] = r_t
            caches.append(cache)
        v = features @ p["V_I"].T + p["b_m"]
        m = SCALE * np.tanh(SLOPE * (affine(w, p["V_w"], np.float32(0)) + affine(r, p["V_r"], v[:, None])))
        scores = affine(m, p["V_y"], p["b_y"]).reshape(B * T, -1)
        y = np.exp(scores - scores.max(axis=1, keepdims=True))
        y /= y.sum(axis=1, keepdims=True)
        rows, flat, weight = np.arange(B * T), targets.reshape(-1), mask.reshape(-1) / mask.sum()
        bits = -float(weight @ np.log2(y[rows, flat]))

        g = {}
        dscores = y.copy()
        dscores[rows, flat] -= 1
        dscores *= (weight / np.float32(np.log(2)))[:, None]
        dm, g["V_y"], g["b_y"] = affine_backward(dscores.reshape(B, T, -1), m, p["V_y"])
        dz = dm * SLOPE * (SCALE - m**2 / SCALE)
        dw, g["V_w"], _ = affine_backward(dz, w, p["V_w"])
        dr, g["V_r"], g["b_m"] = affine_backward(dz, r, p["V_r"])
        g["V_I"] = dz.sum(axis=1).T @ features
        g["U_r"], carry = np.zeros_like(p["U_r"]), np.zeros_like(dr[:, 0])
        for t in reversed(range(T)):
            dw_t, carry, dU_r = recurrent_step_backward(dr[:, t] + carry, caches[t])
            dw[:, t] += dw_t
            g["U_r"] += dU_r
        de, g["W_2"], g["b_w"] = affine_backward(dw, e, p["W_2"])
        g["E"] = np.zeros_like(p["E"])
        np.add.at(g["E"], words, de)
        return bits, g
