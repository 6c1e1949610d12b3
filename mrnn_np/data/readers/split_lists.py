"""Lists of the images of each split, as text or JSON, under whatever names people keep them."""

import re
from collections.abc import Iterable
from pathlib import Path

from mrnn_np.data.json_files import read_json
from mrnn_np.data.names import NameIndex
from mrnn_np.data.readers.corpus import Splits
from mrnn_np.errors import UserError
from mrnn_np.files import read_lines

_SPLIT = re.compile(r"(?<![A-Za-z])(restval|train|val|dev|test)(?![a-z])")
EXPECTED = "expected NAME.txt with an image a line, where NAME has train, val, dev or test in it"


def split_in_name(path: Path) -> str | None:
    """Return the split that a file's name tells: "dev" of "Flickr_8k.devImages.txt", None of "readme.txt"."""
    found = set(_SPLIT.findall(path.stem))
    return found.pop() if len(found) == 1 else None


def read_split_lists(place: Path, images: Iterable[str]) -> Splits:
    """Read the lists of images of the splits.

    Parameters
    ----------
    place : a folder with a text file for each split (an image a line, in any of the ways that `NameIndex` understands;
        what follows a space or a tab is ignored if the whole line is no image), or a JSON file that holds an object
        from each split's name to its list of names or numbers
    images : the names of the images of the data set; those in the lists are returned under these names, and those that
        are not among them as they are

    Returns
    -------
    The images of each split in the order of its list; empty if the folder holds no list.

    Raises
    ------
    UserError : a file is missing or not what it should be, or an image is listed twice
    """
    names = list(images)
    index = NameIndex(names)
    split_of: dict[str, str] = {}
    splits: Splits = {}
    for split, entries in (_json_lists(place) if place.is_file() else _text_lists(place)).items():
        listed = []
        for where, entry in entries:
            image = next((names[index[name]] for name in (entry, *entry.split()[:1]) if name in index), entry)
            if image in split_of:
                raise UserError(f"{where}: {image!r} is in {split_of[image]!r} already; expected each image once")
            split_of[image] = split
            listed.append(image)
        splits[split] = tuple(listed)
    return splits


def _text_lists(folder: Path) -> dict[str, list[tuple[str, str]]]:
    """Return the entries of each split with their places, "file:line"."""
    paths: dict[str, Path] = {}
    for path in sorted(folder.glob("*.txt")):
        split = split_in_name(path)
        if split is None or path.name.endswith(".names.txt"):
            continue
        if split in paths:
            found = f"{paths[split].name} and {path.name} both list {split!r}"
            raise UserError(f"{folder}: {found}; keep one of them there")
        paths[split] = path
    lists = {}
    for split in sorted(paths, key=("train", "restval", "val", "dev", "test").index):
        path = paths[split]
        lists[split] = [(f"{path}:{i}", line.strip()) for i, line in enumerate(read_lines(path), 1) if line.strip()]
        if not lists[split]:
            raise UserError(f"{path}: the file is empty; {EXPECTED}")
    return lists


def _json_lists(path: Path) -> dict[str, list[tuple[str, str]]]:
    """Return the entries of each split with their places, "file: split, number"."""
    expected = "expected an object from each split's name to its list of image names or numbers"
    contents = read_json(path)
    if not isinstance(contents, dict) or not contents:
        raise UserError(f"{path}: holds no such object; {expected}")
    lists: dict[str, list[tuple[str, str]]] = {}
    for split, entries in contents.items():
        if not isinstance(entries, list) or not entries:
            raise UserError(f"{path}: {split!r} is no list of images; {expected}")
        lists[split] = []
        for number, entry in enumerate(entries, 1):
            where = f"{path}: {split!r}, number {number:,}"
            if not isinstance(entry, str | int) or isinstance(entry, bool) or not str(entry).strip():
                raise UserError(f"{where}: {str(entry)[:60]!r} is no name; {expected}")
            lists[split].append((where, str(entry)))
    return lists
