"""From what is written on the command line to the reader of a file of features."""

import math
import os
from pathlib import Path

from mrnn_np.data.feature_files.arrays import contents_of
from mrnn_np.data.feature_files.contents import Contents
from mrnn_np.data.feature_files.folder import read_folder
from mrnn_np.data.feature_files.numpy_files import read_npy, read_npz
from mrnn_np.errors import UserError
from mrnn_np.files.safetensors import read_safetensors


def read_contents(place: str | Path) -> tuple[Path, Contents]:
    """Return the path and the contents of the features that `place` names, as `load_features` says it."""
    file, option, score = ("", "", "") if os.path.exists(place) else str(place).rpartition(",min-score=")
    path = Path(file if option else place)
    min_score = _score(score) if option else None
    if os.path.isdir(path):
        if option:
            raise UserError(f"{path}: a folder holds no scores of regions; leave ,min-score={score} out")
        return path, read_folder(path)
    match path.suffix:
        case ".npz":
            return path, read_npz(path, min_score)
        case ".npy":
            return path, read_npy(path, min_score)
        case ".mat" | ".h5" | ".hdf5":
            from mrnn_np.data.feature_files.apart import read_apart

            return path, read_apart(path, min_score)
        case ".safetensors":
            return path, contents_of(path, read_safetensors(path), min_score)
        case _:
            expected = "a folder, .npz, .npy, .mat, .h5 or .safetensors"
            raise UserError(f"{path}: not a kind of feature file that is known; expected {expected}")


def _score(text: str) -> float:
    try:
        score = float(text)
    except ValueError:
        score = math.nan
    if not math.isfinite(score):
        raise UserError(f"min-score is {text!r}; expected a number, as in FILE,min-score=0.5")
    return score
