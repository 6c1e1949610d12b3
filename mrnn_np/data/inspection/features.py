"""How large image features are, which images have them, and what is wrong with them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mrnn_np.data.data_set import CaptionData
from mrnn_np.data.feature_files.contents import Array
from mrnn_np.data.features import finite_rows, row_chunks
from mrnn_np.data.inspection.captions import Finding, finding_of_share
from mrnn_np.data.names import image_name

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RowSummary:
    """What can be said of N rows of d features, having read each once."""

    norms: Numbers
    """(N,) Euclidean norm of each row, NaN or infinity where it is not finite"""
    finite: npt.NDArray[np.bool_]
    """(N,) whether all its numbers are finite, in float32 too"""
    same_as: npt.NDArray[np.int64]
    """(N,) the first row with the same numbers, which is the row itself where there is none before it"""
    constant: int
    """how many of the d columns hold one number in all rows"""


def summarise_rows(values: Array) -> RowSummary:
    """Read `values`, (N, d) of floats and perhaps memory-mapped, once, in chunks."""
    norms, finite, digests = [], [], []
    lowest, highest = values[0], values[0]
    with np.errstate(over="ignore", invalid="ignore"):
        for rows in row_chunks(*values.shape):
            chunk = np.ascontiguousarray(values[rows])
            norms.append(np.sqrt(np.square(chunk, dtype=np.float64).sum(axis=1)))
            finite.append(finite_rows(chunk))
            digests += [hashlib.blake2b(row, digest_size=8).digest() for row in chunk]
            lowest = np.fmin(lowest, np.fmin.reduce(chunk, axis=0))
            highest = np.fmax(highest, np.fmax.reduce(chunk, axis=0))
    first: dict[bytes, int] = {}
    same_as = np.array([first.setdefault(digest, row) for row, digest in enumerate(digests)])
    return RowSummary(np.concatenate(norms), np.concatenate(finite), same_as, int(np.count_nonzero(lowest == highest)))


def rows_by_split(data: CaptionData, row_of: Mapping[str, int]) -> dict[str, npt.NDArray[np.int64]]:
    """Return the row of each image of each split, -1 where it has none."""
    return {
        split: np.array([row_of.get(image, -1) for image in images], np.int64) for split, images in data.splits.items()
    }


def feature_findings(
    data: CaptionData, rows_of: dict[str, npt.NDArray[np.int64]], rows: RowSummary, names: tuple[str, ...]
) -> list[Finding]:
    """Return what is wrong with features that are called `names`, and of which each split has the rows `rows_of`."""
    findings = []
    in_any_case = {image_name(name).casefold() for name in names}
    used = np.unique(np.concatenate([of_split[of_split >= 0] for of_split in rows_of.values()]))
    for split, of_split in rows_of.items():
        missing = int(np.count_nonzero(of_split < 0))
        # Features are often made for the splits at hand only; those that are trained on have to be there.
        limit = 0.1 if split in ("train", "val", "dev") else 1
        named = f"{data.splits[split][int(np.argmin(of_split))]!r} is one, while rows are named like {names[0]!r}"
        but_for_case = sum(
            image.casefold() in in_any_case for image in np.array(data.splits[split])[of_split < 0].tolist()
        )
        case = f", {but_for_case:,} of them but for upper and lower case" if but_for_case else ""
        text = f"images in {split} have no features{case}; {named}: extract them"
        findings += finding_of_share(missing, len(of_split), limit, text)
    bad = used[~rows.finite[used]]
    if len(bad):
        found = f"{len(bad):,} of {len(used):,} images have NaN or infinity in their features"
        findings.append(Finding(True, f"{found}, the first is {names[bad[0]]!r}; extract them again"))
    zero = used[rows.norms[used] == 0]
    text = "images have features that are all zero; their extraction failed"
    findings += finding_of_share(
        len(zero), len(used), 0.01, f"{text}, the first is {names[zero[0]]!r}" if len(zero) else ""
    )
    different = len(np.unique(rows.same_as[used]))
    text = "images have the very features of another one; copies, or one picture read for several names"
    findings += finding_of_share(len(used) - different, len(used), 0.1, text)
    findings += _shared_rows(rows_of, names)
    learnt = rows.same_as[rows_of["train"][rows_of["train"] >= 0]] if "train" in rows_of else used[:0]
    for split, of_split in rows_of.items():
        there = of_split[of_split >= 0]
        if split not in ("train", "restval"):
            seen = int(np.isin(rows.same_as[there], learnt).sum())
            text = f"images in {split} have the very features of one in train; take copies out of one of them"
            findings += finding_of_share(seen, len(there), 0.01, text)
    return findings


def _shared_rows(rows_of: dict[str, npt.NDArray[np.int64]], names: tuple[str, ...]) -> list[Finding]:
    """Return a finding where two images have one row, as "train/1.jpg" and "val/1.jpg" would have "1.jpg"."""
    rows, times = np.unique(
        np.concatenate([of_split[of_split >= 0] for of_split in rows_of.values()]), return_counts=True
    )
    shared = rows[times > 1]
    if not len(shared):
        return []
    found = f"{len(shared):,} rows of features are named so that they could be of two images"
    return [Finding(True, f"{found}, the first is {names[shared[0]]!r}; name them in full")]
