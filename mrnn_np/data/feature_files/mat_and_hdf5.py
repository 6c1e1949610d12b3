"""Features in MATLAB's .mat files, and in HDF5, which those of version 7.3 are as well."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np

from mrnn_np.data.feature_files.arrays import contents_of
from mrnn_np.data.feature_files.contents import Contents
from mrnn_np.errors import UserError


def read_mat(path: Path, min_score: float | None) -> Contents:
    """Read a ``.mat`` of version 5 with SciPy, or of version 7.3, which is HDF5, with h5py.

    Its columns are the images.  Names are a cell array or a matrix of characters in the file, or in a file beside it
    (see `names_beside`); in version 7.3 beside it only.

    Raises UserError when SciPy or h5py is missing, when the file is damaged or of another format, or as `contents_of`
    says; MemoryError when it claims to hold too much.
    """
    try:
        from scipy.io import loadmat
        from scipy.io.matlab import MatReadWarning
    except ImportError:
        raise UserError(f"{path}: reading .mat needs SciPy; pip install scipy") from None
    try:
        with warnings.catch_warnings(action="error", category=MatReadWarning):  # of two arrays with one name
            loaded = loadmat(path)
    except NotImplementedError:
        return read_hdf5(path, min_score)
    except MemoryError:
        raise
    except Exception as error:  # SciPy raises a dozen kinds for a file that is cut short or foreign
        reason = " ".join(str(error).split())
        raise UserError(f"{path}: is damaged or no .mat file ({reason}); get the file again") from None
    arrays = {name: _plain(array) for name, array in loaded.items() if isinstance(array, np.ndarray)}
    return contents_of(path, arrays, min_score, images_are_columns=True)


def _plain(array: Any) -> Any:
    """Return a cell array as objects, and the rows of a matrix of characters without the spaces behind them."""
    if array.dtype.kind == "O":
        cells = [cell.item() if isinstance(cell, np.ndarray) and cell.size == 1 else cell for cell in array.flat]
        array = np.fromiter(cells, object, array.size).reshape(array.shape)
    return np.char.rstrip(array) if array.dtype.kind == "U" else array


def read_hdf5(path: Path, min_score: float | None) -> Contents:
    """Read an ``.h5``; features that are stored in one piece are memory-mapped, compressed ones read into memory.

    MATLAB's arrays are transposed in such files: its (d, N) are (N, d) here.

    Raises UserError when h5py is not installed, when the file is damaged, of another format or points to others, or
    as `contents_of` says; MemoryError when it claims to hold too much.
    """
    try:
        import h5py
    except ImportError:
        raise UserError(f"{path}: reading HDF5 needs h5py; pip install h5py") from None
    arrays: dict[str, Any] = {}

    def visit(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset) and item.shape is not None and not name.startswith("#"):  # MATLAB's #refs#
            arrays[name] = _array(path, name, item)

    try:
        with h5py.File(path, "r") as file:
            file.visititems(visit)
            return contents_of(path, arrays, min_score)
    except MemoryError:
        raise UserError(
            f"{path}: takes more memory than sound files of its size do; save its features as an .npy"
        ) from None
    except UserError:
        raise
    except Exception as error:  # h5py raises half a dozen kinds for a file that is damaged or foreign
        reason = " ".join(str(error).split())
        raise UserError(f"{path}: cannot be read as HDF5 ({reason}); get the file again") from None


def _array(path: Path, name: str, dataset: Any) -> Any:
    """Return the numbers of a dataset, memory-mapped if they stand in the file in one piece, else read when indexed."""
    if dataset.external or dataset.is_virtual:
        raise UserError(f"{path}: {name!r} is kept in other files; copy it into this one, or into an .npy")
    offset = dataset.id.get_offset()
    if dataset.dtype.kind == "f" and offset is not None and dataset.size > 0:
        return np.memmap(path, dataset.dtype, "r", offset, dataset.shape)
    return dataset
