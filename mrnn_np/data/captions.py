"""Data sets: which images a split holds, what was said about each, and which row of features each has."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mrnn_np.data.data_set import BUILT_IN, CaptionData, Captions, DataSet, built_in
from mrnn_np.data.features import ImageRows
from mrnn_np.data.readers.by_name import folder_of, read_corpus
from mrnn_np.data.readers.splits import KNOWN_SPLITS
from mrnn_np.data.tokens import undivided
from mrnn_np.errors import UserError

_LOOKED_AT = 200
"""Images whose captions tell whether words are divided."""


@dataclass(frozen=True, eq=False)
class SplitData:
    """The n images of one split that can be used: names, rows in the features (int64, (n,)) and captions."""

    images: tuple[str, ...]
    feature_rows: npt.NDArray[np.int64]
    captions: tuple[Captions, ...]

    def first(self, limit: int | None) -> "SplitData":
        """Return the first so many of them, or all of them."""
        return SplitData(self.images[:limit], self.feature_rows[:limit], self.captions[:limit])


def open_data_set(spec: str) -> DataSet:
    """Return the data set that `spec` names, as `load_captions` lists them; no file is read before it is needed."""
    if spec in BUILT_IN:
        return built_in(spec)
    return DataSet(spec, lambda: _read(spec), folder_of(spec) / "features.npz")


def load_captions(spec: str) -> CaptionData:
    """Read the captions and splits of the data set that `spec` names.

    ==================  =============================================================================================
    scenes              the built-in ones
    drawings            the same, and 16,000 drawings by other hands to learn from
    flickr8k:DIR        Flickr8k.token.txt and the lists Flickr_8k.*Images.txt
    flickr30k:DIR       results_20130124.token or results.csv
    coco:DIR            captions_train2014.json and captions_val2014.json, or those of 2017; or one such file
    karpathy:FILE       dataset.json of Flickr8k, Flickr30k or COCO; with FILE,restval COCO's restval is trained on
    iaprtc12:DIR        the annotations *.eng
    mrnn:DIR            the m-RNN authors' anno_list_mscoco_*_m_RNN.npy
    jsonl:FILE          a line {"image": ..., "caption": ...} for each caption, with "split" or without
    csv:FILE            the same in columns: image,caption or image,caption,split
    ==================  =============================================================================================

    Flickr30k, COCO and IAPR TC-12 are divided by the lists of images (train.txt and so on) in DIR; DIR,splits=PLACE
    names another folder of lists, or a JSON file {"train": [...], "val": [...]}.  A set without an official split or a
    list is divided by a hash of its images' names, and a note says so.

    Names of images and of splits are read in all the spellings that `image_name` and `split_name` know.  Captions of
    images in no split are left out, and so are images without a caption.

    Raises UserError when the data set is not a known one, when a split is left with no image, when there is both a
    split "dev" and a split "val", and whenever the data set's reader does.
    """
    return open_data_set(spec).captions()


def _read(spec: str) -> CaptionData:
    return _assemble(spec.partition(":")[0], *read_corpus(spec))


def attach(data: CaptionData, features: ImageRows | None, split: str) -> SplitData:
    """Return the images of one split that have a feature row; without features all of them, each with row 0.

    A row belongs to an image if its name can mean no other (see `NameIndex`).

    Raises UserError when the data set has no such split, when none of its images has a feature row, and when one row
    would be that of two images.
    """
    if split not in data.splits:
        there = ", ".join(data.splits)
        raise UserError(f"{data.name}: split {split!r} was asked for; expected one of {there}")
    images = data.splits[split]
    row_of = dict.fromkeys(images, 0) if features is None else features.row_of
    if features is not None:
        _refuse_shared_rows(data, features)
    kept = tuple(image for image in images if image in row_of)
    if features is not None and not kept:
        of_pictures = features.values.ndim > 2
        what, advice = ("picture", "") if of_pictures else ("feature row", ": extract their features")
        found = f"none of its {len(images):,} images has a {what} in {features.path}"
        named = f"they are named like {images[0]!r}, its {what.split()[-1]}s like {features.names[0]!r}"
        raise UserError(f"split {split!r} was asked for but {found}; {named}{advice}")
    rows = np.array([row_of[image] for image in kept], np.int64)
    return SplitData(kept, rows, tuple(data.captions[image] for image in kept))


def missing_features(data: CaptionData, features: ImageRows) -> tuple[str, ...]:
    """Return a line for each split of which some images have no feature row."""
    notes = []
    for split, images in data.splits.items():
        missing = sum(image not in features.row_of for image in images)
        if missing:
            of = f"{missing:,} of {len(images):,}"
            notes.append(f"{split}: {of} images have no row in {features.path}, left out")
    return tuple(notes)


def _assemble(
    name: str,
    splits: Mapping[str, Sequence[str]],
    captions: Mapping[str, Sequence[Sequence[str]]],
    notes_of_reader: Sequence[str],
    ids: Mapping[str, int],
) -> CaptionData:
    """Match the splits' images with the captions, and note what is left over on either side."""
    if {"dev", "val"} <= splits.keys():
        found = f"{len(splits['dev']):,} images are in dev and {len(splits['val']):,} in val"
        raise UserError(f"{name}: {found}, which both name the split to judge epochs by; expected one of them")
    notes = list(notes_of_reader)
    in_splits = set().union(*splits.values())
    if extra := [image for image in captions if image not in in_splits]:
        count = sum(len(captions[image]) for image in extra)
        found = f"{count:,} captions of {len(extra):,} images in no split"
        notes.append(f"{name}: {found}, left out, the first of {extra[0]!r}")
    kept = {}
    for split, images in splits.items():
        kept[split] = tuple(image for image in images if image in captions)
        if not kept[split]:
            named = f"they are named like {next(iter(images), '')!r}, the captions' like {next(iter(captions), '')!r}"
            raise UserError(f"{name}: no caption for any of the {len(images):,} images of {split!r}; {named}")
        if missing := [image for image in images if image not in captions]:
            found = f"{len(missing):,} of {len(images):,} images have no caption"
            notes.append(f"{name}: {split}: {found}, left out, the first {missing[0]!r}")
        if split not in KNOWN_SPLITS:
            found = f"{len(images):,} images are in {split!r}, a split that nothing is trained on or judged by"
            notes.append(f"{name}: {found}")
    used = {image: tuple(map(tuple, captions[image])) for images in kept.values() for image in images}
    first = [caption for image in kept.get("train", ())[:_LOOKED_AT] for caption in used[image]]
    if problem := undivided(Counter(word for caption in first for word in caption)):
        notes.append(f"{name}: {problem}")
    return CaptionData(name, kept, used, tuple(notes), ids=ids)


def _refuse_shared_rows(data: CaptionData, features: ImageRows) -> None:
    """Raise UserError when two images, named less than fully in the features, would get one row."""
    image_of: dict[int, str] = {}
    for image in data.captions:
        row = features.row_of.get(image)
        if row is not None and image_of.setdefault(row, image) != image:
            both = f"{image_of[row]!r} and {image!r}"
            raise UserError(f"{features.path}: the row {features.names[row]!r} could be of {both}; name it in full")
