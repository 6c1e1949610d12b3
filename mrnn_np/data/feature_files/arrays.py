"""Files of named arrays (.npz, .mat, .h5, .safetensors): which of them are the features, and of which image.

Of features of regions, several rows an image, the mean is taken: the input that the paper calls avg-RCNN.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mrnn_np.data.feature_files.contents import (
    Array,
    Contents,
    names_beside,
    names_of_array,
    require_matrix,
    rows_of_vectors,
)
from mrnn_np.data.names import image_name
from mrnn_np.errors import UserError

FEATURES = ("features", "feats", "feat")
"""What the array of features may be called."""
_NAMES = ("names", "ids", "image_ids")
_EXPECTED = "expected 'features' (N, d) and 'names' (N,), or a vector for each image under its name"


def contents_of(
    path: Path, arrays: Mapping[str, Any], min_score: float | None, *, images_are_columns: bool = False
) -> Contents:
    """Find the features among the arrays of a file.

    * The features (N, d) are the array "features", "feats" or "feat", or else the only one of two dimensions.
    * Their names are the array "names", "ids" or "image_ids", or in a file beside (see `names_beside`).
    * If there is an array "scores" as well, rows are regions of images, which are averaged (see `averaged_regions`).
    * "source" may hold a JSON object of strings.
    * In a file without any such array every array is the vector of the image that is called like it.

    Parameters
    ----------
    arrays : NumPy's, or others that are read when they are indexed
    min_score : the score that regions need; None where nobody asked for regions
    images_are_columns : the features are (d, N) where both could be meant

    Raises
    ------
    UserError : there is nothing like that, or it is not as it should be
    """
    features = _features_among(arrays)
    if features is None:
        vectors = {name: array for name, array in arrays.items() if name not in (*_NAMES, "source")}
        if not vectors or not all(_is_vector(array) for array in vectors.values()):
            there = ", ".join(arrays)[:60] or "nothing"
            raise UserError(f"{path}: holds {there}; {_EXPECTED}")
        return rows_of_vectors(path, ((name, array[...]) for name, array in vectors.items()), len(vectors))
    key = next((key for key in _NAMES if key in arrays), None)
    if key is None and path.suffix == ".npz":
        raise UserError(f"{path}: holds no array 'names'; {_EXPECTED}")
    values = arrays[features][...]
    require_matrix(path, values)
    # Looked at before names become texts, which take ten times the memory.
    if key is not None and (count := math.prod(arrays[key].shape)) not in values.shape:
        raise UserError(f"{path}: {len(values):,} rows of features but {count:,} names; expected one name a row")
    names = names_beside(path) if key is None else names_of_array(path, arrays[key][...])
    source = _parsed_source(path, arrays["source"][...]) if "source" in arrays else {}
    if len(names) == values.shape[1] and (images_are_columns or len(names) != len(values)):
        values = values.T
    contents = Contents(names, values, source)
    if "scores" in arrays or min_score is not None:
        scores = arrays["scores"][...].reshape(-1) if "scores" in arrays else None
        return averaged_regions(path, contents, scores, min_score)
    return contents


def _features_among(arrays: Mapping[str, Any]) -> str | None:
    """Return the name of the array that holds all features, None where there is no such array."""
    for name in FEATURES:
        if name in arrays:
            return name
    matrices = [name for name, array in arrays.items() if name not in _NAMES and _is_matrix(array)]
    return matrices[0] if len(matrices) == 1 else None


def _is_matrix(array: Any) -> bool:
    return len(array.shape) == 2 and min(array.shape) > 1 and array.dtype.kind == "f"


def _is_vector(array: Any) -> bool:
    return len(array.shape) > 0 and sorted(array.shape)[:-1] == [1] * (len(array.shape) - 1) and array.dtype.kind == "f"


def _parsed_source(path: Path, array: Array) -> dict[str, str]:
    """Return the JSON object of strings that is the only text in an array."""
    text = "".join(names_of_array(path, array.reshape(-1)))
    try:
        source = json.loads(text)
    except (ValueError, RecursionError):
        source = None
    if not isinstance(source, dict) or not all(isinstance(value, str) for value in source.values()):
        raise UserError(f"{path}: source is {text[:60]!r}; expected a JSON object of strings")
    return source


def averaged_regions(path: Path, regions: Contents, scores: Array | None, min_score: float | None) -> Contents:
    """Return for each image the mean of its regions whose detection score is `min_score` or more.

    `regions` has a row for each region, under its image's name, and `scores`, (N,), its detection score.  Images come
    in the order of their first regions; those without such a region are left out.  The mean is float32.

    Raises UserError when there are no scores or no `min_score`, or not one finite score a region, or no region reaches
    it.
    """
    if scores is None:
        raise UserError(f"{path}: holds no scores of regions; leave ,min-score={min_score:g} out")
    if min_score is None:
        raise UserError(f"{path}: holds regions; say from which score on they count, as in {path.name},min-score=0.5")
    if scores.shape != (len(regions.names),) or len(regions.values) != len(regions.names):
        found = f"{len(regions.names):,} names, {len(regions.values):,} rows and scores of shape {scores.shape}"
        raise UserError(f"{path}: {found}; expected one name and one score for each region's row")
    if scores.dtype.kind not in "fiu" or not np.isfinite(scores).all():
        found = f"scores are {scores.dtype}"
        if scores.dtype.kind == "f":
            found = f"a region of {regions.names[int(np.argmin(np.isfinite(scores)))]!r} has no finite score"
        raise UserError(f"{path}: {found}; expected a number for each region")
    rows_of: dict[str, list[int]] = {}
    for row in np.flatnonzero(scores >= min_score).tolist():
        rows_of.setdefault(image_name(regions.names[row]), []).append(row)
    if not rows_of:
        found = f"none of the {len(scores):,} regions scores {min_score:g} or more, the best has {scores.max():g}"
        raise UserError(f"{path}: {found}; lower min-score")
    with np.errstate(over="ignore", invalid="ignore"):  # whoever reads features looks for infinities
        values = np.stack([regions.values[rows].mean(axis=0, dtype=np.float32) for rows in rows_of.values()])
    source = {**regions.source, "regions": f"mean of those that score {min_score:g} or more"}
    return Contents(tuple(rows_of), values, source)
