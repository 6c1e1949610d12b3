"""What every reader of features returns, and what readers share on the way to it."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mrnn_np.data.readers.karpathy import column_names, find_dataset
from mrnn_np.errors import UserError
from mrnn_np.files import read_lines

Array = npt.NDArray[Any]


class Contents(NamedTuple):
    """The features in a file as they are: N names, (N, d) numbers, perhaps memory-mapped, and their source if known."""

    names: tuple[str, ...]
    values: Array
    source: dict[str, str]


def require_matrix(path: str | Path, values: Array) -> None:
    """Raise UserError, beginning with `path`, unless `values` is (N, d) of float16, float32 or float64."""
    if values.dtype.kind != "f" or values.dtype.itemsize > 8:
        raise UserError(f"{path}: features are {values.dtype}; expected float16, float32 or float64")
    if values.ndim != 2 or not values.size:
        raise UserError(f"{path}: features have shape {values.shape}; expected [images, numbers] and no 0")


def names_beside(path: Path) -> tuple[str, ...]:
    """Return the images' names for a file of features that holds none, in the order of its rows.

    They stand one a line in the text file NAME.names.txt beside it; or else in a dataset*.json of A. Karpathy's beside
    it, by the images' "imgid", which is how neuraltalk has them.

    Raises UserError when there is neither, and when it cannot be read.
    """
    lines = path.with_suffix(".names.txt")
    if os.path.exists(lines):
        return tuple(read_lines(lines))
    dataset = find_dataset(path.parent)
    if dataset is None:
        raise UserError(f"{path}: its images' names are missing; expected them one a line in {lines}")
    return column_names(dataset)


def names_of_array(path: Path, names: Array) -> tuple[str, ...]:
    """Return the names in an array as text; whole numbers, of whatever type, become their digits.

    Raises UserError unless they are a row of text, of bytes in UTF-8, or of whole numbers.
    """
    if names.size != max(names.shape, default=0) or names.dtype.kind not in "USiufO":
        found = f"names are {names.dtype} of shape {names.shape}"
        raise UserError(f"{path}: {found}; expected a row of text, bytes or whole numbers")
    if names.dtype.kind == "f" and not (np.abs(names) < 2 ** np.finfo(names.dtype).nmant).all():
        found = f"names are {names.dtype}, some of them NaN or too large for it to tell apart"
        raise UserError(f"{path}: {found}; save them as whole numbers or as text")
    return tuple(text_of_name(path, name) for name in names.reshape(-1).tolist())


def text_of_name(path: Path, name: Any) -> str:
    """Return a name as text, as `names_of_array` does with each."""
    match name:
        case str():
            return name
        case bytes():
            try:
                return name.decode("utf-8")
            except UnicodeDecodeError:
                raise UserError(f"{path}: the name {name[:60]!r} is not UTF-8; save the names as text") from None
        case int() if not isinstance(name, bool):
            return str(name)
        case float() if name.is_integer():
            return str(int(name))
    raise UserError(f"{path}: a name is of type {type(name).__name__}; expected text, bytes or whole numbers")


def rows_of_vectors(path: Path, vectors: Iterable[tuple[str, Any]], count: int) -> Contents:
    """Return `count` images' features that come as a vector each, behind its name.

    A vector may have further dimensions of length 1.  The first one tells the dtype and the length.

    Raises UserError, naming the image, when one is no vector, not as long as the first one, or not of floats that its
    type can hold.
    """
    names: list[str] = []
    values: Array = np.empty((0, 0))
    for row, (name, given) in enumerate(vectors):
        try:
            vector = np.asarray(given)
        except ValueError:  # lists of different lengths in a list
            raise UserError(f"{path}: {name!r} is a {type(given).__name__}; expected a vector of floats") from None
        if vector.dtype.kind != "f" or vector.size != max(vector.shape, default=0):
            raise UserError(f"{path}: {name!r} is {vector.dtype} of shape {vector.shape}; expected a vector of floats")
        if row == 0:
            values = _empty(path, (count, vector.size), vector.dtype)
        if vector.size != values.shape[1]:
            found = f"{name!r} has {vector.size:,} numbers and {names[0]!r} {values.shape[1]:,}"
            raise UserError(f"{path}: {found}; expected vectors of one length")
        if vector.dtype.itemsize > values.dtype.itemsize:
            found = f"{name!r} is {vector.dtype} and {names[0]!r} {values.dtype}"
            raise UserError(f"{path}: {found}, which cannot hold it; expected vectors of one type")
        values[row] = vector.reshape(-1)
        names.append(name)
    return Contents(tuple(names), values, {})


def _empty(path: Path, shape: tuple[int, int], dtype: np.dtype[Any]) -> Array:
    try:
        return np.empty(shape, dtype)
    except MemoryError:
        found = f"{shape[0]:,} vectors of {shape[1]:,} numbers do not fit in memory"
        raise UserError(f"{path}: {found}; features in one .npy are memory-mapped") from None
