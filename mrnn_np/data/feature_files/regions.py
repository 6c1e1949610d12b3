"""Features of regions, several rows an image: averaged, they are the inputs that the paper calls avg-RCNN."""

from pathlib import Path

import numpy as np

from mrnn_np.data.feature_files.contents import Array, Contents
from mrnn_np.data.names import image_name
from mrnn_np.errors import UserError


def averaged_regions(path: Path, regions: Contents, scores: Array | None, min_score: float | None) -> Contents:
    """Return for each image the mean of its regions whose detection score is `min_score` or more.

    `regions` has a row for each region, under its image's name, and `scores` [N] its detection score.  Images come in
    the order of their first regions; those without such a region are left out.  The mean is float32.

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
