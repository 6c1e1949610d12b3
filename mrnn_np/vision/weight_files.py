"""Weight files of three kinds, told by their names: `.safetensors`, `.npz`, and PyTorch's `.pth`."""

import hashlib
from pathlib import Path
from typing import Any

import numpy.typing as npt

from mrnn_np.errors import UserError
from mrnn_np.files import open_file, read_archive
from mrnn_np.files.safetensors import read_safetensors
from mrnn_np.vision.pth import read_pth
from mrnn_np.vision.weight_names import without_wrappers

Arrays = dict[str, npt.NDArray[Any]]


def read_weights(path: str | Path) -> Arrays:
    """Read every array of a weight file, by name.

    `.pth`, `.pt` and `.tar` are what `torch.save` writes; nothing in them is run.  What training programs put into the
    names is taken out (see `without_wrappers`).

    Raises UserError, one line that begins with `path`, when the file cannot be read, is damaged, is of another kind, or
    holds two arrays under one name.
    """
    match Path(path).suffix:
        case ".safetensors":
            arrays = read_safetensors(path)
        case ".npz":
            arrays = read_archive(path)
        case ".pth" | ".pt" | ".tar":
            arrays = read_pth(path)
        case _:
            raise UserError(f"{path}: is a weight file of unknown kind; use .safetensors, .npz or .pth")
    return without_wrappers(arrays, str(path))


def sha256_of(path: str | Path) -> str:
    """Return the SHA-256 of a file in hexadecimal.  Raises UserError when it cannot be read."""
    with open_file(path) as file:
        try:
            return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise UserError(f"{path}: cannot be read ({error.strerror or error})") from None
