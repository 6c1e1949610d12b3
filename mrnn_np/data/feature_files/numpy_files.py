"""Features in NumPy's own files: .npz, .npy with its names beside, and the m-RNN authors' dictionary in an .npy."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from mrnn_np.data.feature_files.arrays import contents_of
from mrnn_np.data.feature_files.contents import Contents, rows_of_vectors, text_of_name
from mrnn_np.errors import UserError
from mrnn_np.files import errors_in_one_line, open_file, read_archive
from mrnn_np.files.npy_objects import holds_objects, objects_in, read_objects


def read_npz(path: Path, min_score: float | None) -> Contents:
    """Read an ``.npz``, whose names may be objects; it is checked against its checksums and read into memory."""
    return contents_of(path, read_archive(path, objects_in), min_score)


def read_npy(path: Path, min_score: float | None) -> Contents:
    """Read an ``.npy``.

    An array (N, d) is memory-mapped, its names are those in a file beside (see `names_beside`), and NAME.scores.npy
    beside it means that its rows are regions.  A pickled dictionary, from each image's name or number to its vector,
    is read into memory without running anything it says.
    """
    if holds_objects(path):
        return _dictionary(path)
    arrays = {"features": mapped_npy(path)}
    scores = path.with_suffix(".scores.npy")
    if os.path.exists(scores):
        arrays["scores"] = mapped_npy(scores)
    return contents_of(path, arrays, min_score)


def mapped_npy(path: Path) -> Any:
    """Return the numbers of an ``.npy``, memory-mapped; raise UserError unless it is as long as its header says."""
    with open_file(path) as file, errors_in_one_line(path):
        array = np.lib.format.open_memmap(path, mode="r")
        if array.offset + array.nbytes != os.fstat(file.fileno()).st_size:
            raise ValueError("its header says otherwise")
        return array


def _dictionary(path: Path) -> Contents:
    vectors = read_objects(path)
    if not isinstance(vectors, dict):
        raise UserError(f"{path}: holds pickled objects; expected numbers, or a dictionary from images to vectors")

    def one_by_one() -> Iterator[tuple[str, Any]]:
        """Let go of each vector, so that they are not in memory twice."""
        for name in list(vectors):
            yield text_of_name(path, name), vectors.pop(name)

    return rows_of_vectors(path, one_by_one(), len(vectors))
