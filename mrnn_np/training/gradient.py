"""The gradient of a batch's cost: of the whole batch, or the sum of those of its shares, which many processes have.

    dC/dtheta = (1/N) sum over the N words n of d bits_n / dtheta = sum over shares of (1/N) sum over their words

N is of the whole batch and known to all before anybody begins.  The mean of the shares' own means would be another
number, as shares have not the same number of words.
"""

from contextlib import nullcontext
from functools import partial
from typing import Any, Protocol

from mrnn_np.backend import Array, Backend
from mrnn_np.data.batches import Batch
from mrnn_np.data.examples import ResidentImages
from mrnn_np.distributed.shares import Team
from mrnn_np.layers.dropout import Masks
from mrnn_np.layers.outer_sum import rows_of, sums_later
from mrnn_np.model.params import Gradient, Layout, Params
from mrnn_np.training.batches import Dealt
from mrnn_np.training.checkpoint import Checkpoint


class Trainable(Protocol):
    """A model, or a model and the CNN it looks through, as one."""

    def forward(self, params: Params, batch: Batch, masks: Masks = ..., /) -> tuple[Array, Any]:
        """The bits of each word and what `backward` needs."""

    def backward(self, dbits: Array, cache: Any, /) -> Gradient:
        """The gradient with respect to every parameter."""


def all_that_learns(checkpoint: Checkpoint, backend: Backend) -> Trainable:
    """Return what a run trains: its model, behind the CNN where the captions train that too."""
    if not checkpoint.config.trains_cnn:
        return checkpoint.model
    from mrnn_np.training.seeing import SeeingModel  # which brings the CNNs along

    return SeeingModel.of(checkpoint, backend)


class BatchGradient:
    """What computes it, for a trainer: the model, the processes, and the images that stay on the device, if any do."""

    def __init__(self, model: Trainable, team: Team, backend: Backend, resident: ResidentImages | None) -> None:
        self.model, self.team, self.backend, self.resident = model, team, backend, resident

    def of(self, params: Params, batch: Batch | Dealt, masks: Masks) -> tuple[Gradient, Array]:
        """The gradient, and the bits of all N words, summed, a 0-d array; on all ranks the same."""
        if not isinstance(batch, Dealt):
            # On a GPU later is when the optimiser has made a vector for all of it.
            with nullcontext() if self.backend.name == "numpy" else sums_later():
                return self._of_words(params, batch, masks, len(batch))
        sums = self.team.sum(partial(self._of_share, params, batch), params.layout | BITS)
        return Gradient(params.layout, sums.arrays), rows_of(sums["bits"], slice(0, 1))[0]

    def _of_words(self, params: Params, batch: Batch, masks: Masks, N: int) -> tuple[Gradient, Array]:
        if self.resident is not None:
            batch = self.resident.gather(batch)
        bits, cache = self.model.forward(params, batch, masks)
        return self.model.backward(self.backend.xp.full_like(bits, 1 / N), cache), bits.sum()

    def _of_share(self, params: Params, batch: Dealt, share: int) -> dict[str, Any]:
        """Both of one share, by symbol; zeros where it has no sentence."""
        xp = self.backend.xp
        if share not in batch.shares:
            nothing = {symbol: xp.zeros_like(params[symbol]) for symbol in params}
            return nothing | {"bits": xp.zeros_like(params.theta[:1])}
        with sums_later():
            grads, bits = self._of_words(params, *batch.shares[share], len(batch))
        return grads.arrays | {"bits": bits.reshape(1)}


BITS: Layout = {"bits": (1,)}
"""Where the bits of all words stand, behind the gradient."""
