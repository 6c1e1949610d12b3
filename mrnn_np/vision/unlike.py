"""Is a picture unlike all that a CNN was trained on, so that what is said of it would be a guess?

A direction through what the CNN's units do, found once, leads from the pictures of its training to pictures of
something else; one that is too far along it is warned of.  Learning what is unlike from examples, where one can only
guess what people will bring, is the outlier exposure of Hendrycks et al. (2019), "Deep Anomaly Detection with Outlier
Exposure".  `mrnn_np.scenes.train_unlike` finds the direction for the CNN that looks at drawings.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mrnn_np.backend import Array
from mrnn_np.errors import UserError
from mrnn_np.files import atomic_write, read_archive
from mrnn_np.files.json_files import checked, parse_json
from mrnn_np.vision.cnn import Cnn
from mrnn_np.vision.network import Sigmoid, run

_CERTAIN = 12.0  # as a score, log odds

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Unlike:
    """What tells which pictures are unlike those that one CNN was trained on."""

    direction: Vectors
    """(d,), from what the units do for a picture of the training to what they do for one of something else"""
    most: float
    """how far along it a picture may be"""
    weights: str
    """the SHA-256 of the CNN's weights, for which alone this is true"""
    training: dict[str, str]
    """how it came about, in words"""

    def of(self, vectors: Vectors) -> npt.NDArray[np.bool_]:
        """Return which pictures are too far along: direction . x > most, for x from `activations`, (N, d)."""
        found: npt.NDArray[np.bool_] = vectors @ self.direction > self.most
        return found


def activations(cnn: Cnn, pictures: Array) -> Vectors:
    """Return what the units of a CNN do for preprocessed pictures, (N, size, size, 3): float32 (N, d) on the host.

    log(1 + mean) and log(1 + standard deviation) of each channel of each map, over its positions, and the scores of
    what it looks for: how much of each was seen, coarse or fine, and what was made of it.  Its last layer is a sigmoid.
    """
    xp = cnn.backend.xp
    parts, x = [], cnn.backend.asarray(pictures)
    for layer in cnn.design.network:
        if isinstance(layer, Sigmoid):
            parts.append(xp.clip(x, -_CERTAIN, _CERTAIN))
        x = run((layer,), cnn.weights, x)
        if x.ndim == 4:
            parts += [xp.log1p(xp.maximum(over, 0)) for over in (x.mean(axis=(1, 2)), x.std(axis=(1, 2)))]
    found: Vectors = cnn.backend.to_numpy(xp.concatenate(parts, axis=1))
    return found


def unlike_training(cnn: Cnn, pictures: Array) -> npt.NDArray[np.bool_]:
    """Return which preprocessed pictures, (N, size, size, 3), are unlike those a CNN was trained on, if that is known.

    Nothing is known of a design without such a file, nor of other weights than those it was made for.

    Raises UserError when the file cannot be read.
    """
    if cnn.design.unlike is not None:
        known = load_unlike(cnn.design.unlike)
        if known.weights == cnn.source["weights"]:
            return known.of(activations(cnn, pictures))
    return np.zeros(len(pictures), bool)


def save_unlike(path: str | Path, found: Unlike) -> None:
    """Write it to an ``.npz``.  Raises UserError when that cannot be written."""
    arrays: dict[str, Any] = {
        "direction": found.direction,
        "most": np.float32(found.most),
        "weights": np.array(found.weights),
        "training": np.array(json.dumps(found.training)),
    }
    atomic_write(path, lambda file: np.savez_compressed(file, **arrays))


def load_unlike(path: str | Path) -> Unlike:
    """Read what `save_unlike` wrote.

    Raises UserError, one line that begins with `path`, when the file cannot be read or holds something else.
    """
    arrays = read_archive(path)
    if not {"direction", "most", "weights", "training"} <= arrays.keys():
        raise UserError(f"{path}: does not tell which pictures are unlike those of a training")
    about = checked(parse_json(str(arrays["training"]), path), dict[str, str], f"{path}: training")
    return Unlike(arrays["direction"], float(arrays["most"]), str(arrays["weights"]), about)
