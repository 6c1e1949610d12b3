"""What stands together in a batch, in what order, and the form in which the model takes it."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mrnn_np.data.examples import Examples
from mrnn_np.model.family import Model
from mrnn_np.model.masks import Masks
from mrnn_np.model.mrnn import MRNN
from mrnn_np.model.prefix_sharing import PrefixSharing
from mrnn_np.training.config import Config
from mrnn_np.training.streams import DROPOUT, ORDER, stream


class Batching:
    """The batches of a run, each a function of the seed and the number of its step.

    What an epoch puts in a random order are `units`, each the numbers of one or more captions: every caption alone, or
    all those of an image.  An m-RNN without dropout then computes the words that captions of an image begin with once.
    """

    def __init__(self, config: Config, model: Model, examples: Examples) -> None:
        self.config, self.model, self.examples = config, model, examples
        captions = len(examples.sentences)
        images = config.batches == "images"
        self.units = examples.by_image() if images else np.arange(captions)[:, None]
        self.units_per_batch = max(1, round(config.batch_size * len(self.units) / captions))
        self.steps_per_epoch = -(-len(self.units) // self.units_per_batch)
        self.rates = config.dropout_e, config.dropout_r, config.dropout_m, config.dropout_I
        self.form: Model | PrefixSharing = model
        self.batch_of: Any = examples.batch
        if images and isinstance(model, MRNN) and not any(self.rates):
            self.form, self.batch_of = PrefixSharing(model), examples.tree_batch

    @property
    def note(self) -> str:
        """A few words on what a batch holds."""
        if self.config.batches == "captions":
            return f"batches of {self.config.batch_size} captions"
        shared = ", which share the words they begin with" if self.form is not self.model else ""
        return f"batches of {self.units_per_batch} images with all their captions{shared}"

    def from_step(self, first: int, epoch: int) -> Iterator[tuple[Any, Masks]]:
        """Yield the host batches of an epoch, from 0, that are to be done from step `first` on, with dropout masks.

        They are `Batch` or `TreeBatch`, as `form` takes them.
        """
        order = stream(self.config.seed, ORDER, epoch).permutation(len(self.units))
        done = first - epoch * self.steps_per_epoch
        for step, start in enumerate(range(done * self.units_per_batch, len(order), self.units_per_batch), first):
            some = order[start : start + self.units_per_batch]
            batch = self.batch_of(np.concatenate([self.units[unit] for unit in some]))
            yield batch, self.model.draw_masks(stream(self.config.seed, DROPOUT, step), batch, self.rates)
