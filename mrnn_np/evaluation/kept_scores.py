"""Scores of many images with many sentences, computed a few images at a time into a file that outlives interruptions.

The file is an .npy of float32 with a row for each image: its scores, followed by their CRC-32 in the four bytes of one
more number.  Only a row that fits its CRC counts as done, so whatever ended the process or damaged the file, be it a
power cut, the rows that it spoiled are computed again.
"""

import hashlib
import io
import os
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.distributed.deal import ARRAY, deal
from mrnn_np.distributed.ranks import ALONE, Ranks
from mrnn_np.errors import UserError
from mrnn_np.evaluation.perplexity import require_finite
from mrnn_np.evaluation.step_scores import Scorer
from mrnn_np.files import atomic_write, errors_in_one_line, open_file

IMAGES = 16
"""Images scored between two writes: ten seconds or so with 5,000 sentences on one CPU core."""


def scores_file(folder: Path, theta: Array, sentences: list[Array], features: Array) -> Path:
    """Return the file in `folder` for the scores of these parameters, sentences and features; their hash names it."""
    digest = hashlib.sha256(b"with a CRC")  # so that files of the form before this one have other names
    digest.update(np.ascontiguousarray(theta).data)
    digest.update(repr([sentence.tolist() for sentence in sentences]).encode())
    digest.update(repr(features.shape).encode() + np.ascontiguousarray(features).data)
    return folder / f"scores-{digest.hexdigest()[:16]}.npy"


def kept_scores(
    path: Path,
    scorer: Scorer,
    features: Array,
    on_rows: Callable[[int], object] = lambda rows: None,
    ranks: Ranks = ALONE,
) -> Array:
    """log2 P(sentence | image) of all images, those on disk read, the rest computed and put there.

    Parameters
    ----------
    path : from `scores_file`; the file is made, with its folder, where there is none
    features : (B_I, d_I) host float, standardised
    on_rows : told how many softmax rows were computed, or need not be as they were on disk
    ranks : the processes that compute them together; rank 0 alone reads and writes, and returns all of it

    Returns
    -------
    (B_I, S) host float32

    Raises
    ------
    UserError : the file cannot be written or read, or the model's numbers are not finite
    """
    scores = np.empty((len(features), len(scorer.tree.ends)), np.float32)
    done = np.zeros(len(features), bool)
    if ranks.rank == 0:
        on_disk = read_rows(path, scores)
        if on_disk is None:
            begin(path, scores.shape)
        else:
            done = on_disk
    done = ranks.gather(done)[0]

    def score(group: slice) -> Array:
        found = scorer(features[group], on_rows)
        require_finite(found)
        return found

    # Always the same images together: in other company their scores would be rounded otherwise.
    groups = [slice(first, first + IMAGES) for first in range(0, len(features), IMAGES)]
    missing = [group for group in groups if not done[group].all()]
    on_rows((len(features) - sum(len(features[group]) for group in missing)) * len(scorer.tree.contexts))
    for group, found in zip(missing, deal(ranks, score, missing, ARRAY), strict=True):
        scores[group] = found
        if ranks.rank == 0:
            write_rows(path, scores, group)
    return scores


def read_rows(path: Path, scores: Array) -> Array | None:
    """Read a file of scores into `scores` and return of each row whether it was done; None where it is no such file.

    Raises UserError when it cannot be read.
    """
    if not os.path.lexists(path):
        return None
    with open_file(path) as file, errors_in_one_line(path):
        start = header(scores.shape)
        if (
            os.fstat(file.fileno()).st_size != len(start) + len(scores) * row_size(scores)
            or file.read(len(start)) != start
        ):
            return None
        return np.array([file.readinto(row) and file.read(4) == checksum(row) for row in scores], bool)


def write_rows(path: Path, scores: Array, rows: slice) -> None:
    """Write some rows into a file of scores; raise UserError when that cannot be."""
    try:
        with open(path, "r+b") as file:
            file.seek(len(header(scores.shape)) + rows.start * row_size(scores))
            file.writelines(row.tobytes() + checksum(row) for row in scores[rows])
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({error.strerror or error})") from None


def begin(path: Path, shape: tuple[int, ...]) -> None:
    """Make a file for scores of shape (images, sentences), none known yet; it has its final size from the beginning."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{path.parent}: cannot be made ({error.strerror or error})") from None
    row = np.full(shape[1] + 1, np.nan, np.float32).tobytes()
    atomic_write(path, lambda file: file.writelines([header(shape), *[row] * shape[0]]))


def header(shape: tuple[int, ...]) -> bytes:
    """Return the bytes that a file of scores of shape (images, sentences) begins with."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        file, {"descr": "<f4", "fortran_order": False, "shape": (shape[0], shape[1] + 1)}
    )
    return file.getvalue()


def row_size(scores: Array) -> int:
    """Return how many bytes a row of scores and its checksum take."""
    return 4 * (int(scores.shape[1]) + 1)


def checksum(row: Array) -> bytes:
    """Return what stands behind a row that is done."""
    return zlib.crc32(row).to_bytes(4, "little")
