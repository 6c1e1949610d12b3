"""Image features: one vector I per photograph, made once by a CNN and kept in a file, and their scaling."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, Literal, Protocol

import numpy as np
import numpy.typing as npt

from mrnn_np.data.feature_files.by_kind import read_contents
from mrnn_np.data.feature_files.contents import require_matrix
from mrnn_np.data.names import NameIndex, image_name
from mrnn_np.errors import UserError
from mrnn_np.files import atomic_write

_CHUNK = 2**20  # numbers looked at together, so that memory stays bounded however large the file
_LARGEST = 1e30  # so that differences, and sums of a million, are within float32

STANDS_IN_FOR = "stands in for"
"""In a source of features: the CNN whose features mean the same, number by number."""


@dataclass(frozen=True, eq=False)
class Features:
    """The feature vectors of N images.

    `names` are the images' names, `values` is (N, d) of float16, float32 or float64 (perhaps memory-mapped),
    `path` is the file they belong to, and `source` says where they came from (CNN, layer, preprocessing), as
    far as that is known.

    Raises UserError, naming `path`, unless each name has exactly one vector and all numbers are finite, in float32 too.
    """

    names: tuple[str, ...]
    values: npt.NDArray[np.floating[Any]]
    path: str
    source: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what training would only stumble over later."""
        require_form(self.path, self.names, self.values)
        shape = self.values.shape
        finite = np.concatenate([finite_rows(self.values[rows]) for rows in row_chunks(*shape)])
        if not finite.all():
            found = (
                f"{np.count_nonzero(~finite):,} of {shape[0]:,} rows hold NaN, infinity or numbers above {_LARGEST:g}"
            )
            first = self.names[int(np.argmin(finite))]
            raise UserError(f"{self.path}: {found}, the first is {first!r}; extract these images again")

    @cached_property
    def row_of(self) -> NameIndex:
        """The row of every image, by its name or any other that can only mean it."""
        return NameIndex(self.names)

    @property
    def width(self) -> int:
        """The number d of features per image."""
        return int(self.values.shape[1])


class ImageRows(Protocol):
    """What has a row for each of many images, by their names: their features, or their pictures."""

    @property
    def names(self) -> tuple[str, ...]:
        """The images' names."""

    @property
    def values(self) -> Any:
        """(N, ...), of which rows can be had."""

    @property
    def path(self) -> str:
        """Where they are."""

    @property
    def source(self) -> dict[str, str]:
        """Where they came from."""

    @property
    def row_of(self) -> NameIndex:
        """The row of every image."""


def require_form(path: str | Path, names: Sequence[str], values: npt.NDArray[Any]) -> None:
    """Raise UserError, beginning with `path`, unless `values` is (N, d) of floats and there are N different names.

    Names are different if they differ as `image_name` spells them.
    """
    require_matrix(path, values)
    if len(names) != len(values):
        found = f"{len(values):,} rows of features but {len(names):,} names"
        raise UserError(f"{path}: {found}; expected one name a row")
    spelled = [image_name(name) for name in names]
    name, times = Counter(spelled).most_common(1)[0]
    if times > 1:
        spellings = len({other for other, its in zip(names, spelled, strict=True) if its == name})
        found = f"{times:,} rows are named {name!r}" + (f" in {spellings} spellings" if spellings > 1 else "")
        raise UserError(f"{path}: {found}; expected each image once")
    if "" in spelled:
        raise UserError(f"{path}: row {spelled.index('') + 1:,} has no name; expected one name a row")


def load_features(place: str | Path) -> Features:
    """Read the features of images, float16, float32 or float64.

    =====================  ==========================================================================================
    NAME.npz               the arrays `features` (N, d) and `names` (N,), and perhaps `source`, a JSON object of strings
                           that says where they came from
    NAME.npy               `features` alone, memory-mapped, so that it may be larger than memory; or the m-RNN authors'
                           pickled dictionary from each image to its vector
    NAME.h5                as in .npz; memory-mapped if it is not compressed
    NAME.mat               as in .npz, but (d, N), as in neuraltalk's vgg_feats.mat
    NAME.safetensors       as in .npz but for the names, memory-mapped
    a folder               a file NAME.npy, NAME.npz or NAME.txt for each image
    =====================  ==========================================================================================

    Where a file holds no names, they stand one a line, in the order of the rows, in NAME.names.txt beside it; or else
    in A. Karpathy's dataset.json beside it.  In place of `features` there may be a vector for each image under its
    name.

    A file of regions holds `scores` (N,) too and a row for each region, so that names repeat; FILE,min-score=T averages
    each image's regions that score T or more.

    Raises UserError when a file is missing, is not what its name says, or needs a package that is not installed, and
    whenever `Features` does.
    """
    path, contents = read_contents(place)
    return Features(contents.names, contents.values, str(path), contents.source)


def save_features(
    path: str | Path, names: Sequence[str], values: npt.NDArray[np.floating[Any]], source: Mapping[str, str]
) -> None:
    """Write an ``.npz`` that `load_features` reads back: all of it or, on any failure, nothing.

    `values` is (N, d) of float16, float32 or float64, `names` the N images' names, and `source` says where
    the features came from: the CNN, its layer, the preprocessing of the images, the hash of the weights.

    Raises UserError when the file cannot be written, is not named ``.npz``, and whenever `Features` does.
    """
    if Path(path).suffix != ".npz":
        raise UserError(f"{path}: features cannot be saved under this name; expected one that ends in .npz")
    features = Features(tuple(names), values, str(path), dict(source))

    def write(file: BinaryIO) -> None:
        text = np.array(json.dumps(features.source))
        np.savez(file, features=features.values, names=np.array(features.names), source=text)

    atomic_write(path, write)


@dataclass(frozen=True, eq=False)
class Standardiser:
    """The map (x - mean) / scale of features, column by column: `mean` and `scale` are float32 (d,)."""

    mean: npt.NDArray[np.float32]
    scale: npt.NDArray[np.float32]

    @classmethod
    def fit(
        cls,
        values: npt.NDArray[np.floating[Any]],
        rows: npt.NDArray[np.integer[Any]],
        how: Literal["none", "center", "column", "global"] = "column",
    ) -> "Standardiser":
        """Return the map with the statistics of `values[rows]`, the training images'; `values` is (N, d).

        * "none" leaves the features as they are.
        * "center" subtracts each column's mean.
        * "column" also divides each column by its standard deviation, but by no less than 1 % of the root
          mean square of all columns' deviations.  A column that is constant over `rows` becomes 0 there, and
          one that hardly varies is not blown up.
        * "global" centres each column and divides everything by one number, the root mean square of what is
          left.

        Sums are float64, in two passes over chunks of rows, so `values` may be memory-mapped and large.
        """
        width = values.shape[1]
        mean, scale = np.zeros(width), np.ones(width)
        if how != "none":
            for chunk in row_chunks(len(rows), width):
                mean += values[rows[chunk]].sum(axis=0, dtype=np.float64) / len(rows)
        if how in ("column", "global"):
            variance = np.zeros(width)
            for chunk in row_chunks(len(rows), width):
                variance += np.square(values[rows[chunk]] - mean).sum(axis=0) / len(rows)
            # Float32, in which features are standardised, sees no smaller deviations.
            float32 = np.finfo(np.float32)
            variance[np.sqrt(variance) <= float32.eps * np.abs(mean)] = 0
            overall = np.sqrt(variance.mean())
            if overall < float32.tiny:
                overall = 1.0  # every column is constant
            scale = np.maximum(np.sqrt(variance), 0.01 * overall) if how == "column" else scale * overall
        return cls(mean.astype(np.float32), scale.astype(np.float32))

    def apply(self, values: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.float32]:
        """Return the standardised `values`, (n, d) of any float: float32 (n, d)."""
        return (values.astype(np.float32) - self.mean) / self.scale


def finite_rows(values: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.bool_]:
    """Return which rows of `values`, (n, d), hold nothing but numbers that float32 can do sums with, (n,)."""
    largest = min(_LARGEST, float(np.finfo(values.dtype).max))
    finite: npt.NDArray[np.bool_] = (np.abs(values) <= largest).all(axis=1)
    return finite


def row_chunks(rows: int, width: int) -> Iterator[slice]:
    """Yield slices that cover `rows` rows of `width` numbers, each of a million numbers or so at most."""
    step = max(1, _CHUNK // width)
    for start in range(0, rows, step):
        yield slice(start, min(start + step, rows))
