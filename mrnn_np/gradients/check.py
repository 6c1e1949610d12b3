"""Check every case by every method: one `Verdict` per layer, symbol and method."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mrnn_np.backend import Array, Backend
from mrnn_np.data.batches import Batch
from mrnn_np.gradients.cases import Case
from mrnn_np.gradients.methods import (
    central_difference,
    complex_slope,
    complex_step,
    relative_error,
)
from mrnn_np.model.params import Params
from mrnn_np.training.gradient import Trainable

METHODS = {"central": (central_difference, 1e-7), "complex step": (complex_step, 1e-12)}


@dataclass(frozen=True)
class Verdict:
    """How far one gradient is from its numerical derivative."""

    layer: str
    symbol: str
    method: str
    error: float
    limit: float

    @property
    def passed(self) -> bool:
        """Whether the error is a number below the limit; nan is not."""
        return self.error < self.limit


def check_case(case: Case, backend: Backend) -> Iterator[Verdict]:
    """Compare each gradient of a case with central differences and with the complex step."""
    real, complex_ = (
        {name: backend.asarray(value.astype(dtype)) for name, value in case.inputs.items()}
        for dtype in (np.float64, np.complex128)
    )
    computed = case.gradients(real)
    gradients = {name: backend.to_numpy(value) for name, value in computed.items()}
    for symbol, value in case.inputs.items():
        if value.size == 0:  # RNN-Base's V_I
            continue

        def cost(x: Array, symbol: str = symbol) -> Array:
            others = complex_ if np.iscomplexobj(x) else real
            return backend.to_numpy(case.cost({**others, symbol: backend.asarray(x)}))

        for method, (derivative, limit) in METHODS.items():
            error = relative_error(gradients[symbol], derivative(cost, value))
            yield Verdict(case.layer, symbol, method, error, limit)


def check_model(
    model: Trainable, params: Params, batch: Batch, backend: Backend, rng: np.random.Generator
) -> Iterator[Verdict]:
    """Check a model of any size on a host batch: the slope along one random direction per parameter.

    A random direction meets every coordinate of a wrong gradient, and costs one complex forward pass.
    """
    theta = backend.to_numpy(params.theta).astype(np.float64)
    batch = batch.to(backend.asarray)

    def cost(theta: Array) -> Array:
        bits, _ = model.forward(params.with_theta(backend.asarray(theta)), batch)
        return backend.to_numpy(bits.mean())

    bits, cache = model.forward(params.with_theta(backend.asarray(theta)), batch)
    grads = model.backward(backend.xp.full_like(bits, 1 / len(batch)), cache)
    gradient = params.with_theta(backend.to_numpy(grads.theta))
    for symbol in params:
        direction = params.with_theta(np.zeros_like(theta))
        if direction[symbol].size == 0:
            continue
        direction[symbol][...] = rng.normal(size=direction[symbol].shape)
        direction.theta /= np.linalg.norm(direction.theta)
        slope = complex_slope(cost, theta, direction.theta)
        # An error of the whole gradient shows in its slope, whose size is about ||gradient|| / sqrt(numbers in it).
        error = abs(gradient.theta @ direction.theta - slope) / max(abs(slope), 1e-300)
        yield Verdict("configured model", symbol, "complex step", float(error), 1e-9)


def verdict_table(verdicts: list[Verdict]) -> str:
    """Return the verdicts as a table with a head."""
    layer, symbol = max([20, *(len(v.layer) for v in verdicts)]) + 1, max([10, *(len(v.symbol) for v in verdicts)]) + 1
    head = f"{'layer':{layer}}{'symbol':{symbol}}{'method':14}{'error':>9}{'limit':>9}  verdict"
    rows = (
        f"{v.layer:{layer}}{v.symbol:{symbol}}{v.method:14}{v.error:9.1e}{v.limit:9.0e}  "
        f"{'ok' if v.passed else 'WRONG'}"
        for v in verdicts
    )
    return "\n".join([head, *rows])
