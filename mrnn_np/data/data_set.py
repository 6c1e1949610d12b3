"""What the rest of the package may ask of a data set: its captions, and as much more as it can tell.

Most data sets are files of captions, which `captions` reads.  One that knows more about its images, as what a picture
looks like or which captions of it are true, is a module that holds a `DataSet` called DATA_SET, and BUILT_IN names the
module.  It is loaded when somebody asks for it; no other part of the package knows its name.
"""

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

from mrnn_np.data.features import Features

Captions = tuple[tuple[str, ...], ...]  # of one image: its captions, each a sequence of words
Verdict: TypeAlias = Literal["true", "false", "unparsable"]


@dataclass(frozen=True)
class CaptionData:
    """The captions of a data set and its splits.

    `splits` maps a split's name to its images' names in the order of the file, `captions` an image's name to
    its tokenised captions; every image of a split has at least one.  `notes` says in a line each what was
    left out.  `log2_probs` holds log2 P of each caption where it is known, as it is of captions that were drawn from a
    known distribution, and `ids` the number of each image where the data set numbers them.
    """

    name: str
    splits: dict[str, tuple[str, ...]]
    captions: dict[str, Captions]
    notes: tuple[str, ...]
    log2_probs: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    ids: Mapping[str, int] = field(default_factory=dict)

    def floor(self, split: str) -> float | None:
        """Return the lowest bits per word that any model can reach on a split, END counted; None where unknown."""
        images = self.splits[split]
        if any(image not in self.log2_probs for image in images):
            return None
        words = sum(len(caption) + 1 for image in images for caption in self.captions[image])
        return -sum(sum(self.log2_probs[image]) for image in images) / words


@dataclass(frozen=True)
class Claim:
    """One claim of a caption: its words `start` to `end` (not included), what sort of claim they make, and the verdict.

    `kind` is a word of the data set's own, as "colour"; where the words cannot be understood, it and the verdict are
    both unparsable.  `things` are those that it is about, as the data set numbers the things of an image; those that
    are not there have no number.
    """

    kind: str
    text: str
    start: int
    end: int
    verdict: Verdict
    things: tuple[int, ...] = ()


Judge: TypeAlias = Callable[[str, Sequence[str]], Sequence[Claim]]
"""From the name of an image and a caption of it, as words, to all that the caption claims."""


class Draw(Protocol):
    """From the name of an image to its picture."""

    def __call__(self, image: str, /, size: int = ...) -> Image.Image:
        """Return the picture, `size` pixels wide where the data set can choose, or as large as it pleases."""


See: TypeAlias = Callable[[str, int, int], npt.NDArray[np.bool_]]
"""From the name of an image, the number of a thing and a size to where in its picture of that size one sees the thing:
(size, size).  The numbers are those of claims."""


@dataclass(frozen=True)
class DataSet:
    """A data set: everything but its captions is optional.

    Parameters
    ----------
    name : what --data calls it
    captions : reads or makes the captions and the splits; with `log2_probs` they have a floor
    features_file : where the features of its images are looked for when nobody names a file
    features : reads or makes them, for a data set that brings its own
    judge : judges captions, for a data set that knows what its images show
    picture : gives the pictures, for a data set that has them at hand
    see : says where things are in them, for a data set that numbers things and knows
    """

    name: str
    captions: Callable[[], CaptionData]
    features_file: Path = Path("features.npz")
    features: Callable[[], Features] | None = None
    judge: Judge | None = None
    picture: Draw | None = None
    see: See | None = None


@dataclass(frozen=True)
class BuiltIn:
    """A data set that is a module: the module's name, and the options of training that were best on its val split.

    The options stand here and not in the module so that `--help` tells them without loading it.
    """

    module: str
    tuned: Mapping[str, Any] = field(default_factory=dict)


_OF_SCENES = {
    "dropout_e": 0.1,
    "dropout_r": 0.1,
    "dropout_m": 0.1,
    "dropout_I": 0.05,
    "epochs": 20,
    "lr": 0.3,
    "l2": 2e-5,
}
BUILT_IN = {
    "scenes": BuiltIn("mrnn_np.scenes.built_in", _OF_SCENES),
    "drawings": BuiltIn("mrnn_np.scenes.many_hands", _OF_SCENES),
}
"""By what --data calls them: the plural of what their images show, as it is printed so."""


def built_in(name: str) -> DataSet:
    """Load the data set that BUILT_IN calls `name`."""
    data_set: DataSet = importlib.import_module(BUILT_IN[name].module).DATA_SET
    return data_set
