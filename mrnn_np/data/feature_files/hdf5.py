"""Features in HDF5 files, which MATLAB's of version 7.3 are as well."""

from pathlib import Path
from typing import Any

import numpy as np

from mrnn_np.data.feature_files.arrays import contents_of
from mrnn_np.data.feature_files.contents import Contents
from mrnn_np.errors import UserError


def read_hdf5(path: Path, min_score: float | None) -> Contents:
    """Read an ``.h5``; features that are stored in one piece are memory-mapped, compressed ones read into memory.

    MATLAB's arrays are transposed in such files: its [d, N] are [N, d] here.

    Raises UserError when h5py is not installed, when the file is damaged or of another format, or as `contents_of`
    says.
    """
    try:
        import h5py
    except ImportError:
        raise UserError(f"{path}: reading HDF5 needs h5py; pip install 'mrnn-np[formats]'") from None
    arrays: dict[str, Any] = {}

    def visit(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset) and not name.startswith("#"):  # MATLAB's #refs# and #subsystem#
            if h5py.check_string_dtype(item.dtype):
                arrays[name] = np.array(item.asstr()[()], str)
            elif item.shape is not None:
                arrays[name] = _mapped(path, item)

    try:
        with h5py.File(path, "r") as file:
            file.visititems(visit)
            return contents_of(path, arrays, min_score)
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{path}: cannot be read as HDF5 ({reason}); get the file again") from None


def _mapped(path: Path, dataset: Any) -> Any:
    """Return the numbers of a dataset, memory-mapped if they stand in the file in one piece, else read when indexed."""
    offset = dataset.id.get_offset()
    if offset is None or dataset.size == 0 or dataset.external:
        return dataset
    return np.memmap(path, dataset.dtype, "r", offset, dataset.shape)
