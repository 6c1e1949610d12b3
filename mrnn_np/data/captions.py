"""Data sets: which images a split holds, what was said about each, and which row of features each has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mrnn_np.data.features import Features
from mrnn_np.data.flickr8k import read_flickr8k
from mrnn_np.errors import UserError

Captions = tuple[tuple[str, ...], ...]  # of one image: its captions, each a sequence of words


@dataclass(frozen=True)
class CaptionData:
    """The captions of a data set and its splits.

    `splits` maps a split's name to its images' names in the order of the file, `captions` an image's name to
    its tokenised captions; every image of a split has at least one.  `notes` says in a line each what was
    left out.
    """

    name: str
    splits: dict[str, tuple[str, ...]]
    captions: dict[str, Captions]
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class SplitData:
    """The n images of one split that can be used: names, rows in the features (int64 [n]) and captions."""

    images: tuple[str, ...]
    feature_rows: npt.NDArray[np.int64]
    captions: tuple[Captions, ...]


def load_captions(spec: str) -> CaptionData:
    """Read the data set that `spec` names: ``flickr8k:DIR``, with the corpus' own files in the folder DIR.

    Captions of images in no split are left out, and so are images without a caption.

    Raises UserError when the data set is not a known one, when a split is left with no image, and whenever
    the data set's reader does.
    """
    kind, _, place = spec.partition(":")
    if kind == "flickr8k" and place:
        return _assemble(kind, *read_flickr8k(Path(place)))
    raise UserError(f"data: {spec!r} is not a known data set; expected flickr8k:DIR")


def attach(data: CaptionData, features: Features | None, split: str) -> SplitData:
    """Return the images of one split that have a feature row; without features all of them, each with row 0.

    Raises UserError when the data set has no such split, and when none of its images has a feature row.
    """
    if split not in data.splits:
        there = ", ".join(data.splits)
        raise UserError(f"{data.name}: split {split!r} was asked for; expected one of {there}")
    images = data.splits[split]
    row_of = dict.fromkeys(images, 0) if features is None else features.row_of
    kept = tuple(image for image in images if image in row_of)
    if features is not None and not kept:
        found = f"none of its {len(images):,} images has a feature row in {features.path}"
        named = f"they are named like {images[0]!r}, its rows like {features.names[0]!r}"
        raise UserError(f"split {split!r} was asked for but {found}; {named}: extract their features")
    rows = np.array([row_of[image] for image in kept], np.int64)
    return SplitData(kept, rows, tuple(data.captions[image] for image in kept))


def missing_features(data: CaptionData, features: Features) -> tuple[str, ...]:
    """Return a line for each split of which some images have no feature row."""
    notes = []
    for split, images in data.splits.items():
        missing = sum(image not in features.row_of for image in images)
        if missing:
            of = f"{missing:,} of {len(images):,}"
            notes.append(f"{split}: {of} images have no row in {features.path}, left out")
    return tuple(notes)


def _assemble(
    name: str, splits: Mapping[str, Sequence[str]], captions: Mapping[str, Sequence[Sequence[str]]]
) -> CaptionData:
    """Match the splits' images with the captions, and note what is left over on either side."""
    notes = []
    in_splits = set().union(*splits.values())
    if extra := [image for image in captions if image not in in_splits]:
        count = sum(len(captions[image]) for image in extra)
        found = f"{count:,} captions of {len(extra):,} images in no split"
        notes.append(f"{name}: {found}, left out, the first of {extra[0]!r}")
    kept = {}
    for split, images in splits.items():
        kept[split] = tuple(image for image in images if image in captions)
        if not kept[split]:
            named = f"they are named like {images[0]!r}, the captions' like {next(iter(captions), '')!r}"
            raise UserError(f"{name}: no caption for any of the {len(images):,} images of {split!r}; {named}")
        if missing := [image for image in images if image not in captions]:
            found = f"{len(missing):,} of {len(images):,} images have no caption"
            notes.append(f"{name}: {split}: {found}, left out, the first {missing[0]!r}")
    used = {image: tuple(map(tuple, captions[image])) for images in kept.values() for image in images}
    return CaptionData(name, kept, used, tuple(notes))
