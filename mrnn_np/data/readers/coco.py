"""MS COCO's own files: captions_train2014.json, captions_val2014.json, or those of 2017.

    {"images": [{"id": 42, "file_name": "COCO_val2014_000000000042.jpg", ...}, ...],
     "annotations": [{"image_id": 42, "caption": "A dog on a sofa."}, ...]}

X. Chen, H. Fang, T.-Y. Lin and others: Microsoft COCO captions: data collection and evaluation server, 2015.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from mrnn_np.data.readers.corpus import Caption, Corpus, Splits, Tokens, named, split_by_name, tokens_by_image
from mrnn_np.data.readers.splits import read_split_lists, split_in_name
from mrnn_np.errors import UserError
from mrnn_np.files import find_files
from mrnn_np.files.json_files import field, read_json


def read_coco(place: Path, lists: Path | None) -> Corpus:
    """Read COCO's captions from one file, or from all captions_*.json of a folder.

    An image is called by its file name; a file that is listed under several ids is one image.  The splits are those
    of the lists of images in `lists`, or in the folder itself (see `read_split_lists`); where there is none, each file
    is the split that its name tells.  The images of a single file whose name tells none are divided by a hash of their
    names.

    Raises UserError when a file is missing or not what it should be, with the number of the record, and when the
    folder holds the files of several years, which share their images.
    """
    paths = find_files(place, "captions_*.json") if os.path.isdir(place) else [place]
    if not paths:
        raise UserError(f"{place}: holds no captions of COCO; expected captions_train2014.json or the like there")
    tokens: Tokens = {}
    by_file: Splits = {}
    notes: list[str] = []
    ids: dict[str, int] = {}
    for path in paths:
        split = split_in_name(path) or "all"
        if split in by_file:
            found = f"{path.name} is a second file of the split {split!r}"
            raise UserError(f"{place}: {found}; keep the files of one year in a folder")
        contents = read_json(path)
        names = _file_names(contents, path)
        in_file, empty = tokens_by_image(_captions(contents, names, path))
        if shared := tokens.keys() & in_file.keys():
            raise UserError(f"{path}: {min(shared)!r} is in another file too; keep the files of one year in a folder")
        tokens |= in_file
        by_file[split] = tuple(dict.fromkeys(names.values()))
        if more := len(names) - len(by_file[split]):
            notes.append(f"{path}: {more:,} images have another image's file name, read as one image with that")
        ids |= {name: key for key, name in reversed(names.items())}
        notes.extend(empty)
    splits = read_split_lists(lists, tokens) if lists else {}
    if not splits and os.path.isdir(place):
        splits = read_split_lists(place, tokens)
    if not splits and list(by_file) == ["all"]:
        splits, note = split_by_name(by_file["all"])
        notes.append(f"{place}: {note}")
    return Corpus(splits or by_file, tokens, tuple(notes), ids)


def _file_names(contents: object, path: Path) -> dict[int, str]:
    """Return the file name of each image by its number."""
    names: dict[int, str] = {}
    for number, image in enumerate(field(contents, "images", list, str(path)), 1):
        where = f"{path}: image {number:,}"
        key, name = field(image, "id", int, where), named(field(image, "file_name", str, where), where)
        if names.setdefault(key, name) != name:
            raise UserError(f"{where}: id {key} is that of {names[key]!r} too; expected one image a number")
    return names


def _captions(contents: object, names: dict[int, str], path: Path) -> Iterator[Caption]:
    for number, annotation in enumerate(field(contents, "annotations", list, str(path)), 1):
        where = f"{path}: annotation {number:,}"
        key, text = field(annotation, "image_id", int, where), field(annotation, "caption", str, where)
        if key not in names:
            raise UserError(f"{where}: image_id {key} is none of the {len(names):,} images; get the file again")
        yield Caption(names[key], text, where)
