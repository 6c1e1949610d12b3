"""From options to a run: read the data, build the vocabulary, draw the first parameters or take a checkpoint's."""

import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mrnn_np.backend.room import require_room
from mrnn_np.data.captions import SplitData, attach, load_captions, missing_features, open_data_set
from mrnn_np.data.data_set import CaptionData
from mrnn_np.data.examples import Examples, ImageReader, ReadImages, encode, no_image, word_counts
from mrnn_np.data.features import STANDS_IN_FOR, ImageRows, Standardiser, load_features, row_chunks
from mrnn_np.data.vocabulary import Vocabulary
from mrnn_np.errors import UserError
from mrnn_np.model.general import Model
from mrnn_np.model.initial import initial_params
from mrnn_np.model.params import layout_size
from mrnn_np.training.checkpoint import Checkpoint, Progress, model_of
from mrnn_np.training.config import Config
from mrnn_np.training.optimisers import new_state
from mrnn_np.training.streams import INITIAL, stream

SMALLER = "lower --scale, --d-m or raise --min-count"
"""What to do about a model that does not fit."""
IMAGE_SIZE = 0.4
"""Root mean square of the centred image features; smaller than the words' 1, so that V_I learns slower than they do."""


@dataclass(frozen=True, eq=False)
class Sources:
    """What a configuration names, read but not yet turned into numbers."""

    features: ImageRows | None
    """None for RNN-Base where no features are at hand; the pictures, where the captions train the CNN too"""
    train: SplitData
    val: SplitData
    floor: float | None
    """the lowest bits per word any model can reach on `val`; None where nobody knows"""
    notes: tuple[str, ...]
    """one line each about what was read and what was left out"""


@dataclass(frozen=True, eq=False)
class Run:
    """A state to train, and what to train it on."""

    checkpoint: Checkpoint
    train_set: Examples
    val_set: Examples
    sources: Sources


def read_sources(config: Config) -> Sources:
    """Read captions and features; raise UserError when what training needs is missing or malformed."""
    data, features = load_captions(config.data), read_features(config)
    val_split = validation_split(data)
    train, val = attach(data, features, "train"), attach(data, features, val_split)
    read = (
        f"{config.data}: {sizes(train)} to learn from, {sizes(val)} ({val_split}) to judge by",
        f"{features.path}: {sizes_of(features)}" if features else "no features",
    )
    left_out = (*data.notes, *(missing_features(data, features) if features else ()))
    return Sources(features, train, val, data.floor(val_split), (*read, *left_out))


def sizes_of(features: ImageRows) -> str:
    """Return how many images there are, and of how many numbers each, as a line says it."""
    return " x ".join((f"{len(features.names):,} images", *(f"{n:,}" for n in features.values.shape[1:]))) + " numbers"


def sizes(split: SplitData) -> str:
    """Return how many captions and images a split holds, as a line says it."""
    return f"{sum(map(len, split.captions)):,} captions of {len(split.images):,} images"


def read_features(config: Config, folder_option: str = "--pictures") -> ImageRows | None:
    """Read the features a configuration asks for, by default the data set's own or features.npz in its folder.

    RNN-Base does without if nobody named any and there are none.  Where the captions train the CNN too, it is the
    pictures that are read; an option of that name says where they are.

    Raises
    ------
    UserError : the file cannot be used, or is missing and needed
    """
    if config.trains_cnn:
        from mrnn_np.training.seeing import pictures_of  # which brings the CNNs along

        return pictures_of(config, folder_option)
    data_set = open_data_set(config.data)
    if data_set.features and not config.features:
        return data_set.features() if config.image else None
    path = Path(config.features or data_set.features_file)
    if not config.image and not config.features and not os.path.exists(path):
        return None
    return load_features(path)


def validation_split(data: CaptionData) -> str:
    """Return the name of the split to judge epochs by; raise UserError where there is none."""
    for name in ("dev", "val"):
        if name in data.splits:
            return name
    raise UserError(f"{data.name}: training needs a dev or val split; there is only {', '.join(data.splits)}")


def new_run(config: Config) -> Run:
    """Return a run that has not begun."""
    sources = read_sources(config)
    vocabulary = Vocabulary.build(
        (caption for captions in sources.train.captions for caption in captions), config.min_count
    )
    standardiser = Standardiser(np.zeros(0, np.float32), np.zeros(0, np.float32))
    source, weights = sources.features.source if sources.features else {}, {}
    if config.image and sources.features is not None:
        values, rows = sources.features.values, np.unique(sources.train.feature_rows)
        if config.trains_cnn:
            from mrnn_np.training.seeing import first_cnn, first_features, require_room_for_pictures

            cnn = first_cnn(config)
            require_room_for_pictures(cnn, round(config.batch_size * len(rows) / sum(map(len, sources.train.captions))))
            values, rows = first_features(cnn, values, rows), np.arange(len(rows))
            source, weights = cnn.source, cnn.weights
        unit = Standardiser.fit(values, rows, "global")
        standardiser = Standardiser(unit.mean, unit.scale / np.float32(IMAGE_SIZE))
    model = model_of(config, vocabulary, len(standardiser.mean))
    # Which features are read does not matter to the counts.
    counts = word_counts(encode(sources.train, vocabulary, no_image), vocabulary)
    in_a_batch = min(1, config.batch_size / sum(map(len, sources.train.captions)))
    require_room_for(model, config.optimiser, round(in_a_batch * float(counts.sum())))
    params = initial_params(model, stream(config.seed, INITIAL), counts).and_others(weights)
    checkpoint = Checkpoint(
        config,
        vocabulary,
        standardiser,
        source,
        params,
        np.concatenate([new_state(config.optimiser, part.theta) for part in params.split(model.layout)]),
        Progress(),
        fingerprint(sources),
    )
    return with_sources(checkpoint, sources)


def resumed_run(checkpoint: Checkpoint) -> Run:
    """Return a run that goes on from a checkpoint; raise UserError when its data is no longer what it was."""
    sources = read_sources(checkpoint.config)
    now = fingerprint(sources)
    if checkpoint.data_hash not in (now, first_fingerprint(sources)):
        raise UserError(
            f"--resume: the data in {checkpoint.config.data} or its features changed since; start a new run"
        )
    return with_sources(replace(checkpoint, data_hash=now), sources)


def with_sources(checkpoint: Checkpoint, sources: Sources) -> Run:
    """Turn the sources into numbers as the checkpoint's vocabulary and standardiser say."""
    if checkpoint.config.trains_cnn and sources.features:
        read_images = sources.features.values.__getitem__
    else:
        read_images = image_reader(checkpoint, sources.features)
    train_set, val_set = (encode(split, checkpoint.vocabulary, read_images) for split in (sources.train, sources.val))
    return Run(checkpoint, train_set, val_set, sources)


def image_reader(checkpoint: Checkpoint, features: ImageRows | None) -> ReadImages:
    """Return the reader of features as a checkpoint's model wants them.

    Raises
    ------
    UserError : they are of another width than those it was trained on, or of another CNN
    """
    if not checkpoint.config.image:
        return no_image
    if features is None:
        raise UserError("features: this model looks at images; name their features with --features F")
    width = len(checkpoint.standardiser.mean)
    if (found := features.values.shape[1]) != width:
        raise UserError(
            f"features: {features.path} holds {found} columns but the checkpoint was trained on {width}; "
            "extract with the same CNN"
        )
    # For a CNN that captions have trained on, none stands in: its features mean what these captions made of them.
    stand_in = not checkpoint.config.trains_cnn and features.source.get(STANDS_IN_FOR, "") == checkpoint.source.get(
        "cnn"
    )
    for key, value in checkpoint.source.items() if not stand_in else ():
        if (other := features.source.get(key, value)) != value:
            raise UserError(f"features: {features.path}: {key} is {other!r}; the checkpoint was trained on {value!r}")
    return ImageReader(features.values, checkpoint.standardiser)


def fingerprint(sources: Sources) -> str:
    """Return a hash of what is learnt from and judged by: every caption, and the features of every image."""
    digest = hashlib.sha256()
    for split in (sources.train, sources.val):
        digest.update(repr((split.images, split.captions)).encode())
        if sources.features is not None:
            values, rows = sources.features.values, split.feature_rows
            digest.update(repr((values.dtype, values.shape[1])).encode())
            for chunk in row_chunks(len(rows), values.shape[1]):
                digest.update(np.ascontiguousarray(values[rows[chunk]]).data)
    return f"all-{digest.hexdigest()}"


def first_fingerprint(sources: Sources) -> str:
    """Return the hash that checkpoints held before `fingerprint`: all captions, and 256 of the training images."""
    digest = hashlib.sha256(repr((sources.train.images, sources.train.captions, sources.val.captions)).encode())
    if sources.features is not None:
        rows = sources.train.feature_rows
        digest.update(np.ascontiguousarray(sources.features.values[rows[:: max(1, len(rows) // 256)]]).data)
    return digest.hexdigest()


def require_room_for(model: Model, optimiser: str, words: int) -> None:
    """Raise UserError when a model with what trains it, or the scores of a batch of `words` words, cannot fit."""
    n = layout_size(model.layout)
    # The state that is saved and the one that is trained, each theta and what the optimiser remembers; the gradient.
    vectors = 2 * (3 if optimiser == "adam" else 2) + 1
    require_room(f"training {n:,} parameters", 4 * vectors * n, SMALLER)
    # The scores of the words, whose gradient takes their place.
    require_room(f"a batch of {words:,} words", 4 * words * model.M, "lower --batch-size or raise --min-count")
