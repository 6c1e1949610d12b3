"""Features in a folder: a file for each image, an .npy, or a .txt of its numbers as the m-RNN authors' code writes."""

from pathlib import Path

import numpy as np
from tqdm import tqdm

from mrnn_np.data.feature_files.contents import Array, Contents, rows_of_vectors
from mrnn_np.errors import UserError
from mrnn_np.files import plain_numbers_in
from mrnn_np.text_files import read_lines


def read_folder(folder: Path) -> Contents:
    """Read all files .npy of a folder at any depth, or where there is none all .txt, into memory.

    An image is called by the path of its file in the folder, without .npy or .txt: "train2014/42" or "42.jpg".

    Raises UserError when there is no file, and with the file's name when it does not hold a vector as long as others.
    """
    for read, suffix in ((_read_npy, ".npy"), (_read_txt, ".txt")):
        paths = sorted(folder.rglob(f"*{suffix}"))
        if paths:
            names = [path.relative_to(folder).as_posix().removesuffix(suffix) for path in paths]
            bar = tqdm(paths, desc="reading features", unit="file", disable=None, leave=False)
            return rows_of_vectors(folder, zip(names, map(read, bar), strict=True), len(paths))
    raise UserError(f"{folder}: holds no features; expected a file .npy or .txt for each image there")


def _read_npy(path: Path) -> Array:
    with plain_numbers_in(path):
        array: Array = np.load(path, allow_pickle=False)
        return array


def _read_txt(path: Path) -> Array:
    """Return the numbers of a text file, with spaces or line ends between them, as float32."""
    try:
        return np.array([float(number) for line in read_lines(path) for number in line.split()], np.float32)
    except ValueError as error:
        raise UserError(f"{path}: {error}; expected numbers with spaces or line ends between them") from None
