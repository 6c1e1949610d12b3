"""People's own data: a table in CSV, or JSON line by line.

    image,caption,split                                   {"image": "42.jpg", "caption": "A dog.", "split": "train"}
    42.jpg,A dog.,train                                   {"image": "43.jpg", "captions": ["A cat.", "One cat."]}

The split may be left out, but for all images alike.
"""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from mrnn_np.data.json_files import field, read_json_lines
from mrnn_np.data.readers.corpus import Caption, Corpus, split_by_name, tokens_by_image
from mrnn_np.errors import UserError
from mrnn_np.files import read_lines

_SYNONYMS = {"validation": "val", "valid": "val", "training": "train", "testing": "test"}


def read_csv(path: Path) -> Corpus:
    """Read a table whose first line names the columns: image, caption and perhaps split, in any order, others ignored.

    A caption that holds a comma stands in double quotes.  An image has a line for each of its captions.  The splits
    are those of the file ("validation" and "valid" mean "val"), or else made by a hash of the images' names.

    Raises UserError with file and line when something is missing or an image stands in two splits.
    """
    return _corpus(path, ((record["image"], record["caption"], record.get("split"), w) for w, record in _rows(path)))


def read_jsonl(path: Path) -> Corpus:
    """Read a JSON object a line, with the image's name or number, its caption or captions, and perhaps its split.

    The splits are those of the file, or made, as `read_csv` says, and so is what it raises.
    """
    return _corpus(path, _objects(path))


def _rows(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the rows of a table with their places, "file:line" of their last line."""
    reader = csv.reader((f"{line}\n" for line in read_lines(path)), strict=True)
    try:
        columns = [name.strip().lower() for name in next(reader, [])]
        if missing := [name for name in ("image", "caption") if name not in columns]:
            found = f"no column {missing[0]!r} among {', '.join(columns)[:60] or 'none'}"
            raise UserError(f"{path}:1: {found}; expected a first line such as image,caption,split")
        for row in reader:
            where = f"{path}:{reader.line_num}"
            if row and len(row) != len(columns):
                found = f"{len(row)} columns and not {len(columns)}"
                raise UserError(f"{where}: {found}; put captions that hold a comma in double quotes")
            if row:
                yield where, dict(zip(columns, row, strict=True))
    except csv.Error as error:
        raise UserError(f"{path}:{reader.line_num}: not CSV ({error}); double the quotes within quotes") from None


def _objects(path: Path) -> Iterator[tuple[str, str, str | None, str]]:
    """Yield image, caption, split and place for each caption."""
    for where, record in read_json_lines(path):
        image: Any = record.get("image") if isinstance(record, dict) else None
        if not isinstance(image, int) or isinstance(image, bool):
            image = field(record, "image", str, where)
        split = field(record, "split", str, where) if "split" in record else None
        if "captions" in record:
            captions = field(record, "captions", list, where)
            if not all(isinstance(caption, str) for caption in captions):
                raise UserError(f"{where}: 'captions' holds something other than texts; expected a list of texts")
        else:
            captions = [field(record, "caption", str, where)]
        for caption in captions:
            yield str(image), caption, split, where


def _corpus(path: Path, records: Iterable[tuple[str, str, str | None, str]]) -> Corpus:
    """Gather captions, each with its image, its split and its place in the file."""
    captions: list[Caption] = []
    split_of: dict[str, str | None] = {}
    for image, text, given, where in records:
        image = image.strip()
        if not image:
            raise UserError(f"{where}: the image has no name; expected one")
        split = given if given is None else _SYNONYMS.get(given.strip().lower(), given.strip())
        if split == "":
            raise UserError(f"{where}: the split of {image!r} is empty; give one for each caption, or for none")
        if split_of.setdefault(image, split) != split:
            found = f"{image!r} is in {split_of[image]!r} above and in {split!r} here"
            raise UserError(f"{where}: {found}; expected each image in one split")
        captions.append(Caption(image, text, where))
    if not captions:
        raise UserError(f"{path}: holds no caption; expected an image and a caption a line")
    tokens, notes = tokens_by_image(captions)
    named = {split for split in split_of.values() if split is not None}
    if named and None in split_of.values():
        image = next(image for image, split in split_of.items() if split is None)
        raise UserError(f"{path}: {image!r} has no split but others have; give one for each caption, or for none")
    if not named:
        splits, note = split_by_name(list(tokens))
        return Corpus(splits, tokens, (f"{path}: {note}", *notes))
    splits = {split: tuple(image for image, its in split_of.items() if its == split) for split in sorted(named)}
    return Corpus(splits, tokens, notes)
