"""A checkpoint: one .npz without pickle that holds all it takes to write captions, or to train on bit for bit.

There is no state of a random number generator in it, because none is needed: each random stream is made anew from the
seed, what it is for, and the number of the epoch or step it serves (`mrnn_np.training.streams`).
"""

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.data.features import Standardiser
from mrnn_np.data.vocabulary import Vocabulary
from mrnn_np.errors import UserError
from mrnn_np.files import atomic_write, read_archive
from mrnn_np.model.family import Model, build_model
from mrnn_np.model.params import Params
from mrnn_np.training.config import Config, config_from_dict

FORMAT = "mrnn_np checkpoint 1"


@dataclass
class Progress:
    """How far training is; changes with every step."""

    step: int = 0
    """updates done"""
    bits: float = 0.0
    """summed cost of the words of this epoch that has been read back from the device"""
    words: int = 0
    """how many words that was"""
    pending_bits: float = 0.0
    """the same of the words since then, as the float32 on the device"""
    pending_words: int = 0
    """how many words that was"""
    history: list[dict[str, float]] = field(default_factory=list)
    """one row per evaluated epoch, as in history.csv"""


@dataclass(frozen=True)
class Checkpoint:
    """Everything a run is made of; arrays are on the host."""

    config: Config
    vocabulary: Vocabulary
    standardiser: Standardiser
    source: dict[str, str]
    """where the features came from, as their file said"""
    params: Params
    velocity: Array
    progress: Progress
    data_hash: str
    """of the training sentences and images, so that resuming on other data is noticed"""

    @property
    def model(self) -> Model:
        """The model these parameters belong to."""
        return model_of(self.config, self.vocabulary, len(self.standardiser.mean))


def model_of(config: Config, vocabulary: Vocabulary, d_I: int) -> Model:
    """Return the model that a configuration asks for."""
    return build_model(len(vocabulary), d_I, config.design, config.d_e, config.d_w, config.d_m, config.d_r)


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write all of it or nothing; raise UserError when the disk refuses, the file that was there untouched."""
    meta = {
        "format": FORMAT,
        "config": dataclasses.asdict(checkpoint.config),
        "layout": {name: list(shape) for name, shape in checkpoint.params.layout.items()},
        "source": checkpoint.source,
        "progress": dataclasses.asdict(checkpoint.progress),
        "data_hash": checkpoint.data_hash,
    }

    def write(file: BinaryIO) -> None:
        np.savez(
            file,
            meta=np.array(json.dumps(meta)),
            vocabulary=np.array(checkpoint.vocabulary.to_text()),
            mean=checkpoint.standardiser.mean,
            scale=checkpoint.standardiser.scale,
            theta=checkpoint.params.theta,
            velocity=checkpoint.velocity,
        )

    atomic_write(path, write)


def load_checkpoint(path: str | Path) -> Checkpoint:
    """Read a checkpoint.

    Raises
    ------
    UserError : it is missing, cut short, not a checkpoint, or of another version; one line says which
    """
    arrays = read_archive(path)
    try:
        meta: dict[str, Any] = json.loads(str(arrays["meta"]))
        if meta["format"] != FORMAT:
            raise UserError(f"{path}: is of format {meta['format']!r}; this version reads {FORMAT!r}")
        layout = {name: tuple(shape) for name, shape in meta["layout"].items()}
        checkpoint = Checkpoint(
            config_from_dict(meta["config"]),
            Vocabulary.from_text(str(arrays["vocabulary"])),
            Standardiser(arrays["mean"], arrays["scale"]),
            meta["source"],
            Params(layout, arrays["theta"]),
            arrays["velocity"],
            Progress(**meta["progress"]),
            meta["data_hash"],
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise UserError(f"{path}: is not a checkpoint of mrnn_np; expected a last.npz or best.npz") from None
    if layout != checkpoint.model.layout:
        raise UserError(f"{path}: holds parameters that do not fit its own configuration")
    return checkpoint
