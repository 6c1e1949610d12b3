"""A checkpoint: one .npz without pickle that holds all it takes to write captions, or to train on bit for bit.

There is no state of a random number generator in it, because none is needed: each random stream is made anew from the
seed, what it is for, and the number of the epoch or step it serves (`mrnn_np.training.streams`).
"""

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.data.features import Standardiser
from mrnn_np.data.vocabulary import Vocabulary
from mrnn_np.errors import UserError
from mrnn_np.files import always, atomic_write, read_archive
from mrnn_np.files.json_files import LARGEST_OWN, checked, field, parse_json
from mrnn_np.model.general import Model, build_model
from mrnn_np.model.params import Params
from mrnn_np.training.config import Config, drop_former
from mrnn_np.training.optimisers import state_size, states
from mrnn_np.training.shipped import checkpoint_file

FORMAT = "mrnn_np checkpoint 1"
ROW = ("epoch", "step", "train_bits", "train_ppl", "val_bits", "val_ppl", "words_per_second")
"""What is noted of each epoch, the columns of history.csv."""
ARRAYS = (
    ("meta", "U", 0),
    ("vocabulary", "U", 0),
    ("mean", "f", 1),
    ("scale", "f", 1),
    ("theta", "f", 1),
    ("velocity", "f", 1),
    ("least_image", "f", 0),
)
"""The arrays of a checkpoint: of each the name, the kind of its dtype and the number of its dimensions.

The last is in those that come with the package."""


@dataclass
class Progress:
    """How far training is; changes with every step."""

    step: int = 0
    """updates done"""
    bits: float = 0.0
    """summed cost of the words of this epoch that has been read back from the device"""
    words: int = 0
    """the number of those words"""
    pending_bits: float = 0.0
    """summed cost of the words trained on since then, as the float32 on the device"""
    pending_words: int = 0
    """the number of those words"""
    history: list[dict[str, float]] = dataclasses.field(default_factory=list)
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
    """the model's and, behind them, those of the CNN where the captions train it too"""
    velocity: Array
    """what the optimiser remembers, of one network behind the other"""
    progress: Progress
    data_hash: str
    """of the training sentences and images, so that resuming on other data is noticed"""
    former: dict[str, Any] = dataclasses.field(default_factory=dict)
    """options of an earlier version without which training cannot go on, read from a file and never written to one"""
    least_image: float = 0.0
    """the size of V_I I below which a picture is unlike those trained on, which `mrnn_np.captioning.ship` measured"""

    @property
    def model(self) -> Model:
        """The model these parameters belong to."""
        return model_of(self.config, self.vocabulary, len(self.standardiser.mean))


@dataclass(frozen=True)
class _Meta:
    """What a checkpoint holds as JSON."""

    format: str
    config: Config
    layout: dict[str, list[int]]
    source: dict[str, str]
    progress: Progress
    data_hash: str


def model_of(config: Config, vocabulary: Vocabulary, d_I: int) -> Model:
    """Return the model that a configuration asks for."""
    return build_model(len(vocabulary), d_I, config.design, config.d_e, config.d_w, config.d_m, config.d_r)


def save_checkpoint(path: Path, checkpoint: Checkpoint, allow: Callable[[], object] = always) -> None:
    """Write all of it or nothing, as `atomic_write` does, and raise what it does."""
    layout = {name: list(shape) for name, shape in checkpoint.params.layout.items()}
    config, source, progress = checkpoint.config, checkpoint.source, checkpoint.progress
    meta = dataclasses.asdict(_Meta(FORMAT, config, layout, source, progress, checkpoint.data_hash))

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

    atomic_write(path, write, allow)


def load_checkpoint(path: str | Path) -> Checkpoint:
    """Read a checkpoint; what is returned fits together and is finite.

    `path` is its file, or the name of a captioner that comes with this package, as `checkpoint_file` says.

    Raises
    ------
    UserError : it is missing, damaged, not a checkpoint, or of another version; one line says which
    """
    path = checkpoint_file(path)
    arrays = {"least_image": np.zeros((), np.float32), **read_archive(path)}
    foreign = f"{path}: is not a checkpoint of mrnn_np"
    if (
        any(
            name not in arrays or arrays[name].dtype.kind != kind or arrays[name].ndim != ndim
            for name, kind, ndim in ARRAYS
        )
        or arrays["vocabulary"].nbytes > 4 * LARGEST_OWN
    ):
        raise UserError(f"{foreign}; expected a last.npz or best.npz")
    meta = parse_json(str(arrays["meta"]), path)
    version = field(meta, "format", str, str(path))
    if version != FORMAT:
        raise UserError(f"{path}: is of format {version!r}; this version reads {FORMAT!r}")
    former = drop_former(meta.get("config"))
    try:
        kept = checked(meta, _Meta, "meta")
        checkpoint = Checkpoint(
            kept.config,
            Vocabulary.from_text(str(arrays["vocabulary"])),
            Standardiser(arrays["mean"], arrays["scale"]),
            kept.source,
            Params({name: tuple(shape) for name, shape in kept.layout.items()}, arrays["theta"]),
            arrays["velocity"],
            kept.progress,
            kept.data_hash,
            former,
            float(arrays["least_image"]),
        )
    except (UserError, ValueError) as error:
        raise UserError(f"{foreign}: {error}") from None
    require_sound(checkpoint, path)
    return checkpoint


def require_sound(checkpoint: Checkpoint, path: str | Path) -> None:
    """Raise UserError, beginning with `path`, unless the parts of a checkpoint fit together and are finite."""
    layout, own = checkpoint.params.layout, checkpoint.model.layout
    if [*layout.items()][: len(own)] != [*own.items()] or (len(layout) > len(own)) != checkpoint.config.trains_cnn:
        raise UserError(f"{path}: holds parameters that do not fit its own configuration")
    theta, optimiser = checkpoint.params.theta, checkpoint.config.optimiser
    state, parts = checkpoint.velocity, checkpoint.params.split(own)
    # What Adam keeps first is a mean of squares.
    squares = [of[: len(part.theta)] for of, part in zip(states(optimiser, state, parts), parts, strict=True)]
    if len(state) != sum(state_size(optimiser, len(part.theta)) for part in parts) or (
        optimiser != "sgd" and any((some < 0).any() for some in squares)
    ):
        found = f"{len(state):,} numbers of its state for {len(theta):,} parameters"
        raise UserError(f"{path}: holds {found}, which are not what the optimiser {optimiser} keeps")
    mean, scale = checkpoint.standardiser.mean, checkpoint.standardiser.scale
    if mean.shape != scale.shape or not (scale > 0).all():
        raise UserError(f"{path}: the features' mean and scale do not fit together, or a scale is not above 0")
    for name, array in (("theta", theta), ("velocity", state), ("mean", mean), ("scale", scale)):
        if wrong := np.count_nonzero(~np.isfinite(array)):
            found = f"{wrong:,} of {len(array):,} numbers of {name} are NaN or infinity"
            raise UserError(f"{path}: {found}; take an earlier checkpoint")
    if not 0 <= checkpoint.least_image < np.inf:
        raise UserError(f"{path}: the least size of an image in it is {checkpoint.least_image}, which is no size")
    progress = checkpoint.progress
    if min(progress.step, progress.words, progress.pending_words, progress.bits, progress.pending_bits) < 0:
        raise UserError(f"{path}: its progress holds a number below 0")
    for epoch, row in enumerate(progress.history, 1):
        if row.keys() != set(ROW) or row["epoch"] != epoch or min(row.values()) < 0:
            raise UserError(f"{path}: row {epoch} of its history is not of epoch {epoch}; expected {', '.join(ROW)}")
