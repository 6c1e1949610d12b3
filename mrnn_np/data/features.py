"""Image features: one vector I per photograph, made once by a CNN and kept in a file, and their scaling."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
import numpy.typing as npt

from mrnn_np.errors import UserError
from mrnn_np.files import atomic_write, plain_numbers_in, read_archive, read_lines

_CHUNK = 2**20  # numbers looked at together, so that memory stays bounded however large the file


@dataclass(frozen=True, eq=False)
class Features:
    """The feature vectors of N images.

    `names` are the images' names, `values` is [N, d] of float16, float32 or float64 (perhaps memory-mapped),
    `path` is the file they belong to, and `source` says where they came from (CNN, layer, preprocessing), as
    far as that is known.

    Raises UserError, naming `path`, unless each name has exactly one vector and all numbers are finite.
    """

    names: tuple[str, ...]
    values: npt.NDArray[np.floating[Any]]
    path: str
    source: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what training would only stumble over later."""
        dtype, shape = self.values.dtype, self.values.shape
        if dtype not in (np.float16, np.float32, np.float64):
            raise UserError(f"{self.path}: features are {dtype}; expected float16, float32 or float64")
        if len(shape) != 2 or 0 in shape:
            raise UserError(f"{self.path}: features have shape {shape}; expected [images, numbers] and no 0")
        if len(self.names) != shape[0]:
            found = f"{shape[0]:,} rows of features but {len(self.names):,} names"
            raise UserError(f"{self.path}: {found}; expected one name a row")
        if len(self.row_of) != len(self.names):
            name, times = Counter(self.names).most_common(1)[0]
            raise UserError(f"{self.path}: {times:,} rows are named {name!r}; expected each image once")
        finite = np.concatenate([np.isfinite(self.values[rows]).all(axis=1) for rows in _chunks(*shape)])
        if not finite.all():
            found = f"{np.count_nonzero(~finite):,} of {shape[0]:,} rows hold NaN or infinity"
            first = self.names[int(np.argmin(finite))]
            raise UserError(f"{self.path}: {found}, the first is {first!r}; extract these images again")

    @cached_property
    def row_of(self) -> dict[str, int]:
        """The row of every image, by name."""
        return {name: row for row, name in enumerate(self.names)}

    @property
    def width(self) -> int:
        """The number d of features per image."""
        return int(self.values.shape[1])


def load_features(path: str | Path) -> Features:
    """Read a file of image features.

    * ``NAME.npz`` holds the arrays `features` [N, d] and `names` [N] (text, or bytes in UTF-8), and perhaps
      `source`, a JSON object of strings that says where the features came from.
    * ``NAME.npy`` holds the features alone and is memory-mapped, so that it may be larger than memory; the
      text file ``NAME.names.txt`` beside it holds the images' names, one a line, in the order of the rows.

    Raises UserError when a file is missing or is not what its suffix says, and whenever `Features` does.
    """
    path = Path(path)
    if path.suffix not in (".npz", ".npy"):
        raise UserError(f"{path}: not a kind of feature file that is known; expected .npz or .npy")
    arrays = _read_arrays(path)
    if path.suffix == ".npz":
        if missing := {"features", "names"}.difference(arrays):
            found = f"holds no array {min(missing)!r}"
            raise UserError(f"{path}: {found}; expected 'features' [N, d] and 'names' [N]")
        names = _decoded_names(path, arrays["names"])
    else:
        names = _read_names(path)
    source = _parsed_source(path, str(arrays["source"])) if "source" in arrays else {}
    return Features(names, arrays["features"], str(path), source)


def _read_arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    """Return the `features` of an ``.npy``; of an ``.npz`` also `names` and `source`, where present."""
    if path.suffix == ".npz":
        return read_archive(path)
    with plain_numbers_in(path):
        return {"features": np.lib.format.open_memmap(path, mode="r")}


def _decoded_names(path: Path, names: npt.NDArray[Any]) -> tuple[str, ...]:
    """Return the names of an ``.npz`` as text."""
    if names.ndim != 1 or names.dtype.kind not in "US":
        found = f"names are {names.dtype} of shape {names.shape}"
        raise UserError(f"{path}: {found}; expected a row of text or bytes")
    try:
        return tuple(np.char.decode(names, "utf-8").tolist() if names.dtype.kind == "S" else names.tolist())
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: the name {error.object!r} is not UTF-8; save the names as text") from None


def _read_names(path: Path) -> tuple[str, ...]:
    """Return the names in the text file that goes with the ``.npy`` file `path`."""
    names = path.with_suffix(".names.txt")
    if not names.exists():
        raise UserError(f"{path}: its images' names are missing; expected them one a line in {names}")
    return tuple(read_lines(names))


def _parsed_source(path: Path, text: str) -> dict[str, str]:
    """Return the JSON object of strings that `text` is."""
    try:
        source = json.loads(text)
    except (ValueError, RecursionError):
        source = None
    if not isinstance(source, dict) or not all(isinstance(value, str) for value in source.values()):
        raise UserError(f"{path}: source is {text[:60]!r}; expected a JSON object of strings")
    return source


def save_features(
    path: str | Path, names: Sequence[str], values: npt.NDArray[np.floating[Any]], source: Mapping[str, str]
) -> None:
    """Write an ``.npz`` that `load_features` reads back: all of it or, on any failure, nothing.

    `values` is [N, d] of float16, float32 or float64, `names` the N images' names, and `source` says where
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
    """The map (x - mean) / scale of features, column by column: `mean` and `scale` are float32 [d]."""

    mean: npt.NDArray[np.float32]
    scale: npt.NDArray[np.float32]

    @classmethod
    def fit(
        cls,
        values: npt.NDArray[np.floating[Any]],
        rows: npt.NDArray[np.integer[Any]],
        how: Literal["none", "center", "column", "global"] = "column",
    ) -> "Standardiser":
        """Return the map with the statistics of `values[rows]`, the training images'; `values` is [N, d].

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
            for chunk in _chunks(len(rows), width):
                mean += values[rows[chunk]].sum(axis=0, dtype=np.float64) / len(rows)
        if how in ("column", "global"):
            variance = np.zeros(width)
            for chunk in _chunks(len(rows), width):
                variance += np.square(values[rows[chunk]] - mean).sum(axis=0) / len(rows)
            overall = np.sqrt(variance.mean()) or 1.0  # 1 when every column is constant
            scale = np.maximum(np.sqrt(variance), 0.01 * overall) if how == "column" else scale * overall
        return cls(mean.astype(np.float32), scale.astype(np.float32))

    def apply(self, values: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.float32]:
        """Return the standardised `values`, [n, d] of any float: float32 [n, d]."""
        return (values.astype(np.float32) - self.mean) / self.scale


def _chunks(rows: int, width: int) -> Iterator[slice]:
    """Yield slices that cover `rows` rows of `width` numbers, each of about `_CHUNK` numbers at most."""
    step = max(1, _CHUNK // width)
    for start in range(0, rows, step):
        yield slice(start, min(start + step, rows))
