"""Small models of the scenes that train in seconds, and an image feature that anyone can read: the list of facts."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mrnn_np.data.captions import attach, load_captions
from mrnn_np.data.data_set import CaptionData
from mrnn_np.data.examples import Examples, encode, no_image
from mrnn_np.data.vocabulary import Vocabulary
from mrnn_np.model.general import General
from mrnn_np.model.params import Params
from mrnn_np.model.presets import PRESETS
from mrnn_np.scenes.dataset import scene_descriptions
from mrnn_np.scenes.world import Scene
from mrnn_np.teaching.live import updates
from mrnn_np.training.sgd import SGD

FACT_SIZE = 0.4
"""Root mean square of the centred facts; smaller than the words' 1, as in training on a CNN's features."""


def facts(scene: Scene) -> tuple[str, ...]:
    """Return all that is in a picture, as a CNN that never errs would report it: "beach", "first: dog", "first: 2"."""
    said = [scene.setting, scene.time, scene.sky, *(f"relation: {relation.name}" for relation in scene.relations)]
    for place, thing in zip(("first", "second", "third"), scene.things, strict=False):
        described = (thing.kind, thing.colour, str(thing.count), thing.size, thing.action)
        said += [f"{place}: {word}" for word in described if word]
    return tuple(said)


def fact_features(scenes: Iterable[Scene], names: tuple[str, ...]) -> npt.NDArray[np.float32]:
    """Return a row for each scene, 1 where the fact of that column holds, centred and scaled to FACT_SIZE."""
    column = {name: i for i, name in enumerate(names)}
    listed = [facts(scene) for scene in scenes]
    table = np.zeros((len(listed), len(names)), np.float32)
    for row, said in zip(table, listed, strict=True):
        row[[column[fact] for fact in said if fact in column]] = 1
    centred = table - table.mean(axis=0)
    scaled: npt.NDArray[np.float32] = centred * (FACT_SIZE / np.sqrt((centred**2).mean()))
    return scaled


def fact_names(scenes: Iterable[Scene]) -> tuple[str, ...]:
    """Return every fact that holds in one of the scenes, in alphabetical order."""
    return tuple(sorted({fact for scene in scenes for fact in facts(scene)}))


def examples_with_features(
    data: CaptionData, split: str, vocabulary: Vocabulary, features: npt.NDArray[np.float32]
) -> Examples:
    """Return a split's sentences, the image of number i having row i of `features`, in the order of the split."""
    examples = encode(attach(data, None, split), vocabulary, features.__getitem__)
    captions = [len(data.captions[name]) for name in data.splits[split]]
    return Examples(examples.sentences, np.repeat(np.arange(len(captions)), captions), features.__getitem__)


def sentences(data: CaptionData, split: str, vocabulary: Vocabulary) -> Examples:
    """Return a split's sentences, for a model that looks at no picture."""
    return encode(attach(data, None, split), vocabulary, no_image)


class World(NamedTuple):
    """The scenes, their captions, and the facts of the pictures as image features."""

    data: CaptionData
    scenes: dict[str, list[Scene]]
    """by split, train and val"""
    vocabulary: Vocabulary
    names: tuple[str, ...]
    """of the facts, as `fact_names` lists them"""
    train: Examples
    val: Examples


def world() -> World:
    """Return what notebook 5 makes line by line, for the notebooks after it."""
    data = load_captions("scenes")
    scenes = {split: list(scene_descriptions(split).values()) for split in ("train", "val")}
    vocabulary = Vocabulary.build(caption for name in data.splits["train"] for caption in data.captions[name])
    names = fact_names(scenes["train"])
    train, val = (
        examples_with_features(data, split, vocabulary, fact_features(scenes[split], names)) for split in scenes
    )
    return World(data, scenes, vocabulary, names, train, val)


def simple_rnn(M: int, d: int, f1: str = "sigmoid") -> General:
    """Return the simple RNN of notebook 2, for M words and with d notes; `f1` may also be "relu", "lstm" or "gru"."""
    return General(M, 0, replace(PRESETS["simple-rnn"].design, recurrence=f1), d_w=d)


def train(
    model: Any,
    params: Params,
    examples: Examples,
    epochs: int = 3,
    lr: float = 0.2,
    seed: int = 0,
    batch_size: int = 64,
) -> list[float]:
    """Train `params` in place and return the bits per word of every update.

    Each update moves all parameters a little against the gradient of the mean bits of one packed batch, with momentum
    0.9, a gradient no longer than 5, and a learning rate that rises to `lr` and falls to 0.
    """
    count = epochs * -(-len(examples.sentences) // batch_size)
    sgd = SGD(momentum=0.9, clip=5.0)
    return list(updates(model, params, examples, count, lr, sgd, "cosine", 50, batch_size, seed))
