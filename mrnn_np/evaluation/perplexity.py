"""Perplexity:  log2 PPL = -(1/N) sum_n log2 P(w_n | w_1:n-1, I), over the N words of all sentences, END counted."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from mrnn_np.backend import Backend
from mrnn_np.data.examples import Examples
from mrnn_np.errors import UserError
from mrnn_np.model.family import Model
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
    on_batch: Callable[[], None] = lambda: None,
    batch_size: int = 256,
) -> float:
    """Return log2 PPL of all sentences of `examples`; PPL = 2**bits.

    Parameters
    ----------
    params : on the backend's device
    on_batch : called before each batch; training looks for a pending interruption here
    batch_size : sentences computed together; the result does not depend on it but for rounding
    """
    total = 0.0
    for batch in examples.batches(examples.by_length(), batch_size):
        on_batch()
        bits, _ = model.forward(params, batch.to(backend.asarray))
        total += float(backend.to_numpy(bits.sum()))
    return total / examples.words
