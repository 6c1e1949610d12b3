"""Features in a folder: a file for each image, an .npy, an .npz, or a .txt as the m-RNN authors' code writes."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from tqdm import tqdm

from mrnn_np.data.feature_files.arrays import FEATURES
from mrnn_np.data.feature_files.contents import Array, Contents, rows_of_vectors
from mrnn_np.data.feature_files.numpy_files import mapped_npy
from mrnn_np.errors import UserError
from mrnn_np.files import find_files, read_archive, read_lines


def read_folder(folder: Path) -> Contents:
    """Read all files .npy or all files .npz of a folder at any depth, or where there is neither all .txt, into memory.

    An image is called by the path of its file in the folder, without .npy, .npz or .txt: "train2014/42" or "42.jpg".
    Of an .npz the only array is read, or else its "features", "feats" or "feat".

    Raises UserError when there is no such file or when there are .npy and .npz, and with the file's name when it does
    not hold a vector as long as others.
    """
    paths = [path for path in find_files(folder, "*", deep=True) if not path.is_dir()]
    count = Counter(path.suffix for path in paths)
    if count[".npy"] and count[".npz"]:
        both = f".npy ({count['.npy']:,}) and .npz ({count['.npz']:,})"
        raise UserError(f"{folder}: holds files of two kinds, {both}; expected one, in a folder of its own")
    suffix = next((suffix for suffix in (".npy", ".npz", ".txt") if count[suffix]), None)
    if suffix is None:
        there = ", ".join(f"{kind or 'no suffix'} ({times:,})" for kind, times in count.most_common(3)) or "no files"
        raise UserError(f"{folder}: holds {there}; expected a file .npy, .npz or .txt for each image there")
    paths = [path for path in paths if path.suffix == suffix]
    array = _array_to_read(paths[0]) if suffix == ".npz" else ""
    readers: dict[str, Callable[[Path], Array]]
    readers = {".npy": mapped_npy, ".npz": partial(_read_npz, array), ".txt": _read_txt}
    names = [path.relative_to(folder).as_posix().removesuffix(suffix) for path in paths]
    bar = tqdm(paths, desc="reading features", unit="file", disable=None, leave=False)
    return rows_of_vectors(folder, zip(names, map(readers[suffix], bar), strict=True), len(paths))


def _array_to_read(path: Path) -> str:
    """Return the name of the array that holds the vector in an .npz of one image."""
    arrays = list(read_archive(path))
    known = [name for name in FEATURES if name in arrays]
    if not known and len(arrays) != 1:
        there = ", ".join(arrays)[:60] or "nothing"
        raise UserError(f"{path}: holds {there}; expected one array, or one of those called {', '.join(FEATURES)}")
    return (known or arrays)[0]


def _read_npz(array: str, path: Path) -> Array:
    arrays = read_archive(path)
    if array not in arrays:
        there = ", ".join(arrays)[:60] or "nothing"
        raise UserError(f"{path}: holds {there}; expected {array!r}, as in the first file of the folder")
    return arrays[array]


def _read_txt(path: Path) -> Array:
    """Return the numbers of a text file, with spaces or line ends between them, as float32."""
    try:
        with np.errstate(over="ignore"):  # whoever reads features looks for infinities
            return np.array([float(number) for line in read_lines(path) for number in line.split()], np.float32)
    except ValueError as error:
        raise UserError(f"{path}: {error}; expected numbers with spaces or line ends between them") from None
