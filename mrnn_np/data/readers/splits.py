"""Splits as people write them: their names (train here, Training or TRAIN2014 there) and their lists of images."""

import os
import re
import reprlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from mrnn_np.data.names import NameIndex
from mrnn_np.data.readers.corpus import Splits, named
from mrnn_np.errors import UserError
from mrnn_np.files import find_files, read_lines
from mrnn_np.files.json_files import read_json

KNOWN_SPLITS = ("train", "restval", "val", "dev", "crVal", "test")
"""The splits that something is done with, or that are known to be there for another use."""

_EXPECTED = "expected NAME.txt with an image a line, where NAME has train, val, dev or test in it"
Entries = Sequence[tuple[str, str]]
"""Where each line of a list stands, "file:line" or the like, and what it says."""

_MEANT = {
    "train": "train",
    "training": "train",
    "restval": "restval",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "dev": "dev",
    "devel": "dev",
    "development": "dev",
    "test": "test",
    "testing": "test",
}
_MORE = re.compile(r"[ _-]?(?:set|split|images|[0-9]{4})$")
_FIRST_WORDS = re.compile(r"(?<![A-Za-z])(?:[A-Z]?[a-z]+|[A-Z]+(?![a-z]))")
_LONGEST = 40


def split_name(written: str, where: str) -> str:
    """Return the one name of a split that is meant: "val" for "Validation" or "VAL2014", any other in lower case.

    Raises UserError, beginning with `where`, when that can be no name.
    """
    name = written.strip().lower()
    if not name or len(name) > _LONGEST or not name.isprintable():
        raise UserError(f"{where}: the split is {written[:_LONGEST]!r}; expected train, val, test or the like")
    return _MEANT.get(_MORE.sub("", name), name)


def split_in_name(path: Path) -> str | None:
    """Return the split that a file's name tells: "dev" of "Flickr_8k.devImages.txt", None of "readme.txt"."""
    words = (word.lower() for word in _FIRST_WORDS.findall(path.stem))
    found = {_MEANT[word] for word in words if word in _MEANT}
    return found.pop() if len(found) == 1 else None


def read_split_lists(place: Path, images: Iterable[str]) -> Splits:
    """Read the lists of images of the splits.

    Parameters
    ----------
    place : a folder with a text file for each split (an image a line, in any of the ways that `NameIndex` understands;
        what follows a space or a tab is ignored if the whole line is no image), or a JSON file that holds an object
        from each split's name to its list of names or numbers
    images : as for `match_lists`

    Returns
    -------
    The images of each split in the order of its list; empty if the folder holds no list.

    Raises
    ------
    UserError : a file is missing or not what it should be, or an image is listed twice
    """
    return match_lists(_text_lists(place) if os.path.isdir(place) else _json_lists(place), images)


def match_lists(lists: Mapping[str, Entries], images: Iterable[str]) -> Splits:
    """Return the images that the lists of the splits mean.

    Those among `images`, the names of the images of the data set, are called as they are there, others as
    `image_name` spells them.

    Raises UserError when an image is listed twice.
    """
    names = list(images)
    index = NameIndex(names)
    split_of: dict[str, str] = {}
    splits: Splits = {}
    for split, entries in lists.items():
        listed = []
        for where, entry in entries:
            meant = (names[index[name]] for name in (entry, *entry.split()[:1]) if name in index)
            image = next(meant, None) or named(entry, where)
            if image in split_of:
                raise UserError(f"{where}: {image!r} is in {split_of[image]!r} already; expected each image once")
            split_of[image] = split
            listed.append(image)
        splits[split] = tuple(listed)
    return splits


def _text_lists(folder: Path) -> dict[str, Entries]:
    paths: dict[str, Path] = {}
    for path in find_files(folder, "*.txt"):
        split = split_in_name(path)
        if split is None or path.name.endswith(".names.txt"):
            continue
        if split in paths:
            found = f"{paths[split].name} and {path.name} both list {split!r}"
            raise UserError(f"{folder}: {found}; keep one of them there")
        paths[split] = path
    lists: dict[str, Entries] = {}
    for split in sorted(paths, key=KNOWN_SPLITS.index):
        path = paths[split]
        lists[split] = [(f"{path}:{i}", line.strip()) for i, line in enumerate(read_lines(path), 1) if line.strip()]
        if not lists[split]:
            raise UserError(f"{path}: the file is empty; {_EXPECTED}")
    return lists


def _json_lists(path: Path) -> dict[str, list[tuple[str, str]]]:
    expected = "expected an object from each split's name to its list of image names or numbers"
    contents = read_json(path)
    if not isinstance(contents, dict) or not contents:
        raise UserError(f"{path}: holds no such object; {expected}")
    lists: dict[str, list[tuple[str, str]]] = {}
    for split, entries in contents.items():
        if not isinstance(entries, list) or not entries:
            raise UserError(f"{path}: {split!r} is no list of images; {expected}")
        listed = lists.setdefault(split_name(split, str(path)), [])
        for number, entry in enumerate(entries, 1):
            where = f"{path}: {split!r}, number {number:,}"
            if not isinstance(entry, str | int) or isinstance(entry, bool) or not str(entry).strip():
                raise UserError(f"{where}: {reprlib.repr(entry)} is no name; {expected}")
            listed.append((where, str(entry)))
    return lists
