"""Scores of many images with many sentences, computed a few images at a time into a file that outlives interruptions.

The file is a plain .npy of one row per image.  A number not computed yet is NaN, so whatever ends the process, be it a
power cut, the rows that hold no NaN are done and the others are not.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.errors import UserError
from mrnn_np.evaluation.step_scores import Scorer
from mrnn_np.files import atomic_write, plain_numbers_in

IMAGES = 16
"""Images scored between two writes: ten seconds or so with 5,000 sentences on one CPU core."""


def scores_file(folder: Path, theta: Array, sentences: list[Array], features: Array) -> Path:
    """Return the file in `folder` for the scores of these parameters, sentences and features; their hash names it."""
    digest = hashlib.sha256(np.ascontiguousarray(theta).data)
    digest.update(repr([sentence.tolist() for sentence in sentences]).encode())
    digest.update(repr(features.shape).encode() + np.ascontiguousarray(features).data)
    return folder / f"scores-{digest.hexdigest()[:16]}.npy"


def kept_scores(
    path: Path, scorer: Scorer, features: Array, on_rows: Callable[[int], object] = lambda rows: None
) -> Array:
    """log2 P(sentence | image) of all images, those on disk read, the rest computed and put there.

    Parameters
    ----------
    path : from `scores_file`; the file is made, with its folder, where there is none
    features : (B_I, d_I) host float, standardised
    on_rows : told how many softmax rows were computed, or need not be as they were on disk

    Returns
    -------
    (B_I, S) host float32

    Raises
    ------
    UserError : the file cannot be written or read, is damaged, or the model's numbers are not finite
    """
    shape = (len(features), len(scorer.tree.ends))
    if not path.exists():
        begin(path, shape)
    with plain_numbers_in(path):
        scores = np.lib.format.open_memmap(path, mode="r+")
    if scores.shape != shape or scores.dtype != np.float32:
        raise UserError(f"{path}: is not a file of scores of {shape[0]:,} images x {shape[1]:,} sentences; delete it")
    missing = np.flatnonzero(np.isnan(scores).any(axis=1))
    on_rows((len(features) - len(missing)) * len(scorer.tree.contexts))
    for first in range(0, len(missing), IMAGES):
        some = missing[first : first + IMAGES]
        found = scorer(features[some], on_rows)
        if not np.isfinite(found).all():
            raise UserError("checkpoint: the model's probabilities are not finite; take an earlier checkpoint")
        scores[some] = found
        scores.flush()
    return np.array(scores)


def begin(path: Path, shape: tuple[int, int]) -> None:
    """Make a file of scores none of which is known; its room on the disk is taken at once."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{path.parent}: cannot be made ({error.strerror or error})") from None
    atomic_write(path, lambda file: np.save(file, np.full(shape, np.nan, np.float32)))
