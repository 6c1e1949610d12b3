"""A. Karpathy's dataset.json, which neuraltalk and much else reads: Flickr8k's, Flickr30k's or COCO's captions.

{"images": [{"filename": "42.jpg", "split": "train", "sentences": [{"raw": "A dog.", "tokens": ["a", "dog"]}]}]}
"""

import os
from collections.abc import Iterator
from pathlib import Path

from mrnn_np.data.readers.corpus import Caption, Corpus, named, tokens_by_image
from mrnn_np.data.readers.splits import split_name
from mrnn_np.errors import UserError
from mrnn_np.files import find_files
from mrnn_np.files.json_files import field, read_json


def read_karpathy(place: Path, restval: bool) -> Corpus:
    """Read a file dataset.json, dataset_coco.json or the like, or the only one in a folder.

    An image is called by its file name, without the folder that COCO's images have besides.  Captions are made of
    their "raw" text, or where there is none of their "tokens", by the rule of `tokenize` in either case.

    Of COCO, 30,504 images are "restval": what is left of its validation set.  With `restval` they are trained on.

    Raises UserError when a file is missing or not what it should be, with the number of the record.
    """
    path = find_dataset(place) if os.path.isdir(place) else place
    if path is None:
        raise UserError(f"{place}: does not hold exactly one dataset*.json; name the file itself")
    splits: dict[str, list[str]] = {}
    split_of: dict[str, str] = {}
    captions: list[Caption] = []
    for number, image in enumerate(field(read_json(path), "images", list, str(path)), 1):
        where = f"{path}: image {number:,}"
        name = named(field(image, "filename", str, where), where)
        split = split_name(field(image, "split", str, where), where)
        if name in split_of:
            raise UserError(f"{where}: {name!r} is in {split_of[name]!r} already; expected each image once")
        split_of[name] = split
        splits.setdefault("train" if restval and split == "restval" else split, []).append(name)
        captions.extend(_captions(image, name, where))
    if restval and "restval" not in split_of.values():
        raise UserError(f"{path}: no image is in the split 'restval'; leave the option out")
    return Corpus({split: tuple(names) for split, names in splits.items()}, *tokens_by_image(captions))


def find_dataset(folder: Path) -> Path | None:
    """Return the only dataset*.json in a folder; None where there is none or more than one."""
    found = find_files(folder, "dataset*.json")
    return found[0] if len(found) == 1 else None


def column_names(path: Path) -> tuple[str, ...]:
    """Return the file names of the images in the order of their features, which is that of their "imgid".

    Raises UserError when the file cannot be read, or the numbers are not 0, 1, 2 and so on.
    """
    images = field(read_json(path), "images", list, str(path))
    names: dict[int, str] = {}
    for number, image in enumerate(images, 1):
        where = f"{path}: image {number:,}"
        names[field(image, "imgid", int, where)] = field(image, "filename", str, where)
    if sorted(names) != list(range(len(images))):
        raise UserError(f"{path}: the numbers 'imgid' are not 0 to {len(images) - 1:,}, each once; get the file again")
    return tuple(names[key] for key in range(len(images)))


def _captions(image: object, name: str, where: str) -> Iterator[Caption]:
    for number, sentence in enumerate(field(image, "sentences", list, where), 1):
        place = f"{where}, sentence {number}"
        if isinstance(sentence, dict) and "raw" in sentence:
            text = field(sentence, "raw", str, place)
        else:
            text = " ".join(map(str, field(sentence, "tokens", list, place)))
        yield Caption(name, text, place)
