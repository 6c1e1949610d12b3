"""Captions train the CNN too: two networks as one, from pictures to the bits of their captions and all the way back.

    colours x  ->  features of the CNN  ->  I = (features - mean) / scale  ->  m-RNN  ->  bits
    dx  (none)  <-  dK, dW, db  <-  d features = dI / scale  <-  dI, dV_I ...  <-  d bits

All captions of a picture stand in one batch, so that it passes the CNN once, and dI is the sum over its captions and
their words: the gradient of a sum is the sum of gradients.  Mean and scale are those of the features with which the
training began; from then on they are numbers like any other in between.

The CNN's weights are parameters of the run, behind those of the model, by names as "conv1.K", which a model has not.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from mrnn_np.backend import Array, Backend, choose_backend
from mrnn_np.backend.room import require_room
from mrnn_np.backend.threads import on_each_core
from mrnn_np.data.batches import Batch
from mrnn_np.data.captions import open_data_set
from mrnn_np.data.examples import ReadImages
from mrnn_np.data.features import Standardiser
from mrnn_np.errors import UserError
from mrnn_np.layers.dropout import NO_DROPOUT, Masks
from mrnn_np.model.general import Model
from mrnn_np.model.params import Gradient, Layout, Params
from mrnn_np.training.checkpoint import Checkpoint
from mrnn_np.training.config import Config
from mrnn_np.training.streams import INITIAL, stream
from mrnn_np.vision import network
from mrnn_np.vision.cnn import CNNS, Cnn, Design, design_of, load_cnn
from mrnn_np.vision.picture_table import Pictures, PictureTable, pictures_drawn, pictures_in

_AT_ONCE = 50  # pictures that a thread looks at before a bar moves on


@dataclass(frozen=True)
class SeeingModel:
    """A model behind its CNN: forward and backward as of `MRNN`, with pictures where a batch has features.

    Parameters
    ----------
    model : from features to bits
    design : the CNN's, which says how it wants its pictures
    mean, scale : (d_I,) float32 on the device, the standardiser's
    """

    model: Model
    design: Design
    mean: Array
    scale: Array

    @classmethod
    def of(cls, checkpoint: Checkpoint, backend: Backend) -> "SeeingModel":
        """Return both networks of a checkpoint."""
        standardiser = checkpoint.standardiser
        mean, scale = backend.asarray(standardiser.mean), backend.asarray(standardiser.scale)
        return cls(checkpoint.model, design_of(checkpoint.config.cnn), mean, scale)

    def forward(self, params: Params, batch: Batch, masks: Masks = NO_DROPOUT) -> tuple[Array, Any]:
        """The bits each word costs, (N,), and the cache `backward` needs; `batch.features` are colours, (B_I, s, s, 3).

        Whatever their dtype, all is computed in that of the parameters.
        """
        x = self.design.preprocessing.scaled(batch.features.astype(params.theta.dtype))
        features, cnn_cache = network.forward(self.design.network, weights_of(params), x)
        seen = replace(batch, features=(features - self.mean) / self.scale)
        bits, cache = self.model.forward(params, seen, masks)
        return bits, (cache, cnn_cache)

    def backward(self, dbits: Array, cache: Any) -> Gradient:
        """The gradient of sum(dbits * bits) with respect to every parameter of both networks; `cache` is used up."""
        cache, cnn_cache = cache
        grads = self.model.backward(dbits, cache, need_dI=True)
        d_features = grads["I"] / self.scale
        _, cnn_grads = network.backward(self.design.network, d_features, cnn_cache, need_dx=False)
        return Gradient(self.model.layout | cnn_layout(self.design), grads.arrays | cnn_grads)


class Looking:
    """Standardised features by row, made of the pictures in these rows when they are first asked for, and kept.

    One picture after the other, which is as fast as many together, so that no feature depends on what else is asked.
    """

    def __init__(self, cnn: Cnn, standardiser: Standardiser, pictures: ReadImages) -> None:
        self.cnn, self.standardiser, self.pictures = cnn, standardiser, pictures
        self._made: dict[int, Array] = {}

    def __call__(self, rows: Array) -> Array:
        """Return the features of those rows, float32 (len(rows), d_I)."""
        return np.concatenate([self._of(int(row)) for row in rows])

    def _of(self, row: int) -> Array:
        if row not in self._made:
            x = self.cnn.design.preprocessing.scaled(self.pictures(np.array([row])).astype(np.float32))
            with np.errstate(all="ignore"):  # what overflows shows in the bits
                features = network.run(self.cnn.design.network, self.cnn.weights, self.cnn.backend.asarray(x))
            self._made[row] = self.standardiser.apply(self.cnn.backend.to_numpy(features))
        return self._made[row]


def weights_of(params: Params) -> network.Weights:
    """Return the CNN's weights among the parameters of a run: views."""
    return {symbol: params[symbol] for symbol in params if "." in symbol}


def cnn_layout(design: Design) -> Layout:
    """Return the names and shapes of a CNN's weights, in its order."""
    size = design.preprocessing.size
    return network.weight_shapes(design.network, (size, size, 3))


def known_design(name: str) -> Design:
    """Return the design of the CNN of that name; raise UserError where there is none."""
    if name not in CNNS:
        raise UserError(f"--cnn: there is no CNN {name!r}; expected one of {', '.join(CNNS)}")
    return design_of(name)


def own_cnn(checkpoint: Checkpoint, params: Params, backend: Backend) -> Cnn:
    """Return the CNN of a checkpoint that has one of its own, with its weights among `params`, on the device.

    Raises
    ------
    UserError : they are of a CNN that this version knows otherwise
    """
    design, weights = known_design(checkpoint.config.cnn), weights_of(params)
    if {name: weight.shape for name, weight in weights.items()} != cnn_layout(design):
        raise UserError(f"checkpoint: its CNN is not the {checkpoint.config.cnn} of this version; train one again")
    return Cnn(design, weights, checkpoint.source, backend)


def pictures_of(config: Config, folder_option: str = "--pictures") -> Pictures:
    """Return the pictures that a configuration names: those of a folder, or what its data set draws itself.

    Raises
    ------
    UserError : there is no such CNN, or there are no pictures, whose folder `folder_option` can name
    """
    preprocessing = known_design(config.cnn).preprocessing
    if config.pictures:
        return pictures_in(Path(config.pictures), preprocessing)
    data_set = open_data_set(config.data)
    if data_set.picture is None:
        raise UserError(
            f"--train-cnn: {config.data} draws no pictures itself; name their folder with {folder_option} DIR"
        )
    names = tuple(name for split in data_set.captions().splits.values() for name in split)
    return pictures_drawn(names, data_set.picture, preprocessing, f"pictures of {data_set.name}")


def first_cnn(config: Config) -> Cnn:
    """Return the CNN that a run begins with: with its own weights, or with random numbers.

    Raises
    ------
    UserError : its weights are not at hand, or nobody knows how to draw some
    """
    design, backend = design_of(config.cnn), choose_backend("numpy")
    if config.train_cnn == "from-scratch":
        if design.initial is None:
            raise UserError(
                f"--train-cnn from-scratch: {config.cnn} cannot begin with random numbers; take --cnn scene"
            )
        weights = design.initial(stream(config.seed, INITIAL, 1))
    elif design.shipped is None and not design.package:
        raise UserError(f"--cnn {config.cnn}: its weights are no package, so it cannot be trained on; take --cnn scene")
    else:
        weights = load_cnn(config.cnn, None, backend).weights
    about = {"cnn": config.cnn, "layer": design.layer, **design.preprocessing.describe(), "weights": "of this training"}
    return Cnn(design, weights, about, backend)


def require_room_for_pictures(cnn: Cnn, pictures: int) -> None:
    """Raise UserError when what a CNN keeps of a batch of so many pictures, for its way back, cannot fit."""
    size = cnn.design.preprocessing.size
    # The output of each layer and, for most, a copy with a margin that the next one reads.
    kept = 2 * network.numbers_made(cnn.design.network, (size, size, 3))
    require_room(f"a batch of {pictures:,} pictures", 4 * kept * pictures, "lower --batch-size")


def first_features(cnn: Cnn, pictures: PictureTable, rows: Array) -> Array:
    """Return the features of some pictures, (len(rows), d_I), as a CNN makes them; with a bar."""
    plain = Standardiser(np.zeros(cnn.width, np.float32), np.ones(cnn.width, np.float32))
    parts = np.array_split(rows, -(-len(rows) // _AT_ONCE))
    made = on_each_core(Looking(cnn, plain, pictures.__getitem__), parts, cnn.backend)
    return np.concatenate([*tqdm(made, "first look", len(parts), unit_scale=_AT_ONCE, unit="picture", disable=None)])
