"""What the commands print and write, computed anew the slow way: one sentence and one image at a time."""

import contextlib
import importlib
import io
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from mrnn_np.data.batches import pack
from mrnn_np.data.vocabulary import END
from mrnn_np.training.checkpoint import Checkpoint, load_checkpoint


def in_process(folder, name, *arguments):
    """Run a command in this process, in a folder, and return what it printed; its errors are raised."""
    module, said = importlib.import_module(f"mrnn_np.{name}"), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(said):
        patch.chdir(folder)
        patch.setattr(sys, "argv", [name, *map(str, arguments)])
        assert module.main() == 0
    return said.getvalue()


@dataclass(frozen=True)
class Slow:
    """A checkpoint and the features of some images, by name."""

    checkpoint: Checkpoint
    features: dict[str, np.ndarray]

    @classmethod
    def of(cls, checkpoint, features):
        with np.load(features) as archive:
            return cls(load_checkpoint(Path(checkpoint)), dict(zip(archive["names"], archive["features"], strict=True)))

    def image(self, name):
        """The feature as the model sees it, (d_I,)."""
        scale = self.checkpoint.standardiser
        return (self.features[name].astype(np.float32) - scale.mean) / scale.scale

    def log2_prob(self, name, words, longest=30):
        """log2 P(words | image), END included unless the sentence was cut off at the longest there may be."""
        ids = self.checkpoint.vocabulary.encode(words)
        assert ids[-1] == END
        batch = pack([ids[:longest]], [0], lambda rows: self.image(name)[None])
        bits, _ = self.checkpoint.model.forward(self.checkpoint.params, batch)
        return -float(bits.sum())

    def bits_per_word(self, captions, seen=None):
        """Bits per word of captions, as {image: sentences}; `seen` says which image is shown in place of which."""
        words = sum(len(caption) + 1 for of_image in captions.values() for caption in of_image)
        log2_probs = [
            self.log2_prob((seen or {}).get(name, name), caption)
            for name, of_image in captions.items()
            for caption in of_image
        ]
        return -sum(log2_probs) / words
