"""Perplexity:  log2 PPL = -(1/N) sum_n log2 P(w_n | w_1:n-1, I), over the N words of all sentences, END counted."""

from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt

from mrnn_np.backend import Array, Backend
from mrnn_np.data.examples import Examples
from mrnn_np.errors import UserError
from mrnn_np.model.general import Model
from mrnn_np.model.params import Params


def require_finite(numbers: npt.ArrayLike) -> None:
    """Raise UserError where there is none, or one that is not finite: the model's parameters have grown too large."""
    if not np.size(numbers) or not np.isfinite(numbers).all():
        raise UserError("checkpoint: the model's probabilities are not finite; take an earlier checkpoint")


def perplexity(bits: float) -> float:
    """Return 2^bits; raise UserError where no float holds it."""
    require_finite([bits if bits < 1024 else np.inf])
    return 2**bits


def bits_per_word(
    model: Model,
    params: Params,
    examples: Examples,
    backend: Backend,
    each: Callable[[Callable[[Array], float], list[Array]], Iterable[float]] = map,
    batch_size: int = 64,
) -> float:
    """Return log2 PPL of all sentences of `examples`; PPL = 2**bits.

    Parameters
    ----------
    params : on the backend's device
    each : (do, items) -> what `do` makes of each item, in their order; training has them done by all its processes
    batch_size : sentences computed together; the result does not depend on it but for rounding
    """
    order, total = examples.by_length(), 0.0

    def cost(which: Array) -> float:
        bits, _ = model.forward(params, examples.batch(which).to(backend.asarray))
        return float(backend.to_numpy(bits.sum()))

    for bits in each(cost, [order[start : start + batch_size] for start in range(0, len(order), batch_size)]):
        total += bits
    return total / examples.words
