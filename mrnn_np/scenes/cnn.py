"""The scene CNN: a small network for 96 x 96 pictures, trained by this package on what its own scenes show.

How probable it finds each of some 370 attributes ("a dog", "something red", "left of a tree") are the features a
captioner reads.  There are only 4,000 pictures to learn captions from; where each number means something of its own, a
captioner needs fewer of them than with a hidden layer's mixtures.  Averages over 2 x 2 positions, rather than over the
whole picture, leave a 3 x 3 map of what is where: "left of" and "above" need that.
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mrnn_np.backend import Array, get_xp
from mrnn_np.errors import UserError
from mrnn_np.files import atomic_write
from mrnn_np.files.json_files import checked, parse_json
from mrnn_np.scenes.attributes import ATTRIBUTES
from mrnn_np.vision.cnn import Design
from mrnn_np.vision.network import AveragePool, Conv, Dense, Flatten, Network, Sigmoid, Weights, run, weight_shapes
from mrnn_np.vision.preprocessing import Preprocessing
from mrnn_np.vision.weight_files import read_weights

SIZE = 96
"""Pictures are SIZE x SIZE pixels."""

PREPROCESSING = Preprocessing("whole", SIZE, (128.0,) * 3, (64.0,) * 3)
SHIPPED_WEIGHTS = Path(__file__).with_name("scene_cnn.npz")

Pictures = npt.NDArray[np.uint8]


def scene_cnn(attributes: int) -> Network:
    """Return the network from a picture to one score for each attribute of the scene, the log odds that it has it."""
    return (
        Conv("conv1", 24, kernel=5, stride=2, padding=2),  # 96 x 96 x 3 -> 48 x 48 x 24
        Conv("conv2", 48, kernel=3, stride=2, padding=1),  # 24 x 24
        Conv("conv3", 64, kernel=3, padding=1),
        Conv("conv4", 96, kernel=3, stride=2, padding=1),  # 12 x 12
        Conv("conv5", 96, kernel=3, padding=1),
        Conv("conv6", 128, kernel=3, stride=2, padding=1),  # 6 x 6
        AveragePool(2, 2),  # 3 x 3
        Flatten(),
        Dense("hidden", 160),
        Dense("attributes", attributes, activation="none"),
    )


def probabilities(network: Network) -> Network:
    """Return the network from a picture to the probability of each attribute, not its log odds."""
    return (*network, Sigmoid())


def sigmoid_loss_forward(z: Array, labels: Array) -> tuple[Array, tuple[Array, Array]]:
    """Return what is minimised in training: how many bits each picture's attributes cost, given the network's scores.

    P(attribute a) = sigmoid(z[a]);  bits = -sum over a of log2 P(what is true of a)

    Parameters
    ----------
    z : (N, A) float, the scores
    labels : (N, A) bool, which attributes are true

    Returns
    -------
    bits : (N,) float
    cache : for `sigmoid_loss_backward`
    """
    xp = get_xp(z)
    # sigmoid(z) = yes / (yes + no); shifting by the larger exponent keeps both from overflowing.
    largest = xp.maximum(z.real, 0)
    yes, no = xp.exp(z - largest), xp.exp(-largest)
    bits = (largest + xp.log(yes + no) - labels * z).sum(axis=1) / math.log(2)
    return bits, (yes / (yes + no), labels)


def sigmoid_loss_backward(d_bits: Array, cache: tuple[Array, Array]) -> Array:
    """dz = d_bits (sigmoid(z) - labels) / ln 2; `d_bits` is (N,)."""
    probability, labels = cache
    return d_bits[:, None] * (probability - labels) / math.log(2)


def initial_weights(network: Network, rng: np.random.Generator) -> Weights:
    """Draw float32 weights for 96 x 96 x 3 pictures.

    Normal with variance 2 / (numbers that a unit sums over), which keeps signals equally strong from layer to layer
    when ReLU silences half of them (He et al. 2015); the biases are 0.
    """
    weights: Weights = {}
    for name, shape in weight_shapes(network, (SIZE, SIZE, 3)).items():
        deviation = 0.0 if name.endswith(".b") else math.sqrt(2 / math.prod(shape[1:]))
        weights[name] = rng.normal(0, deviation, shape).astype(np.float32)
    return weights


@dataclass(frozen=True, eq=False)
class SceneCnn:
    """A trained scene CNN: its weights, the names of the attributes it scores, and how it came about, in words."""

    weights: Weights
    attributes: tuple[str, ...]
    training: dict[str, str]


def stored(value: Array) -> Array:
    """Return a weight as its file holds it: float16 without the last bit, which would not compress, rounded."""
    bits = value.astype(np.float16).view(np.uint16)
    return ((bits + (bits & 1)) & np.uint16(0xFFFE)).view(np.float16)


def save_scene_cnn(path: str | Path, cnn: SceneCnn) -> None:
    """Write a trained scene CNN to an ``.npz``, rounded by `stored`.  Raises UserError when it cannot be written."""
    arrays: dict[str, Any] = {name: stored(value) for name, value in cnn.weights.items()}
    arrays |= {"attributes": np.array(cnn.attributes), "training": np.array(json.dumps(cnn.training))}
    atomic_write(path, lambda file: np.savez_compressed(file, **arrays))


def load_scene_cnn(path: str | Path = SHIPPED_WEIGHTS, network: Callable[[int], Network] = scene_cnn) -> SceneCnn:
    """Read what `save_scene_cnn` wrote, by default the weights that come with this package; float32.

    `network` is `scene_cnn`, or `drawings_cnn` of `mrnn_np.scenes.drawings_cnn`: whichever the file's weights are of.

    Raises UserError, one line that begins with `path`, when the file cannot be read or is not of this network.
    """
    arrays = read_weights(path)
    attributes, training = arrays.get("attributes", np.empty(0, str)), arrays.get("training", np.array("{}"))
    unfit = ["attributes"] if attributes.dtype.kind != "U" or attributes.ndim != 1 else []
    shapes = weight_shapes(network(attributes.size), (SIZE, SIZE, 3))
    unfit += [name for name, shape in shapes.items() if name not in arrays or not _fits(arrays[name], shape)]
    if unfit:
        raise UserError(f"{path}: holds no scene CNN of this design ({unfit[0]} does not fit); train one again")
    weights = {name: arrays[name].astype(np.float32) for name in shapes}
    about = checked(parse_json(str(training), path), dict[str, str], f"{path}: training")
    return SceneCnn(weights, tuple(attributes.tolist()), about)


def _fits(weight: Array, shape: tuple[int, ...]) -> bool:
    return bool(weight.shape == shape and weight.dtype.kind == "f" and np.isfinite(weight).all())


def as_input(pictures: Array) -> Array:
    """Return pictures, uint8 (N, 96, 96, 3), as the network reads them: float32 of about unit size."""
    xp = get_xp(pictures)
    mean, deviation = PREPROCESSING.mean[0], PREPROCESSING.deviation[0]
    return (pictures.astype(xp.float32) - mean) * (1 / deviation)


def features(pictures: Pictures, weights: Weights, batch: int = 64) -> npt.NDArray[np.float32]:
    """Return the attributes' probabilities, float32 (N, A), of pictures, uint8 (N, 96, 96, 3)."""
    network = probabilities(scene_cnn(len(weights["attributes.b"])))
    return np.concatenate(
        [run(network, weights, as_input(pictures[first : first + batch])) for first in range(0, len(pictures), batch)]
    )


def weights_for_features(path: Path, network: Callable[[int], Network] = scene_cnn) -> Weights:
    """Read the weights of a CNN whose outputs are ATTRIBUTES; raise UserError when the file holds none."""
    loaded = load_scene_cnn(path, network)
    if loaded.attributes != ATTRIBUTES:
        raise UserError(f"{path}: holds a scene CNN for other attributes than this version's; train one again")
    return loaded.weights


DESIGN = Design(
    probabilities(scene_cnn(len(ATTRIBUTES))),
    "probabilities",
    PREPROCESSING,
    shipped=SHIPPED_WEIGHTS,
    read=weights_for_features,
    unlike=Path(__file__).with_name("scene_unlike.npz"),
    initial=partial(initial_weights, scene_cnn(len(ATTRIBUTES))),
)
"""What `--cnn scene` stands for."""
